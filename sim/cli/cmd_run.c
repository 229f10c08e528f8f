// SPDX-License-Identifier: Apache-2.0
// mpsim run: one network on one accelerator.
#include "sim/base/say.h"
#include "sim/cli/command.h"
#include "sim/cli/inputs.h"
#include "sim/cli/out.h"
#include "sim/cli/trace.h"

#include "sim/mpsim.h"
#include "sim/report/roofline.h"

#include <string.h>

struct run_options {
    const char *arch, *plan, *workload, *layer, *tech, *output, *mapping, *save_mapping, *constraints, *roofline;
    struct mp_trace_paths traces;
    uint64_t w_bits, a_bits, batch, top;
    unsigned engine, objective;
    bool json, csv;
};

#define AT(member) .offset = offsetof(struct run_options, member)
static const struct mp_opt opts[] = {
    {"arch", "NAME|FILE", MP_OPT_TEXT, AT(arch),
     .help = "accelerator: arch.json, a SCALE-Sim .cfg, or a shipped name"},
    {"plan", "NAME|FILE", MP_OPT_TEXT, AT(plan), .help = "network and bit-widths: plan.json or a shipped name"},
    {"workload", "NAME|FILE", MP_OPT_TEXT, AT(workload),
     .help = "instead of --plan: workload.json, a SCALE-Sim topology .csv, or a shipped name, at one width"},
    {"w-bits", "N", MP_OPT_COUNT, AT(w_bits), .min = 1, .max = 8, .def = "8",
     .help = "with --workload: bits of weights"},
    {"a-bits", "N", MP_OPT_COUNT, AT(a_bits), .min = 1, .max = 8, .def = "8",
     .help = "with --workload: bits of activations"},
    {"batch", "N", MP_OPT_COUNT, AT(batch), .min = 1, .max = 65536, .def = "the plan's",
     .help = "inferences that run together"},
    {"engine", "ENGINE", MP_OPT_CHOICE, AT(engine), .names = mp_engine_names, .def = "analytic",
     .help = "closed form, or every tile and burst"},
    {"objective", "WHAT", MP_OPT_CHOICE, AT(objective), .names = mp_objective_names, .def = "latency",
     .help = "what mappings are chosen for"},
    {"layer", "NAME", MP_OPT_TEXT, AT(layer), .def = "all", .help = "only this layer"},
    {"tech", "NAME|FILE", MP_OPT_TEXT, AT(tech), .def = "the accelerator's",
     .help = "technology that prices events and area"},
    {"mapping", "FILE", MP_OPT_TEXT, AT(mapping), .help = "mappings of layers; those not in it are searched"},
    {"save-mapping", "FILE", MP_OPT_TEXT, AT(save_mapping),
     .help = "write the mappings that were used, for --mapping"},
    {"constraints", "FILE", MP_OPT_TEXT, AT(constraints), .help = "what the search of mappings must keep to"},
    {"trace", "FILE", MP_OPT_TEXT, AT(traces.text[MP_TRACE_TILES]),
     .help = "with --engine event: every tile's loads, computes and drains as CSV"},
    {"timeline", "FILE", MP_OPT_TEXT, AT(traces.text[MP_TRACE_TIMELINE]),
     .help = "with --engine event: the same over time as JSON for ui.perfetto.dev and chrome://tracing"},
    {"memtrace", "FILE", MP_OPT_TEXT, AT(traces.text[MP_TRACE_MEM]),
     .help = "with --engine event: every DRAM burst, a line each as DRAMsim3 reads it; to a .csv: a row a transfer"},
    {"wave", "FILE", MP_OPT_TEXT, AT(traces.wave),
     .help = "with --engine event: the same as a waveform (FST), with a save file for GTKWave beside it"},
    {"roofline", "FILE", MP_OPT_TEXT, AT(roofline),
     .help = "layers under the roofs of array and DRAM, as a picture (.svg) or as CSV (.csv)"},
    {"top", "N", MP_OPT_COUNT, AT(top), .min = 1, .max = 1000000, .def = "all, in order",
     .help = "table: only the N layers with most cycles"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "the result as JSON (schema mpsim.result/1)"},
    {"csv", NULL, MP_OPT_FLAG, AT(csv), .help = "the result as CSV: a row a layer, then the total"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output",
     .help = "write there; a name ending in .json or .csv implies --json or --csv"},
    {0},
};

struct run {
    const struct run_options *o;
    struct mp_arena arena;
    struct mp_arch arch;
    struct mp_plan plan;
    struct mp_workload workload;
    struct mp_tech *tech;
    struct mp_mapping_set mappings;
    struct mp_constraint_set constraints;
    struct mp_result result;
};

static int check_files(const struct mp_command *c, const struct run_options *o) {
    const struct {
        const char *option, *path;
        bool of_events;
    } files[] = {{"--trace", o->traces.text[MP_TRACE_TILES], true}, {"--timeline", o->traces.text[MP_TRACE_TIMELINE], true},
                 {"--memtrace", o->traces.text[MP_TRACE_MEM], true}, {"--wave", o->traces.wave, true},
                 {"--roofline", o->roofline, false}, {"--save-mapping", o->save_mapping, false},
                 {"--output", o->output ? o->output : "-", false}};
    char shown[MP_SAY_BYTES];
    for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
        const char *path = files[i].path;
        if (path && files[i].of_events && o->engine != MP_EVENT)
            return mp_usage_error(c, "%s needs --engine event", files[i].option);
        for (size_t k = 0; path && k < i; k++)
            if (files[k].path && strcmp(path, files[k].path) == 0 && strcmp(path, "/dev/null") != 0)
                return mp_usage_error(c, "%s and %s %s", files[k].option, files[i].option,
                                      strcmp(path, "-") == 0 ? "are both standard output" : "name the same file");
    }
    if (o->traces.wave && strcmp(o->traces.wave, "-") == 0)
        return mp_usage_error(c, "option --wave: must name a file, another is written beside it (got \"-\")");
    if (!mp_out_named(o->roofline, ".svg") && !mp_out_named(o->roofline, ".csv"))
        return mp_usage_error(c, "option --roofline: the name must end in .svg or .csv (got \"%s\")",
                              mp_say_text(o->roofline, strlen(o->roofline), shown));
    return MP_EXIT_OK;
}

static int check_usage(const struct mp_command *c, const struct run_options *o, const struct mp_texts *operands) {
    if (operands->count > 0)
        return mp_usage_error(c, "unexpected argument \"%s\"", operands->text[0]);
    if (!o->arch)
        return mp_usage_error(c, "option --arch is missing");
    if (!o->plan == !o->workload)
        return mp_usage_error(c, o->plan ? "--plan and --workload exclude each other" : "option --plan is missing");
    if (o->plan && (o->w_bits || o->a_bits))
        return mp_usage_error(c, "--w-bits and --a-bits go with --workload, not with --plan");
    if (o->json && o->csv)
        return mp_usage_error(c, "--json and --csv exclude each other");
    return check_files(c, o);
}

static bool load_plan(struct run *r, struct mp_err *err) {
    const struct run_options *o = r->o;
    if (o->plan)
        return mp_input_plan(o->plan, o->batch, &r->arena, &r->plan, &r->workload, err);
    return mp_input_uniform(o->workload, o->w_bits ? o->w_bits : 8, o->a_bits ? o->a_bits : 8, o->batch, &r->arena,
                            &r->plan, &r->workload, err);
}

static bool load(struct run *r, struct mp_err *err) {
    const struct run_options *o = r->o;
    return mp_input_arch(o->arch, &r->arena, &r->arch, err) && load_plan(r, err) &&
           mp_input_tech(&r->arch, o->tech, &r->arena, &r->tech, err) &&
           (!o->mapping || mp_mapping_set_load(&r->mappings, &r->arena, o->mapping, err)) &&
           (!o->constraints || mp_constraint_set_load(&r->constraints, &r->arena, o->constraints, err));
}

static bool evaluate(struct run *r, struct mp_err *err) {
    const struct run_options *o = r->o;
    struct mp_options how = {.engine = (enum mp_engine)o->engine,
                             .objective = (enum mp_objective)o->objective,
                             .mappings = o->mapping ? &r->mappings : NULL,
                             .mappings_path = o->mapping,
                             .constraints = o->constraints ? &r->constraints : NULL,
                             .only_layer = o->layer};
    const struct mp_timeline_head head = {r->arch.name, r->plan.name, r->arch.clock_mhz};
    struct mp_trace trace;
    const bool traced = mp_trace_wanted(&o->traces);
    if (traced && !mp_trace_begin(&trace, &o->traces, &head, &how, err))
        return false;
    bool ok = mp_evaluate(&r->arch, &r->workload, &r->plan, r->tech, &how, &r->arena, &r->result, err);
    if (!traced)
        return ok;
    return mp_trace_end(&trace, ok, err) && ok;
}

static int save_mapping(const struct run *r) {
    struct mp_arena a = {0};
    struct mp_mapping_set set = {.name = r->plan.name};
    struct mp_jsonw w;
    struct mp_buf text = {0};
    set.layers = mp_arena_alloc(&a, r->result.layer_count, sizeof *set.layers);
    for (size_t i = 0; i < r->result.layer_count; i++)
        if (r->result.layers[i].mapping.run_count > 0)
            set.layers[set.count++] = r->result.layers[i].mapping;
    mp_jsonw_init(&w, &text);
    mp_mapping_set_write(&set, &w);
    int status = mp_out_to(r->o->save_mapping, &text);
    mp_buf_finish(&text);
    mp_arena_finish(&a);
    return status;
}

static int draw_roofline(const struct run *r) {
    const char *dot = strrchr(r->o->roofline, '.');
    struct mp_arena a = {0};
    struct mp_roofline roofline;
    struct mp_buf out = {0};
    mp_roofline_make(&roofline, &a, &r->result);
    if (dot && strcmp(dot, ".csv") == 0)
        mp_roofline_csv(&roofline, &out);
    else
        mp_roofline_svg(&roofline, &out);
    int status = mp_out_to(r->o->roofline, &out);
    mp_buf_finish(&out);
    mp_arena_finish(&a);
    return status;
}

static int report(const struct run *r) {
    const struct run_options *o = r->o;
    const struct mp_text_options text = {.style = {.colour = mp_out_colour(o->output)}, .top = o->top};
    struct mp_buf out = {0};
    switch (mp_out_format(o->json, o->csv, o->output)) {
    case MP_OUT_JSON:
        mp_report_json(&r->result, &out);
        break;
    case MP_OUT_CSV:
        mp_report_csv(&r->result, &out);
        break;
    case MP_OUT_TEXT:
        mp_report_text(&r->result, &text, &out);
        break;
    }
    int status = mp_out_to(o->output, &out);
    mp_buf_finish(&out);
    return status;
}

static int run_all(struct run *r) {
    struct mp_err err;
    if (!load(r, &err) || !evaluate(r, &err))
        return mp_out_error(&err);
    int status = r->o->save_mapping ? save_mapping(r) : MP_EXIT_OK;
    if (status == MP_EXIT_OK && r->o->roofline)
        status = draw_roofline(r);
    return status == MP_EXIT_OK ? report(r) : status;
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct run_options o = {0};
    struct run r = {.o = &o};
    struct mp_texts operands;
    int status;
    if (mp_opts_parse(c, argc, argv, &o, &operands, &r.arena, &status) &&
        (status = check_usage(c, &o, &operands)) == MP_EXIT_OK)
        status = run_all(&r);
    mp_arena_finish(&r.arena);
    return status;
}

const struct mp_command mp_cmd_run = {
    .name = "run",
    .help = "what a network costs on an accelerator, by layer",
    .usage = "--arch A (--plan P | --workload W [--w-bits N] [--a-bits N]) [OPTIONS]",
    .about =
        "Runs a network on an accelerator and shows where cycles and energy go: a row a layer, totals by cause and "
        "by part, possible overflows, and the source of every price. The mapping of each layer is the proven "
        "optimum of the space that docs/mapping.md declares. A FILE that is written may be -, standard output (but for "
        "--wave), when the result goes elsewhere.",
    .opts = opts,
    .examples = "  mpsim run --arch bitserial_16x16 --plan resnet18_mixed\n"
                "  mpsim run --arch bitfusion --workload vgg16 --w-bits 4 --a-bits 4 --objective energy\n"
                "  mpsim run --arch tpu_like --plan resnet50_w8a8 --json -o r.json\n"
                "  mpsim run --arch bitserial_4x4 --plan resnet8_mixed --engine event --trace tiles.csv\n"
                "  mpsim run --arch bitserial_4x4 --plan resnet8_mixed --engine event --timeline run.json --memtrace dram.trc\n"
                "  mpsim run --arch bitserial_16x16 --plan resnet18_mixed --roofline roofline.svg\n"
                "  mpsim run --arch bitserial_4x4 --plan resnet8_mixed --engine event --wave tiles.fst\n",
    .run = run,
};
