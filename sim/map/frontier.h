// SPDX-License-Identifier: Apache-2.0
// Open parts of the mapper's space, the lowest bound first: a binary heap. A part fixes the dimensions in the order of the
// enumeration down to its level; equal bounds are taken from the deepest level, then in the order of the enumeration.
#ifndef SIM_MAP_FRONTIER_H
#define SIM_MAP_FRONTIER_H

#include "sim/map/map.h"

enum mp_open_level { MP_LEVEL_ROLES, MP_LEVEL_PIXELS, MP_LEVEL_CHANNELS, MP_LEVEL_POINT };

struct mp_open {
    struct mp_score bound;
    uint32_t at[MP_DIMS]; // place in the list of each dimension; what is open: the first that fits
    uint8_t level, roles, order;
};

struct mp_frontier {
    struct mp_open *heap;
    size_t count, cap;
};

// Enumeration: roles; batch, oh, ow; group, oc, ic; then the order of loops.
bool mp_open_before(const struct mp_open *a, const struct mp_open *b);

void mp_frontier_push(struct mp_frontier *f, struct mp_arena *a, const struct mp_open *n);
bool mp_frontier_pop(struct mp_frontier *f, struct mp_open *out); // false: empty

#endif
