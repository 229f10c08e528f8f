// SPDX-License-Identifier: Apache-2.0
// The problem that solvers see: variables with options, the harm of each option, and costs that are sums of terms, each a
// table over the options of a few variables. With terms of one variable it is the multiple-choice knapsack problem; a layer
// whose cost depends on the widths of its input, its weights and its output is a term of three.
#ifndef SIM_SEARCH_PROBLEM_H
#define SIM_SEARCH_PROBLEM_H

#include "sim/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_TERM_VARS 4
#define MP_MAX_COSTS 6

struct mp_var {
    size_t options;     // 1 to 255
    const double *harm; // by option; finite; any sign
};

// cost[k][index]: of kind k, index = ((o0 * n1 + o1) * n2 + o2) ..., with o the options and n their numbers, variables in
// order.
struct mp_term {
    size_t vars[MP_TERM_VARS], var_count; // ascending, different
    const double *cost[MP_MAX_COSTS];     // finite, not negative
};

struct mp_problem {
    const struct mp_var *vars;
    size_t var_count;
    const struct mp_term *terms;
    size_t term_count, cost_count;
};

// Sums over the variables, over the terms, in order.
double mp_problem_harm(const struct mp_problem *p, const uint8_t *option);
double mp_problem_cost(const struct mp_problem *p, size_t kind, const uint8_t *option);

// What is summed, as one vector: the harm, then the costs.
#define MP_QUANTITIES (MP_MAX_COSTS + 1)
#define MP_HARM 0
#define MP_COST_AT(kind) ((kind) + 1)
double mp_problem_sum(const struct mp_problem *p, size_t quantity, const uint8_t *option);

// No sum of the quantity, nor of a part of the variables and terms, is farther from 0.
double mp_problem_highest(const struct mp_problem *p, size_t quantity);
// What a sum in another order may be off by: half an epsilon of the highest a step, twice.
double mp_problem_rounding(const struct mp_problem *p, size_t quantity);

// Entries of a term's tables, and the one of some options.
size_t mp_term_entries(const struct mp_problem *p, const struct mp_term *t);
size_t mp_term_index(const struct mp_problem *p, const struct mp_term *t, const uint8_t *option);

#endif
