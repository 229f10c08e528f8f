// SPDX-License-Identifier: Apache-2.0
// Folders of PNG files, a folder a class, in the order of their names; the same under test/ and train/. Images come
// in turn from each class, so that the first ones are a fair sample. All are 8 bits a channel: libpng scales 16-bit
// ones, spreads palettes, and takes a file's gamma into account; transparency is dropped. Grey sets have one channel,
// others three.
#include "sim/nn/dataset_kinds.h"

#include "sim/base/say.h"

#include <dirent.h>
#include <inttypes.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_FILES 16777216
// Deflate gives at most 1032 bytes for one, and a byte holds at most 8 pixels.
#define MAX_RATIO ((uint64_t)8 * 1032)

struct list {
    const char **names;
    size_t count, cap;
};

struct source {
    const struct mp_dataset_ask *q;
    const char *folder; // that of the split
    struct list classes;
    struct list *files; // by class
};

struct folders {
    const char *test, *train; // NULL when not there
};

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add(struct list *l, const char *name, struct mp_arena *a) {
    if (l->count == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 64;
        l->names = mp_arena_grow(a, l->names, l->count, cap, sizeof *l->names);
        l->cap = cap;
    }
    l->names[l->count++] = mp_arena_strdup(a, name);
}

static bool is_png(const char *name) {
    size_t n = strlen(name);
    return n > 4 && (strcmp(name + n - 4, ".png") == 0 || strcmp(name + n - 4, ".PNG") == 0);
}

// What the folder holds, sorted: PNG files, or else folders. Hidden ones are left out.
static void look(struct list *l, const char *folder, bool files, struct mp_arena *a) {
    DIR *dir = opendir(folder);
    for (struct dirent *e; dir && (e = readdir(dir)) && l->count < MAX_FILES;)
        if (e->d_name[0] != '.' &&
            (files ? is_png(e->d_name) : is_folder(mp_arena_printf(a, "%s/%s", folder, e->d_name))))
            add(l, e->d_name, a);
    if (dir)
        closedir(dir);
    if (l->count > 0)
        qsort(l->names, l->count, sizeof *l->names, by_name);
}

static struct folders parts(const char *path, struct mp_arena *a) {
    char *test = mp_arena_printf(a, "%s/test", path), *train = mp_arena_printf(a, "%s/train", path);
    return (struct folders){is_folder(test) ? test : NULL, is_folder(train) ? train : NULL};
}

// The classes of one split or of both together, each once.
static void find_classes(struct source *s, const struct folders *f) {
    struct list all = {0};
    if (f->test)
        look(&all, f->test, false, s->q->arena);
    if (f->train) {
        struct list more = {0};
        look(&more, f->train, false, s->q->arena);
        for (size_t i = 0; i < more.count; i++)
            add(&all, more.names[i], s->q->arena);
    }
    if (!f->test && !f->train)
        look(&all, s->folder, false, s->q->arena);
    if (all.count > 0)
        qsort(all.names, all.count, sizeof *all.names, by_name);
    for (size_t i = 0; i < all.count; i++)
        if (i == 0 || strcmp(all.names[i], all.names[i - 1]) != 0)
            add(&s->classes, all.names[i], s->q->arena);
}

// Opens `path` as far as its header. The caller frees the image in any case.
static bool begin(png_image *image, const char *path, struct mp_err *err) {
    struct stat st;
    *image = (png_image){.version = PNG_IMAGE_VERSION};
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode))
        return mp_fail(err, "%s: not a regular file", path);
    if (!png_image_begin_read_from_file(image, path))
        return mp_fail(err, "%s: not a PNG that can be read: %s", path, image->message);
    if ((uint64_t)image->width * image->height / MAX_RATIO > (uint64_t)st.st_size)
        return mp_fail(err, "%s: claims %ux%u pixels in %jd bytes", path, image->width, image->height,
                       (intmax_t)st.st_size);
    image->flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
    return true;
}

// Size of the first image, and of the others the same; colour when one has it.
static bool check_header(struct mp_dataset *d, uint64_t i, const char *path, struct mp_err *err) {
    png_image image;
    bool ok = begin(&image, path, err);
    if (ok && i == 0) {
        d->height = image.height;
        d->width = image.width;
        d->channels = 1;
    }
    if (ok && image.format & PNG_FORMAT_FLAG_COLOR)
        d->channels = 3;
    if (ok && (image.height != d->height || image.width != d->width))
        ok = mp_fail(err, "%s: must be %" PRIu64 "x%" PRIu64 " pixels as the images before it (got %ux%u)", path,
                     d->width, d->height, image.width, image.height);
    png_image_free(&image);
    return ok;
}

// `line` has room for an image with four bytes a pixel.
static bool decode(const struct mp_dataset *d, const char *path, uint8_t *line, uint8_t *out, struct mp_err *err) {
    png_image image;
    uint64_t plane = d->height * d->width, step = d->channels + 1;
    bool ok = begin(&image, path, err);
    if (ok && (image.height != d->height || image.width != d->width))
        ok = mp_fail(err, "%s: has changed meanwhile", path);
    image.format = d->channels == 3 ? PNG_FORMAT_RGBA : PNG_FORMAT_GA;
    if (ok && !png_image_finish_read(&image, NULL, line, 0, NULL))
        ok = mp_fail(err, "%s: %s", path, image.message);
    for (uint64_t k = 0; ok && k < plane; k++)
        for (uint64_t c = 0; c < d->channels; c++)
            out[c * plane + k] = line[k * step + c];
    png_image_free(&image);
    return ok;
}

static const char *path_of(const struct source *s, size_t class, size_t i) {
    return mp_arena_printf(s->q->arena, "%s/%s/%s", s->folder, s->classes.names[class], s->files[class].names[i]);
}

// Files that are no folder's images: a user may have named the folder that they lie in.
static bool no_images(const char *folder, struct mp_arena *a, struct mp_err *err) {
    static const char *const endings[] = {".npy", ".npz", ".bin", ".png"};
    char shown[MP_SAY_BYTES];
    DIR *dir = opendir(folder);
    const char *found = NULL;
    for (struct dirent *e; dir && (e = readdir(dir));) {
        const char *dot = strrchr(e->d_name, '.');
        for (size_t i = 0; dot && e->d_name[0] != '.' && i < sizeof endings / sizeof *endings; i++)
            if (strcmp(dot, endings[i]) == 0 && (!found || strcmp(e->d_name, found) < 0))
                found = mp_arena_strdup(a, e->d_name);
    }
    if (dir)
        closedir(dir);
    if (found && is_png(found))
        return mp_fail(err, "%s: its PNG files must lie in folders, one a class", folder);
    if (found)
        return mp_fail(err, "%s: is a folder, name the file in it: %s/%s", folder, folder,
                       mp_say_text(found, strlen(found), shown));
    return mp_fail(err, "%s: neither batches of CIFAR nor folders of PNG files, one a class", folder);
}

// The paths and labels of the images that are taken: the first of each class, the second of each class ...
static const char **order(const struct source *s, struct mp_dataset *d, uint32_t *labels) {
    const char **paths = mp_arena_alloc(s->q->arena, d->count, sizeof *paths);
    for (uint64_t i = 0, at = 0; at < d->count; i++)
        for (size_t class = 0; class < s->classes.count && at < d->count; class ++)
            if (i < s->files[class].count) {
                labels[at] = (uint32_t) class;
                paths[at++] = path_of(s, class, i);
            }
    return paths;
}

static bool read_images(struct source *s, struct mp_dataset *d, struct mp_err *err) {
    uint32_t *labels = mp_arena_alloc(s->q->arena, d->count, sizeof *labels);
    const char **paths = order(s, d, labels);
    for (uint64_t i = 0; i < d->count; i++)
        if (!check_header(d, i, paths[i], err))
            return false;
    if (!mp_dataset_fits(d, s->folder, err))
        return false;
    uint64_t size = d->channels * d->height * d->width;
    uint8_t *bytes = mp_arena_alloc(s->q->arena, d->count, size);
    uint8_t *line = mp_arena_alloc(s->q->arena, d->height * d->width, 4);
    for (uint64_t i = 0; i < d->count; i++)
        if (!decode(d, paths[i], line, bytes + i * size, err))
            return false;
    d->bytes = bytes;
    d->labels = labels;
    return true;
}

bool mp_dataset_png(struct mp_dataset *d, const struct mp_dataset_ask *q, struct mp_err *err) {
    struct folders f = parts(q->path, q->arena);
    struct source s = {.q = q, .folder = q->path};
    uint64_t total = 0;
    if (f.test || f.train) {
        s.folder = q->split == MP_SPLIT_TRAIN ? f.train : f.test;
        d->split = q->split;
    }
    if (!s.folder || (q->split == MP_SPLIT_TRAIN && !f.train))
        return mp_dataset_no_split(q, err);
    find_classes(&s, &f);
    if (s.classes.count > MP_MAX_CLASSES)
        return mp_fail(err, "%s: has more than %d folders of classes", s.folder, MP_MAX_CLASSES);
    s.files = mp_arena_alloc(q->arena, s.classes.count, sizeof *s.files);
    for (size_t i = 0; i < s.classes.count; i++) {
        look(&s.files[i], mp_arena_printf(q->arena, "%s/%s", s.folder, s.classes.names[i]), true, q->arena);
        total += s.files[i].count;
    }
    if (total == 0)
        return no_images(s.folder, q->arena, err);
    d->has_train = f.train;
    d->classes = s.classes.count;
    d->class_names = s.classes.names;
    d->count = mp_dataset_take(q, total);
    return read_images(&s, d, err);
}
