// SPDX-License-Identifier: Apache-2.0
// How the operands of a layer's sums go together: their products, in float, summed over an image, mean of the images.
#ifndef SIM_NN_GRAM_H
#define SIM_NN_GRAM_H

#include "sim/nn/calibrate.h"

#define MP_GRAM_MAX 2304 // operands of a sum; layers with more have none
#define MP_GRAM_BYTES ((uint64_t)2 << 30) // of all layers; what would exceed it has none

// Fills c->gram, by layer: [group][operand][operand] (both triangles), operands [input channel of the group][kernel row][kernel
// column], padding as 0, over at most 256 output pixels an image of the first `images` images. NULL for layers without weights
// and beyond MP_GRAM_MAX or MP_GRAM_BYTES. Sums go through OpenBLAS: last bits differ from machine to machine. False when it was stopped.
bool mp_calibrate_gram(const struct mp_network *n, const struct mp_dataset *d, uint64_t images, unsigned threads,
                       bool (*stopped)(void), struct mp_arena *a, struct mp_calibration *c, struct mp_err *err);

#endif
