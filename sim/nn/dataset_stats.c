// SPDX-License-Identifier: Apache-2.0
// Range, mean and spread of each channel, images of each class. Sums run in the order of the images.
#include "sim/nn/dataset_stats.h"

#include <math.h>

// Sums of deviations from `mean`: twice, so that a large mean costs no digits.
static void add_image(const struct mp_dataset *d, const float *image, struct mp_channel_stats *s, bool squares) {
    uint64_t plane = d->height * d->width;
    for (uint64_t c = 0; c < d->channels; c++)
        for (uint64_t k = 0; k < plane; k++) {
            double v = (double)image[c * plane + k];
            if (squares) {
                s[c].std += (v - s[c].mean) * (v - s[c].mean);
                continue;
            }
            s[c].min = v < s[c].min ? v : s[c].min;
            s[c].max = v > s[c].max ? v : s[c].max;
            s[c].mean += v;
        }
}

void mp_dataset_stats(const struct mp_dataset *d, struct mp_channel_stats *channels, uint64_t *classes) {
    struct mp_arena a = {0};
    double count = (double)(d->count * d->height * d->width);
    float *image = mp_arena_alloc(&a, d->channels * d->height * d->width, sizeof *image);
    for (uint64_t c = 0; c < d->channels; c++)
        channels[c] = (struct mp_channel_stats){INFINITY, -INFINITY, 0, 0};
    for (int pass = 0; pass < 2; pass++) {
        for (uint64_t i = 0; i < d->count; i++) {
            mp_dataset_image(d, i, image);
            add_image(d, image, channels, pass == 1);
        }
        for (uint64_t c = 0; c < d->channels; c++)
            if (pass == 0)
                channels[c].mean /= count;
            else
                channels[c].std = sqrt(channels[c].std / count);
    }
    for (uint64_t i = 0; i < d->classes; i++)
        classes[i] = 0;
    for (uint64_t i = 0; d->labels && i < d->count; i++)
        classes[d->labels[i]]++;
    mp_arena_finish(&a);
}
