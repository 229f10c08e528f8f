// SPDX-License-Identifier: Apache-2.0
// The mapper's space (declared in map.h) as lists: role combinations, tile sizes, already cut into axes.
#ifndef SIM_MAP_SPACE_H
#define SIM_MAP_SPACE_H

#include "sim/engine/axis.h"
#include "sim/engine/fold.h"
#include "sim/map/map.h"

// A tile size of one dimension with the sums that the bounds need.
struct mp_cut {
    uint64_t tile, last; // size of all tiles but the last, and of that
    struct mp_axis axis;
    bool fits_axis;    // the axis holds all runs
    uint64_t folds;    // oc: folds over all tiles (os, ws)
    uint64_t steps;    // ic: steps (os) or reduction folds (ws, is) over all tiles
    uint64_t fetched;  // ic, os: operands fetched a pixel over all steps
    uint64_t active;   // ic: PE-steps a pixel and output channel
};

struct mp_cuts {
    struct mp_cut *cut;
    size_t count;
};

struct mp_space {
    struct mp_spatial spatial;
    struct mp_cuts dim[MP_DIMS];
    // For group, oc and ic: no cut of the list is smaller, in any field; it stands for the list in bounds.
    struct mp_cut loosest[MP_DIMS];
};

// Role combinations of the array under the constraint. At most 16.
size_t mp_space_roles(const struct mp_map_request *q, unsigned roles[16][3]);

// The lists for one role combination. False: no tile fits, or the constraint leaves none (then `*ruled_out` is set).
bool mp_space_init(struct mp_space *s, struct mp_arena *a, const struct mp_map_request *q, const unsigned roles[3],
                   bool *ruled_out);

#endif
