// SPDX-License-Identifier: Apache-2.0
// Branch and bound over the space of map.h, the part with the lowest bound first: roles, then pixels (batch, oh,
// ow), channels (group, oc), and points. A part whose bound does not beat the best known is left out; a point is
// evaluated by the analytic engine. The first parts are followed down to a point, for something to compare with.
#include "sim/map/map.h"

#include "sim/engine/analytic.h"
#include "sim/map/bound.h"
#include "sim/map/collect.h"
#include "sim/map/fit.h"

#include <inttypes.h>
#include <string.h>

const char *const mp_objective_names[] = {"latency", "energy", "edp", NULL};

const unsigned char mp_block_orders[MP_ORDERS][MP_BLOCKS] = {
    {MP_BLOCK_OC, MP_BLOCK_PIXEL, MP_BLOCK_IC}, {MP_BLOCK_PIXEL, MP_BLOCK_OC, MP_BLOCK_IC},
    {MP_BLOCK_OC, MP_BLOCK_IC, MP_BLOCK_PIXEL}, {MP_BLOCK_IC, MP_BLOCK_OC, MP_BLOCK_PIXEL},
    {MP_BLOCK_PIXEL, MP_BLOCK_IC, MP_BLOCK_OC}, {MP_BLOCK_IC, MP_BLOCK_PIXEL, MP_BLOCK_OC},
};

struct mp_score mp_score_of(enum mp_objective o, uint64_t cycles, double energy_pj) {
    double c = (double)cycles;
    if (o == MP_LATENCY)
        return (struct mp_score){c, energy_pj};
    return (struct mp_score){o == MP_ENERGY ? energy_pj : energy_pj * c, c};
}

bool mp_score_less(struct mp_score a, struct mp_score b) {
    return a.first < b.first || (a.first == b.first && a.second < b.second);
}

#define ROLES 16

// A role combination; its lists are made when its part is opened.
struct branch {
    struct mp_spatial spatial;
    struct mp_space *space; // NULL when no tile fits
    bool made;
};

struct search {
    const struct mp_map_request *q;
    const struct mp_task *t;
    struct mp_arena *arena;
    struct mp_space_base base;
    struct mp_bounder bounder;
    struct branch branch[ROLES];
    unsigned branches;        // role combinations; those left out have no bound
    struct mp_frontier frontier;
    struct mp_open dive;      // the lowest part of those just made, when there is nothing yet to compare with
    bool diving, has_dive;
    bool ruled_out;           // the constraint left some roles without a tile
    struct mp_score best;
    struct mp_open best_at;
    struct mp_mapping *mapping;
    struct mp_counts *counts;
    struct mp_collect collect;
    struct mp_map_stats stats;
    struct mp_reuse reuse[MP_ORDERS][1u << MP_BLOCKS]; // by order and set of tiled blocks; factors as 0 or 1
    unsigned char orders[1u << MP_BLOCKS];             // by set of tiled blocks: the distinct orders that are allowed
};

static void set_order(struct mp_mapping *m, unsigned order) {
    unsigned n = 0;
    m->order[n++] = MP_G;
    for (int i = 0; i < MP_BLOCKS; i++) {
        unsigned char block = mp_block_orders[order][i];
        if (block == MP_BLOCK_PIXEL) {
            m->order[n++] = MP_B, m->order[n++] = MP_OH, m->order[n++] = MP_OW;
        } else {
            m->order[n++] = block == MP_BLOCK_OC ? MP_OC : MP_IC;
        }
    }
}

// The axes of a point; false when one has too many runs.
static bool cut_axes(const struct search *s, const struct mp_space *sp, const struct mp_open *p, struct mp_axis own[MP_DIMS],
                     const struct mp_axis *axis[MP_DIMS]) {
    for (int d = 0; d < MP_DIMS; d++) {
        const struct mp_cuts *c = &sp->dim[d];
        axis[d] = c->axis ? &c->axis[p->at[d]] : &own[d];
        if (c->axis ? !c->cut[p->at[d]].axis_fits : !mp_axis_init(&own[d], s->t, (enum mp_dim)d, c->cut[p->at[d]].tile))
            return false;
    }
    return true;
}

static void set_mapping(const struct mp_space *sp, const struct mp_open *p, struct mp_mapping *m) {
    *m = (struct mp_mapping){.rows = sp->spatial->rows, .cols = sp->spatial->cols, .lanes = sp->spatial->lanes};
    for (int d = 0; d < MP_DIMS; d++)
        m->tile[d] = sp->dim[d].cut[p->at[d]].tile;
    set_order(m, p->order);
}

// Whether all mappings of fewest cycles are wanted, not just the one that is best at these prices.
static bool wants_all(const struct search *s) {
    return s->q->bests && s->q->objective == MP_LATENCY && !s->collect.too_many;
}

static bool beaten(const struct search *s, struct mp_score bound) {
    return wants_all(s) ? s->best.first < bound.first : mp_score_less(s->best, bound);
}

static void evaluate(struct search *s, const struct mp_open *p) {
    const struct mp_space *sp = s->branch[p->roles].space;
    struct mp_mapping m;
    struct mp_axis own[MP_DIMS];
    const struct mp_axis *axis[MP_DIMS];
    struct mp_counts c;
    s->stats.evaluated++;
    set_mapping(sp, p, &m);
    if (!cut_axes(s, sp, p, own, axis)) {
        mp_event(s->t, &m, NULL, NULL, &c);
    } else {
        if (s->q->objective == MP_LATENCY && s->stats.evaluated > 1 && (double)mp_analytic_cycles(s->t, &m, axis) > s->best.first)
            return;
        mp_analytic_axes(s->t, &m, axis, &c);
    }
    if (s->q->bests && s->q->objective == MP_LATENCY)
        mp_collect_add(&s->collect, p, &m, &c);
    struct mp_score score = mp_score_of(s->q->objective, mp_counts_cycles(&c), mp_counts_energy_pj(&c, s->q->prices, NULL));
    bool tie = score.first == s->best.first && score.second == s->best.second;
    if (mp_score_less(score, s->best) || (tie && mp_open_before(p, &s->best_at))) {
        s->best = score, s->best_at = *p;
        if (s->q->objective == MP_LATENCY)
            s->bounder.most_cycles = score.first;
        *s->mapping = m, *s->counts = c;
    }
}

// A part to be looked at later, unless it cannot hold the best.
static void put(struct search *s, const struct mp_open *p) {
    if (beaten(s, p->bound))
        return;
    if (s->diving && (!s->has_dive || mp_score_less(p->bound, s->dive.bound))) {
        if (s->has_dive)
            mp_frontier_push(&s->frontier, s->arena, &s->dive);
        s->dive = *p, s->has_dive = true;
    } else {
        mp_frontier_push(&s->frontier, s->arena, p);
    }
}

// The bound of a part: group, oc and ic are the cuts, or what they stand for up to the largest.
static struct mp_score bound_of(struct search *s, const struct mp_spatial *sp, const struct mp_pixel_sums *px,
                                const struct mp_cut *g, const struct mp_cut *oc, const struct mp_cut *ic,
                                const struct mp_largest *most) {
    struct mp_tile_bound k;
    mp_tile_bound(&s->bounder, sp, px, g, oc, ic, &k);
    mp_tile_bound_joint(&s->bounder, px, g, oc, ic, most, &k);
    s->stats.bounded++;
    return mp_bound_free(&s->bounder, &k, px->tiles, oc->tiles, ic->tiles);
}

// Whether two orders are the same but for loops of one tile. `tiled` is the set of blocks of more.
static bool same_order(unsigned a, unsigned b, unsigned tiled) {
    int i = 0, j = 0;
    for (;; i++, j++) {
        while (i < MP_BLOCKS && !(tiled >> mp_block_orders[a][i] & 1))
            i++;
        while (j < MP_BLOCKS && !(tiled >> mp_block_orders[b][j] & 1))
            j++;
        if (i == MP_BLOCKS || j == MP_BLOCKS)
            return i == j;
        if (mp_block_orders[a][i] != mp_block_orders[b][j])
            return false;
    }
}

// For each set of tiled blocks: which orders differ, and what each reuses.
static void init_orders(struct search *s) {
    const struct mp_constraint *c = s->q->constraint;
    unsigned allowed = c ? c->orders : (1u << MP_ORDERS) - 1;
    for (unsigned tiled = 0; tiled < 1u << MP_BLOCKS; tiled++)
        for (unsigned o = 0; o < MP_ORDERS; o++) {
            bool repeats = false;
            for (unsigned p = 0; p < o; p++)
                repeats |= (s->orders[tiled] >> p & 1) && same_order(p, o, tiled);
            s->orders[tiled] |= (unsigned char)(((allowed >> o & 1) && !repeats) << o);
            s->reuse[o][tiled] = mp_reuse_of(mp_block_orders[o], tiled);
        }
}

// Bounds of one choice of tiles by what passes more than once: bits 0 to 2 for inputs, weights, partial sums.
struct order_bounds {
    struct mp_score score[8];
    unsigned known; // bit set
};

static unsigned reuse_key(const struct mp_reuse *r) {
    return (r->in > 0) | (unsigned)(r->w > 0) << 1 | (unsigned)(r->spills > 0) << 2;
}

static void open_point(struct search *s, struct mp_open *p, const struct mp_point_bound *k, double pixel, double oc, double ic) {
    unsigned tiled = (unsigned)(pixel > 1) << MP_BLOCK_PIXEL | (unsigned)(oc > 1) << MP_BLOCK_OC | (unsigned)(ic > 1) << MP_BLOCK_IC;
    struct order_bounds b = {.known = 0};
    p->level = MP_LEVEL_POINT;
    for (unsigned o = 0; o < MP_ORDERS; o++) {
        if (!(s->orders[tiled] >> o & 1))
            continue;
        unsigned key = reuse_key(&s->reuse[o][tiled]);
        if (!(b.known >> key & 1)) {
            struct mp_reuse r = {key & 1 ? oc : 1, key & 2 ? pixel : 1, key & 4 ? ic - 1 : 0};
            b.score[key] = mp_point_bound_of(&s->bounder, k, r);
            b.known |= 1u << key;
            s->stats.bounded++;
        }
        p->order = (uint8_t)o, p->bound = b.score[key];
        put(s, p);
    }
}

static void open_channels(struct search *s, const struct mp_space *sp, const struct mp_open *p) {
    const struct mp_cuts *ic = &sp->dim[MP_IC];
    const struct mp_cut *g = mp_open_cut(sp, p, MP_G), *oc = mp_open_cut(sp, p, MP_OC);
    struct mp_pixel_sums px;
    mp_pixel_sums(s->t, sp->spatial, mp_open_cut(sp, p, MP_B), mp_open_cut(sp, p, MP_OH), mp_open_cut(sp, p, MP_OW), &px);
    for (size_t i = p->at[MP_IC]; i < ic->count; i++) {
        struct mp_open child = *p;
        struct mp_point_bound k;
        child.at[MP_IC] = (uint32_t)i;
        s->stats.points++;
        mp_tile_bound(&s->bounder, sp->spatial, &px, g, oc, &ic->cut[i], &k.tile);
        if (beaten(s, mp_bound_free(&s->bounder, &k.tile, px.tiles, oc->tiles, ic->cut[i].tiles)))
            continue;
        mp_point_bound(&s->bounder, sp->spatial, &px, g, oc, &ic->cut[i], &k);
        open_point(s, &child, &k, px.tiles, oc->tiles, ic->cut[i].tiles);
    }
}

static void open_pixels(struct search *s, const struct mp_space *sp, const struct mp_open *p) {
    const struct mp_cuts *g = &sp->dim[MP_G], *oc = &sp->dim[MP_OC], *ic = &sp->dim[MP_IC];
    const struct mp_cut *b = mp_open_cut(sp, p, MP_B), *oh = mp_open_cut(sp, p, MP_OH), *ow = mp_open_cut(sp, p, MP_OW);
    struct mp_fit_pixels size = mp_fit_pixels(b, oh, ow);
    struct mp_pixel_sums px;
    mp_pixel_sums(s->t, sp->spatial, b, oh, ow, &px);
    for (size_t i = p->at[MP_G]; i < g->count; i++) {
        struct mp_open child = *p;
        struct mp_fit_weights room = mp_fit_weights(s->t, sp, g->cut[i].tile);
        child.level = MP_LEVEL_CHANNELS, child.at[MP_G] = (uint32_t)i;
        if (!mp_fit_channels(s->t, sp, &child, g->cut[i].tile, &size, &room))
            continue;
        uint32_t first = child.at[MP_IC];
        for (size_t o = child.at[MP_OC]; o < oc->count; o++) {
            size_t fits = mp_cuts_find(ic, mp_fit_most_weights(s->t, g->cut[i].tile, oc->cut[o].tile));
            child.at[MP_OC] = (uint32_t)o, child.at[MP_IC] = fits > first ? (uint32_t)fits : first;
            if (child.at[MP_IC] == ic->count)
                continue;
            const struct mp_largest most = {g->cut[i].size, oc->cut[o].size, mp_open_cut(sp, &child, MP_IC)->size};
            child.bound = bound_of(s, sp->spatial, &px, &g->cut[i], &oc->cut[o], mp_open_low(sp, &child, MP_IC), &most);
            put(s, &child);
        }
    }
}

// Cycles that the array works at least, by the folds of the pixels; 0 where they do not count.
static double fold_cycles(const struct mp_bounder *b, const struct mp_space *sp) {
    const struct mp_task *t = b->q->task;
    double steps = sp->dim[MP_IC].low[0].steps * b->step * b->groups;
    if (!t->on_array || t->dataflow == MP_WS || b->q->objective != MP_LATENCY)
        return 0;
    return steps * (t->dataflow == MP_OS ? sp->dim[MP_OC].low[0].folds : b->oc);
}

static void put_pixels(struct search *s, const struct mp_space *sp, struct mp_open *p, const struct mp_fit_weights *room,
                       double each) {
    const struct mp_cut *b = mp_open_cut(sp, p, MP_B), *oh = mp_open_cut(sp, p, MP_OH), *ow = mp_open_cut(sp, p, MP_OW);
    struct mp_fit_pixels size = mp_fit_pixels(b, oh, ow);
    struct mp_pixel_sums px;
    if (!mp_fit_channels(s->t, sp, p, mp_cuts_smallest(&sp->dim[MP_G]), &size, room) || !mp_fit_groups(s->t, sp, p))
        return;
    mp_pixel_sums(s->t, sp->spatial, b, oh, ow, &px);
    if (each * px.folds > s->best.first)
        return;
    const struct mp_largest most = {mp_open_cut(sp, p, MP_G)->size, mp_open_cut(sp, p, MP_OC)->size,
                                    mp_open_cut(sp, p, MP_IC)->size};
    p->bound = bound_of(s, sp->spatial, &px, mp_open_low(sp, p, MP_G), mp_open_low(sp, p, MP_OC), mp_open_low(sp, p, MP_IC), &most);
    put(s, p);
}

static void open_roles(struct search *s, const struct mp_space *sp, const struct mp_open *p) {
    const struct mp_cuts *b = &sp->dim[MP_B], *oh = &sp->dim[MP_OH], *ow = &sp->dim[MP_OW];
    struct mp_fit_weights room = mp_fit_weights(s->t, sp, mp_cuts_smallest(&sp->dim[MP_G]));
    double each = fold_cycles(&s->bounder, sp) * (1 - 1e-9);
    for (size_t i = 0; i < b->count; i++)
        for (size_t h = 0; h < oh->count; h++)
            for (size_t w = 0; w < ow->count; w++) {
                struct mp_open child = {.level = MP_LEVEL_PIXELS, .roles = p->roles};
                child.at[MP_B] = (uint32_t)i, child.at[MP_OH] = (uint32_t)h, child.at[MP_OW] = (uint32_t)w;
                put_pixels(s, sp, &child, &room, each);
            }
}

static void note_smallest(struct search *s, const struct mp_space *sp) {
    uint64_t tile[MP_DIMS];
    for (int d = 0; d < MP_DIMS; d++)
        tile[d] = mp_cuts_smallest(&sp->dim[d]);
    mp_collect_smallest(&s->collect, tile);
}

// The lists of a role combination; NULL when no tile fits.
static const struct mp_space *space_of(struct search *s, unsigned roles) {
    struct branch *b = &s->branch[roles];
    if (!b->made) {
        b->space = mp_arena_alloc(s->arena, 1, sizeof *b->space);
        if (!mp_space_init(b->space, s->arena, &s->base, &b->spatial, &s->ruled_out))
            b->space = NULL;
        else if (s->q->bests)
            note_smallest(s, b->space);
        b->made = true;
    }
    return b->space;
}

static void open_part(struct search *s, const struct mp_open *p) {
    const struct mp_space *sp = space_of(s, p->roles);
    if (!sp)
        return;
    switch (p->level) {
    case MP_LEVEL_ROLES: open_roles(s, sp, p); break;
    case MP_LEVEL_PIXELS: open_pixels(s, sp, p); break;
    case MP_LEVEL_CHANNELS: open_channels(s, sp, p); break;
    default: evaluate(s, p); break;
    }
}

// A role combination with its bound, before it has lists. Left out when an earlier one folds the same: all costs are equal.
static void put_roles(struct search *s, unsigned number, const unsigned roles[3]) {
    struct mp_open p = {.level = MP_LEVEL_ROLES, .roles = (uint8_t)number};
    struct mp_spatial *sp = &s->branch[number].spatial;
    const struct mp_cuts *dim = s->base.dim;
    struct mp_pixel_sums px;
    mp_space_spatial(s->t, roles, sp);
    for (unsigned i = 0; i < number; i++)
        if (mp_same_folds(sp, &s->branch[i].spatial))
            return;
    struct mp_cut oc = mp_cut_any(s->t, sp, MP_OC), ic = mp_cut_any(s->t, sp, MP_IC);
    mp_pixel_sums_low(s->t, sp, &dim[MP_B].low[0], &dim[MP_OH].low[0], &dim[MP_OW].low[0], &px);
    const uint64_t *size = s->t->size;
    const struct mp_largest most = {(double)size[MP_G], (double)size[MP_OC], (double)size[MP_IC]};
    p.bound = bound_of(s, sp, &px, &dim[MP_G].low[0], &oc, &ic, &most);
    mp_frontier_push(&s->frontier, s->arena, &p);
}

static void run(struct search *s) {
    struct mp_open p;
    while (mp_frontier_pop(&s->frontier, &p) && !beaten(s, p.bound)) {
        s->diving = s->stats.evaluated == 0;
        for (;;) {
            s->has_dive = false;
            open_part(s, &p);
            if (!s->has_dive)
                break;
            p = s->dive;
        }
    }
}

static bool base_empty(const struct mp_space_base *b) {
    for (int d = 0; d < MP_OC; d++)
        if (b->dim[d].count == 0)
            return true;
    return false;
}

bool mp_map(const struct mp_map_request *q, struct mp_mapping *best, struct mp_counts *counts, struct mp_map_stats *stats,
            struct mp_err *err) {
    struct mp_arena own = {0};
    struct search s = {.q = q, .t = q->task, .arena = q->scratch ? q->scratch : &own, .mapping = best, .counts = counts,
                       .best = {1e300, 1e300}};
    unsigned roles[ROLES][3];
    size_t count = mp_space_roles(q, roles);
    init_orders(&s);
    mp_bounder_init(&s.bounder, q);
    mp_space_base_init(&s.base, s.arena, q);
    s.ruled_out = base_empty(&s.base);
    for (; s.branches < count && !s.ruled_out; s.branches++)
        put_roles(&s, s.branches, roles[s.branches]);
    if (q->bests)
        mp_collect_begin(&s.collect, q->bests, q->task);
    run(&s);
    if (q->bests && q->objective != MP_LATENCY && s.stats.evaluated > 0)
        mp_collect_one(&s.collect, best, counts);
    if (q->scratch)
        mp_arena_reset(q->scratch);
    mp_arena_finish(&own);
    if (stats)
        *stats = s.stats;
    if (s.stats.evaluated > 0)
        return true;
    return s.ruled_out || count == 0 ? mp_fail(err, "the constraints leave no mapping") : mp_fit_fail(q->task, err);
}

void mp_mapping_complete(struct mp_mapping *m, const struct mp_task *t, const struct mp_pe_array *array) {
    unsigned *role[3] = {&m->rows, &m->cols, &m->lanes};
    unsigned allowed[3] = {array->row_roles, array->col_roles, array->lane_roles};
    for (int i = 0; i < 3 && t->on_array; i++)
        for (unsigned r = 0; *role[i] == MP_ROLES && r < MP_ROLES; r++)
            if (allowed[i] >> r & 1)
                *role[i] = i == 2 && t->dataflow != MP_OS ? m->rows : r;
    for (int d = 0; d < MP_DIMS; d++)
        if (m->tile[d] == 0)
            m->tile[d] = t->size[d];
}
