// SPDX-License-Identifier: Apache-2.0
// The sums of every combination of a problem, and what follows from them by definition: what exact solvers are held against.
#ifndef TESTS_UNIT_BRUTE_SEARCH_H
#define TESTS_UNIT_BRUTE_SEARCH_H

#include "sim/search/solve.h"

struct brute {
    const struct mp_problem *p;
    double (*sum)[MP_QUANTITIES]; // by combination
    size_t count;
    double tolerance[MP_QUANTITIES]; // of sums that are equal but for rounding; 0: exact
};

// Leaves the tolerances 0.
void brute_list(struct brute *b, const struct mp_problem *p, struct mp_arena *a);
bool brute_keeps(const struct brute *b, size_t at, const double bound[MP_QUANTITIES]);
// The least of a quantity where the bounds are kept; INFINITY when no combination keeps them.
double brute_least(const struct brute *b, size_t quantity, const double bound[MP_QUANTITIES]);

struct brute_optimum {
    double best;   // INFINITY: impossible
    size_t tie_by; // SIZE_MAX: nothing
    double tie;
};
struct brute_optimum brute_solve(const struct brute *b, const struct mp_solve_request *r);

struct brute_point {
    double cost, harm;
};
// The front, ascending costs, thinned.
size_t brute_front(const struct brute *b, size_t cost, struct brute_point *out);
// Points that are no better, or cost no more, than the one before but for rounding go. Returns how many stay.
size_t brute_thin(const struct brute *b, size_t cost, struct brute_point *points, size_t count);

#endif
