// SPDX-License-Identifier: Apache-2.0
// mpsim compare: several accelerators side by side on one plan or several.
#include "sim/cli/command.h"
#include "sim/cli/inputs.h"
#include "sim/cli/out.h"

#include "sim/eval.h"
#include "sim/report/compare.h"
#include "sim/report/equal_area.h"

struct compare_options {
    struct mp_texts plans;
    const char *tech, *output;
    uint64_t batch;
    unsigned engine, objective;
    bool equal_area, json, csv;
};

#define AT(member) .offset = offsetof(struct compare_options, member)
static const struct mp_opt opts[] = {
    {"plan", "NAME|FILE", MP_OPT_LIST, AT(plans), .help = "network and bit-widths; may be given several times"},
    {"equal-area", NULL, MP_OPT_FLAG, AT(equal_area),
     .help = "scale rows and columns of the others to the integers that bring the total area nearest the first "
             "one's, near "
             "the ratio given; buffer sizes stay. Ports widen with what they serve, to multiples of their banks: os "
             "input with the pixels' side, weight with the channels', output with both; ws input with rows, weight "
             "and output with columns; is weight with rows, input and output with columns"},
    {"batch", "N", MP_OPT_COUNT, AT(batch), .min = 1, .max = 65536, .def = "the plan's",
     .help = "inferences that run together"},
    {"engine", "ENGINE", MP_OPT_CHOICE, AT(engine), .names = mp_engine_names, .def = "analytic",
     .help = "closed form, or every tile and burst"},
    {"objective", "WHAT", MP_OPT_CHOICE, AT(objective), .names = mp_objective_names, .def = "latency",
     .help = "what mappings are chosen for"},
    {"tech", "NAME|FILE", MP_OPT_TEXT, AT(tech), .def = "each accelerator's",
     .help = "technology that prices all of them"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "as JSON (schema mpsim.compare/1)"},
    {"csv", NULL, MP_OPT_FLAG, AT(csv), .help = "as CSV: a row for each plan and accelerator"},
    {"output", "FILE", MP_OPT_REPORT, AT(output), .letter = 'o', .def = "standard output",
     .help = "write there; a name ending in .json or .csv implies --json or --csv"},
    {0},
};

struct network {
    struct mp_plan plan;
    struct mp_workload workload;
};

struct compare {
    const struct compare_options *o;
    const struct mp_texts *names;
    struct mp_arena arena;
    struct mp_arch *given, *used;
    struct mp_tech **techs;
    struct network *networks;
    struct mp_compare_arch *archs;
    struct mp_result *results;
};

static int check_usage(const struct mp_command *c, const struct compare_options *o, const struct mp_texts *archs) {
    if (archs->count == 0)
        return mp_usage_error(c, "no accelerator is named");
    if (o->plans.count == 0)
        return mp_usage_error(c, "option --plan is missing");
    if (o->json && o->csv)
        return mp_usage_error(c, "--json and --csv exclude each other");
    return MP_EXIT_OK;
}

static bool load(struct compare *c, struct mp_err *err) {
    struct mp_arena *a = &c->arena;
    size_t archs = c->names->count, plans = c->o->plans.count;
    c->given = mp_arena_alloc(a, archs, sizeof *c->given);
    c->used = mp_arena_alloc(a, archs, sizeof *c->used);
    c->techs = mp_arena_alloc(a, archs, sizeof(struct mp_tech *));
    c->archs = mp_arena_alloc(a, archs, sizeof *c->archs);
    c->networks = mp_arena_alloc(a, plans, sizeof *c->networks);
    c->results = mp_arena_alloc(a, archs * plans, sizeof *c->results);
    for (size_t i = 0; i < archs; i++)
        if (!mp_input_arch(c->names->text[i], a, &c->given[i], err) ||
            !mp_input_tech(&c->given[i], c->o->tech, a, &c->techs[i], err))
            return false;
    for (size_t i = 0; i < plans; i++)
        if (!mp_input_plan(c->o->plans.text[i], c->o->batch, a, &c->networks[i].plan, &c->networks[i].workload, err))
            return false;
    return true;
}

static bool set_areas(struct compare *c, struct mp_err *err) {
    for (size_t i = 0; i < c->names->count; i++) {
        struct mp_compare_arch *a = &c->archs[i];
        struct mp_area area;
        if (!mp_cost_area(c->techs[i], &c->given[i], &c->arena, &area, NULL, err))
            return false;
        *a = (struct mp_compare_arch){&c->given[i], &c->used[i], area.total_mm2, area.total_mm2};
        c->used[i] = c->given[i];
        if (c->o->equal_area && i > 0 &&
            !mp_arch_fit_area(&c->given[i], c->techs[i], c->archs[0].given_area_mm2, &c->used[i], &a->used_area_mm2,
                              err))
            return false;
    }
    return true;
}

static bool evaluate(struct compare *c, struct mp_err *err) {
    const struct mp_options how = {.engine = (enum mp_engine)c->o->engine,
                                   .objective = (enum mp_objective)c->o->objective};
    struct mp_result *r = c->results;
    for (size_t p = 0; p < c->o->plans.count; p++)
        for (size_t i = 0; i < c->names->count; i++)
            if (!mp_evaluate(&c->used[i], &c->networks[p].workload, &c->networks[p].plan, c->techs[i], &how,
                             &c->arena, r++, err))
                return false;
    return true;
}

static int report(const struct compare *c) {
    const struct compare_options *o = c->o;
    const struct mp_style style = {.colour = mp_out_colour(o->output)};
    const struct mp_compare all = {c->archs, c->results, c->names->count, o->plans.count, o->equal_area};
    struct mp_buf out = {0};
    switch (mp_out_format(o->json, o->csv, o->output)) {
    case MP_OUT_JSON:
        mp_compare_json(&all, &out);
        break;
    case MP_OUT_CSV:
        mp_compare_csv(&all, &out);
        break;
    case MP_OUT_TEXT:
        mp_compare_text(&all, &style, &out);
        break;
    }
    int status = mp_out_to(o->output, &out);
    mp_buf_finish(&out);
    return status;
}

static int run(const struct mp_command *cmd, int argc, char **argv) {
    struct compare_options o = {0};
    struct mp_texts names;
    struct compare c = {.o = &o, .names = &names};
    struct mp_err err;
    int status;
    if (mp_opts_parse(cmd, argc, argv, &o, &names, &c.arena, &status) &&
        (status = check_usage(cmd, &o, &names)) == MP_EXIT_OK)
        status = load(&c, &err) && set_areas(&c, &err) && evaluate(&c, &err) ? report(&c) : mp_out_error(&err);
    mp_arena_finish(&c.arena);
    return status;
}

const struct mp_command mp_cmd_compare = {
    .name = "compare",
    .help = "accelerators side by side",
    .usage = "ARCH... --plan P [--plan P2 ...] [OPTIONS]",
    .about = "Runs each plan on each accelerator (arch.json, a SCALE-Sim .cfg, or a shipped name) and shows cycles, "
             "latency, energy, area, TOPS, TOPS/W, TOPS/mm2, EDP and utilization, each with its ratio to the first "
             "accelerator's.",
    .opts = opts,
    .examples =
        "  mpsim compare tpu_like bitfusion bitserial_16x16 --plan resnet18_w4a4\n"
        "  mpsim compare bitfusion stripes_like loom_like --plan resnet18_w8a8 --plan resnet18_w2a2 --equal-area\n",
    .run = run,
};
