// SPDX-License-Identifier: Apache-2.0
// A dimension cut into tiles: runs of equal tiles, in order. Equal means equal in size, in touched input pixels and
// in being first or last of the reduction.
#ifndef SIM_ENGINE_AXIS_H
#define SIM_ENGINE_AXIS_H

#include "sim/engine/stage.h"

struct mp_axis_run {
    uint64_t count, size, extent; // extent: input rows or columns (oh, ow), else the size
    bool first, last, edge;       // of ic: index 0, index n - 1. edge: smaller than the tile
};

#define MP_AXIS_RUNS 12

struct mp_axis {
    uint64_t tiles, extent; // number of tiles; sum of their extents
    unsigned run_count;
    struct mp_axis_run runs[MP_AXIS_RUNS];
};

// Cuts dimension `d` of the task into tiles. False when the runs do not fit, which takes a kernel far larger than the
// tile, with padding: such a nest is walked tile by tile.
bool mp_axis_init(struct mp_axis *a, const struct mp_task *t, enum mp_dim d, uint64_t tile);

#endif
