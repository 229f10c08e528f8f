// SPDX-License-Identifier: Apache-2.0
// The inner loops of integer inference, one set an instruction set, chosen when the program runs. All give the same numbers.
// Activations are int16 in the order [row][column][channel], sums are int32, modulo 2^32:
// the caller sees to it that none that matters leaves them.
#ifndef SIM_NN_KERNEL_H
#define SIM_NN_KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_BLOCK 16      // output channels of a block of weights
#define MP_PIXELS_MAX 16 // output pixels that a kernel takes at once, at most
#define MP_SLACK 64      // elements behind an input that may be read, and count for nothing

// Windows are `runs` stretches of 2 * pairs elements that lie one behind the other, each at an offset from the window's
// first element; weights of what belongs to no operand are 0.
struct mp_windows {
    const size_t *run; // offsets, in elements
    size_t runs, pairs;
};

// Requantisation of channels, as arrays. `bias` is in front of the multiplication, as in struct mp_requant.
struct mp_requant_rows {
    const int32_t *bias, *mul;
    const uint8_t *shift;
};

struct mp_kernel {
    const char *name;
    bool (*supported)(void);
    size_t pixels; // that `dot` takes: the offsets of so many windows are given
    // sum[p * stride + o] = dot product of window p with channel o of a block. Weights: [run][pair][channel of the block][2].
    void (*dot)(const int16_t *input, const size_t *window, const struct mp_windows *w, const int16_t *weight, int32_t *sum,
                size_t stride);
    // Depthwise: sum[c] += input[tap[t] + c] weight[t * channels + c] over the taps, from 0.
    void (*depthwise)(const int16_t *input, const size_t *tap, size_t taps, const int16_t *weight, size_t channels,
                      int32_t *sum);
    // |sum + bias| < 2^31.
    void (*requantise)(const int32_t *sum, const struct mp_requant_rows *q, size_t channels, int32_t low, int32_t high,
                       int16_t *out);
    // out = clamp(scale(a) + scale(b)), each by its multiplier and shift (struct mp_requant without bias).
    void (*add)(const int16_t *a, const int16_t *b, const uint32_t mul[2], const unsigned shift[2], size_t count,
                int32_t low, int32_t high, int16_t *out);
};

// The best that this machine has.
const struct mp_kernel *mp_kernel_best(void);
// All that were built, NULL-terminated, the portable one last; those that are not supported must not be run.
extern const struct mp_kernel *const mp_kernels[];

#endif
