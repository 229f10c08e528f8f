// SPDX-License-Identifier: Apache-2.0
// What a search for latency finds beyond one mapping: all of the fewest cycles that are the best (map.h) at some prices, in the
// buffers of the search or in smaller ones. Buffers rule tiles out and set prices; they change no cycle. So where one of these
// mappings fits, no search is needed to know the best one.
#ifndef SIM_MAP_BESTS_H
#define SIM_MAP_BESTS_H

#include "sim/engine/task.h"

#define MP_BESTS_MAX 16

struct mp_best {
    struct mp_mapping mapping;
    struct mp_counts counts;
    uint64_t bits[MP_BUFFERS]; // of a tile
};

struct mp_bests {
    uint64_t room[MP_BUFFERS];  // tile_bits of the search
    uint64_t least[MP_BUFFERS]; // with less room other tile sizes are in the space
    size_t count;               // 0: not known, there are more than MP_BESTS_MAX
    struct mp_best at[MP_BESTS_MAX]; // in the order of enumeration
};

// The best of a task that differs from the searched one in tile_bits alone. False: the set does not tell.
bool mp_bests_pick(const struct mp_bests *b, const uint64_t tile_bits[MP_BUFFERS], const struct mp_prices *p,
                   struct mp_mapping *best, struct mp_counts *counts);

#endif
