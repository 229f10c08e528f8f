// SPDX-License-Identifier: Apache-2.0
// What one fold costs: the time in which the R x C array works on one set of stationary operands or outputs.
// The single definition of the array's cycles and their causes; both engines add these up.
//
// os: a fold holds up to R x C outputs and takes `steps` steps. ws, is: a fold holds weights or inputs, `stream`
// positions pass through it, a step each. Every step takes max(step cycles, port cycles of weight, input, output);
// the excess over the step is charged to the later ports in the order weight, input, output. systolic adds
// R + C - 2 of skew (SCALE-Sim's closed forms); ws and is add R of preload unless the stationary operand has a shadow;
// the drain of an os fold is R shifts (systolic) or its outputs over the output port (broadcast).
//
// A tile of a sequenced task (os, broadcast) adds a fill, once for all its groups, booked on MP_FILL_DRAIN:
//   min(step cycles, port cycles of a step of its first fold) + MP_ARRAY_PIPE + min(last drain, first fold)
// The first step's operands are fetched before anything computes. At the end of the tile's stage all its outputs are
// in the output buffer, so that the last drain is exposed; the last term is what the folds took to be hidden of it
// (behind a fold like the first), and is left out without shadow, where they took nothing to be.
#ifndef SIM_ENGINE_FOLD_H
#define SIM_ENGINE_FOLD_H

#include "sim/engine/task.h"

// Cycles from a step's read to its sum in the output buffer: SRAM, operand register, accumulation or shift-out.
#define MP_ARRAY_PIPE 3

// The part of a run that one buffer tile computes, for one group.
struct mp_tile_shape {
    uint64_t pixels, oc, ic;
    bool adds; // partial sums of earlier tiles are added to
};

struct mp_fold {
    uint64_t cycles[MP_CAUSES]; // without the exposed part of the drain
    uint64_t drain;             // os: cycles to move the outputs out; hidden by the next fold or not
    uint64_t fetch;             // os: port cycles of the operands of a step
    uint64_t events[MP_EVENTS];
};

// How a tile splits into folds along its two spatial directions, in walking order: `inner` runs fastest.
// Along each: `full` folds of size `unit`, then one of `edge` when that is not 0.
struct mp_fold_split {
    uint64_t unit, full, edge;
};

// Resolved roles of a mapping on a task.
struct mp_spatial {
    unsigned rows, cols, lanes; // enum mp_role
    uint64_t pixel_unit, oc_unit; // os: outputs of a fold. ws: oc_unit. is: pixel_unit
    uint64_t reduce_unit;         // reduction operands of a step
    uint64_t taps;                // kernel positions
    bool flat;                    // kernel and channels flattened
};

void mp_spatial_init(struct mp_spatial *s, const struct mp_task *t, unsigned rows, unsigned cols, unsigned lanes);

// Steps of an os fold, or reduction folds of a ws/is tile, for `ic` channels.
uint64_t mp_reduce_count(const struct mp_spatial *s, uint64_t ic);

// Whole tile in closed form: cycles and events of `t` for one group, exposed drains included. Returns the fill, which
// is not among them.
uint64_t mp_tile_array(const struct mp_task *t, const struct mp_spatial *s, const struct mp_tile_shape *shape,
                       struct mp_counts *out);
// The same, fold by fold, in walking order.
uint64_t mp_tile_array_walk(const struct mp_task *t, const struct mp_spatial *s, const struct mp_tile_shape *shape,
                            struct mp_counts *out);

#endif
