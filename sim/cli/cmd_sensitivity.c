// SPDX-License-Identifier: Apache-2.0
// mpsim sensitivity: what each layer's widths harm, by a metric.
#include "sim/cli/command.h"
#include "sim/cli/dims.h"
#include "sim/cli/out.h"
#include "sim/cli/search_inputs.h"

#include "sim/base/say.h"
#include "sim/cosim/child.h"
#include "sim/report/search.h"

#include <signal.h>
#include <string.h>

struct sensitivity_options {
    struct mp_search_options s;
    const char *svg, *output;
    bool json, csv;
};

#define AT(member) .offset = offsetof(struct sensitivity_options, member)
static const struct mp_opt opts[] = {
    MP_MODEL_OPTS(sensitivity_options, s.q),
    MP_SPACE_OPTS(sensitivity_options, s),
    MP_METHOD_OPTS(sensitivity_options, s.q),
    {"svg", "FILE", MP_OPT_TEXT, AT(svg), .help = "draw it there"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "as JSON (schema mpsim.sensitivity/1)"},
    {"csv", NULL, MP_OPT_FLAG, AT(csv), .help = "as CSV: unit,bits,harm, which --metric takes"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output",
     .help = "write there; a name ending in .json or .csv implies --json or --csv"},
    {0},
};

struct run {
    struct sensitivity_options o;
    struct mp_arena arena;
    struct mp_search_inputs in;
};

static int check_usage(const struct mp_command *c, const struct sensitivity_options *o, const struct mp_texts *operands) {
    char shown[MP_SAY_BYTES];
    if (operands->count > 0)
        return mp_usage_error(c, "unexpected argument \"%s\"", operands->text[0]);
    if (o->json && o->csv)
        return mp_usage_error(c, "--json and --csv exclude each other");
    if (!mp_out_named(o->svg, ".svg"))
        return mp_usage_error(c, "option --svg: the name must end in .svg (got \"%s\")",
                              mp_say_text(o->svg, strlen(o->svg), shown));
    return mp_search_usage(c, &o->s);
}

static int report(struct run *r) {
    const struct sensitivity_options *o = &r->o;
    const struct mp_search_inputs *in = &r->in;
    const struct mp_sensitivity_report what = {
        .space = &in->space, .network = in->workload->name, .metric = in->metric_name, .how = in->metric, .harm = &in->harm,
        .trained_on = in->z.calibrated_on, .w_set = in->how.w_set, .a_set = in->how.a_set, .images = in->metric_images,
        .probes = in->probes, .seed = o->s.seed ? o->s.seed : 1, .seconds = in->metric_seconds};
    const struct mp_style style = {.colour = mp_out_colour(o->output)};
    struct mp_buf out = {0};
    int status = MP_EXIT_OK;
    if (o->svg) {
        mp_sensitivity_svg(&what, &out);
        status = mp_out_to(o->svg, &out);
        mp_buf_finish(&out);
        out = (struct mp_buf){0};
    }
    switch (mp_out_format(o->json, o->csv, o->output)) {
    case MP_OUT_JSON:
        mp_sensitivity_json(&what, &out);
        break;
    case MP_OUT_CSV:
        mp_sensitivity_csv(&what, &out);
        break;
    case MP_OUT_TEXT:
        mp_sensitivity_text(&what, &style, &out);
        break;
    }
    if (status == MP_EXIT_OK)
        status = mp_out_to(o->output, &out);
    mp_buf_finish(&out);
    return status;
}

static int run_all(struct run *r) {
    const struct mp_accumulator accumulator = {.bits = 32, .on_overflow = MP_SATURATE};
    struct mp_err err;
    int number;
    mp_child_signals();
    bool ok = mp_search_load(&r->in, &r->o.s, NULL, &r->arena, &err) && mp_search_harm(&r->in, &accumulator, &err);
    mp_search_finish(&r->in);
    if ((number = mp_child_signal()))
        raise(number);
    return ok ? report(r) : mp_out_error(&err);
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct run r = {.o = {.s.q.many_plans = true}};
    struct mp_texts operands;
    int status;
    if (mp_opts_parse(c, argc, argv, &r.o, &operands, &r.arena, &status) &&
        (status = check_usage(c, &r.o, &operands)) == MP_EXIT_OK &&
        (status = mp_dims_read(c, &r.o.s.q.dims, &r.arena, &r.in.dims)) == MP_EXIT_OK)
        status = run_all(&r);
    mp_arena_finish(&r.arena);
    return status;
}

const struct mp_command mp_cmd_sensitivity = {
    .name = "sensitivity",
    .help = "what each layer's weights and input lose at each width, by a metric",
    .usage = "--model M --data D [--metric NAME] [OPTIONS]",
    .about =
        "Prices the harm of quantising each unit of a network, the weights of a layer (or a slice of its output channels) or "
        "an activation, at each width: by entropy, error, noise, the Hessian's trace, the Fisher information, the "
        "signal-to-noise ratio at the output, or measured in integers. On training images only. docs/search.md has the "
        "metrics and their formulas.",
    .opts = opts,
    .examples = "  mpsim sensitivity --model glyphs --data glyphs\n"
                "  mpsim sensitivity --model glyphs --data glyphs --metric hawq --bits 2-8 --svg glyphs.svg\n"
                "  mpsim sensitivity --model net.onnx --data cifar10/ --metric eagl --slices 4 --csv -o eagl.csv\n",
    .run = run,
};
