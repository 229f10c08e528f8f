// SPDX-License-Identifier: Apache-2.0
// mpsim diff: what changed between two results that `run --json` wrote.
#include "sim/cli/command.h"
#include "sim/cli/out.h"

#include "sim/report/diff.h"

struct diff_options {
    const char *output;
    bool json, csv;
};

#define AT(member) .offset = offsetof(struct diff_options, member)
static const struct mp_opt opts[] = {
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "as JSON (schema mpsim.diff/1)"},
    {"csv", NULL, MP_OPT_FLAG, AT(csv), .help = "as CSV: a row a layer that differs, then the total"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output",
     .help = "write there; a name ending in .json or .csv implies --json or --csv"},
    {0},
};

static int report(const struct diff_options *o, const struct mp_diff *d) {
    const struct mp_style style = {.colour = mp_out_colour(o->output)};
    struct mp_buf out = {0};
    switch (mp_out_format(o->json, o->csv, o->output)) {
    case MP_OUT_JSON:
        mp_diff_json(d, &out);
        break;
    case MP_OUT_CSV:
        mp_diff_csv(d, &out);
        break;
    case MP_OUT_TEXT:
        mp_diff_text(d, &style, &out);
        break;
    }
    int status = mp_out_to(o->output, &out);
    mp_buf_finish(&out);
    return status;
}

static int compare(const struct diff_options *o, const struct mp_texts *files, struct mp_arena *arena) {
    struct mp_saved a, b;
    struct mp_diff d;
    struct mp_err err;
    if (!mp_saved_load(&a, arena, files->text[0], &err) || !mp_saved_load(&b, arena, files->text[1], &err))
        return mp_out_error(&err);
    mp_diff_make(&d, arena, &a, &b);
    return report(o, &d);
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct diff_options o = {0};
    struct mp_arena arena = {0};
    struct mp_texts files;
    int status;
    if (mp_opts_parse(c, argc, argv, &o, &files, &arena, &status)) {
        if (files.count != 2)
            status = mp_usage_error(c, "needs two results (got %zu)", files.count);
        else if (o.json && o.csv)
            status = mp_usage_error(c, "--json and --csv exclude each other");
        else
            status = compare(&o, &files, &arena);
    }
    mp_arena_finish(&arena);
    return status;
}

const struct mp_command mp_cmd_diff = {
    .name = "diff",
    .help = "what changed between two results",
    .usage = "A.json B.json [OPTIONS]",
    .about = "Compares two results that 'mpsim run --json' wrote: totals, cycles by cause, energy by part, then the "
             "layers that differ, largest change in cycles first, with the causes. Exit status 0 whether they differ "
             "or not.",
    .opts = opts,
    .examples = "  mpsim run --arch bitserial_16x16 --plan resnet18_w8a8 -o a.json\n"
                "  mpsim run --arch bitserial_16x16 --plan resnet18_mixed -o b.json\n"
                "  mpsim diff a.json b.json\n",
    .run = run,
};
