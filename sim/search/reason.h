// SPDX-License-Identifier: Apache-2.0
// Why a decision is as it is: what one step down and one step up would do to the objective's cost and to the harm.
#ifndef SIM_SEARCH_REASON_H
#define SIM_SEARCH_REASON_H

#include "sim/search/search.h"

struct mp_step {
    bool there;
    uint8_t option;
    double cost, harm; // what they change by; cost: the quantity of the front (mp_search_front_cost)
};

struct mp_reason {
    const char *fixed;       // why there is no choice: "first or last layer", "--fix", "one width"; NULL: there is one
    struct mp_step down, up; // the next option by the sum of its bits; of sliced layers the cheapest of those
};

// By decision, for the point.
struct mp_reason *mp_search_reasons(const struct mp_search_job *job, const struct mp_point *p, struct mp_arena *a);

// The quantity that a front has beside the harm: the objective where it is a cost, else the first bounded cost, else latency.
size_t mp_search_front_cost(const struct mp_search_job *job);

#endif
