// SPDX-License-Identifier: Apache-2.0
// Energy is a sum of products of counts and prices, neither negative, also in floating point: a mapping that has no count
// above another's, comes before it and fits wherever it does wins at any prices.
#include "sim/map/collect.h"

#include <string.h>

void mp_collect_begin(struct mp_collect *c, struct mp_bests *b, const struct mp_task *t) {
    *c = (struct mp_collect){.bests = b, .task = t, .cycles = UINT64_MAX};
    b->count = 0;
    memset(b->least, 0, sizeof b->least);
    memcpy(b->room, t->tile_bits, sizeof b->room);
}

void mp_collect_smallest(struct mp_collect *c, const uint64_t tile[MP_DIMS]) {
    for (int i = 0; i < MP_BUFFERS; i++) {
        uint64_t bits = mp_tile_buffer_bits(c->task, tile, (enum mp_buffer_id)i);
        if (bits > c->bests->least[i])
            c->bests->least[i] = bits;
    }
}

// Whether `a` wins against `b` wherever b fits, but for the order.
static bool covers(const struct mp_best *a, const struct mp_best *b) {
    return mp_within(a->bits, b->bits, MP_BUFFERS) && mp_within(a->counts.events, b->counts.events, MP_EVENTS);
}

static void insert(struct mp_collect *c, size_t at, const struct mp_open *p, const struct mp_best *x) {
    struct mp_bests *b = c->bests;
    memmove(&b->at[at + 1], &b->at[at], (b->count - at) * sizeof *b->at);
    memmove(&c->open[at + 1], &c->open[at], (b->count - at) * sizeof *c->open);
    b->at[at] = *x, c->open[at] = *p;
    b->count++;
}

// Leaves out what is behind `from` and covered by it.
static void drop_covered(struct mp_collect *c, size_t from) {
    struct mp_bests *b = c->bests;
    size_t kept = from + 1;
    for (size_t i = from + 1; i < b->count; i++)
        if (!covers(&b->at[from], &b->at[i]))
            b->at[kept] = b->at[i], c->open[kept++] = c->open[i];
    b->count = kept;
}

void mp_collect_add(struct mp_collect *c, const struct mp_open *p, const struct mp_mapping *m, const struct mp_counts *k) {
    struct mp_bests *b = c->bests;
    uint64_t cycles = mp_counts_cycles(k);
    struct mp_best x = {.mapping = *m, .counts = *k};
    if (cycles < c->cycles)
        c->cycles = cycles, b->count = 0, c->too_many = false;
    if (cycles > c->cycles || c->too_many)
        return;
    for (int i = 0; i < MP_BUFFERS; i++)
        x.bits[i] = mp_tile_buffer_bits(c->task, m->tile, (enum mp_buffer_id)i);
    size_t at = 0;
    for (; at < b->count && mp_open_before(&c->open[at], p); at++)
        if (covers(&b->at[at], &x))
            return;
    if (b->count == MP_BESTS_MAX) {
        c->too_many = true, b->count = 0;
        return;
    }
    insert(c, at, p, &x);
    drop_covered(c, at);
}

void mp_collect_one(struct mp_collect *c, const struct mp_mapping *m, const struct mp_counts *k) {
    struct mp_bests *b = c->bests;
    b->at[0] = (struct mp_best){.mapping = *m, .counts = *k};
    memcpy(b->least, b->room, sizeof b->least);
    b->count = 1;
}
