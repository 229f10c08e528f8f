// SPDX-License-Identifier: Apache-2.0
// Enumeration of roles and tile sizes.
#include "sim/map/space.h"

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

static uint64_t gcd(uint64_t a, uint64_t b) {
    while (b) {
        uint64_t r = a % b;
        a = b, b = r;
    }
    return a;
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

static void add_cut(struct mp_space *s, const struct mp_task *t, unsigned d, uint64_t tile) {
    struct mp_cut *k = &s->dim[d].cut[s->dim[d].count++];
    k->tile = tile;
    k->fits_axis = mp_axis_init(&k->axis, t, (enum mp_dim)d, tile);
    uint64_t full = t->size[d] / tile, edge = t->size[d] % tile;
    k->last = edge ? edge : tile;
    if (!t->on_array)
        return;
    if (d == MP_OC) {
        k->folds = full * mp_ceil_div(tile, s->spatial.oc_unit) + (edge ? mp_ceil_div(edge, s->spatial.oc_unit) : 0);
    } else if (d == MP_IC) {
        const struct mp_spatial *p = &s->spatial;
        for (int e = 0; e < 2; e++) {
            uint64_t ic = e ? edge : tile, n = e ? edge != 0 : full;
            if (n == 0)
                continue;
            uint64_t size = p->flat ? p->taps * ic : ic, times = p->flat ? 1 : p->taps;
            uint64_t steps = mp_reduce_count(p, ic);
            k->steps += n * steps;
            k->fetched += n * steps * (size < p->reduce_unit ? size : p->reduce_unit);
            k->active += n * times * mp_ceil_div(size, t->lanes);
        }
    }
}

// u ceil(ceil(N/u)/n) for n = 1, 2, ..., cut at N; the largest first.
static void add_cuts(struct mp_space *s, struct mp_arena *a, const struct mp_map_request *q, unsigned d, uint64_t unit) {
    const struct mp_task *t = q->task;
    uint64_t size = t->size[d], units = mp_ceil_div(size, unit), last = 0, room = 2;
    while (room * room / 4 < units + 1)
        room++;
    s->dim[d] = (struct mp_cuts){.cut = mp_arena_alloc(a, room + 2, sizeof *s->dim[d].cut)};
    if (q->constraint && q->constraint->fixed[d]) {
        add_cut(s, t, d, least(q->constraint->fixed[d], size));
        return;
    }
    for (uint64_t n = 1; n <= units;) {
        uint64_t part = mp_ceil_div(units, n), tile = part * unit < size ? part * unit : size;
        if (tile != last && allowed(q->constraint, d, size, tile))
            add_cut(s, t, d, tile);
        last = tile;
        n = part > 1 ? mp_ceil_div(units, part - 1) : units + 1; // the next n that gives a smaller part
    }
}

static void set_loosest(struct mp_space *s, unsigned d) {
    const struct mp_cuts *c = &s->dim[d];
    struct mp_cut *l = &s->loosest[d];
    *l = c->cut[0];
    for (size_t i = 1; i < c->count; i++) {
        l->tile = least(l->tile, c->cut[i].tile), l->last = least(l->last, c->cut[i].last);
        l->axis.tiles = least(l->axis.tiles, c->cut[i].axis.tiles);
        l->folds = least(l->folds, c->cut[i].folds), l->steps = least(l->steps, c->cut[i].steps);
        l->fetched = least(l->fetched, c->cut[i].fetched), l->active = least(l->active, c->cut[i].active);
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

bool mp_space_init(struct mp_space *s, struct mp_arena *a, const struct mp_map_request *q, const unsigned roles[3],
                   bool *ruled_out) {
    const struct mp_task *t = q->task;
    *s = (struct mp_space){.spatial = {.rows = MP_ROLES, .cols = MP_ROLES, .lanes = MP_ROLES, .pixel_unit = 1,
                                       .oc_unit = 1, .reduce_unit = 1, .taps = 1}};
    uint64_t oc = t->size[MP_OC], ic = t->size[MP_IC]; // off the array: whole
    if (t->on_array) {
        mp_spatial_init(&s->spatial, t, roles[0], roles[1], roles[2]);
        uint64_t unit = s->spatial.reduce_unit;
        oc = s->spatial.oc_unit;
        ic = s->spatial.flat ? unit / gcd(unit, s->spatial.taps) : unit;
        oc = oc < t->size[MP_OC] ? oc : t->size[MP_OC], ic = ic < t->size[MP_IC] ? ic : t->size[MP_IC];
    }
    for (unsigned d = 0; d < MP_OC; d++)
        add_cuts(s, a, q, d, 1);
    for (;;) {
        add_cuts(s, a, q, MP_OC, oc);
        add_cuts(s, a, q, MP_IC, ic);
        if (any_empty(s)) {
            *ruled_out = true;
            return false;
        }
        if (smallest_fits(s, t)) {
            set_loosest(s, MP_G), set_loosest(s, MP_OC), set_loosest(s, MP_IC);
            return true;
        }
        if (!t->on_array || (oc == 1 && ic == 1))
            return false;
        *(oc >= ic ? &oc : &ic) /= 2;
    }
}
