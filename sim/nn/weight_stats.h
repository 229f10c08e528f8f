// SPDX-License-Identifier: Apache-2.0
// What a layer's weights are like: their range and spread, of all and of each output channel.
#ifndef SIM_NN_WEIGHT_STATS_H
#define SIM_NN_WEIGHT_STATS_H

#include "sim/nn/network.h"

// Of a set of finite numbers. Without any all are 0.
struct mp_moments {
    uint64_t count, zeros;
    double low, high, mean, std; // std: of all, not of a sample
};
struct mp_moments mp_moments_of(const float *x, uint64_t count);
double mp_moments_magnitude(const struct mp_moments *m); // the largest

struct mp_weight_stats {
    struct mp_moments all; // count 0: the layer has no weights
    struct mp_moments *channels;
    uint64_t channel_count;  // output channels of a conv2d or linear; 0 for others
    uint64_t empty_channels; // all their weights are 0
    // The largest of the channels' magnitudes by the smallest, and by the median (of an even number the lower one), without
    // empty channels; 0 when all are.
    double spread, spread_median;
};

// Of a layer of the network. Fails on weights that are not finite: batch norm may have made them so.
bool mp_weight_stats_make(struct mp_weight_stats *s, const struct mp_network *n, size_t layer, struct mp_arena *a,
                          struct mp_err *err);

#endif
