// SPDX-License-Identifier: Apache-2.0
// All solvers, for the table. Internal to sim/search.
#ifndef SIM_SEARCH_SOLVERS_H
#define SIM_SEARCH_SOLVERS_H

#include "sim/search/search.h"

extern const struct mp_solver mp_solver_exact, mp_solver_exhaustive, mp_solver_nsga2, mp_solver_greedy, mp_solver_bisection,
    mp_solver_descent, mp_solver_random;

#endif
