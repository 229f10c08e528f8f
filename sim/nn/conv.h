// SPDX-License-Identifier: Apache-2.0
// Fast convolution in float: any groups, strides, dilations and padding, in one and two dimensions. A window's taps are
// offsets from its first element; a kernel takes several vectors of outputs and several output channels at once. The input is
// copied with its padding, and apart by stride, so that neighbouring outputs read neighbouring elements. Equal to the plain
// Conv but for rounding.
#ifndef SIM_NN_CONV_H
#define SIM_NN_CONV_H

#include "sim/base/arena.h"
#include "sim/nn/window.h"

#define MP_CONV_SLACK 64 // floats behind an image that may be read, and count for nothing

struct mp_conv;
struct mp_conv_kernel; // sim/nn/conv_kernel.h

const struct mp_conv_kernel *mp_conv_best(void); // that this machine has

// What follows the sum: bias by output channel, an array of the output's shape, bounds.
struct mp_conv_tail {
    const float *bias, *add; // or NULL
    float low, high;
};

// For weights of shape `weights`. NULL when its scratch would be out of proportion: dilations that span far more than there
// is. `slack`: images are followed by MP_CONV_SLACK floats.
struct mp_conv *mp_conv_create(struct mp_arena *a, const struct mp_conv_kernel *k, const struct mp_window *w,
                               const struct mp_shape *weights, uint64_t groups, bool slack);
uint64_t mp_conv_scratch(const struct mp_conv *c); // floats
void mp_conv_pack(struct mp_conv *c, const float *weights);
// One image.
void mp_conv_run(const struct mp_conv *c, const float *image, const struct mp_conv_tail *tail, float *scratch, float *out);

#endif
