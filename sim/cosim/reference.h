// SPDX-License-Identifier: Apache-2.0
// The independent integer reference: a layer computed straight from its definition, output by output, with the arithmetic of
// docs/core.md. It knows the mapping only where order matters: which operands make a step, where a fold's sum goes into a
// partial sum. It shares no code with the program builder.
#ifndef SIM_COSIM_REFERENCE_H
#define SIM_COSIM_REFERENCE_H

#include "sim/cosim/values.h"
#include "sim/engine/task.h"

// A layer's outputs, [batch][channel][row][column] with geo.groups * geo.oc channels: a pool that makes more channels than
// it reads leaves the others to the caller.
struct mp_reference {
    int32_t *output;
    int64_t *sum;         // accumulator of each output before bias and requantisation; may be NULL, unused off the array
    uint64_t overflows;   // additions that left the accumulator's range
    uint64_t first_overflow_channel; // the lowest one; set when overflows is not 0
};

// One run: output channels [first_channel, first_channel + channels) of the layer, with the run's task and mapping. A run of
// a matrix product or of a vector operation is the whole layer. With groups a run holds whole groups.
struct mp_reference_run {
    const struct mp_arch *arch;
    const struct mp_layer *layer;
    const struct mp_task *task;
    const struct mp_mapping *mapping;
    const struct mp_layer_values *values;
    uint64_t first_channel, channels, batch;
    unsigned w_bits;
    bool (*stopped)(void); // asked before each output pixel: whether to give up; may be NULL
};

// False when it was stopped; `out` is then of no use. Writes the run's part of `out`, whose arrays the caller has made; adds to the overflows. Activations and weights have at
// most 8 bits on the array. An average of no tap is 0, a maximum of no tap is values->low.
bool mp_reference_run(const struct mp_reference_run *r, struct mp_reference *out);

// The sum that a PE makes of input channels [first, first + count) of one output, one part of its reduction: it begins at
// 0. `channel` is of the layer.
int64_t mp_reference_part(const struct mp_reference_run *r, uint64_t image, uint64_t channel, uint64_t y, uint64_t x,
                          uint64_t first, uint64_t count);

#endif
