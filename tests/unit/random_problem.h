// SPDX-License-Identifier: Apache-2.0
// Problems of a search, drawn. Some have equal sums in plenty: those of small integers, and those of few real values,
// whose sums are equal but for rounding.
#ifndef TESTS_UNIT_RANDOM_PROBLEM_H
#define TESTS_UNIT_RANDOM_PROBLEM_H

#include "sim/base/random.h"
#include "sim/search/problem.h"

// UNEVEN: small real harms, costs of 10 digits that differ in the last two.
enum numbers { INTEGERS, REALS, FEW_REALS, UNEVEN, NUMBERS };

// What a sum of a few may be off by.
double numbers_tolerance(enum numbers numbers, size_t quantity);

double random_unit(struct mp_random *r); // [0, 1)
// Some harms are negative.
double draw_harm(struct mp_random *r, enum numbers numbers);
double draw_cost(struct mp_random *r, enum numbers numbers);

// A term a variable, `options` each.
void random_knapsack(struct mp_problem *p, struct mp_arena *a, struct mp_random *r, enum numbers numbers, size_t vars,
                     size_t options, size_t costs);
// 1 to `vars` variables of 1 to 5 options, at most `most` combinations. Half of the problems are knapsacks, the others have
// terms of up to 3 variables that overlap; some of their terms have none, and some variables no term.
void random_problem(struct mp_problem *p, struct mp_arena *a, struct mp_random *r, enum numbers numbers, size_t vars,
                    size_t costs, uint64_t most);

#endif
