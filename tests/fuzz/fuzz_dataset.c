// SPDX-License-Identifier: Apache-2.0
// Data sets: .npy, .npz or CIFAR, as the first bytes say. What is read keeps its promises: labels below the classes,
// finite numbers, and the same images when fewer are asked for.
#include "sim/nn/dataset_kinds.h"

#include "tests/fuzz/fuzz.h"

#include <math.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

static bool read_kind(struct mp_dataset *d, const struct mp_dataset_ask *q, const uint8_t *data, size_t size,
                      struct mp_err *err) {
    *d = (struct mp_dataset){.name = q->path};
    if (size >= 6 && memcmp(data, "\x93NUMPY", 6) == 0)
        return mp_dataset_npy(d, q, err);
    if (size >= 2 && memcmp(data, "PK", 2) == 0)
        return mp_dataset_npz(d, q, err);
    return mp_dataset_cifar_file(d, q, err);
}

static void check_content(const struct mp_dataset *d) {
    uint64_t n = d->count * d->channels * d->height * d->width;
    check(n > 0 && (d->bytes != NULL) != (d->reals != NULL));
    for (uint64_t i = 0; d->reals && i < n; i++)
        check(isfinite(d->reals[i]));
    for (uint64_t i = 0; d->labels && i < d->count; i++)
        check(d->labels[i] < d->classes);
}

static void check_first(const struct mp_dataset *d, const struct mp_dataset *first) {
    uint64_t n = d->channels * d->height * d->width;
    check(first->count == 1 && first->classes == d->classes);
    check(!d->bytes || memcmp(d->bytes, first->bytes, n) == 0);
    check(!d->reals || memcmp(d->reals, first->reals, n * sizeof *d->reals) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct mp_arena a = {0};
    struct mp_dataset d, first;
    struct mp_err err = {""};
    char path[64];
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    for (int last = 0; last < 2; last++) {
        struct mp_dataset_ask q = {path, MP_SPLIT_TEST, 0, last, &a};
        if (!read_kind(&d, &q, data, size, &err)) {
            check(err.text[0] != '\0');
            continue;
        }
        check_content(&d);
        q.limit = 1;
        check(read_kind(&first, &q, data, size, &err));
        check_first(&d, &first);
        q.split = MP_SPLIT_TRAIN;
        if (read_kind(&d, &q, data, size, &err))
            check_content(&d);
    }
    close(fd);
    mp_arena_finish(&a);
    return 0;
}
