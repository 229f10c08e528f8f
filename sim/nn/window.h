// SPDX-License-Identifier: Apache-2.0
// The window that a convolution or pooling moves over the last two dimensions of an image: [1, C, H, W], or [1, C, W] with one
// row. Padding is resolved (auto_pad), and so is the output's size (ceil_mode).
#ifndef SIM_NN_WINDOW_H
#define SIM_NN_WINDOW_H

#include "sim/nn/op.h"

struct mp_window { // rows first, then columns
    uint64_t in[2], out[2], kernel[2], stride[2], dilation[2];
    uint64_t before[2], after[2]; // padding
};

// Of a Conv, MaxPool or AveragePool on an image of shape `image`. `weights`: those of the Conv, which say the kernel; NULL: the
// attribute does. Fails on a shape or attribute that cannot be.
bool mp_window_find(struct mp_window *w, const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_shape *image,
                    const struct mp_shape *weights, struct mp_err *err);
// The output's shape, with so many channels.
struct mp_shape mp_window_output(const struct mp_window *w, const struct mp_shape *image, uint64_t channels);

// The taps of the window at output `o` (`axis` 0, 1) that meet the input are first..end-1; tap k meets row or column
// o stride + k dilation - before.
struct mp_taps {
    uint64_t first, end;
};
struct mp_taps mp_window_taps(const struct mp_window *w, unsigned axis, uint64_t o);
// How many meet the input or its padding: with ceil_mode a window may hang over both.
uint64_t mp_window_padded_taps(const struct mp_window *w, unsigned axis, uint64_t o);

#endif
