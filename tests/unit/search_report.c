// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/search_report.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <string.h>

// Four layers; both ends are at 8 bits, c's weights are fixed, the inputs of b and c are linked.
static const char net[] = "{'name': 'net', 'inputs': [{'name': 'in', 'shape': [16, 8, 8]}], 'layers': ["
                          "{'name': 'a', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': 16, 'kernel': [1, 1]},"
                          "{'name': 'b', 'type': 'conv2d', 'inputs': ['a'], 'out_channels': 16, 'kernel': [1, 1]},"
                          "{'name': 'c', 'type': 'conv2d', 'inputs': ['b'], 'out_channels': 16, 'kernel': [1, 1]},"
                          "{'name': 'd', 'type': 'conv2d', 'inputs': ['c'], 'out_channels': 16, 'kernel': [1, 1]}]}";

static const struct mp_solver by_hand = {.name = "by hand"};

// The decision that has this unit.
size_t bed_decision(const struct search_bed *b, const char *unit) {
    for (size_t u = 0; u < b->s.unit_count; u++)
        if (strcmp(b->s.units[u].name, unit) == 0)
            return b->s.units[u].decision;
    fail_msg("no unit %s", unit);
    return 0;
}

uint8_t *bed_options(struct search_bed *b, uint8_t bw, uint8_t ba) {
    uint8_t *o = mp_arena_alloc(&b->a, b->s.decision_count, 1);
    o[bed_decision(b, "b:w")] = bw;
    o[bed_decision(b, "b:a")] = ba;
    return o;
}

struct mp_point bed_point(const uint8_t *option, double harm, double cycles) {
    return (struct mp_point){.option = option, .sum = {harm, cycles, 1000 * cycles, 8192, 5e6, 16000}};
}

static void measured(struct mp_point *p, uint64_t agree, uint64_t right, double loss) {
    p->measured = true;
    p->at = (struct mp_measured){.images = 1000, .agree = agree, .right = right, .loss = loss};
}

static void result(struct search_bed *b, size_t i, const uint64_t cycles[BED_LAYERS], const enum mp_cause bound[BED_LAYERS]) {
    struct mp_result *r = &b->results[i];
    *r = (struct mp_result){.arch = &b->arch, .plan = &b->plans[i], .workload = &b->w, .layers = b->layers[i],
                            .layer_count = BED_LAYERS};
    for (size_t l = 0; l < BED_LAYERS; l++) {
        struct mp_layer_result *to = &b->layers[i][l];
        *to = (struct mp_layer_result){.layer = &b->w.layers[l], .bits = &b->plans[i].layers[l]};
        to->figures.counts.cycles[bound[l]] = cycles[l];
        to->figures.energy_pj = 1000 * (double)cycles[l];
        r->totals.counts.cycles[bound[l]] += cycles[l];
        r->totals.energy_pj += to->figures.energy_pj;
    }
}

static void set_results(struct search_bed *b) {
    static const enum mp_cause compute[BED_LAYERS] = {0}, dram[BED_LAYERS] = {[2] = MP_STALL_DRAM, [3] = MP_STALL_DRAM};
    result(b, 0, (const uint64_t[BED_LAYERS]){1000, 1000, 1000, 1000}, compute);
    result(b, 1, (const uint64_t[BED_LAYERS]){1000, 250, 750, 500}, dram);
}

static void set_rows(struct search_bed *b) {
    b->rows[0] = (struct mp_search_row){.name = "uniform 8", .point = bed_point(NULL, 0, 4000), .result = &b->results[0],
                                        .tested = true,
                                        .test = {.images = 2000, .labelled = true, .float_right = 1800, .other_right = 1790,
                                                 .agree = 1950, .only_float = 20, .only_other = 10}};
    measured(&b->rows[0].point, 998, 949, 0.21);
    b->rows[1] = (struct mp_search_row){.name = "found", .point = b->found.best, .has_harm = true, .result = &b->results[1],
                                        .tested = true, .gained = 2, .lost = 8,
                                        .test = {.images = 2000, .labelled = true, .float_right = 1800, .other_right = 1784,
                                                 .agree = 1900, .only_float = 36, .only_other = 20}};
}

static void set_reasons(struct search_bed *b) {
    struct mp_reason *why = mp_arena_alloc(&b->a, b->s.decision_count, sizeof *why);
    for (size_t d = 0; d < b->s.decision_count; d++)
        why[d].fixed = "first or last layer";
    why[bed_decision(b, "c:w")].fixed = "--fix";
    why[bed_decision(b, "b:w")] = (struct mp_reason){.down = {true, 2, -30, 0.0312}, .up = {true, 0, 57.5, -0.12}};
    why[bed_decision(b, "b:a")] = (struct mp_reason){.down = {true, 1, 0, 0.5}};
    b->r.reasons = why;
}

// A front of two points, of which the cheaper one is found.
static void set_found(struct search_bed *b) {
    struct mp_point *front = mp_arena_alloc(&b->a, 2, sizeof *front);
    front[0] = bed_point(bed_options(b, 1, 0), 0.25, 2500);
    front[1] = bed_point(bed_options(b, 0, 0), 0.125, 2557.5);
    measured(&front[0], 995, 940, 0.25);
    b->found = (struct mp_search_result){.found = true, .best = front[0], .front = front, .front_count = 2, .front_exact = true,
                                         .proven = true, .measured = front, .measured_count = 1};
}

void bed_begin(struct search_bed *b) {
    static const struct mp_space_fix fix = {"c:w", 4, 0};
    static const char *const link = "b:a,c:a";
    const struct mp_space_options o = {.w_set = W(2) | W(4) | W(8), .a_set = W(4) | W(8), .slices = 1, .output_bits = 8,
                                       .batch = 1, .fix = &fix, .fix_count = 1, .links = &link, .link_count = 1};
    *b = (struct search_bed){.arch = {.name = "tiny", .clock_mhz = 500}, .costs = {300, 200, 100, 1.5, 2, NULL},
                      .oracle = {.evaluations = 3, .remembered = 1, .layers = 8, .reused = 2, .seconds = 4},
                      .reference = {.images = 1000, .agree = 1000, .right = 950, .loss = 0.2},
                      .harm = {.unit = "nats"}};
    assert_ok(read_workload(&b->w, &b->a, net, &b->err), b->err);
    assert_ok(mp_space_make(&b->s, &b->w, "net", "net.json", &o, &b->a, &b->err), b->err);
    b->job = (struct mp_search_job){.space = &b->s, .objective = MP_COST_AT(MP_COST_LATENCY), .max_drop = 0.01,
                                    .reference = &b->reference};
    for (size_t q = 0; q < MP_QUANTITIES; q++)
        b->job.bound[q] = INFINITY;
    set_found(b);
    assert_ok(mp_space_uniform(&b->s, 8, 8, &b->a, &b->plans[0], &b->err), b->err);
    assert_ok(mp_space_plan(&b->s, b->found.best.option, "found", &b->a, &b->plans[1], &b->err), b->err);
    set_results(b);
    set_rows(b);
    b->r = (struct mp_search_report){
        .job = &b->job, .result = &b->found, .solver = &by_hand, .metric = "fit", .harm = &b->harm, .arch = &b->arch,
        .plan = &b->plans[1], .rows = b->rows, .row_count = 2, .costs = &b->costs, .oracle = &b->oracle, .trained_on = "train",
        .train_images = 1000, .metric_images = 64, .test_name = "test", .metric_seconds = 0.5, .solver_seconds = 0.75,
    };
    set_reasons(b);
}

void bed_finish(struct search_bed *b) {
    mp_arena_finish(&b->a);
    mp_buf_finish(&b->out);
}

void has(const char *text, const char *part) {
    if (!strstr(text, part))
        fail_msg("no \"%s\" in:\n%s", part, text);
}

void has_not(const char *text, const char *part) {
    if (strstr(text, part))
        fail_msg("\"%s\" in:\n%s", part, text);
}

void bed_sense(struct sensitivity_bed *s) {
    bed_begin(&s->b);
    const size_t units = s->b.s.unit_count;
    s->b.harm.of = mp_arena_alloc(&s->b.a, units * MP_WIDTHS, sizeof(double));
    s->b.harm.score = mp_arena_alloc(&s->b.a, units, sizeof(double));
    s->b.harm.score_name = "trace";
    for (size_t u = 0; u < units; u++) {
        s->b.harm.score[u] = 10 * (double)(u + 1);
        for (unsigned bits = 1; bits <= 8; bits++)
            s->b.harm.of[u * MP_WIDTHS + bits] = ldexp((double)(u + 1), -(int)bits);
    }
    s->r = (struct mp_sensitivity_report){.space = &s->b.s, .network = "net", .metric = "fit", .trained_on = "train",
                                          .harm = &s->b.harm, .w_set = W(2) | W(8), .a_set = W(4), .images = 64, .probes = 8,
                                          .seed = 3, .seconds = 1.5};
}
