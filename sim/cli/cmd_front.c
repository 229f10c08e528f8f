// SPDX-License-Identifier: Apache-2.0
// mpsim front: the Pareto front of a sweep's designs.
#include "sim/cli/command.h"
#include "sim/cli/out.h"
#include "sim/cli/stored.h"

#include "sim/base/say.h"
#include "sim/explore/design_front.h"

#include <string.h>

struct front_options {
    struct mp_stored_options s;
    const char *objectives, *archs, *output;
    bool json, csv;
};

#define AT(member) .offset = offsetof(struct front_options, member)
static const struct mp_opt opts[] = {
    MP_STORED_OPTS(front_options, s),
    {"objectives", "LIST", MP_OPT_TEXT, AT(objectives), .def = "the sweep's",
     .help = "one to four columns: latency_ms,energy_pj,area_mm2; with a - before it most is best"},
    {"archs", "DIR", MP_OPT_TEXT, AT(archs), .help = "write arch.json of each design on the front there, as KEY.json"},
    {"json", NULL, MP_OPT_FLAG, AT(json), .help = "as JSON (schema mpsim.design_front/1)"},
    {"csv", NULL, MP_OPT_FLAG, AT(csv), .help = "as CSV"},
    {"output", "FILE", MP_OPT_TEXT, AT(output), .letter = 'o', .def = "standard output",
     .help = "write there; .json or .csv implies --json or --csv, .svg makes a picture"},
    {0},
};

struct run {
    struct front_options o;
    struct mp_arena arena;
    struct mp_stored in;
    struct mp_texts objectives; // given ones
    struct mp_design_front_job job;
    struct mp_design_front front;
};

static bool is_picture(const struct run *r) {
    const char *dot = r->o.output ? strrchr(r->o.output, '.') : NULL;
    return !r->o.json && !r->o.csv && dot && strcmp(dot, ".svg") == 0;
}

static int check_usage(const struct mp_command *c, struct run *r, const struct mp_texts *operands) {
    char shown[MP_SAY_BYTES];
    if (operands->count > 0)
        return mp_usage_error(c, "unexpected argument \"%s\"", mp_say_text(operands->text[0], strlen(operands->text[0]), shown));
    if (!r->o.s.store)
        return mp_usage_error(c, "needs --store");
    if (r->o.json && r->o.csv)
        return mp_usage_error(c, "--json and --csv exclude each other");
    if (mp_out_drawn(r->o.output) && !is_picture(r))
        return mp_usage_error(c, "option --output: must not end in %s: pictures are .svg, without --json and --csv "
                              "(got \"%s\")", mp_out_drawn(r->o.output), mp_say_text(r->o.output, strlen(r->o.output), shown));
    if (r->o.objectives && (!mp_split(r->o.objectives, &r->arena, &r->objectives) || r->objectives.count > MP_OBJECTIVES_MAX))
        return mp_usage_error(c, "option --objectives: must be one to four names with commas between them");
    return MP_EXIT_OK;
}

static bool make(struct run *r, struct mp_err *err) {
    const struct mp_store_sweep *w = r->in.sweep;
    const bool given = r->objectives.count > 0;
    r->job = (struct mp_design_front_job){.sweep = w,
                                          .networks = &r->in.networks,
                                          .names = &r->in.names,
                                          .objectives = given ? r->objectives.text : w->objectives,
                                          .objective_count = given ? r->objectives.count : w->objective_count,
                                          .where = r->o.s.where};
    if (r->job.objective_count == 0 || r->job.objective_count > MP_OBJECTIVES_MAX)
        return mp_fail(err, "%s: sweep %s has %zu objectives, --objectives must name one to four", r->o.s.store, w->name,
                       r->job.objective_count);
    if (is_picture(r) && r->job.objective_count < 2)
        return mp_fail(err, "%s: a picture needs two objectives", r->o.output);
    return mp_design_front_make(r->in.store, &r->job, &r->arena, &r->front, err);
}

static int report(const struct run *r) {
    const struct mp_style style = {.colour = mp_out_colour(r->o.output)};
    const enum mp_out_format format = mp_out_format(r->o.json, r->o.csv, r->o.output);
    struct mp_buf out = {0};
    if (is_picture(r))
        mp_design_front_svg(&r->front, &out);
    else if (format == MP_OUT_JSON)
        mp_design_front_json(&r->front, &out);
    else if (format == MP_OUT_CSV)
        mp_design_front_csv(&r->front, &out);
    else
        mp_design_front_text(&r->front, &style, &out);
    int status = mp_out_to(r->o.output, &out);
    mp_buf_finish(&out);
    return status;
}

static int run_all(struct run *r) {
    struct mp_err err;
    if (!mp_out_possible(r->o.output, &err) || !mp_stored_open(&r->in, &r->o.s, true, &r->arena, &err) || !make(r, &err) ||
        (r->o.archs && !mp_stored_archs(r->in.store, &r->front.rows, r->o.archs, &err)))
        return mp_out_error(&err);
    return report(r);
}

static int run(const struct mp_command *c, int argc, char **argv) {
    struct run r = {0};
    struct mp_texts operands;
    int status;
    if (mp_opts_parse(c, argc, argv, &r.o, &operands, &r.arena, &status) &&
        (status = check_usage(c, &r, &operands)) == MP_EXIT_OK)
        status = run_all(&r);
    mp_store_close(r.in.store);
    mp_arena_finish(&r.arena);
    return status;
}

const struct mp_command mp_cmd_front = {
    .name = "front",
    .help = "the Pareto front of a sweep's designs",
    .usage = "--store sweep.db [OPTIONS]",
    .about =
        "Of the designs of a sweep that were evaluated, those that no other one beats in an objective without losing in another: "
        "their axes' values and objectives, how many there are of how many, and the hypervolume, the share of the box between the "
        "best and the worst of all designs that the front dominates. Over several networks cycles, latency, energy, traffic and "
        "the like are sums, each network as often as its weight says; power, utilization, TOPS, TOPS/W and EDP follow from the sums.",
    .opts = opts,
    .examples = "  mpsim front --store sweep.db\n"
                "  mpsim front --store sweep.db --objectives latency_ms,energy_pj -o front.svg\n"
                "  mpsim front --store sweep.db --network resnet18_w4a4 --objectives energy_pj,-effective_tops --where 'area_mm2 <= 4'\n"
                "  mpsim front --store sweep.db --archs best/\n",
    .run = run,
};
