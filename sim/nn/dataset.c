// SPDX-License-Identifier: Apache-2.0
// Opens a data set by what its path is, and hands out images as a network takes them.
#include "sim/nn/dataset_kinds.h"

#include "sim/base/say.h"
#include "sim/base/str.h"
#include "sim/nn/draw.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

const char *const mp_split_names[] = {"test", "train"};

uint64_t mp_dataset_take(const struct mp_dataset_ask *q, uint64_t count) {
    return q->limit > 0 && q->limit < count ? q->limit : count;
}

bool mp_dataset_no_split(const struct mp_dataset_ask *q, struct mp_err *err) {
    return mp_fail(err, "%s: has no %s split", q->path, mp_split_names[q->split]);
}

bool mp_dataset_fits(const struct mp_dataset *d, const char *path, struct mp_err *err) {
    const uint64_t factor[] = {d->channels, d->height, d->width};
    uint64_t n = d->count;
    bool ok = true;
    for (size_t i = 0; i < 3; i++)
        ok = ok && !__builtin_mul_overflow(n, factor[i], &n) && n <= MP_MAX_NUMBERS;
    return ok || mp_fail(err,
                         "%s: %" PRIu64 " images of %" PRIu64 "x%" PRIu64 "x%" PRIu64 " are more than %" PRIu64
                         " numbers: take fewer of them",
                         path, d->count, d->channels, d->height, d->width, MP_MAX_NUMBERS);
}

static bool ends_with(const char *name, const char *ending) {
    size_t n = strlen(name), e = strlen(ending);
    return n > e && strcmp(name + n - e, ending) == 0;
}

// `why`: the errno of looking at it.
static bool missing(const char *path, int why, struct mp_err *err) {
    const char *names[8];
    char shown[MP_SAY_BYTES], list[MP_SAY_BYTES];
    size_t n = 0;
    if (why != ENOENT)
        return mp_fail(err, "%s: cannot open: %s", mp_say_text(path, strlen(path), shown), strerror(why));
    if (strchr(path, '/'))
        return mp_fail(err, "%s: no such file or folder", mp_say_text(path, strlen(path), shown));
    for (; n < mp_drawn_count() && n < sizeof names / sizeof *names; n++)
        names[n] = mp_drawn_at(n)->name;
    const char *near = mp_nearest(path, names, n);
    mp_say_text(path, strlen(path), shown);
    return near ? mp_fail(err, "data set \"%s\": no such file or folder, did you mean \"%s\"?", shown, near)
                : mp_fail(err, "data set \"%s\": no such file or folder, and none of that name is drawn (known: %s)",
                          shown, mp_say_names(names, n, list));
}

static bool open_kind(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_err *err) {
    struct stat st;
    bool there = stat(q->path, &st) == 0;
    int why = errno;
    const struct mp_drawn *drawn = mp_drawn_find(q->path);
    if (drawn && !(there && S_ISREG(st.st_mode))) // a folder that happens to have the name hides nothing
        return mp_dataset_drawn(d, q, drawn, err);
    if (!there)
        return missing(q->path, why, err);
    if (S_ISDIR(st.st_mode))
        return mp_dataset_is_cifar(q->path, q->arena) ? mp_dataset_cifar_folder(d, q, err)
                                                      : mp_dataset_png(d, q, err);
    if (ends_with(q->path, ".bin"))
        return mp_dataset_cifar_file(d, q, err);
    if (ends_with(q->path, ".npy"))
        return mp_dataset_npy(d, q, err);
    if (ends_with(q->path, ".npz"))
        return mp_dataset_npz(d, q, err);
    if (ends_with(q->path, ".png") || ends_with(q->path, ".PNG"))
        return mp_fail(err, "%s: one picture is no data set: name the folder that holds folders of PNG files, one a class", q->path);
    return mp_fail(err, "%s: not a data set (known: .bin of CIFAR, .npy, .npz, folders)", q->path);
}

bool mp_dataset_open(struct mp_dataset *d, struct mp_arena *a, const char *path, enum mp_data_split split,
                     uint64_t limit, const struct mp_preprocess *prep, struct mp_err *err) {
    struct mp_preprocess plain;
    mp_preprocess_default(&plain);
    if (!prep)
        prep = &plain;
    struct mp_dataset_ask q = {mp_arena_strdup(a, path), split, limit, prep->channels_last, a};
    *d = (struct mp_dataset){.name = q.path, .prep = *prep};
    if (!open_kind(d, &q, err))
        return false;
    if (prep->channels > 0 && prep->channels != d->channels)
        return mp_fail(err, "%s: has %" PRIu64 " channels, mean and std of the preprocessing %u", path, d->channels,
                       prep->channels);
    return true;
}

void mp_dataset_image(const struct mp_dataset *d, uint64_t i, float *out) {
    uint64_t plane = d->height * d->width;
    for (uint64_t c = 0; c < d->channels; c++, out += plane) {
        uint64_t from = (i * d->channels + (d->prep.reverse ? d->channels - 1 - c : c)) * plane;
        double mean = d->prep.mean[d->prep.channels ? c : 0], std = d->prep.std[d->prep.channels ? c : 0];
        for (uint64_t k = 0; k < plane; k++) {
            double x = d->bytes ? d->bytes[from + k] : (double)d->reals[from + k];
            out[k] = (float)((x * d->prep.scale - mean) / std);
        }
    }
}
