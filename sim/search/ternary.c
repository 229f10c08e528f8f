// SPDX-License-Identifier: Apache-2.0
#include "sim/search/ternary.h"

#include <assert.h>

// Multiplications that a layer with ternary weights has left: one a cluster and output element.
static uint64_t left_of(const struct mp_layer *l, uint64_t cluster) {
    const struct mp_geometry *g = &l->geo;
    return g->groups * g->oc * g->oh * g->ow * (g->ic / cluster + (g->ic % cluster > 0));
}

double mp_ternary_share(const struct mp_workload *w, uint64_t cluster) {
    const uint64_t all = mp_workload_macs(w);
    uint64_t left = 0;
    bool first = true;
    assert(cluster > 0);
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_layer *l = &w->layers[i];
        const bool keeps = !mp_layer_has_weights(l) || (first && l->type == MP_CONV2D);
        first = first && l->type != MP_CONV2D;
        left += keeps ? mp_layer_macs(l) : left_of(l, cluster);
    }
    return all > 0 ? (double)(all - left) / (double)all : 0;
}
