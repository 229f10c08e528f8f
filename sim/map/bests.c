// SPDX-License-Identifier: Apache-2.0
// The first of the least energy.
#include "sim/map/bests.h"

#include "sim/map/collect.h"

bool mp_bests_pick(const struct mp_bests *b, const uint64_t tile_bits[MP_BUFFERS], const struct mp_prices *p,
                   struct mp_mapping *best, struct mp_counts *counts) {
    const struct mp_best *found = NULL;
    double least = 0;
    if (!mp_within(tile_bits, b->room, MP_BUFFERS) || !mp_within(b->least, tile_bits, MP_BUFFERS))
        return false;
    for (size_t i = 0; i < b->count; i++) {
        if (!mp_within(b->at[i].bits, tile_bits, MP_BUFFERS))
            continue;
        double pj = mp_counts_energy_pj(&b->at[i].counts, p, NULL);
        if (!found || pj < least)
            found = &b->at[i], least = pj;
    }
    if (found)
        *best = found->mapping, *counts = found->counts;
    return found != NULL;
}
