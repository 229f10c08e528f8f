// SPDX-License-Identifier: Apache-2.0
// A quantised network: a scale for each tensor, integer weights, and the multipliers that lead from one to the next. What the
// quantiser makes (quantise.h), integer inference runs (integer.h), and the core gets.
#ifndef SIM_NN_QNET_H
#define SIM_NN_QNET_H

#include "sim/nn/arith.h"
#include "sim/nn/network.h"
#include "sim/spec/plan.h"

// x = scale (q - zero), q in mp_range_of(bits, is_signed).
struct mp_qtensor {
    double scale;
    int32_t zero; // not 0 only where every reader takes it into its biases or its table: no other vector operation, no matrix product
    unsigned bits;
    bool is_signed;
};

struct mp_qlayer {
    // On the array: numbers q of the encoding (`odd`: their value is 2 q + 1), [output channel][input channel of the
    // group][kernel row][kernel column]; their scale by output channel.
    int32_t *weight;
    double *weight_scale;
    bool odd;
    struct mp_requant *requant; // by output channel; NULL off the array
    struct mp_requant op[2];    // pool, add, mul: by operand; biases are 0
    int32_t low, high;          // the output's clamp
    int32_t *table;             // activation functions but relu, relu6: output by (input - the input range's low)
    // Views: which element of the input, [channel][row][column] of the output, and -1 for the number `fill`. NULL: the first
    // ones in order.
    int64_t *gather;
    int32_t fill;
};

struct mp_qnet {
    const struct mp_network *net;
    const struct mp_plan *plan;     // resolved
    struct mp_qtensor *tensors;     // by tensor of the workload
    struct mp_qlayer *layers;       // by layer
    size_t model_ranges, model_weights; // tensors with the model's own range, layers with its scales of weights
};

// A number in the tensor's steps: round half to even, clamped to its range; of what is not a number the least.
int32_t mp_quantise(const struct mp_qtensor *t, double x);

#endif
