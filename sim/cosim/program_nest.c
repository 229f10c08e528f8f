// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/program_nest.h"

void mp_nest_init(struct mp_nest *n, const struct mp_reference_run *r) {
    const struct mp_geometry *g = &r->layer->geo;
    *n = (struct mp_nest){.r = r, .t = r->task, .tiles = 1};
    for (int d = 0; d < MP_DIMS; d++) {
        n->count[d] = mp_ceil_div(r->task->size[d], r->mapping->tile[d]);
        if (__builtin_mul_overflow(n->tiles, n->count[d], &n->tiles))
            n->tiles = UINT64_MAX;
    }
    n->first_group = g->groups > 1 ? r->first_channel / g->oc : 0;
    n->first_oc = g->groups > 1 ? 0 : r->first_channel;
    if (r->task->on_array)
        mp_spatial_init(&n->spatial, r->task, r->mapping->rows, r->mapping->cols, r->mapping->lanes);
    n->a_stored[0] = mp_arch_stored_bits(r->arch, r->values->bits[0]);
    if (r->layer->type == MP_ADD)
        n->a_stored[1] = mp_arch_stored_bits(r->arch, r->values->bits[1]);
}

static void decode(const struct mp_nest *n, uint64_t number, uint64_t index[MP_DIMS]) {
    for (int level = MP_DIMS - 1; level >= 0; level--) {
        unsigned d = n->r->mapping->order[level];
        index[d] = number % n->count[d];
        number /= n->count[d];
    }
}

// Dimensions in which tile `number` differs from tile `other`; all of them when that one is none.
static unsigned changed(const struct mp_nest *n, uint64_t number, uint64_t other) {
    uint64_t a[MP_DIMS], b[MP_DIMS];
    unsigned dims = 0;
    if (other >= n->tiles)
        return (1u << MP_DIMS) - 1;
    decode(n, number, a);
    decode(n, other, b);
    for (unsigned d = 0; d < MP_DIMS; d++)
        dims |= (unsigned)(a[d] != b[d]) << d;
    return dims;
}

void mp_nest_at(const struct mp_nest *n, uint64_t number, struct mp_nest_tile *at) {
    const struct mp_task *t = n->t;
    *at = (struct mp_nest_tile){.number = number};
    decode(n, number, at->index);
    for (unsigned d = 0; d < MP_DIMS; d++) {
        uint64_t full = n->r->mapping->tile[d];
        at->first[d] = at->index[d] * full;
        uint64_t left = t->size[d] - at->first[d];
        at->tile.size[d] = left < full ? left : full;
    }
    at->tile.ih = mp_window_extent(&t->win[0], at->first[MP_OH], at->tile.size[MP_OH]);
    at->tile.iw = mp_window_extent(&t->win[1], at->first[MP_OW], at->tile.size[MP_OW]);
    at->tile.first = at->index[MP_IC] == 0;
    at->tile.last = at->index[MP_IC] + 1 == n->count[MP_IC];
    unsigned before = changed(n, number, number - 1), behind = changed(n, number, number + 1);
    at->input = before & MP_INPUT_DIMS;
    at->weight = t->on_array && (before & MP_WEIGHT_DIMS);
    at->output = before & MP_OUTPUT_DIMS;
    at->leaves = behind & MP_OUTPUT_DIMS;
}

uint64_t mp_nest_number(const struct mp_nest *n, const uint64_t pos[MP_DIMS]) {
    uint64_t number = 0;
    for (int level = 0; level < MP_DIMS; level++) {
        unsigned d = n->r->mapping->order[level];
        uint64_t index = d == MP_IC ? n->count[d] - 1 : pos[d] / n->r->mapping->tile[d];
        number = number * n->count[d] + index;
    }
    return number;
}

uint64_t mp_nest_region(const struct mp_nest *n, const struct mp_nest_tile *at, unsigned dims) {
    uint64_t region = 0;
    for (unsigned d = 0; d < MP_DIMS; d++)
        if (dims >> d & 1)
            region = region * n->count[d] + at->index[d];
    return region;
}

uint64_t mp_nest_regions(const struct mp_nest *n, unsigned dims) {
    uint64_t regions = 1;
    for (unsigned d = 0; d < MP_DIMS; d++)
        regions *= dims >> d & 1 ? n->count[d] : 1;
    return regions;
}

// Windows

// Taps before the input, of windows that do not overlap: their positions ascend.
static int64_t taps_before(const struct mp_nest_window *w, uint64_t count) {
    int64_t taps = 0, at = w->at;
    for (uint64_t y = 0; y < count && at < 0; y++, at += (int64_t)w->s)
        for (uint64_t k = 0; k < w->reach && at + (int64_t)(k * w->d) < 0; k++)
            taps++;
    return taps;
}

void mp_nest_window(const struct mp_window *w, uint64_t first, uint64_t count, struct mp_nest_window *out) {
    int64_t low = (int64_t)(first * w->s) - (int64_t)w->pad;
    *out = (struct mp_nest_window){.held = mp_window_extent(w, first, count), .s = w->s, .d = w->d};
    if (w->s > (w->k - 1) * w->d) {
        out->at = low, out->reach = w->k;
        out->step = (int64_t)w->k, out->tap = 1;
        out->first = -taps_before(out, count);
        return;
    }
    out->at = low > 0 ? low : 0;
    out->step = (int64_t)w->s, out->tap = (int64_t)w->d;
    out->first = low - out->at;
}

uint64_t mp_nest_row(const struct mp_nest_window *w, uint64_t i) {
    if (w->reach == 0)
        return (uint64_t)w->at + i;
    uint64_t tap = i + (uint64_t)-w->first;
    return (uint64_t)(w->at + (int64_t)(tap / w->reach * w->s + tap % w->reach * w->d));
}
