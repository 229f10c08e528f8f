// SPDX-License-Identifier: Apache-2.0
// Data sets as .npz, a zip of .npy files: x and y or images and labels, or x_train, y_train, x_test and y_test as
// Keras names them. Entries are stored or deflated, as NumPy writes them.
#include "sim/nn/dataset_arrays.h"

#include "sim/nn/data_file.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

// Deflate gives at most 258 bytes for 2 bits of input; what claims more is no honest file.
#define MAX_RATIO 1032

struct entry {
    const char *name; // for messages: "FILE: x.npy"
    zip_file_t *file;
};

struct archive {
    const char *path;
    zip_t *zip;
    struct mp_arena *arena;
};

static const char *find(const struct archive *z, const char *const keys[]) {
    for (; *keys; keys++) {
        const char *name = mp_arena_printf(z->arena, "%s.npy", *keys);
        if (zip_name_locate(z->zip, name, 0) >= 0)
            return name;
    }
    return NULL;
}

static bool read_piece(void *from, void *to, size_t n, struct mp_err *err) {
    struct entry *e = from;
    for (char *at = to; n > 0;) {
        zip_int64_t got = zip_fread(e->file, at, n);
        if (got < 0)
            return mp_fail(err, "%s: cannot read: %s", e->name, zip_file_strerror(e->file));
        if (got == 0)
            return mp_fail(err, "%s: ends early: %zu bytes are missing", e->name, n);
        at += got;
        n -= (size_t)got;
    }
    return true;
}

// The sum over an entry is compared when one reads on at its end.
static bool check_end(struct entry *e, struct mp_err *err) {
    char more;
    return zip_fread(e->file, &more, 1) >= 0 ||
           mp_fail(err, "%s: cannot read: %s", e->name, zip_file_strerror(e->file));
}

static bool check_entry(const zip_stat_t *st, const char *name, struct mp_err *err) {
    const zip_uint64_t need = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((st->valid & need) != need || st->encryption_method != ZIP_EM_NONE ||
        (st->comp_method != ZIP_CM_STORE && st->comp_method != ZIP_CM_DEFLATE))
        return mp_fail(err, "%s: must be stored or deflated, and not encrypted", name);
    if (st->size / MAX_RATIO > st->comp_size)
        return mp_fail(err, "%s: claims %" PRIu64 " bytes from %" PRIu64 " compressed ones", name, (uint64_t)st->size,
                       (uint64_t)st->comp_size);
    return true;
}

static bool read_entry(struct mp_dataset *d, const struct mp_dataset_ask *q, const struct archive *z, const char *key,
                       bool labels, uint64_t *total, struct mp_err *err) {
    zip_stat_t st;
    struct mp_npy n;
    struct entry e = {mp_arena_printf(z->arena, "%s: %s", z->path, key), NULL};
    if (zip_stat(z->zip, key, 0, &st) != 0)
        return mp_fail(err, "%s: cannot read: %s", e.name, zip_strerror(z->zip));
    if (!check_entry(&st, e.name, err))
        return false;
    if (!(e.file = zip_fopen(z->zip, key, 0)))
        return mp_fail(err, "%s: cannot read: %s", e.name, zip_strerror(z->zip));
    struct mp_npy_from from = {read_piece, &e, st.size};
    bool ok = mp_npy_begin(&n, e.name, &from, err) &&
              (labels ? mp_dataset_labels(d, q, &n, *total, err) : mp_dataset_images(d, q, &n, total, err)) &&
              check_end(&e, err);
    zip_fclose(e.file);
    return ok;
}

static bool read_archive(struct mp_dataset *d, const struct mp_dataset_ask *q, const struct archive *z,
                         struct mp_err *err) {
    static const char *const train_x[] = {"x_train", NULL}, *const train_y[] = {"y_train", NULL};
    static const char *const test_x[] = {"x_test", NULL}, *const test_y[] = {"y_test", NULL};
    static const char *const plain_x[] = {"x", "images", NULL}, *const plain_y[] = {"y", "labels", NULL};
    const char *train = find(z, train_x), *test = find(z, test_x), *plain = find(z, plain_x);
    uint64_t total;
    const char *x = q->split == MP_SPLIT_TRAIN ? train : test ? test : plain;
    if (!train && !test && !plain)
        return mp_fail(err, "%s: has no images: no array x, images, x_test or x_train", z->path);
    if (!x)
        return mp_dataset_no_split(q, err);
    const char *y = find(z, x == train ? train_y : x == test ? test_y : plain_y);
    d->has_train = train;
    d->split = q->split;
    return read_entry(d, q, z, x, false, &total, err) && (!y || read_entry(d, q, z, y, true, &total, err));
}

bool mp_dataset_npz(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_err *err) {
    struct mp_data_file f;
    zip_error_t why;
    int code;
    if (!mp_data_file_open(&f, q->path, err)) // names what is no regular file
        return false;
    struct archive z = {q->path, zip_fdopen(f.fd, 0, &code), q->arena};
    if (!z.zip) {
        mp_data_file_close(&f);
        zip_error_init_with_code(&why, code);
        mp_fail(err, "%s: not an .npz file: %s", q->path, zip_error_strerror(&why));
        zip_error_fini(&why);
        return false;
    }
    bool ok = read_archive(d, q, &z, err);
    zip_discard(z.zip);
    return ok;
}
