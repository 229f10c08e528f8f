// SPDX-License-Identifier: Apache-2.0
// Lagrangian bounds: what a weighted sum of objective and bounded quantities is at least, for several weights. Internal to
// the exact solvers.
#ifndef SIM_SEARCH_DUAL_H
#define SIM_SEARCH_DUAL_H

#include "sim/search/stage.h"

#define MP_DUALS 12 // weights that are kept

struct mp_dual {
    double weight[MP_QUANTITIES]; // 1 of the objective
    double value;                 // bound on the objective: least weighted sum, less the weighted bounds
    double *least;                // by state, of what is still to come
};

struct mp_duals {
    struct mp_dual at[MP_DUALS];
    size_t count;
    double best;      // the highest value
    double feasible;  // objective of the best solution met that keeps all bounds; INFINITY when none was
};

// `bound` as in solve.h.
void mp_duals_make(struct mp_duals *d, const struct mp_stages *s, size_t objective, const double bound[MP_QUANTITIES],
                   struct mp_arena *a);

#endif
