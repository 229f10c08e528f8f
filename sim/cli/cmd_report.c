// SPDX-License-Identifier: Apache-2.0
// mpsim report: results and a front of designs as one page for a browser.
#include "sim/cli/command.h"
#include "sim/cli/out.h"
#include "sim/cli/stored.h"

#include "sim/base/json.h"
#include "sim/base/say.h"
#include "sim/explore/design_front.h"
#include "sim/mpsim.h"
#include "sim/report/html.h"

#include <string.h>

#define MOST 32 // results on a page

struct report_options {
    struct mp_stored_options stored;
    const char *front, *title, *output;
    struct mp_texts labels;
};

#define AT(member) .offset = offsetof(struct report_options, member)
static const struct mp_opt opts[] = {
    MP_STORED_OPTS(report_options, stored),
    {"front", "FILE.csv", MP_OPT_TEXT, AT(front), .help = "instead of --store: designs to choose from, a row a design, with a line of names"},
    {"title", "TEXT", MP_OPT_TEXT, AT(title), .def = "the networks, or the front's name", .help = "what the page is called"},
    {"label", "TEXT", MP_OPT_LIST, AT(labels), .def = "what tells the results apart",
     .help = "what a result is called: once for each, in the order of the results"},
    {"output", "FILE.html", MP_OPT_TEXT, AT(output), .letter = 'o', .def = "standard output", .help = "write there"},
    {0},
};

static bool load_result(const char *path, struct mp_arena *a, struct mp_html_result *r, struct mp_err *err) {
    struct mp_saved *saved = mp_arena_alloc(a, 1, sizeof *saved);
    struct mp_detail *detail = mp_arena_alloc(a, 1, sizeof *detail);
    struct mp_json *doc;
    if (!mp_json_load(&doc, path, err))
        return false;
    const struct mp_node root = mp_json_root(doc);
    const bool ok = mp_saved_read(saved, a, &root, err) && mp_detail_read(detail, a, &root, err);
    mp_json_destroy(doc);
    *r = (struct mp_html_result){.saved = saved, .detail = detail};
    return ok;
}

// The front of a store's sweep by its own objectives, as the CSV that 'mpsim front' writes.
static bool load_stored(const struct mp_stored_options *o, struct mp_arena *a, struct mp_html_front *front, struct mp_err *err) {
    struct mp_stored in = {0};
    struct mp_design_front f;
    struct mp_buf csv = {0};
    bool ok = mp_stored_open(&in, o, true, a, err);
    const struct mp_design_front_job job = {.sweep = in.sweep, .networks = &in.networks, .names = &in.names,
                                            .objectives = ok ? in.sweep->objectives : NULL,
                                            .objective_count = ok ? in.sweep->objective_count : 0, .where = o->where};
    ok = ok && mp_design_front_make(in.store, &job, a, &f, err);
    if (ok) {
        mp_design_front_csv(&f, &csv);
        ok = mp_html_front_read(front, a, o->store, csv.text, csv.len, err);
        front->name = in.sweep->name;
    }
    mp_buf_finish(&csv);
    mp_store_close(in.store);
    return ok;
}

static const char *title_of(const struct report_options *o, const struct mp_html *h, struct mp_arena *a) {
    if (o->title)
        return o->title;
    return h->result_count > 0 ? mp_html_networks(h->results, h->result_count, a) : h->front->name;
}

static int report(const struct report_options *o, const struct mp_texts *files, struct mp_arena *arena) {
    struct mp_html_result *results = mp_arena_alloc(arena, files->count, sizeof *results);
    struct mp_html h = {.version = mp_version(), .results = results, .result_count = files->count};
    struct mp_html_front front;
    struct mp_buf out = {0};
    struct mp_err err;
    for (size_t i = 0; i < files->count; i++)
        if (!load_result(files->text[i], arena, &results[i], &err))
            return mp_out_error(&err);
    if (o->front && !mp_html_front_load(&front, arena, o->front, &err))
        return mp_out_error(&err);
    if (o->stored.store && !load_stored(&o->stored, arena, &front, &err))
        return mp_out_error(&err);
    h.front = o->front || o->stored.store ? &front : NULL;
    h.title = title_of(o, &h, arena);
    mp_html_label(results, files->count, arena);
    for (size_t i = 0; i < o->labels.count; i++)
        results[i].label = o->labels.text[i];
    mp_html_page(&h, &out);
    const int status = mp_out_to(o->output, &out);
    mp_buf_finish(&out);
    return status;
}

static bool ends_in_csv(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot && strcmp(dot, ".csv") == 0;
}

static int check_usage(const struct mp_command *c, const struct report_options *o, const struct mp_texts *files) {
    char shown[MP_SAY_BYTES];
    if (files->count == 0 && !o->front && !o->stored.store)
        return mp_usage_error(c, "needs a result, --store or --front");
    if (o->front && o->stored.store)
        return mp_usage_error(c, "--store and --front exclude each other");
    if (!o->stored.store && (o->stored.sweep || o->stored.where || o->stored.networks.count > 0))
        return mp_usage_error(c, "--sweep, --network and --where go with --store");
    for (size_t i = 0; i < files->count; i++)
        if (ends_in_csv(files->text[i]))
            return mp_usage_error(c, "\"%s\": designs go with --front",
                                  mp_say_text(files->text[i], strlen(files->text[i]), shown));
    if (files->count > MOST)
        return mp_usage_error(c, "takes at most %d results (got %zu)", MOST, files->count);
    if (o->labels.count > 0 && o->labels.count != files->count)
        return mp_usage_error(c, "needs as many --label as results, %zu (got %zu)", files->count, o->labels.count);
    if (!mp_out_named(o->output, ".html"))
        return mp_usage_error(c, "-o needs a name ending in .html (got \"%s\")",
                              mp_say_text(o->output, strlen(o->output), shown));
    return MP_EXIT_OK;
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct report_options o = {0};
    struct mp_arena arena = {0};
    struct mp_texts files;
    int status;
    if (mp_opts_parse(c, argc, argv, &o, &files, &arena, &status)) {
        status = check_usage(c, &o, &files);
        if (status == MP_EXIT_OK)
            status = report(&o, &files, &arena);
    }
    mp_arena_finish(&arena);
    return status;
}

const struct mp_command mp_cmd_report = {
    .name = "report",
    .help = "results and fronts as a page for a browser",
    .usage = "[RESULT.json...] [OPTIONS]",
    .about = "One page from results that 'mpsim run --json' wrote: key figures, cycles and energy by layer, bit-widths, the "
             "roofline, each layer's mapping, the sources of all prices; of several results, how they compare with the first. "
             "With --store or --front, designs to filter and choose from. The page is one file that needs no network.",
    .opts = opts,
    .examples = "  mpsim run --arch bitserial_16x16 --plan resnet18_mixed -o a.json\n"
                "  mpsim run --arch bitfusion --plan resnet18_mixed -o b.json\n"
                "  mpsim report a.json b.json -o report.html\n"
                "  mpsim report --store sweep.db --where 'area_mm2 <= 4' -o front.html\n",
    .run = run,
};
