// SPDX-License-Identifier: Apache-2.0
// A contact sheet: what a data set looks like, as PNG.
#include "sim/nn/dataset_stats.h"

#include <png.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS 16
#define ROWS 32
#define GAP 4
#define GROUND 255
#define LARGEST 16384 // pixels across and down
#define WANTED 48     // an image is shown at least so wide, by whole factors

struct sheet {
    const struct mp_dataset *d;
    uint64_t image[ROWS][COLUMNS];
    unsigned filled[ROWS], rows;
    uint64_t zoom, width, height;
    double low, high; // of reals
    uint8_t *pixels;  // RGB
};

static void choose(struct sheet *s) {
    const struct mp_dataset *d = s->d;
    s->rows = d->labels && d->classes < ROWS ? (unsigned)d->classes : ROWS;
    for (uint64_t i = 0; i < d->count; i++) {
        uint64_t row = d->labels ? d->labels[i] : i / COLUMNS;
        if (!d->labels && row >= ROWS)
            break;
        if (row < s->rows && s->filled[row] < COLUMNS)
            s->image[row][s->filled[row]++] = i;
    }
    while (s->rows > 1 && s->filled[s->rows - 1] == 0)
        s->rows--;
}

static double stored(const struct mp_dataset *d, uint64_t image, uint64_t channel, uint64_t pixel) {
    uint64_t at = (image * d->channels + channel) * d->height * d->width + pixel;
    return d->bytes ? d->bytes[at] : (double)d->reals[at];
}

static void find_range(struct sheet *s) {
    const struct mp_dataset *d = s->d;
    bool any = false;
    s->high = 255;
    for (unsigned r = 0; !d->bytes && r < s->rows; r++)
        for (unsigned c = 0; c < s->filled[r]; c++)
            for (uint64_t k = 0; k < d->channels * d->height * d->width; k++) {
                double v = stored(d, s->image[r][c], 0, k);
                s->low = any && s->low < v ? s->low : v;
                s->high = any && s->high > v ? s->high : v;
                any = true;
            }
}

static void paint(struct sheet *s, unsigned row, unsigned column) {
    const struct mp_dataset *d = s->d;
    uint64_t w = d->width * s->zoom, h = d->height * s->zoom;
    uint64_t left = GAP + column * (w + GAP), top = GAP + row * (h + GAP);
    for (uint64_t y = 0; y < h; y++)
        for (uint64_t x = 0; x < w; x++)
            for (uint64_t c = 0; c < 3; c++) {
                double v =
                    stored(d, s->image[row][column], d->channels < 3 ? 0 : c, y / s->zoom * d->width + x / s->zoom);
                double level = s->high > s->low ? (v - s->low) / (s->high - s->low) * 255 : 0;
                s->pixels[((top + y) * s->width + left + x) * 3 + c] = (uint8_t)(level + 0.5);
            }
}

static bool encode(const struct sheet *s, struct mp_arena *a, struct mp_buf *out, struct mp_err *err) {
    png_image image = {.version = PNG_IMAGE_VERSION, .format = PNG_FORMAT_RGB};
    image.width = (png_uint_32)s->width;
    image.height = (png_uint_32)s->height;
    png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
    char *bytes = mp_arena_alloc(a, size, 1);
    if (!png_image_write_to_memory(&image, bytes, &size, 0, s->pixels, 0, NULL))
        return mp_fail(err, "%s: cannot write its picture: %s", s->d->name, image.message);
    mp_buf_addn(out, bytes, size);
    return true;
}

bool mp_dataset_sheet(const struct mp_dataset *d, struct mp_buf *out, struct mp_err *err) {
    struct mp_arena a = {0};
    struct sheet *s = mp_arena_alloc(&a, 1, sizeof *s);
    *s = (struct sheet){.d = d, .zoom = d->width < WANTED ? (WANTED + d->width - 1) / d->width : 1};
    choose(s);
    unsigned columns = 1;
    for (unsigned r = 0; r < s->rows; r++)
        columns = s->filled[r] > columns ? s->filled[r] : columns;
    s->width = GAP + columns * (d->width * s->zoom + GAP);
    s->height = GAP + s->rows * (d->height * s->zoom + GAP);
    bool ok = s->width <= LARGEST && s->height <= LARGEST;
    if (!ok)
        mp_fail(err, "%s: its images are too large for a picture of all classes", d->name);
    if (ok) {
        s->pixels = mp_arena_alloc(&a, s->width * s->height, 3);
        memset(s->pixels, GROUND, s->width * s->height * 3);
        find_range(s);
        for (unsigned r = 0; r < s->rows; r++)
            for (unsigned c = 0; c < s->filled[r]; c++)
                paint(s, r, c);
        ok = encode(s, &a, out, err);
    }
    mp_arena_finish(&a);
    return ok;
}
