// SPDX-License-Identifier: Apache-2.0
// Enumeration of roles and tile sizes.
#include "sim/map/space.h"

#include "sim/base/gcd.h"

#include <string.h>

size_t mp_space_roles(const struct mp_map_request *q, unsigned roles[16][3]) {
    const struct mp_task *t = q->task;
    const struct mp_constraint *c = q->constraint;
    if (!t->on_array) {
        roles[0][0] = roles[0][1] = roles[0][2] = MP_ROLES; // none
        return 1;
    }
    unsigned rows = q->array->row_roles, cols = q->array->col_roles, lanes = q->array->lane_roles;
    if (c)
        rows &= c->row_roles, cols &= c->col_roles, lanes &= c->lane_roles;
    bool flat_differs = t->win[0].k * t->win[1].k > 1;
    bool both = lanes == (1u << MP_ROLE_IC | 1u << MP_ROLE_K_IC);
    size_t n = 0;
    for (unsigned i = 0; i < MP_ROLES * MP_ROLES * MP_ROLES; i++) {
        unsigned r = i / (MP_ROLES * MP_ROLES), k = i / MP_ROLES % MP_ROLES, l = i % MP_ROLES;
        if (!(rows >> r & 1) || !(cols >> k & 1) || !(lanes >> l & 1))
            continue;
        if ((t->dataflow == MP_OS && t->systolic && r == k) || (t->dataflow != MP_OS && l != r))
            continue;
        if (both && l == MP_ROLE_K_IC && !flat_differs)
            continue;
        roles[n][0] = r, roles[n][1] = k, roles[n][2] = l;
        n++;
    }
    return n;
}

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

// A least size beyond the dimension's is the whole of it.
static bool allowed(const struct mp_constraint *c, unsigned d, uint64_t size, uint64_t tile) {
    if (!c)
        return true;
    if (tile < least(c->min[d], size) || (c->max[d] && tile > c->max[d]))
        return false;
    for (size_t i = 0; i < c->forbidden[d].count; i++)
        if (c->forbidden[d].sizes[i] == tile)
            return false;
    return true;
}

// PE-steps a pixel and output channel of a tile of `ic` channels, `size` operands of the reduction at each of `times`.
static uint64_t active_of(const struct mp_task *t, uint64_t steps, uint64_t size, uint64_t times) {
    return t->dataflow == MP_OS ? steps : times * mp_ceil_div(size, t->lanes);
}

static void add_reduction(struct mp_cut *k, const struct mp_task *t, const struct mp_spatial *p, uint64_t ic, uint64_t n) {
    uint64_t size = p->flat ? p->taps * ic : ic, steps = mp_reduce_count(p, ic);
    k->steps += (double)(n * steps), k->last_steps = (double)steps;
    uint64_t operands = least(size, p->reduce_unit); // of an edge no more than of a full tile
    k->fetched += (double)(n * steps * operands), k->operands = (double)operands;
    k->active += (double)(n * active_of(t, steps, size, p->flat ? 1 : p->taps));
    k->active_most = k->active;
}

static void set_reduction(struct mp_cut *k, const struct mp_task *t, const struct mp_spatial *p, uint64_t full, uint64_t edge) {
    if (full)
        add_reduction(k, t, p, k->tile, full);
    k->first_steps = k->last_steps;
    if (edge)
        add_reduction(k, t, p, edge, 1);
}

static void set_folds(struct mp_cut *k, const struct mp_spatial *p, uint64_t full, uint64_t edge) {
    uint64_t unit = p->oc_unit, folds = full * mp_ceil_div(k->tile, unit), rest = full * ((k->tile - 1) % unit + 1);
    if (edge)
        folds += mp_ceil_div(edge, unit), rest += (edge - 1) % unit + 1;
    k->folds = (double)folds, k->full = k->folds - k->tiles, k->rest = (double)rest;
}

static void add_cut(struct mp_cuts *c, const struct mp_task *t, const struct mp_spatial *p, unsigned d, uint64_t tile) {
    struct mp_cut *k = &c->cut[c->count];
    uint64_t full = t->size[d] / tile, edge = t->size[d] % tile;
    *k = (struct mp_cut){.tile = tile, .size = (double)tile, .last = (double)(edge ? edge : tile),
                         .tiles = (double)(full + (edge != 0))};
    if (c->axis) {
        struct mp_axis *axis = &c->axis[c->count];
        k->axis_fits = mp_axis_init(axis, t, (enum mp_dim)d, tile); // beyond its runs: the extent of a part
        k->room = mp_window_room(&t->win[d - MP_OH], tile);
        k->extent = (double)axis->extent, k->first_extent = (double)axis->runs[0].extent;
    }
    if (d == MP_OC && t->on_array)
        set_folds(k, p, full, edge);
    else if (d == MP_IC && t->on_array)
        set_reduction(k, t, p, full, edge);
    c->count++;
}

static double lesser(double a, double b) {
    return a < b ? a : b;
}

static void set_low(struct mp_cuts *c) {
    for (size_t i = c->count; i-- > 0;) {
        struct mp_cut *l = &c->low[i];
        const struct mp_cut *next = i + 1 < c->count ? l + 1 : &c->cut[i];
        *l = c->cut[i];
        l->tile = least(l->tile, next->tile);
        l->size = lesser(l->size, next->size), l->last = lesser(l->last, next->last), l->tiles = lesser(l->tiles, next->tiles);
        l->extent = lesser(l->extent, next->extent), l->first_extent = lesser(l->first_extent, next->first_extent);
        l->folds = lesser(l->folds, next->folds), l->full = lesser(l->full, next->full);
        l->rest = lesser(l->rest, next->rest), l->operands = lesser(l->operands, next->operands);
        l->steps = lesser(l->steps, next->steps), l->last_steps = lesser(l->last_steps, next->last_steps);
        l->fetched = lesser(l->fetched, next->fetched), l->active = lesser(l->active, next->active);
        l->active_most = l->active_most > next->active_most ? l->active_most : next->active_most;
    }
}

struct mp_cut mp_cut_any(const struct mp_task *t, const struct mp_spatial *s, enum mp_dim d) {
    uint64_t size = t->size[d], taps = s->flat ? 1 : s->taps, one = s->flat ? s->taps : 1;
    struct mp_cut k = {.tile = 1, .size = 1, .last = 1, .tiles = 1, .rest = 1};
    if (!t->on_array)
        return k;
    if (d == MP_OC) {
        k.folds = (double)mp_ceil_div(size, s->oc_unit);
    } else if (d == MP_IC) {
        uint64_t steps = mp_reduce_count(s, size), single = mp_reduce_count(s, 1);
        k.steps = (double)steps, k.last_steps = (double)single;
        k.fetched = (double)(size * s->taps), k.operands = (double)least(one, s->reduce_unit);
        k.active = (double)active_of(t, steps, one * size, taps);
        k.active_most = (double)(size * active_of(t, single, one, taps));
    }
    return k;
}

// u ceil(ceil(N/u)/n) for n = 1, 2, ..., cut at N; the largest first.
static void list_cuts(struct mp_cuts *c, struct mp_arena *a, const struct mp_map_request *q, const struct mp_spatial *p,
                      unsigned d, uint64_t unit) {
    const struct mp_task *t = q->task;
    uint64_t size = t->size[d], units = mp_ceil_div(size, unit), last = 0, room = 2;
    while (room * room / 4 < units + 1)
        room++;
    *c = (struct mp_cuts){.cut = mp_arena_alloc(a, room + 2, sizeof *c->cut), .low = mp_arena_alloc(a, room + 2, sizeof *c->low)};
    if (d == MP_OH || d == MP_OW)
        c->axis = mp_arena_alloc(a, room + 2, sizeof *c->axis);
    if (q->constraint && q->constraint->fixed[d]) {
        add_cut(c, t, p, d, least(q->constraint->fixed[d], size));
        units = 0;
    }
    for (uint64_t n = 1; n <= units;) {
        uint64_t part = mp_ceil_div(units, n), tile = part * unit < size ? part * unit : size;
        if (tile != last && allowed(q->constraint, d, size, tile))
            add_cut(c, t, p, d, tile);
        last = tile;
        n = part > 1 ? mp_ceil_div(units, part - 1) : units + 1; // the next n that gives a smaller part
    }
    set_low(c);
}

static bool same_window(const struct mp_task *t) {
    return t->size[MP_OH] == t->size[MP_OW] && memcmp(&t->win[0], &t->win[1], sizeof t->win[0]) == 0;
}

void mp_space_base_init(struct mp_space_base *s, struct mp_arena *a, const struct mp_map_request *q) {
    *s = (struct mp_space_base){.q = q};
    for (unsigned d = 0; d < MP_OC; d++) {
        if (d == MP_OW && !q->constraint && same_window(q->task))
            s->dim[d] = s->dim[MP_OH];
        else
            list_cuts(&s->dim[d], a, q, NULL, d, 1);
    }
}

static bool smallest_fits(const struct mp_space *s, const struct mp_task *t) {
    uint64_t tile[MP_DIMS];
    for (int d = 0; d < MP_DIMS; d++)
        tile[d] = s->dim[d].cut[s->dim[d].count - 1].tile;
    for (int b = 0; b < MP_BUFFERS; b++)
        if (mp_tile_buffer_bits(t, tile, (enum mp_buffer_id)b) > t->tile_bits[b])
            return false;
    return true;
}

static bool any_empty(const struct mp_space *s) {
    for (int d = 0; d < MP_DIMS; d++)
        if (s->dim[d].count == 0)
            return true;
    return false;
}

void mp_space_spatial(const struct mp_task *t, const unsigned roles[3], struct mp_spatial *s) {
    if (t->on_array)
        mp_spatial_init(s, t, roles[0], roles[1], roles[2]);
    else
        *s = (struct mp_spatial){.rows = MP_ROLES, .cols = MP_ROLES, .lanes = MP_ROLES, .pixel_unit = 1, .oc_unit = 1,
                                 .reduce_unit = 1, .taps = 1};
}

bool mp_same_folds(const struct mp_spatial *a, const struct mp_spatial *b) {
    return a->pixel_unit == b->pixel_unit && a->oc_unit == b->oc_unit && a->reduce_unit == b->reduce_unit && a->flat == b->flat;
}

bool mp_space_init(struct mp_space *s, struct mp_arena *a, const struct mp_space_base *base, const struct mp_spatial *spatial,
                   bool *ruled_out) {
    const struct mp_task *t = base->q->task;
    uint64_t oc = t->size[MP_OC], ic = t->size[MP_IC]; // off the array: whole
    *s = (struct mp_space){.spatial = spatial};
    if (t->on_array) {
        uint64_t unit = spatial->reduce_unit;
        if (spatial->flat)
            unit /= mp_gcd(unit, spatial->taps);
        oc = least(spatial->oc_unit, oc), ic = least(unit, ic);
    }
    memcpy(s->dim, base->dim, sizeof base->dim);
    for (;;) {
        list_cuts(&s->dim[MP_OC], a, base->q, spatial, MP_OC, oc);
        list_cuts(&s->dim[MP_IC], a, base->q, spatial, MP_IC, ic);
        if (any_empty(s)) {
            *ruled_out = true;
            return false;
        }
        if (smallest_fits(s, t))
            return true;
        if (!t->on_array || (oc == 1 && ic == 1))
            return false;
        *(oc >= ic ? &oc : &ic) /= 2;
    }
}
