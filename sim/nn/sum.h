// SPDX-License-Identifier: Apache-2.0
// The sum of products that one output is, in the order in which a PE makes it: operands make steps of at most `lanes`, whose
// dot product is exact; each step goes into the accumulator; a reduction that is split begins at 0 in each part, and the
// parts are added the same way.
#ifndef SIM_NN_SUM_H
#define SIM_NN_SUM_H

#include "sim/base/arena.h"
#include "sim/nn/arith.h"
#include "sim/spec/workload.h"

struct mp_order {
    uint64_t lanes; // operands of a step
    uint64_t part;  // input channels of a part of the reduction
    bool flat;      // lanes go through taps and channels as one; else through the channels of each tap
};

// One operand: channel of the group, tap of the kernel.
struct mp_operand {
    uint64_t channel, row, col;
};

struct mp_steps {
    struct mp_operand *term; // in the order of the steps
    uint64_t *step, *part; // operands of a step; steps of a part
    uint64_t terms, steps, parts;
};

void mp_steps_make(struct mp_steps *s, struct mp_arena *a, const struct mp_geometry *g, const struct mp_order *o);

// Exact. |a| <= 255, |w| <= 255.
int64_t mp_dot(const int16_t *a, const int16_t *w, uint64_t count);

// Both in the order of the terms. Adds to the overflows.
int64_t mp_sum_in_steps(const struct mp_steps *s, const struct mp_accumulator *acc, const int16_t *a, const int16_t *w,
                        uint64_t *overflows);

// Whether no order of these weights can overflow when no activation is larger than `largest`: then the sum is mp_dot.
static inline bool mp_sum_is_safe(const struct mp_accumulator *acc, uint64_t sum_of_weights, uint64_t largest) {
    return sum_of_weights * largest <= (uint64_t)mp_accumulator_high(acc); // sum below 2^45, largest below 2^9
}

#endif
