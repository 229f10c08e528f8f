// SPDX-License-Identifier: Apache-2.0
// The kinds of data set, one function a kind: what mp_dataset_open chooses from. Private to sim/nn.
#ifndef SIM_NN_DATASET_KINDS_H
#define SIM_NN_DATASET_KINDS_H

#include "sim/nn/dataset.h"

#define MP_MAX_CLASSES 65536
#define MP_MAX_NUMBERS ((uint64_t)1 << 29) // in all images that are taken

// What mp_dataset_open was asked for.
struct mp_dataset_ask {
    const char *path;
    enum mp_data_split split;
    uint64_t limit; // 0: all
    bool channels_last;
    struct mp_arena *arena;
};

extern const char *const mp_split_names[]; // "test", "train"

// How many of `count` images are taken.
uint64_t mp_dataset_take(const struct mp_dataset_ask *q, uint64_t count);
// "PATH: has no train split", with what there is instead. Returns false.
bool mp_dataset_no_split(const struct mp_dataset_ask *q, struct mp_err *err);
// Fails when d->count images of d->channels x height x width are more than MP_MAX_NUMBERS. Call before making room.
bool mp_dataset_fits(const struct mp_dataset *d, const char *path, struct mp_err *err);

// All of `d` but name and preprocessing; `d` begins zeroed.
bool mp_dataset_cifar_file(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_err *err);
bool mp_dataset_npy(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_err *err);
bool mp_dataset_npz(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_err *err);
bool mp_dataset_png(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_err *err);
struct mp_drawn; // sim/nn/draw.h
bool mp_dataset_drawn(struct mp_dataset *d, const struct mp_dataset_ask *q, const struct mp_drawn *s,
                      struct mp_err *err);
// Whether the folder holds batches of CIFAR-10.
bool mp_dataset_is_cifar(const char *folder, struct mp_arena *a);
bool mp_dataset_cifar_folder(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_err *err);

#endif
