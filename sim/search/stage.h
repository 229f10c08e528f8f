// SPDX-License-Identifier: Apache-2.0
// A problem as a walk through stages, one a term in order: a state says the options of the variables that later terms still
// need, an arc of a stage leads from a state to one of the next and settles the variables that the stage is the first to see.
// Sequences of layers have few states; branches that share tensors, and links, have more. Internal to the exact solvers.
#ifndef SIM_SEARCH_STAGE_H
#define SIM_SEARCH_STAGE_H

#include "sim/base/err.h"
#include "sim/search/problem.h"

#define MP_MAX_ARCS ((size_t)1 << 24) // of all stages

struct mp_arc {
    uint32_t from, to;             // states of the stage, and of the next
    uint8_t option[MP_TERM_VARS];  // of the stage's variables
    double add[MP_QUANTITIES];     // harm of these, costs of the term
};

struct mp_stage {
    size_t vars[MP_TERM_VARS], var_count; // that it settles
    struct mp_arc *arcs;           // by `to`, then `from`
    size_t arc_count, states;      // states before it
    size_t first_state;            // its states' place among those of all stages
};

struct mp_stages {
    const struct mp_problem *p;
    struct mp_stage *stages;
    size_t count;
    size_t state_count;            // of all stages, and the one behind the last
    double base[MP_QUANTITIES];    // what no variable changes
};

// Of arcs between two states those stay that no other one is at least as good as in the quantities of the set `wanted`. Fails
// when there would be more than MP_MAX_ARCS: too many variables are open at once.
bool mp_stages_make(struct mp_stages *s, const struct mp_problem *p, unsigned wanted, struct mp_arena *a, struct mp_err *err);

// least[first_state + state]: the least weighted sum of what is still to come; the base is left out. Returns that of the
// whole, with the base.
double mp_stages_least(const struct mp_stages *s, const double weight[MP_QUANTITIES], double *least);
// The options of a solution that has it.
void mp_stages_trace(const struct mp_stages *s, const double weight[MP_QUANTITIES], const double *least, uint8_t *option);

// What sums of a quantity in another order may be off by; 0 where sums are exact, of integers.
double mp_stages_rounding(const struct mp_stages *s, size_t quantity);

static inline double mp_arc_weighted(const struct mp_arc *a, const double weight[MP_QUANTITIES], size_t quantities) {
    double sum = 0;
    for (size_t q = 0; q < quantities; q++)
        sum += weight[q] * a->add[q];
    return sum;
}

#endif
