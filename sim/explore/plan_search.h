// SPDX-License-Identifier: Apache-2.0
// The best plan of one design: least latency or energy among the plans whose harm keeps a bound, proven by the exact solver.
#ifndef SIM_EXPLORE_PLAN_SEARCH_H
#define SIM_EXPLORE_PLAN_SEARCH_H

#include "sim/explore/sweep.h"

// *found false: no plan keeps the bound, and *harm is the least that one has. `plan`: resolved, in `a`.
bool mp_plan_search(const struct mp_sweep_search *q, const struct mp_arch *arch, const struct mp_tech *tech,
                    enum mp_objective mapping, bool (*stopped)(void), struct mp_arena *a, struct mp_plan *plan, double *harm,
                    bool *found, struct mp_err *err);

#endif
