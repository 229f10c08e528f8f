// SPDX-License-Identifier: Apache-2.0
// The mapper's space (declared in map.h) as lists: role combinations, and tile sizes with the sums that bounds need.
#ifndef SIM_MAP_SPACE_H
#define SIM_MAP_SPACE_H

#include "sim/engine/axis.h"
#include "sim/engine/fold.h"
#include "sim/map/map.h"

// A tile size of one dimension. Whole numbers below 2^53; in doubles, for the bounds.
struct mp_cut {
    uint64_t tile, room;                     // room: oh, ow: the most input rows or columns that a tile touches
    bool axis_fits;                          // oh, ow: the axis holds all runs
    double size, last, tiles;                // of all tiles but the last, of that; their number
    double extent, first_extent;             // oh, ow: input rows or columns that all tiles, and the first, touch
    double folds, full, rest;                // oc: folds over all tiles (os, ws); but for the last ones; channels of these
    double steps, first_steps, last_steps;   // ic: steps (os) or reduction folds (ws, is) over all tiles; of the first, the last
    double fetched, operands;                // ic, os: operands fetched a pixel over all steps; in a step, at least
    double active, active_most;              // ic: PE-steps a pixel and output channel
};

// Sizes fall along a list. No cut from `low`[i].. on is smaller than low[i] in any field, nor larger in active_most.
struct mp_cuts {
    struct mp_cut *cut, *low;
    struct mp_axis *axis; // oh, ow; else NULL
    size_t count;
};

// The lists that do not depend on roles: of group, batch, oh and ow.
struct mp_space_base {
    const struct mp_map_request *q;
    struct mp_cuts dim[MP_OC];
};
void mp_space_base_init(struct mp_space_base *s, struct mp_arena *a, const struct mp_map_request *q);

struct mp_space {
    const struct mp_spatial *spatial;
    struct mp_cuts dim[MP_DIMS];
};

// Role combinations of the array under the constraint. At most 16.
size_t mp_space_roles(const struct mp_map_request *q, unsigned roles[16][3]);
// What the folds are under a role combination.
void mp_space_spatial(const struct mp_task *t, const unsigned roles[3], struct mp_spatial *s);

// Whether two role combinations fold the same: all costs are equal then.
bool mp_same_folds(const struct mp_spatial *a, const struct mp_spatial *b);

// The lists for one role combination. False: no tile fits, or the constraint leaves none (then `*ruled_out` is set).
bool mp_space_init(struct mp_space *s, struct mp_arena *a, const struct mp_space_base *base, const struct mp_spatial *spatial,
                   bool *ruled_out);

// Stands for any cut of a dimension, on no list.
struct mp_cut mp_cut_any(const struct mp_task *t, const struct mp_spatial *s, enum mp_dim d);

// The first cut of the list, largest first, whose tile is at most `most`; `count` when there is none.
static inline size_t mp_cuts_find(const struct mp_cuts *c, uint64_t most) {
    size_t low = 0, high = c->count;
    while (low < high) {
        size_t mid = (low + high) / 2;
        if (c->cut[mid].tile <= most)
            high = mid;
        else
            low = mid + 1;
    }
    return low;
}

#endif
