// SPDX-License-Identifier: Apache-2.0
// Integer inference once more, written down plainly from docs/core.md: one loop a sum, wide numbers throughout. Knows
// convolutions and linear layers, pools, additions and ReLU on its own.
#ifndef TESTS_UNIT_PLAIN_NETWORK_H
#define TESTS_UNIT_PLAIN_NETWORK_H

#include "sim/nn/integer.h"

struct plain_network {
    int32_t **tensor;    // by tensor, [channel][row][column]
    uint64_t **overflow; // by layer on the array, by output channel
};

// Runs it on the numbers of tensor 0. Overflows add up over calls on the same `p`; it begins zeroed.
void plain_run(struct plain_network *p, struct mp_arena *a, const struct mp_qnet *q, const struct mp_integer_options *how,
               const int32_t *input);

#endif
