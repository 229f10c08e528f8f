// SPDX-License-Identifier: Apache-2.0
// SRAM macros from a table over size and port width. Beyond the table: below its sizes and widths the slope of
// the first segment goes on; a wider port is several macros side by side; more bytes than the largest macro are
// several of them, of which an access wakes one. Left out: wires between such macros, timing, low-power modes.
#include "costmodel/est.h"

#include <math.h>
#include <stdio.h>

// How far the extrapolation is used: estimate, a few octaves beyond CACTI's points.
#define MIN_BYTES 64.0
#define MAX_BYTES 67108864.0
#define MIN_BITS 8.0
#define MAX_BITS 4096.0

struct sram {
    struct mp_buffer_est est;
    struct mp_est_table table;
};

static const char *const columns[] = {"size_bytes", "port_bits", "read_pj", "write_pj", "leak_mw", "area_mm2", NULL};

static const struct sram *sram_of(const struct mp_buffer_est *e) {
    return (const struct sram *)(const void *)e;
}

static struct mp_buffer_est *read_sram(const struct mp_reader *r, const struct mp_node *n, struct mp_err *err) {
    struct sram *s = mp_arena_alloc(r->a, 1, sizeof *s);
    s->est.ops = &mp_est_sram;
    return mp_est_table_read(r, n, columns, 2, "sram", &s->table, err) ? &s->est : NULL;
}

static enum mp_est_found price(const struct mp_buffer_est *e, enum mp_buffer_id which, double bytes, double bits,
                               struct mp_bank_price *out) {
    (void)which;
    const struct mp_est_table *t = &sram_of(e)->table;
    double v[MP_EST_VALUES], x_max = t->x[t->nx - 1], y_max = t->y[t->ny - 1];
    if (!(bytes >= MIN_BYTES && bytes <= MAX_BYTES && bits >= MIN_BITS && bits <= MAX_BITS))
        return MP_EST_NO_PRICE;
    double beside = fmax(1, bits / y_max);            // macros that an access wakes
    double stacked = fmax(1, bytes / beside / x_max); // of which each is one of so many
    double macro_bytes = fmin(bytes / beside, x_max);
    bool inside = mp_est_table_at(t, macro_bytes, fmin(bits, y_max), v);
    *out = (struct mp_bank_price){.read_pj = beside * v[0],
                                  .write_pj = beside * v[1],
                                  .leak_mw = beside * stacked * v[2],
                                  .area_mm2 = beside * stacked * v[3]};
    if (bytes < t->x[0] || bits < t->y[0] || beside * stacked > 1)
        return MP_EST_EXTRAPOLATED;
    return inside ? MP_EST_INSIDE : MP_EST_CLOSED;
}

static void sources(const struct mp_buffer_est *e, enum mp_buffer_id which, struct mp_sources *s) {
    (void)which;
    mp_sources_add(s, sram_of(e)->table.cite.line);
}

static void range(char *out, size_t size, double bytes_min, double bytes_max, double bits_min, double bits_max) {
    char low[32], high[32];
    snprintf(out, size, "%s..%s x %g..%g bit", mp_est_bytes(bytes_min, low), mp_est_bytes(bytes_max, high), bits_min,
             bits_max);
}

static void describe(const struct mp_buffer_est *e, char *table, char *bound, size_t size) {
    const struct mp_est_table *t = &sram_of(e)->table;
    range(table, size, t->x[0], t->x[t->nx - 1], t->y[0], t->y[t->ny - 1]);
    range(bound, size, MIN_BYTES, MAX_BYTES, MIN_BITS, MAX_BITS);
}

static void write_sram(const struct mp_buffer_est *e, struct mp_echo *out) {
    mp_est_table_write(&sram_of(e)->table, out);
}

const struct mp_buffer_est_ops mp_est_sram = {
    .key = "sram",
    .read = read_sram,
    .price = price,
    .sources = sources,
    .describe = describe,
    .write = write_sram,
};
