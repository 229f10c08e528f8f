// SPDX-License-Identifier: Apache-2.0
// Data sets as .npy: images in NAME.npy, labels in NAME_labels.npy beside it or else in labels.npy.
#include "sim/nn/dataset_arrays.h"

#include "sim/base/file.h"
#include "sim/nn/data_file.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

// Strides of the arrays as mp_dataset has them, by the axis of the file.
static void image_strides(struct mp_dataset *d, const struct mp_shape *s, bool last, uint64_t stride[4]) {
    const uint64_t *x = s->dim;
    bool grey = s->rank == 3;
    d->channels = grey ? 1 : last ? x[3] : x[1];
    d->height = last || grey ? x[1] : x[2];
    d->width = last || grey ? x[2] : x[3];
    uint64_t plane = d->height * d->width;
    stride[0] = d->channels * plane;
    if (grey || last) {
        stride[1] = d->width;
        stride[2] = 1;
        stride[3] = plane;
    } else {
        stride[1] = plane;
        stride[2] = d->width;
        stride[3] = 1;
    }
}

bool mp_dataset_images(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_npy *n, uint64_t *total,
                       struct mp_err *err) {
    const struct mp_shape *s = &n->shape;
    uint64_t stride[4];
    if (s->rank != 3 && s->rank != 4)
        return mp_fail(err, "%s: images must be an array of 4 dimensions, or 3 for one channel (got %u)", n->name,
                       s->rank);
    image_strides(d, s, q->channels_last, stride);
    *total = s->dim[0];
    d->count = mp_dataset_take(q, *total);
    if (!mp_dataset_fits(d, n->name, err))
        return false;
    uint64_t elements = d->count * stride[0];
    if (n->kind == 'u' && n->item == 1) {
        uint8_t *bytes = mp_arena_alloc(q->arena, elements, 1);
        d->bytes = bytes;
        return mp_npy_bytes(n, d->count, stride, bytes, err);
    }
    float *reals = mp_arena_alloc(q->arena, elements, sizeof *reals);
    d->reals = reals;
    return mp_npy_reals(n, d->count, stride, reals, err);
}

bool mp_dataset_labels(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_npy *n, uint64_t total,
                       struct mp_err *err) {
    static const uint64_t stride[MP_MAX_RANK] = {1};
    const struct mp_shape *s = &n->shape;
    if (n->kind == 'f')
        return mp_fail(err, "%s: labels must be whole numbers (got dtype f%u)", n->name, n->item);
    if (s->rank > 2 || (s->rank == 2 && s->dim[1] != 1))
        return mp_fail(err, "%s: labels must be an array of one dimension, a number for each image", n->name);
    if (s->dim[0] != total)
        return mp_fail(err, "%s: has %" PRIu64 " labels for %" PRIu64 " images", n->name, s->dim[0], total);
    float *reals = mp_arena_alloc(q->arena, total, sizeof *reals);
    uint32_t *labels = mp_arena_alloc(q->arena, total, sizeof *labels);
    if (!mp_npy_reals(n, total, stride, reals, err))
        return false;
    for (uint64_t i = 0; i < total; i++) {
        if (!(reals[i] >= 0 && reals[i] < MP_MAX_CLASSES))
            return mp_fail(err, "%s: label %" PRIu64 " must be 0..%d (got %.0f)", n->name, i, MP_MAX_CLASSES - 1,
                           (double)reals[i]);
        labels[i] = (uint32_t)reals[i];
        if (labels[i] >= d->classes)
            d->classes = labels[i] + 1;
    }
    d->labels = labels;
    return true;
}

static bool read_piece(void *from, void *to, size_t n, struct mp_err *err) {
    return mp_data_file_read(from, to, n, err);
}

// Images, or labels for `*total` images.
static bool read_file(struct mp_dataset *d, const struct mp_dataset_ask *q, const char *path, bool labels,
                      uint64_t *total, struct mp_err *err) {
    struct mp_data_file f;
    struct mp_npy n;
    if (!mp_data_file_open(&f, path, err))
        return false;
    struct mp_npy_from from = {read_piece, &f, f.size};
    bool ok = mp_npy_begin(&n, path, &from, err) &&
              (labels ? mp_dataset_labels(d, q, &n, *total, err) : mp_dataset_images(d, q, &n, total, err));
    mp_data_file_close(&f);
    return ok;
}

bool mp_dataset_npy(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_err *err) {
    uint64_t total;
    if (q->split == MP_SPLIT_TRAIN)
        return mp_dataset_no_split(q, err);
    const char *labels = mp_arena_printf(q->arena, "%.*s_labels.npy", (int)(strlen(q->path) - 4), q->path);
    if (access(labels, F_OK) != 0)
        labels = mp_path_beside(q->arena, q->path, "labels.npy");
    return read_file(d, q, q->path, false, &total, err) &&
           (access(labels, F_OK) != 0 || read_file(d, q, labels, true, &total, err));
}
