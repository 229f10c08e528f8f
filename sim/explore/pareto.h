// SPDX-License-Identifier: Apache-2.0
// Vectors of objectives, all to be minimised: domination, the set of those not dominated, its hypervolume.
#ifndef SIM_EXPLORE_PARETO_H
#define SIM_EXPLORE_PARETO_H

#include "sim/base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_OBJECTIVES_MAX 4

// a is nowhere worse than b and somewhere better.
bool mp_dominates(const double *a, const double *b, size_t n);

// The vectors that no other one dominates; equal ones are all kept. Grows as vectors are added.
struct mp_pareto {
    size_t n;                                // objectives
    double (*at)[MP_OBJECTIVES_MAX];
    uint64_t *id;
    size_t count, room;
};
void mp_pareto_init(struct mp_pareto *p, size_t n);
void mp_pareto_finish(struct mp_pareto *p);
bool mp_pareto_beats(const struct mp_pareto *p, const double *v); // whether one of the set dominates v
void mp_pareto_add(struct mp_pareto *p, const double *v, uint64_t id); // drops what v dominates; v only when not dominated

// Share of the box between `ideal` and `nadir` that the set dominates (Zitzler and Thiele 1998), exact for up to 4 objectives.
double mp_hypervolume(const double (*at)[MP_OBJECTIVES_MAX], size_t count, size_t n, const double *ideal, const double *nadir);

#endif
