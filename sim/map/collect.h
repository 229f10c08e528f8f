// SPDX-License-Identifier: Apache-2.0
// How the mapper fills a set of best mappings. Internal to map.
#ifndef SIM_MAP_COLLECT_H
#define SIM_MAP_COLLECT_H

#include "sim/map/bests.h"
#include "sim/map/frontier.h"

struct mp_collect {
    struct mp_bests *bests;             // NULL: nothing is collected
    const struct mp_task *task;
    uint64_t cycles;                    // the fewest so far; UINT64_MAX: none yet
    bool too_many;                      // mappings of so many cycles
    struct mp_open open[MP_BESTS_MAX];  // by place in the set
};

// Whether none of a's numbers is above b's.
static inline bool mp_within(const uint64_t *a, const uint64_t *b, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (a[i] > b[i])
            return false;
    return true;
}

void mp_collect_begin(struct mp_collect *c, struct mp_bests *b, const struct mp_task *t);
// The smallest tile of a role combination's lists.
void mp_collect_smallest(struct mp_collect *c, const uint64_t tile[MP_DIMS]);
void mp_collect_add(struct mp_collect *c, const struct mp_open *p, const struct mp_mapping *m, const struct mp_counts *k);
// The one that is best at the task's prices and in its buffers.
void mp_collect_one(struct mp_collect *c, const struct mp_mapping *m, const struct mp_counts *k);

#endif
