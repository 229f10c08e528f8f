// SPDX-License-Identifier: Apache-2.0
// CIFAR's binary version (A. Krizhevsky, Learning multiple layers of features from tiny images, 2009; format as on
// its page): records of a label byte, or a coarse and a fine one for CIFAR-100, and 3 x 32 x 32 bytes, colour by
// colour.
#include "sim/nn/dataset_kinds.h"

#include "sim/nn/data_file.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#define PIXELS 3072
#define MAX_FILES 16

static const char *const cifar10_names[] = {"airplane", "automobile", "bird",  "cat",  "deer",
                                            "dog",      "frog",       "horse", "ship", "truck"};

struct batch {
    const char *path;
    uint64_t images;
    unsigned labels; // bytes a record
};

static bool look_at(struct batch *b, const char *path, struct mp_err *err) {
    struct mp_data_file f;
    if (!mp_data_file_open(&f, path, err))
        return false;
    mp_data_file_close(&f);
    b->path = path;
    b->labels = f.size % (PIXELS + 1) != 0 && f.size % (PIXELS + 2) == 0 ? 2 : 1;
    b->images = f.size / (PIXELS + b->labels);
    if (f.size == 0 || f.size % (PIXELS + b->labels) != 0)
        return mp_fail(err,
                       "%s: its size must be a multiple of %u bytes (CIFAR-10: a label and 3x32x32 pixels) or of %u "
                       "(CIFAR-100: two labels) (got %" PRIu64 " bytes)",
                       path, PIXELS + 1, PIXELS + 2, f.size);
    return true;
}

// The first `take` images of the batch.
static bool read_batch(const struct batch *b, uint64_t take, uint8_t *pixels, uint32_t *labels, struct mp_err *err) {
    struct mp_data_file f;
    uint8_t head[2];
    uint64_t i = 0;
    unsigned classes = b->labels == 2 ? 100 : 10;
    if (!mp_data_file_open(&f, b->path, err))
        return false;
    bool ok = true;
    for (; ok && i < take; i++) {
        ok = mp_data_file_read(&f, head, b->labels, err) && mp_data_file_read(&f, pixels + i * PIXELS, PIXELS, err);
        if (ok && (head[b->labels - 1] >= classes || (b->labels == 2 && head[0] >= 20)))
            ok = mp_fail(err, "%s: image %" PRIu64 ": its label must be 0..%u (got %u)", b->path, i, classes - 1,
                         head[b->labels - 1]);
        labels[i] = ok ? head[b->labels - 1] : 0;
    }
    mp_data_file_close(&f);
    return ok;
}

static bool read_all(struct mp_dataset *d, const struct mp_dataset_ask *q, const struct batch *list, size_t files,
                     struct mp_err *err) {
    uint64_t total = 0;
    for (size_t i = 0; i < files; i++) {
        if (list[i].labels != list[0].labels)
            return mp_fail(err, "%s: has records of CIFAR-%u, %s of CIFAR-%u", list[i].path,
                           list[i].labels == 2 ? 100 : 10, list[0].path, list[0].labels == 2 ? 100 : 10);
        total += list[i].images;
    }
    d->channels = 3;
    d->height = d->width = 32;
    d->classes = list[0].labels == 2 ? 100 : 10;
    d->class_names = list[0].labels == 2 ? NULL : (const char **)cifar10_names;
    d->count = mp_dataset_take(q, total);
    if (!mp_dataset_fits(d, q->path, err))
        return false;
    uint8_t *pixels = mp_arena_alloc(q->arena, d->count, PIXELS);
    uint32_t *labels = mp_arena_alloc(q->arena, d->count, sizeof *labels);
    for (uint64_t i = 0, done = 0; done < d->count; i++) {
        uint64_t take = list[i].images < d->count - done ? list[i].images : d->count - done;
        if (!read_batch(&list[i], take, pixels + done * PIXELS, labels + done, err))
            return false;
        done += take;
    }
    d->bytes = pixels;
    d->labels = labels;
    return true;
}

bool mp_dataset_cifar_file(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_err *err) {
    struct batch b;
    if (q->split == MP_SPLIT_TRAIN)
        return mp_dataset_no_split(q, err);
    return look_at(&b, q->path, err) && read_all(d, q, &b, 1, err);
}

static const char *batch_path(const char *folder, enum mp_data_split split, size_t i, struct mp_arena *a) {
    const char *path = split == MP_SPLIT_TEST ? mp_arena_printf(a, "%s/test_batch.bin", folder)
                                              : mp_arena_printf(a, "%s/data_batch_%zu.bin", folder, i + 1);
    return access(path, F_OK) == 0 ? path : NULL;
}

bool mp_dataset_is_cifar(const char *folder, struct mp_arena *a) {
    return batch_path(folder, MP_SPLIT_TEST, 0, a) || batch_path(folder, MP_SPLIT_TRAIN, 0, a);
}

bool mp_dataset_cifar_folder(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_err *err) {
    struct batch list[MAX_FILES];
    size_t files = 0;
    d->has_train = batch_path(q->path, MP_SPLIT_TRAIN, 0, q->arena);
    for (const char *path; files < MAX_FILES && (path = batch_path(q->path, q->split, files, q->arena)); files++) {
        if (!look_at(&list[files], path, err))
            return false;
        if (q->split == MP_SPLIT_TEST) {
            files++;
            break;
        }
    }
    d->split = q->split;
    return files > 0 ? read_all(d, q, list, files, err) : mp_dataset_no_split(q, err);
}
