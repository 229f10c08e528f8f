// SPDX-License-Identifier: Apache-2.0
// Costs of all layers and widths on the design, then the exact optimum under the bound on harm.
#include "sim/explore/plan_search.h"

#include "sim/search/costs.h"
#include "sim/search/search.h"
#include "sim/search/solve.h"

bool mp_plan_search(const struct mp_sweep_search *q, const struct mp_arch *arch, const struct mp_tech *tech,
                    enum mp_objective mapping, bool (*stopped)(void), struct mp_arena *a, struct mp_plan *plan, double *harm,
                    bool *found, struct mp_err *err) {
    const struct mp_cost_job job = {.arch = arch, .tech = tech, .objective = mapping, .threads = 1, .stopped = stopped};
    struct mp_solve_request request = mp_solve_for(q->objective);
    struct mp_cost_stats stats;
    struct mp_problem problem;
    struct mp_term *terms;
    if (arch->keep_on_chip)
        return mp_fail(err, "arch \"%s\": /keep_on_chip: costs of a searched plan are sums over layers: must be false", arch->name);
    if (!mp_costs_make(&job, &q->space, a, &terms, &stats, err))
        return false;
    mp_search_problem(&problem, &q->space, q->harm.of, terms, a);
    struct mp_solution best = {.option = mp_arena_alloc(a, q->space.decision_count, sizeof *best.option)};
    request.bound[MP_HARM] = q->max_harm;
    enum mp_solve_end end = mp_solve(&problem, &request, stopped, &best, err);
    *found = end == MP_SOLVED;
    *harm = *found ? best.sum[MP_HARM] : best.least; // harm is all that is bounded
    if (end != MP_SOLVED)
        return end == MP_SOLVE_IMPOSSIBLE;
    return mp_space_plan(&q->space, best.option, q->space.base.name, a, plan, err);
}
