// SPDX-License-Identifier: Apache-2.0
// What a network's tensors hold in float, over the images of a data set.
#ifndef SIM_NN_CALIBRATE_H
#define SIM_NN_CALIBRATE_H

#include "sim/nn/dataset.h"
#include "sim/nn/histogram.h"
#include "sim/nn/network.h"

// Means of what a layer's kernel taps see, padding as 0: [input channel, of all groups][kernel row][kernel column], over all
// output pixels and images. A sum of products is linear: its mean follows from these.
struct mp_tap_means {
    double *at; // NULL for layers without weights
    size_t count;
};

struct mp_calibration {
    struct mp_histogram **tensors; // by tensor of the workload
    struct mp_tap_means *taps;     // by layer
    double **gram;                 // by layer; NULL until mp_calibrate_gram (gram.h)
    uint64_t images;
};

// Adds the means of one image's taps to `sum`. `input` is [channel][row][column], or with `channels_last` [row][column][channel].
void mp_tap_add(const struct mp_geometry *g, const double *input, bool channels_last, double *sum);

// A tensor of the float executor's last run, [channel][row][column].
struct mp_infer;
void mp_network_tensor(const struct mp_network *n, const struct mp_infer *f, size_t tensor, float *out);

// On the first `images` images of the set (at most as many as it has). `stopped`, asked between images, may be NULL. False
// when it was stopped, or when a number was not finite.
bool mp_calibrate(const struct mp_network *n, const struct mp_dataset *d, uint64_t images, unsigned threads,
                  bool (*stopped)(void), struct mp_arena *a, struct mp_calibration *c, struct mp_err *err);

#endif
