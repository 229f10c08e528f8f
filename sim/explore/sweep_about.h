// SPDX-License-Identifier: Apache-2.0
// What tells the sweeps of a store apart besides their keys: how the space was walked, and the networks.
#ifndef SIM_EXPLORE_SWEEP_ABOUT_H
#define SIM_EXPLORE_SWEEP_ABOUT_H

#include "sim/base/jsonw.h"
#include "sim/explore/store.h"

struct mp_sweep_about {
    const char *sampler;                // its name; NULL: the stored space names none
    int64_t points, seed, population;   // -1: the sampler has none
    bool prune;
    const char *const *networks;        // names, as many as the sweep has
    size_t network_count;
};

bool mp_sweep_about(struct mp_store *s, const struct mp_store_sweep *w, struct mp_arena *a, struct mp_sweep_about *out,
                    struct mp_err *err);
// Name of a network of a sweep, NULL: error.
const char *mp_store_network_name(struct mp_store *s, int64_t network, struct mp_arena *a, struct mp_err *err);

// "grid", "grid pruned", "random 40 seed 1", "nsga2 400 seed 1 population 64".
void mp_sweep_about_sampler(const struct mp_sweep_about *b, struct mp_buf *out);
// The members sampler, prune and network_names.
void mp_sweep_about_put(const struct mp_sweep_about *b, struct mp_jsonw *w);

#endif
