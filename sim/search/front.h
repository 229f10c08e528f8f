// SPDX-License-Identifier: Apache-2.0
// The exact Pareto front of harm against one cost: every pair of sums that no solution is as good as in both and better in one,
// once each. By dynamic programming over the stages of a problem, with what cannot reach the front left out: a Lagrangian bound
// from each edge of the front's convex hull, held against a staircase of solutions that are known.
#ifndef SIM_SEARCH_FRONT_H
#define SIM_SEARCH_FRONT_H

#include "sim/base/err.h"
#include "sim/search/problem.h"

struct mp_front_labels; // how the points were reached

struct mp_front {
    const struct mp_problem *problem;
    double *cost, *harm;     // ascending costs, falling harms
    size_t count;
    uint64_t labels;         // partial solutions that were kept on the way
    struct mp_front_labels *from;
};

#define MP_FRONT_LABELS ((uint64_t)1 << 28) // kept at most

// Fails when too many variables are open at once, or more than MP_FRONT_LABELS would be kept. `stopped` may be NULL.
bool mp_front_make(struct mp_front *f, const struct mp_problem *p, size_t cost, bool (*stopped)(void), struct mp_err *err);
void mp_front_finish(struct mp_front *f); // takes a zeroed one
// The options of a point's solution.
void mp_front_option(const struct mp_front *f, size_t point, uint8_t *option);

#endif
