// SPDX-License-Identifier: Apache-2.0
// The lower convex hull of all (cost, harm) of a problem: its vertices are the solutions that a weighted sum finds. Internal to
// the exact front.
#ifndef SIM_SEARCH_HULL_H
#define SIM_SEARCH_HULL_H

#include "sim/search/stage.h"

#define MP_HULL_EDGES 256 // at most; of finer hulls some vertices are left out

struct mp_hull {
    double *cost, *harm; // vertices, ascending costs
    size_t count;
    // Of the edge from vertex i to i + 1: its slope, harm a cost, as a positive number; the least harm + slope cost of all
    // solutions, and by state of what is still to come, least[state * edges + edge].
    double *slope, *value, *least;
    size_t edges;
};

void mp_hull_make(struct mp_hull *h, const struct mp_stages *s, size_t cost, struct mp_arena *a);

#endif
