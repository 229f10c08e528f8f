// SPDX-License-Identifier: Apache-2.0
// The inner loops of the fast convolution, one set an instruction set. Internal to conv*.c.
#ifndef SIM_NN_CONV_KERNEL_H
#define SIM_NN_CONV_KERNEL_H

#include <stdbool.h>
#include <stddef.h>

// Stretches of a vector that lie together in the output's plane.
struct mp_conv_piece {
    unsigned lane, count;
    size_t out;
};

// A vector of outputs, one channel.
struct mp_conv_vector {
    size_t in; // of its first element, at tap offset 0
    const struct mp_conv_piece *pieces;
    size_t piece_count; // 1 with all lanes: a full vector
};

struct mp_conv_tile {
    const float *in;
    const size_t *taps; // offsets, in elements
    size_t tap_count;
    const float *weights; // [tap][row]
    const struct mp_conv_vector *vectors;
    // The tail, at the block's first channel; `plane` is from one channel to the next, in `out` and `add`.
    const float *bias, *add;
    float low, high;
    float *out;
    size_t plane;
    unsigned rows; // that are stored
};

struct mp_conv_kernel {
    const char *name;
    bool (*supported)(void);
    unsigned lanes;
    unsigned rows, vectors;   // of a tile of many channels
    unsigned thin_vectors;    // of a tile of one channel
    void (*tile)(const struct mp_conv_tile *t, unsigned vectors); // 1..vectors
    void (*thin)(const struct mp_conv_tile *t, unsigned vectors); // 1..thin_vectors
};

extern const struct mp_conv_kernel mp_conv_plain, mp_conv_avx2, mp_conv_avx512;
// All that were built, NULL-terminated, from the fastest; those that are not supported must not be run.
extern const struct mp_conv_kernel *const mp_conv_kernels[];

#endif
