// SPDX-License-Identifier: Apache-2.0
// Softmax by a table of exponentials, layer norm by an integer square root.
#include "sim/nn/integer_norm.h"

void mp_int_softmax(const struct mp_qlayer *q, const int16_t *x, size_t count, int16_t *y) {
    int16_t most = x[0];
    int64_t sum = 0;
    for (size_t i = 1; i < count; i++)
        most = x[i] > most ? x[i] : most;
    for (size_t i = 0; i < count; i++)
        sum += q->table[most - x[i]];
    for (size_t i = 0; i < count; i++)
        y[i] = (int16_t)mp_clamp((q->table[most - x[i]] * (int64_t)q->op[0].mul + sum / 2) / sum, q->low, q->high);
}

// Largest r with r * r <= x.
static uint64_t root(uint64_t x) {
    uint64_t r = 0;
    for (uint64_t bit = UINT64_C(1) << 31; bit > 0; bit >>= 1)
        if ((r + bit) * (r + bit) <= x)
            r += bit;
    return r;
}

void mp_int_layer_norm(const struct mp_qlayer *q, const int16_t *x, size_t count, int16_t *y) {
    int64_t sum = 0, n = (int64_t)count;
    uint64_t squares = 0; // of |d| < 2^22 * 2^8, averaged as they come: below 2^60 for up to 2^22 elements
    for (size_t i = 0; i < count; i++)
        sum += x[i];
    for (size_t i = 0; i < count; i++) {
        int64_t d = n * x[i] - sum;
        squares += (uint64_t)(d * d) / count;
    }
    int64_t deviation = (int64_t)root(squares);
    for (size_t i = 0; i < count; i++) {
        int64_t d = n * x[i] - sum, t = deviation > 0 ? d * (INT64_C(1) << MP_NORM_BITS) / deviation : 0;
        const struct mp_requant *m = &q->requant[i];
        y[i] = (int16_t)mp_requantise(q->weight[i] * t + m->bias, m->mul, m->shift, q->low, q->high);
    }
}
