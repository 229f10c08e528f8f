// SPDX-License-Identifier: Apache-2.0
// Buffers priced by the bit, each buffer by its own numbers, whatever its size and port: for technologies that
// are published for one chip only (Bit Fusion's simulator). An access costs its word's bits.
#include "costmodel/est.h"

#include <stdio.h>

struct access {
    struct mp_cite cite;
    double read_pj_per_bit, write_pj_per_bit;
};
struct space {
    struct mp_cite cite;
    double um2_per_byte;
};
struct leak {
    struct mp_cite cite;
    double mw_per_kb;
};
struct buffer {
    struct access access;
    struct space area;
    struct leak leakage;
};
struct bits {
    struct mp_buffer_est est;
    struct buffer buffers[MP_BUFFERS];
};

#define NUMBER(s, m, u, h) \
    { \
        .key = #m, .type = MP_FIELD_REAL, .offset = offsetof(struct s, m), .required = true, .max = MP_PRICE_MAX, \
        .unit = u, .help = h \
    }

static const struct mp_field access_fields[] = {
    NUMBER(access, read_pj_per_bit, "pJ/bit", "reading"),
    NUMBER(access, write_pj_per_bit, "pJ/bit", "writing"),
    {.key = NULL},
};
static const struct mp_field area_fields[] = {NUMBER(space, um2_per_byte, "um2/B", "area"), {.key = NULL}};
static const struct mp_field leak_fields[] = {NUMBER(leak, mw_per_kb, "mW/KB", "leakage"), {.key = NULL}};

static const struct mp_place places[] = {
    {"access", "access", access_fields, offsetof(struct buffer, access)},
    {"area", "area", area_fields, offsetof(struct buffer, area)},
    {"leakage", "leakage", leak_fields, offsetof(struct buffer, leakage)},
    {NULL, NULL, NULL, 0},
};

static const struct bits *bits_of(const struct mp_buffer_est *e) {
    return (const struct bits *)(const void *)e;
}

static struct mp_buffer_est *read_bits(const struct mp_reader *r, const struct mp_node *n, struct mp_err *err) {
    struct bits *b = mp_arena_alloc(r->a, 1, sizeof *b);
    b->est.ops = &mp_est_bits;
    if (!mp_node_keys(n, mp_buffer_names, MP_BUFFERS, err))
        return NULL;
    for (size_t i = 0; i < MP_BUFFERS; i++) {
        struct mp_node buffer;
        const char *prefix = mp_arena_printf(r->a, "%s buffer ", mp_buffer_names[i]);
        if (!mp_node_need(n, mp_buffer_names[i], &buffer, err) ||
            !mp_places_read(r, &buffer, places, NULL, prefix, &b->buffers[i], err))
            return NULL;
    }
    return &b->est;
}

static enum mp_est_found price(const struct mp_buffer_est *e, enum mp_buffer_id which, double bytes, double bits,
                               struct mp_bank_price *out) {
    const struct buffer *b = &bits_of(e)->buffers[which];
    *out = (struct mp_bank_price){.read_pj = b->access.read_pj_per_bit * bits,
                                  .write_pj = b->access.write_pj_per_bit * bits,
                                  .leak_mw = b->leakage.mw_per_kb * (bytes / 1024),
                                  .area_mm2 = b->area.um2_per_byte * bytes * 1e-6};
    return MP_EST_INSIDE;
}

static void sources(const struct mp_buffer_est *e, enum mp_buffer_id which, struct mp_sources *s) {
    const struct buffer *b = &bits_of(e)->buffers[which];
    mp_sources_add(s, b->access.cite.line);
    mp_sources_add(s, b->area.cite.line);
    mp_sources_add(s, b->leakage.cite.line);
}

static void describe(const struct mp_buffer_est *e, char *table, char *bound, size_t size) {
    (void)e;
    snprintf(table, size, "any size and port");
    snprintf(bound, size, "any size and port");
}

static void write_bits(const struct mp_buffer_est *e, struct mp_echo *out) {
    struct mp_jsonw *w = out->w;
    mp_jsonw_open(w, '{', false);
    for (size_t i = 0; i < MP_BUFFERS; i++) {
        mp_jsonw_key(w, mp_buffer_names[i]);
        mp_jsonw_open(w, '{', false);
        mp_places_write(places, &bits_of(e)->buffers[i], out);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, '}');
}

const struct mp_buffer_est_ops mp_est_bits = {
    .key = "buffers",
    .read = read_bits,
    .price = price,
    .sources = sources,
    .describe = describe,
    .write = write_bits,
};
