// SPDX-License-Identifier: Apache-2.0
// Tables of costs of a network on an architecture, in tests, and whether they are what evaluations give.
#ifndef TESTS_UNIT_TERM_FIXTURE_H
#define TESTS_UNIT_TERM_FIXTURE_H

#include "sim/search/costs.h"

struct term_bench {
    struct mp_arena a;
    struct mp_arch arch;
    struct mp_workload w;
    struct mp_tech *tech;
    struct mp_space_options o;
    struct mp_space s;
    struct mp_cost_job job;
    struct mp_cost_stats stats;
    struct mp_term *terms;
    struct mp_err err;
};

extern const char term_sum_net[];

// configs/FOLDER/NAME.json; the folder when `name` is empty.
const char *term_config(struct mp_arena *a, const char *folder, const char *name);
// A shipped architecture, and a shipped workload or the text of one. Options may be changed from then on.
void term_begin(struct term_bench *b, const char *arch, const char *workload);
bool term_make(struct term_bench *b); // the space, which must succeed, and its terms
size_t term_entries(const struct term_bench *b, const struct mp_term *t);
// Random choices: each layer's costs, and the sums, are those of evaluating the plan.
void term_check(struct term_bench *b, int count);
void term_same(const struct term_bench *b, const struct mp_term *x, const struct mp_term *y);

#endif
