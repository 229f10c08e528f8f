// SPDX-License-Identifier: Apache-2.0
// The loops, for the vectors that the including file defines:
//   VECTOR           int32 numbers of output channels, WIDTH of them
//   ZERO()           a vector of zeros
//   LOAD(p), STORE(p, v)  unaligned
//   PAIRS(s, x, w)   s + the sums of two products: x a pair of int16 in every place (SPREAD(p) makes it), w pairs of weights
//   PIXELS           windows at once
//   NAME             of the set; SUPPORTED, an expression
#include "sim/nn/kernel.h"

#include <string.h>

#define PARTS (MP_BLOCK / WIDTH)

static void dot(const int16_t *input, const size_t *window, const struct mp_windows *w, const int16_t *weight, int32_t *sum,
                size_t stride) {
    VECTOR s[PIXELS][PARTS];
    for (int p = 0; p < PIXELS; p++)
        for (int i = 0; i < PARTS; i++)
            s[p][i] = ZERO();
    for (size_t r = 0; r < w->runs; r++) {
        const int16_t *at = input + w->run[r];
        for (size_t k = 0; k < w->pairs; k++, at += 2, weight += 2 * MP_BLOCK) {
            VECTOR q[PARTS];
            for (int i = 0; i < PARTS; i++)
                q[i] = LOAD(weight + 2 * WIDTH * i);
            for (int p = 0; p < PIXELS; p++) {
                VECTOR x = SPREAD(at + window[p]);
                for (int i = 0; i < PARTS; i++)
                    s[p][i] = PAIRS(s[p][i], x, q[i]);
            }
        }
    }
    for (int p = 0; p < PIXELS; p++)
        for (int i = 0; i < PARTS; i++)
            STORE(sum + (size_t)p * stride + WIDTH * i, s[p][i]);
}

static void depthwise(const int16_t *input, const size_t *tap, size_t taps, const int16_t *weight, size_t channels,
                      int32_t *restrict sum) {
    memset(sum, 0, channels * sizeof *sum);
    for (size_t t = 0; t < taps; t++) {
        const int16_t *x = input + tap[t], *w = weight + t * channels;
        for (size_t c = 0; c < channels; c++)
            sum[c] = (int32_t)((uint32_t)sum[c] + (uint32_t)(x[c] * w[c]));
    }
}

// An arithmetic shift right of |x| < 2^62 by what vectors have: shift what is made positive.
static inline int64_t shifted(int64_t x, unsigned shift) {
    const uint64_t up = UINT64_C(1) << 63;
    return (int64_t)((((uint64_t)x + up) >> shift) - (up >> shift));
}

static void requantise(const int32_t *sum, const struct mp_requant_rows *q, size_t channels, int32_t low, int32_t high,
                       int16_t *restrict out) {
    for (size_t c = 0; c < channels; c++) {
        int64_t x = (int64_t)(int32_t)((uint32_t)sum[c] + (uint32_t)q->bias[c]) * q->mul[c] + (INT64_C(1) << (q->shift[c] - 1));
        x = shifted(x, q->shift[c]);
        x = x < low ? low : x;
        out[c] = (int16_t)(x > high ? high : x);
    }
}

static void add(const int16_t *a, const int16_t *b, const uint32_t mul[2], const unsigned shift[2], size_t count, int32_t low,
                int32_t high, int16_t *restrict out) {
    const int64_t m0 = mul[0], m1 = mul[1], r0 = INT64_C(1) << (shift[0] - 1), r1 = INT64_C(1) << (shift[1] - 1);
    const unsigned s0 = shift[0], s1 = shift[1];
    for (size_t i = 0; i < count; i++) {
        int64_t x = shifted(a[i] * m0 + r0, s0) + shifted(b[i] * m1 + r1, s1);
        x = x < low ? low : x;
        out[i] = (int16_t)(x > high ? high : x);
    }
}

static bool supported(void) {
    return SUPPORTED;
}

const struct mp_kernel NAME = {STRING, supported, PIXELS, dot, depthwise, requantise, add};
