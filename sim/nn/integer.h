// SPDX-License-Identifier: Apache-2.0
// Integer inference: a quantised network computed in integers only, image by image, bit for bit what the core computes
// (docs/core.md, "Arithmetic"). Where the worst case rules overflow out a sum is taken in any order; where it does not, in the
// order of the mapping, step by step. Not thread-safe: a thread makes its own.
#ifndef SIM_NN_INTEGER_H
#define SIM_NN_INTEGER_H

#include "sim/nn/kernel.h"
#include "sim/nn/qnet.h"
#include "sim/nn/sum.h"

// The order of the sums of `channels` output channels; they follow each other and add up to the layer's.
struct mp_channel_order {
    uint64_t channels;
    struct mp_order order;
};

struct mp_layer_order {
    const struct mp_channel_order *ranges;
    size_t count;
};

struct mp_integer_options {
    struct mp_accumulator accumulator;
    const struct mp_layer_order *orders; // by layer; NULL: an operand a step, channels of each tap in turn
    const struct mp_kernel *kernel;      // NULL: the best
    const bool *layers;                  // by layer: it will be run; NULL: all
};

struct mp_integer;

// NULL, and the error, when a layer cannot be computed in integers. `q` must outlive it.
struct mp_integer *mp_integer_create(const struct mp_qnet *q, const struct mp_integer_options *o, struct mp_err *err);
void mp_integer_destroy(struct mp_integer *r); // takes NULL

// The network's input `i`, in float, [channel][row][column]: quantised by its tensor.
void mp_integer_input(struct mp_integer *r, size_t i, const float *values);
void mp_integer_run(struct mp_integer *r);
// One layer, whose inputs must be there.
void mp_integer_run_layer(struct mp_integer *r, size_t layer);
// Packs the layer's parameters again after q->layers[layer] changed.
void mp_integer_reload(struct mp_integer *r, size_t layer);

// A tensor as it stands, [row][column][channel]. Valid as long as r is.
int16_t *mp_integer_tensor(struct mp_integer *r, size_t tensor);
// The same as [channel][row][column].
void mp_integer_take(const struct mp_integer *r, size_t tensor, int32_t *out);

// Additions that left the accumulator's range since the creation, by layer and output channel.
uint64_t mp_integer_overflows(const struct mp_integer *r, size_t layer);
const uint64_t *mp_integer_channel_overflows(const struct mp_integer *r, size_t layer); // NULL off the array

#endif
