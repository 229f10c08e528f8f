// SPDX-License-Identifier: Apache-2.0
// The tiles of a run in the order of its mapping, and where a tile's pixels and channels lie in the layer.
#ifndef SIM_COSIM_PROGRAM_NEST_H
#define SIM_COSIM_PROGRAM_NEST_H

#include "sim/cosim/reference.h"
#include "sim/engine/fold.h"
#include "sim/engine/stage.h"

struct mp_nest {
    const struct mp_reference_run *r;
    const struct mp_task *t;
    uint64_t count[MP_DIMS], tiles;   // tiles along each dimension, and all of them (UINT64_MAX: too many to count)
    uint64_t first_group, first_oc;   // of the run in the layer
    struct mp_spatial spatial;        // on the array
    unsigned a_stored[2];             // by operand
};

struct mp_nest_tile {
    uint64_t number;                  // in nest order
    uint64_t index[MP_DIMS], first[MP_DIMS];
    struct mp_tile tile;
    bool input, weight, output;       // operands that differ from the tile before
    bool leaves;                      // the tile behind it has other outputs, or there is none
};

// Input rows (or columns) that a tile holds, as they lie in the buffer: that of output y (from 0 in the tile) and tap k
// is y * step + k * tap + first.
struct mp_nest_window {
    int64_t step, tap, first;
    uint64_t held;       // rows in the buffer
    uint64_t reach;      // of a window that does not overlap its neighbours: taps; else 0
    int64_t at;          // input row of buffer row 0, when windows overlap; of tap 0 of output 0 otherwise
    uint64_t s, d;
};

void mp_nest_init(struct mp_nest *n, const struct mp_reference_run *r);
void mp_nest_at(const struct mp_nest *n, uint64_t number, struct mp_nest_tile *at);
// The tile that completes this output of the layer; coordinates in `pos` are of the run, ic is ignored.
uint64_t mp_nest_number(const struct mp_nest *n, const uint64_t pos[MP_DIMS]);
// Number of the operand's distinct tile, and of all of them. `dims`: MP_INPUT_DIMS and so on.
uint64_t mp_nest_region(const struct mp_nest *n, const struct mp_nest_tile *at, unsigned dims);
uint64_t mp_nest_regions(const struct mp_nest *n, unsigned dims);

void mp_nest_window(const struct mp_window *w, uint64_t first, uint64_t count, struct mp_nest_window *out);
// Input row of buffer row `i`.
uint64_t mp_nest_row(const struct mp_nest_window *w, uint64_t i);

#endif
