// SPDX-License-Identifier: Apache-2.0
// The exact optimum of one quantity of a problem under bounds on others: branch and bound over the stages, breadth first, with
// Lagrangian bounds and dominance. A threshold on the optimum rises until a solution lies below it, so that what is found is
// proven to be the best.
#ifndef SIM_SEARCH_SOLVE_H
#define SIM_SEARCH_SOLVE_H

#include "sim/base/err.h"
#include "sim/search/problem.h"

struct mp_solve_request {
    size_t objective;                // quantity: MP_HARM or MP_COST_AT(kind)
    double bound[MP_QUANTITIES];     // at most; INFINITY: none
};
// Without bounds on anything.
struct mp_solve_request mp_solve_for(size_t objective);

enum mp_solve_end {
    MP_SOLVED,
    MP_SOLVE_IMPOSSIBLE,  // no solution keeps all bounds: `least`, `tight` say why
    MP_SOLVE_FAILED,      // too large, or stopped: the error says
};

struct mp_solution {
    uint8_t *option;      // by variable, the caller's
    double sum[MP_QUANTITIES];
    size_t tight;         // impossible: a bounded quantity that cannot be kept, alone or with the others
    double least;         // and the least that it can be: alone, or (`jointly`) where bounds on quantities behind it are kept
    bool jointly;
    uint64_t labels;      // partial solutions that were kept
};

#define MP_SOLVE_LABELS ((uint64_t)1 << 26) // kept at a time

// Of equal optima the one with the least harm (where harm is the objective: with the least of the first bounded quantity).
enum mp_solve_end mp_solve(const struct mp_problem *p, const struct mp_solve_request *r, bool (*stopped)(void),
                           struct mp_solution *out, struct mp_err *err);

// Every combination in turn, of at most 2^28: what the others are tested with, and a solver for small spaces. `visit` gets
// each; it ends when that is false.
#define MP_EXHAUSTIVE_MAX ((uint64_t)1 << 28)
uint64_t mp_combinations(const struct mp_problem *p); // UINT64_MAX when more than that
bool mp_enumerate(const struct mp_problem *p, bool (*visit)(void *user, const uint8_t *option, const double sum[MP_QUANTITIES]),
                  void *user);

#endif
