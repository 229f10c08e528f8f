// SPDX-License-Identifier: Apache-2.0
// The numbers that a co-simulation runs on: tensors, weights and requantisation parameters of a layer, seeded random with
// corner values (extremes, all ones, alternating, zero), until a trained network brings its own.
#ifndef SIM_COSIM_VALUES_H
#define SIM_COSIM_VALUES_H

#include "sim/base/arena.h"
#include "sim/base/random.h"
#include "sim/nn/arith.h"
#include "sim/spec/plan.h"

// A tensor's elements for the whole batch, [batch][channel][row][column], as the workload shapes it.
struct mp_values {
    int32_t *at; // NULL: not known yet
    uint64_t count;
};

struct mp_layer_values {
    const int32_t *input[2];    // by operand, [batch][channel][row][column]; the second one of an addition
    int32_t pad;                // on the array: what padding reads as, the first operand's zero point
    bool is_signed[2];
    unsigned bits[2];           // values fit in them
    // On the array: numbers q of the encoding, [output channel][input channel of the group][kernel row][kernel column].
    // Of a matrix product: the second operand, [batch][group][output channel = N][input channel = K].
    const int32_t *weight;
    struct mp_requant *requant; // by output channel; NULL off the array
    struct mp_requant op[2];    // of a vector operation, by operand; biases are 0
    int32_t low, high;          // the output's range
};

// Copies numbers; those beyond the range become its nearest end.
void mp_values_clamp(const struct mp_range *range, const int32_t *from, uint64_t count, int32_t *to);

// `planes` runs of `plane` numbers of the range: random ones with extremes, -1 and 0 among them; one plane in four is a
// corner as a whole (all smallest, all largest, all -1 or 1, the extremes by turns, zero). A plane is a channel of an
// activation, or the weights of an output channel.
void mp_values_fill(struct mp_random *r, const struct mp_range *range, uint64_t planes, uint64_t plane, int32_t *at);

// What an output of `bits` bits may hold behind the layer's activation function: relu and relu6 begin at 0, relu6 ends
// at three quarters of the largest value.
struct mp_range mp_values_output_range(const struct mp_layer *l, unsigned bits, bool is_signed);

// Requantisation for `channels` output channels, the largest sum of which is `spread` in magnitude: some channels stay
// inside the range, some reach both of its ends.
void mp_values_requant(struct mp_random *r, const struct mp_range *range, uint64_t spread, uint64_t channels,
                       struct mp_requant *at);
// Of a vector operation: 1 / taps for an average, two scales of which the sum of both operands about fills the range
// for an addition. Others have none: 1.
void mp_values_op(struct mp_random *r, const struct mp_layer *l, const struct mp_range in[2], const struct mp_range *out,
                  struct mp_requant op[2]);
// Largest magnitude of a sum of `products` of activations and weights of these ranges; odd weights are 2 q + 1.
uint64_t mp_values_worst_sum(const struct mp_range *a, const struct mp_range *q, bool odd, uint64_t products);

#endif
