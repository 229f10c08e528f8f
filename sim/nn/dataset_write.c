// SPDX-License-Identifier: Apache-2.0
// Data sets as .npz: a zip (PKWARE's APPNOTE, 4.3) of stored .npy files, dated 1980 so that the bytes depend on
// nothing else.
#include "sim/nn/dataset_stats.h"

#include <inttypes.h>
#include <string.h>
#include <zlib.h>

#define HEADER 128 // bytes of an .npy file before its elements
#define MAX_ZIP ((uint64_t)UINT32_MAX)

struct part {
    const char *name;
    size_t at; // of its local header in the file
    uint32_t size, sum;
};

static void add16(struct mp_buf *b, unsigned v) {
    const char bytes[2] = {(char)v, (char)(v >> 8)};
    mp_buf_addn(b, bytes, 2);
}

static void add32(struct mp_buf *b, uint32_t v) {
    add16(b, v & 0xffff);
    add16(b, v >> 16);
}

// What local and central header share: version, flags, method (stored), time and date (1 January 1980), sum, sizes,
// lengths.
static void add_common(struct mp_buf *b, const struct part *p) {
    add16(b, 20);
    add16(b, 0);
    add16(b, 0);
    add16(b, 0);
    add16(b, 1 << 5 | 1);
    add32(b, p->sum);
    add32(b, p->size);
    add32(b, p->size);
    add16(b, (unsigned)strlen(p->name));
    add16(b, 0);
}

static void add_part(struct mp_buf *b, struct part *p, const struct mp_buf *content) {
    p->at = b->len;
    p->size = (uint32_t)content->len;
    p->sum = (uint32_t)crc32_z(0, (const unsigned char *)content->text, content->len);
    mp_buf_addn(b, "PK\3\4", 4);
    add_common(b, p);
    mp_buf_add(b, p->name);
    mp_buf_addn(b, content->text, content->len);
}

static void add_directory(struct mp_buf *b, const struct part *parts, unsigned count) {
    size_t start = b->len;
    for (const struct part *p = parts; p < parts + count; p++) {
        mp_buf_addn(b, "PK\1\2", 4);
        add16(b, 20);
        add_common(b, p);
        for (int i = 0; i < 3; i++) // no comment, first disk, bytes
            add16(b, 0);
        add32(b, 0);
        add32(b, (uint32_t)p->at);
        mp_buf_add(b, p->name);
    }
    size_t end = b->len;
    mp_buf_addn(b, "PK\5\6", 4);
    add32(b, 0);
    add16(b, count);
    add16(b, count);
    add32(b, (uint32_t)(end - start));
    add32(b, (uint32_t)start);
    add16(b, 0);
}

// `shape` as Python writes a tuple.
static void begin_npy(struct mp_buf *b, const char *type, const char *shape) {
    mp_buf_addn(b, "\x93NUMPY\1\0", 8);
    add16(b, HEADER - 10);
    mp_buf_addf(b, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    while (b->len < HEADER - 1)
        mp_buf_add(b, " ");
    mp_buf_add(b, "\n");
}

static void add_real(struct mp_buf *b, float v) {
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    add32(b, bits);
}

static void write_images(const struct mp_dataset *d, bool prepared, struct mp_buf *b) {
    struct mp_arena a = {0};
    uint64_t size = d->channels * d->height * d->width;
    bool bytes = d->bytes && !prepared;
    float *image = mp_arena_alloc(&a, size, sizeof *image);
    begin_npy(b, bytes ? "|u1" : "<f4",
              mp_arena_printf(&a, "(%" PRIu64 ", %" PRIu64 ", %" PRIu64 ", %" PRIu64 ")", d->count, d->channels,
                              d->height, d->width));
    if (bytes)
        mp_buf_addn(b, (const char *)d->bytes, d->count * size);
    for (uint64_t i = 0; !bytes && i < d->count; i++) {
        if (prepared)
            mp_dataset_image(d, i, image);
        else
            memcpy(image, d->reals + i * size, size * sizeof *image);
        for (uint64_t k = 0; k < size; k++)
            add_real(b, image[k]);
    }
    mp_arena_finish(&a);
}

static void write_labels(const struct mp_dataset *d, struct mp_buf *b) {
    struct mp_arena a = {0};
    begin_npy(b, "<i4", mp_arena_printf(&a, "(%" PRIu64 ",)", d->count));
    for (uint64_t i = 0; i < d->count; i++)
        add32(b, d->labels[i]);
    mp_arena_finish(&a);
}

bool mp_dataset_npz_write(const struct mp_dataset *d, bool prepared, struct mp_buf *out, struct mp_err *err) {
    struct part parts[2] = {{.name = "x.npy"}, {.name = "y.npy"}};
    struct mp_buf content = {0};
    uint64_t item = d->bytes && !prepared ? 1 : sizeof(float);
    uint64_t bytes = d->count * (d->channels * d->height * d->width * item + sizeof(uint32_t));
    if (bytes > MAX_ZIP - 1024)
        return mp_fail(err, "%s: %" PRIu64 " bytes are more than an .npz holds: take fewer images", d->name, bytes);
    write_images(d, prepared, &content);
    add_part(out, &parts[0], &content);
    mp_buf_finish(&content);
    content = (struct mp_buf){0};
    if (d->labels) {
        write_labels(d, &content);
        add_part(out, &parts[1], &content);
        mp_buf_finish(&content);
    }
    add_directory(out, parts, d->labels ? 2 : 1);
    return true;
}
