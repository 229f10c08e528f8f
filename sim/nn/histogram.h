// SPDX-License-Identifier: Apache-2.0
// How often a number falls where, over a range that doubles as needed: counts are exact, so that histograms of parts add up to
// the same one in any order.
#ifndef SIM_NN_HISTOGRAM_H
#define SIM_NN_HISTOGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MP_BINS 8192 // from -2^exponent to 2^exponent

struct mp_histogram {
    uint64_t bin[MP_BINS];
    int exponent;
    uint64_t count;  // of all; 0: nothing was added yet
    uint64_t zeros;  // of them, exactly 0
    float low, high; // least and greatest number added
};

void mp_histogram_add(struct mp_histogram *h, const float *x, size_t count); // finite
void mp_histogram_merge(struct mp_histogram *h, const struct mp_histogram *other);

// Middle of a bin.
double mp_histogram_middle(const struct mp_histogram *h, size_t bin);
// Least magnitude that at least the share (0 to 1) of all magnitudes does not exceed, by bins; at most the greatest magnitude.
double mp_histogram_magnitude(const struct mp_histogram *h, double share);

#endif
