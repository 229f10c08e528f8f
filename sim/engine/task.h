// SPDX-License-Identifier: Apache-2.0
// A task: one run of one layer on one architecture, names resolved to integers. The engines and the mapper see
// nothing else. Sizes are per group where mp_geometry says so; widths are as stored, in bits.
#ifndef SIM_ENGINE_TASK_H
#define SIM_ENGINE_TASK_H

#include "sim/spec/counts.h"
#include "sim/spec/mapping.h"

// One output dimension: how many input rows a range of output rows touches.
struct mp_window {
    uint64_t in, k, s, d, pad; // input size, kernel, stride, dilation, padding before
};

// Vector-unit work for each element: passes over it (cycles = elements / lanes * passes), operations by kind.
struct mp_vector_work {
    uint64_t passes, requant, alu, mul, special;
};

struct mp_task {
    bool on_array;
    uint64_t size[MP_DIMS]; // of the whole run
    struct mp_window win[2]; // height, width
    unsigned a_bits, w_bits; // as computed: they set the step
    unsigned a_read, a_load; // stored bits of an input element: summed over the operands, and over those in DRAM
    unsigned shared_read, shared_load; // the same of a second operand of one element for all pixels: bits a channel
    unsigned w_stored, out_stored, acc_bits, param_bits;
    bool odd;                // encoding: one more accumulator addition a step
    bool output_on_chip;     // stays in the input buffer
    uint64_t turned;         // elements that the vector unit turns into bit planes before the layer
    struct mp_vector_work work; // of the layer's own elements (vector layers), or of requantisation
    // From the architecture:
    uint64_t rows, cols, lanes; // lanes: products a PE and step
    uint64_t step_cycles;
    unsigned dataflow;
    bool systolic, acc_shadow, weight_shadow;
    bool sequenced; // os, broadcast: fetch and pipelines cost cycles (fold.h, stage.h), as in RTL. The others follow
                    // SCALE-Sim and Bit Fusion, which charge none. Also set off the array.
    uint64_t port_bits[MP_BUFFERS], word_bits[MP_BUFFERS], tile_bits[MP_BUFFERS];
    bool double_buffered[MP_BUFFERS];
    uint64_t vector_lanes;
    struct mp_dram dram;
};

// Where the operands of a layer live; set by eval from keep_on_chip.
struct mp_residency {
    unsigned inputs_on_chip;  // bit set by input operand
    bool output_on_chip;
    uint64_t reserved_bits;   // of the input buffer, held by resident tensors
};

// Fills a task for `channels` output channels of the layer at `w_bits`. Off the array channels and w_bits are ignored.
// `plan` must be resolved. `bits` are the layer's widths.
void mp_task_init(struct mp_task *t, const struct mp_arch *arch, const struct mp_workload *w, const struct mp_plan *plan,
                  size_t layer, uint64_t channels, unsigned w_bits, const struct mp_residency *res);

// Input rows (or columns) that outputs [first, first + count) touch: clipped to the input, rows that no kernel tap
// needs left out where windows do not overlap.
uint64_t mp_window_extent(const struct mp_window *w, uint64_t first, uint64_t count);

// The most that any range of `count` outputs touches.
uint64_t mp_window_room(const struct mp_window *w, uint64_t count);

// Bits in the buffers that a tile of full size takes.
uint64_t mp_tile_buffer_bits(const struct mp_task *t, const uint64_t tile[MP_DIMS], enum mp_buffer_id b);

// Whether a mapping is one of this task: roles are allowed by the array, tiles within the sizes and the
// buffers, the order a permutation. The error names the rule and the value; `where` is put before it.
bool mp_mapping_check(const struct mp_task *t, const struct mp_arch *arch, const struct mp_mapping *m, const char *where,
                      struct mp_err *err);

// The task as the mapping sees it: sizes rounded up to whole tiles when the mapping is padded.
struct mp_task mp_task_padded(const struct mp_task *t, const struct mp_mapping *m);

uint64_t mp_task_macs(const struct mp_task *t);

static inline uint64_t mp_ceil_div(uint64_t a, uint64_t b) {
    return (a + b - 1) / b;
}

#endif
