// SPDX-License-Identifier: Apache-2.0
// Images and labels from NumPy arrays, wherever these lie. Private to sim/nn.
#ifndef SIM_NN_DATASET_ARRAYS_H
#define SIM_NN_DATASET_ARRAYS_H

#include "sim/nn/dataset_kinds.h"
#include "sim/nn/npy.h"

// Images from an array that was begun: [image][channel][row][column] or with the channel last, or [image][row][column] of one
// channel. `*total` is how many there are, of which those that were asked for are taken.
bool mp_dataset_images(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_npy *n, uint64_t *total,
                       struct mp_err *err);
// Their labels: whole numbers [image] or [image][1], for each of `total` images.
bool mp_dataset_labels(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_npy *n, uint64_t total,
                       struct mp_err *err);

#endif
