// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/search_bed.h"

#include <math.h>
#include <string.h>

#define W(bits) (1u << (bits))
#define PLENTY 100000
#define IMAGES 40

void search_terms(struct search_bed *b) {
    const struct mp_space *s = &b->m.space;
    struct mp_arena *a = &b->m.z.arena;
    struct mp_term *terms = mp_arena_alloc(a, s->decision_count, sizeof *terms);
    for (size_t v = 0; v < s->decision_count; v++) {
        const struct mp_decision *d = &s->decisions[v];
        double *cost[MP_COSTS];
        terms[v] = (struct mp_term){.vars = {v}, .var_count = 1};
        for (size_t k = 0; k < MP_COSTS; k++)
            terms[v].cost[k] = cost[k] = mp_arena_alloc(a, d->option_count, sizeof *cost[k]);
        for (size_t i = 0; i < d->option_count * d->unit_count; i++) {
            const size_t u = d->units[i % d->unit_count];
            const double bits = d->bits[i] * (1 + (double)(u % 3));
            cost[s->units[u].kind == MP_UNIT_WEIGHT ? MP_COST_SIZE : MP_COST_LATENCY][i / d->unit_count] += bits;
            cost[MP_COST_ENERGY][i / d->unit_count] += bits;
        }
    }
    b->p.terms = terms, b->p.term_count = s->decision_count;
}

static void set_problem(struct search_bed *b) {
    const struct mp_space *s = &b->m.space;
    double *harm = mp_arena_alloc(&b->m.z.arena, s->unit_count * MP_WIDTHS, sizeof *harm);
    for (size_t u = 0; u < s->unit_count; u++)
        for (size_t bits = 1; bits < MP_WIDTHS; bits++)
            harm[u * MP_WIDTHS + bits] = (double)(1 + u * 7 % 5) * pow(4, -(double)bits);
    mp_search_problem(&b->p, s, harm, NULL, &b->m.z.arena);
    search_terms(b);
}

void search_job(struct search_bed *b, size_t objective, double max_drop) {
    b->job = (struct mp_search_job){.space = &b->m.space, .problem = &b->p, .objective = objective, .max_drop = max_drop,
                                    .reference = mp_measure_float(b->m.job.measure), .seed = 1, .population = 16,
                                    .generations = 10};
    for (size_t q = 0; q < MP_QUANTITIES; q++)
        b->job.bound[q] = INFINITY;
}

static void prepare(struct search_bed *b, unsigned threads) {
    metric_measure(&b->m, threads);
    set_problem(b);
    b->how = (struct mp_oracle_job){
        .measure = b->m.job.measure, .space = &b->m.space, .depends = "a \"b\"", .max_evals = PLENTY};
    search_job(b, MP_COST_AT(MP_COST_ENERGY), 0.05);
}

void search_glyphs(struct search_bed *b, unsigned threads) {
    *b = (struct search_bed){0};
    metric_glyphs(&b->m, IMAGES, W(2) | W(4) | W(8));
    prepare(b, threads);
}

void search_small(struct search_bed *b, uint32_t w_set, uint64_t slices) {
    *b = (struct search_bed){0};
    quantised_graph(&b->m.z,
                    "in x 1 3 5 5\nconst w 4 3 3 3\nconst v 4 4 1 1\nconst u 3 4 3 3\n"
                    "Conv y x w\nRelu r y\nConv z r v\nRelu s z\nConv o s u\nout o\n",
                    20, 0);
    metric_bed(&b->m, w_set, W(8), slices);
    prepare(b, 1);
}

void search_finish(struct search_bed *b) {
    mp_measure_destroy(b->m.job.measure);
    quantised_finish(&b->m.z);
}

size_t search_unit(const struct mp_space *s, const char *name) {
    for (size_t u = 0; u < s->unit_count; u++)
        if (strcmp(s->units[u].name, name) == 0)
            return u;
    fail_msg("no unit %s", name);
    return 0;
}
