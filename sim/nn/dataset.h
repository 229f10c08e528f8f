// SPDX-License-Identifier: Apache-2.0
// Labelled images: CIFAR-10 binary files, .npy and .npz, folders of PNG by class, and the sets that mpsim draws itself.
#ifndef SIM_NN_DATASET_H
#define SIM_NN_DATASET_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/base/json.h"

#include <stdbool.h>
#include <stdint.h>

enum mp_data_split { MP_SPLIT_TEST, MP_SPLIT_TRAIN };

// From stored numbers to the network's input: y = (x scale - mean[c]) / std[c].
struct mp_preprocess {
    double scale;            // 1
    double mean[8], std[8];  // by channel: 0 and 1
    unsigned channels;       // of mean and std as given; 0: any, all alike
    bool channels_last;      // stored arrays are [image][row][column][channel]; else [image][channel][row][column]
    bool reverse;            // channels in the opposite order (BGR)
};

struct mp_dataset {
    const char *name;        // the path, or the drawn set's name
    enum mp_data_split split;     // which it is; TEST where the source has no parts
    bool has_train;          // the source has a training part of its own
    uint64_t count, channels, height, width;
    const uint8_t *bytes;    // [image][channel][row][column], either these or
    const float *reals;
    const uint32_t *labels;  // below `classes`; NULL: there are none
    uint64_t classes;        // 0 without labels
    const char **class_names; // or NULL
    struct mp_preprocess prep;
};

void mp_preprocess_default(struct mp_preprocess *p);
// {"scale": 0.00392156862745098, "mean": [...], "std": [...], "layout": "nchw" | "nhwc", "channels": "rgb" | "bgr"}
bool mp_preprocess_read(struct mp_preprocess *p, struct mp_arena *a, const struct mp_node *root, struct mp_err *err);
bool mp_preprocess_load(struct mp_preprocess *p, struct mp_arena *a, const char *path, struct mp_err *err);

// `path`: a file (.bin, .npy, .npz), a folder (of CIFAR-10 batches, of PNGs by class, the same under test/ and train/), or
// the name of a drawn set. At most `limit` images, the first ones; 0: all. Everything lives in `a`.
bool mp_dataset_open(struct mp_dataset *d, struct mp_arena *a, const char *path, enum mp_data_split split, uint64_t limit,
                     const struct mp_preprocess *prep, struct mp_err *err);

// Image `i` as the network takes it: [channel][row][column], preprocessed.
void mp_dataset_image(const struct mp_dataset *d, uint64_t i, float *out);

#endif
