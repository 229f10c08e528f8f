// SPDX-License-Identifier: Apache-2.0
// The pieces of the pipeline that both engines share: what a tile moves and how a stage's cycles are booked.
#ifndef SIM_ENGINE_STAGE_H
#define SIM_ENGINE_STAGE_H

#include "sim/engine/task.h"

// Cycles of a sequenced task's vector unit from an element's read to its result.
#define MP_VECTOR_PIPE 2

// A tile's actual sizes (edges are smaller) and the input pixels it touches.
struct mp_tile {
    uint64_t size[MP_DIMS];
    uint64_t ih, iw;
    bool first, last; // of the reduction: ic index 0, ic index n - 1
};

uint64_t mp_tile_input_bits(const struct mp_task *t, const struct mp_tile *tile);  // to load
uint64_t mp_tile_weight_bits(const struct mp_task *t, const struct mp_tile *tile); // with requantisation parameters
uint64_t mp_tile_partial_bits(const struct mp_task *t, const struct mp_tile *tile);
uint64_t mp_tile_output_bits(const struct mp_task *t, const struct mp_tile *tile); // to DRAM: 0 when it stays on chip

// The vector unit's lanes take whole elements, pass by pass:  ceil(outputs / lanes) * passes.  A sequenced task adds
// MP_VECTOR_PIPE.
uint64_t mp_tile_requant_cycles(const struct mp_task *t, const struct mp_tile *tile);
uint64_t mp_tile_vector_cycles(const struct mp_task *t, const struct mp_tile *tile); // of a vector layer

// Events of loading and draining, without the cycles. `n` such tiles.
void mp_count_load(const struct mp_task *t, const struct mp_tile *tile, bool input, bool weight, bool partial, uint64_t n,
                   struct mp_counts *c);
void mp_count_drain(const struct mp_task *t, const struct mp_tile *tile, uint64_t n, struct mp_counts *c);
// Events of a vector layer's tile.
void mp_count_vector(const struct mp_task *t, const struct mp_tile *tile, uint64_t n, struct mp_counts *c);

// One stage. `busy` is the array's (or, in a vector layer, the vector unit's own) time, already booked by cause.
// Returns the stage's length. The sequencer of a sequenced task takes a cycle to step: the serial part, if it moves
// anything, and what comes beside last at least one each; what is missing is booked on MP_FILL_DRAIN.
struct mp_stage {
    bool serial;                         // something moves before the tile computes
    uint64_t serial_dram, serial_vector; // before the tile computes
    uint64_t busy, dram, vector;         // side by side
};
uint64_t mp_stage_book(const struct mp_task *t, const struct mp_stage *s, uint64_t n, struct mp_counts *c);

// Turning to bit planes ahead of the layer, and what follows from the sums: idle PEs, cycles.
void mp_count_finish(const struct mp_task *t, struct mp_counts *c);

// Which operands a tile step of a loop level changes: bit sets over enum mp_dim.
#define MP_INPUT_DIMS (1u << MP_G | 1u << MP_B | 1u << MP_OH | 1u << MP_OW | 1u << MP_IC)
#define MP_WEIGHT_DIMS (1u << MP_G | 1u << MP_OC | 1u << MP_IC)
#define MP_OUTPUT_DIMS (1u << MP_G | 1u << MP_B | 1u << MP_OH | 1u << MP_OW | 1u << MP_OC)

#endif
