// SPDX-License-Identifier: Apache-2.0
// What is in a data set, counted; and a data set as files for other eyes and programs.
#ifndef SIM_NN_DATASET_STATS_H
#define SIM_NN_DATASET_STATS_H

#include "sim/base/str.h"
#include "sim/nn/dataset.h"

// Of one channel, over all images as the network takes them.
struct mp_channel_stats {
    double min, max, mean, std; // std: of all, not of a sample
};
// `channels` has room for d->channels, `classes` (images by class) for d->classes. There is at least one image.
void mp_dataset_stats(const struct mp_dataset *d, struct mp_channel_stats *channels, uint64_t *classes);

// An .npz with x [image][channel][row][column], and y when there are labels. As stored: u1 or f4; `prepared`: f4 as the
// network takes them. The same bytes at any time and place. Fails when it grew beyond what a zip without extensions holds.
bool mp_dataset_npz_write(const struct mp_dataset *d, bool prepared, struct mp_buf *out, struct mp_err *err);

// A contact sheet as PNG: images as stored, the first ones of each class in a row, class after class; without labels line
// by line. At most 32 rows of 16. The first three channels are red, green and blue; less than three: the first, in grey.
// Reals are shown from the smallest to the largest of the sheet.
bool mp_dataset_sheet(const struct mp_dataset *d, struct mp_buf *out, struct mp_err *err);

#endif
