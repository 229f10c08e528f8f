// SPDX-License-Identifier: Apache-2.0
// The search itself: which option of each decision. Solvers of two families share one job and one result, so that any metric
// goes with any cost and any solver:
// - by metric (exact, exhaustive, nsga2): they find a front of harm against the objective; where a drop is bounded, plans of
//   the front are measured to find the cheapest one that keeps it;
// - by measuring (greedy, bisection, descent, random): they measure plans on the way; a metric says in which order to try.
#ifndef SIM_SEARCH_SEARCH_H
#define SIM_SEARCH_SEARCH_H

#include "sim/search/costs.h"
#include "sim/search/oracle.h"

enum mp_drop { MP_DROP_AGREEMENT, MP_DROP_ACCURACY, MP_DROP_LOSS };
extern const char *const mp_drop_names[]; // "agreement", "accuracy", "loss"; NULL-terminated
// Share of the images with another class than float's; share right in float less share right; loss less float's.
double mp_drop_of(enum mp_drop d, const struct mp_measured *m, const struct mp_measured *reference);

#define MP_DROP_QUANTITY MP_QUANTITIES // as an objective: the measured drop
#define MP_EDP_QUANTITY (MP_QUANTITIES + 1) // the product of latency and energy

struct mp_search_job {
    const struct mp_space *space;
    const struct mp_problem *problem; // variables: the decisions; harms by the metric; costs by enum mp_cost
    size_t objective;                 // MP_HARM, MP_COST_AT(kind), MP_DROP_QUANTITY, MP_EDP_QUANTITY
    double bound[MP_QUANTITIES];      // at most; INFINITY: none
    enum mp_drop drop;
    double max_drop;                  // INFINITY: none
    struct mp_oracle *oracle;         // NULL: nothing can be measured
    const struct mp_measured *reference; // float's, with the oracle
    // What a plan costs where that is not a sum over layers (keep_on_chip); else NULL: the problem's terms.
    bool (*price)(void *user, const uint8_t *option, double cost[MP_COSTS], struct mp_err *err);
    void *price_user;
    uint64_t seed, population, generations;
    bool refine;                      // coordinate descent from what the solver found
    bool (*stopped)(void);            // may be NULL
};

struct mp_point {
    const uint8_t *option;
    double sum[MP_QUANTITIES];
    bool measured;
    struct mp_measured at;
};

struct mp_search_result {
    bool found;
    struct mp_point best;
    struct mp_point *front;  // ascending in the objective's cost, falling harms; of solvers by metric
    size_t front_count;
    bool front_exact;        // every point there is
    bool proven;             // no solution is better by the metric and the costs
    bool interrupted, out_of_budget;
    bool unconstrained;      // nothing bounds harm, drop or costs: there is a front, and no point of it is asked for
    struct mp_point *measured; // all that were measured, in order, each once
    size_t measured_count, measured_room;
    const char *why;         // nothing found: what is the least possible, in words
};

struct mp_solver {
    const char *name, *help, *source;
    bool measures;           // needs the oracle
    bool adds_up;            // needs costs that are sums over layers
    bool (*run)(const struct mp_search_job *job, struct mp_arena *a, struct mp_search_result *out, struct mp_err *err);
};
extern const struct mp_solver *const mp_solvers[]; // NULL-terminated
extern const char *const mp_solver_names[];        // the same order, NULL-terminated

// Fails on what the job asks for and the solver, or without measuring no one, can do. Needs neither costs nor harms.
bool mp_search_fits(const struct mp_search_job *job, const struct mp_solver *solver, bool measurable, struct mp_err *err);
// Runs the solver and, where asked for, the descent behind it. False on errors; an interruption is a result.
bool mp_search_run(const struct mp_search_job *job, const struct mp_solver *solver, struct mp_arena *a,
                   struct mp_search_result *out, struct mp_err *err);

// The problem of a space: harms of its decisions' options (sums over their units), terms of its layers.
struct mp_harm;
void mp_search_problem(struct mp_problem *p, const struct mp_space *s, const double *harm, const struct mp_term *terms,
                       struct mp_arena *a);

#endif
