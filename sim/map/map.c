// SPDX-License-Identifier: Apache-2.0
// Branch and bound over the space of map.h. Tile sizes whose bound, order left open, does not beat the best known are
// cut; so are orders. What remains is evaluated by the analytic engine, the best bound first.
#include "sim/map/map.h"

#include "sim/engine/analytic.h"
#include "sim/map/bound.h"

#include <inttypes.h>
#include <stdlib.h>
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

// A point of the space that its bound did not rule out.
struct point {
    struct mp_score bound;
    uint64_t id; // place in the enumeration
    const struct mp_space *space;
    const struct mp_cut *cut[MP_DIMS];
    unsigned order;
};

struct search {
    const struct mp_map_request *q;
    struct mp_arena arena;
    struct mp_score best, lowest; // best mapping; lowest bound evaluated so far
    uint64_t best_id;
    struct mp_mapping *mapping;
    struct mp_counts *counts;
    struct mp_map_stats stats;
    struct point *open;
    size_t open_count, open_cap;
    uint64_t id;
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

static void evaluate(struct search *s, const struct point *p) {
    const struct mp_spatial *sp = &p->space->spatial;
    struct mp_mapping m = {.rows = sp->rows, .cols = sp->cols, .lanes = sp->lanes};
    const struct mp_axis *axis[MP_DIMS];
    struct mp_counts c;
    bool fits = true;
    for (int d = 0; d < MP_DIMS; d++) {
        m.tile[d] = p->cut[d]->tile, axis[d] = &p->cut[d]->axis;
        fits &= p->cut[d]->fits_axis;
    }
    set_order(&m, p->order);
    if (fits)
        mp_analytic_axes(s->q->task, &m, axis, &c);
    else
        mp_event(s->q->task, &m, NULL, NULL, &c);
    s->stats.evaluated++;
    struct mp_score score = mp_score_of(s->q->objective, mp_counts_cycles(&c), mp_counts_energy_pj(&c, s->q->prices, NULL));
    bool tie = !mp_score_less(score, s->best) && !mp_score_less(s->best, score);
    if (mp_score_less(score, s->best) || (tie && p->id < s->best_id)) {
        s->best = score, s->best_id = p->id;
        *s->mapping = m, *s->counts = c;
    }
}

static void drop_beaten(struct search *s) {
    size_t left = 0;
    for (size_t i = 0; i < s->open_count; i++)
        if (!mp_score_less(s->best, s->open[i].bound))
            s->open[left++] = s->open[i];
    s->open_count = left;
}

// When the list is full: evaluates its most promising point and drops what that rules out. The list grows only when
// that leaves it almost full.
static void thin_out(struct search *s) {
    size_t lowest = 0;
    for (size_t i = 1; i < s->open_count; i++)
        if (mp_score_less(s->open[i].bound, s->open[lowest].bound))
            lowest = i;
    evaluate(s, &s->open[lowest]);
    s->open[lowest] = s->open[--s->open_count];
    drop_beaten(s);
}

static void keep(struct search *s, const struct point *p) {
    bool full = s->open_count == s->open_cap;
    if (full && s->open_cap > 0)
        thin_out(s);
    if (full && s->open_count >= s->open_cap / 4 * 3) {
        size_t cap = s->open_cap ? s->open_cap * 2 : 256;
        s->open = mp_arena_grow(&s->arena, s->open, s->open_count, cap, sizeof *s->open);
        s->open_cap = cap;
    }
    s->open[s->open_count++] = *p;
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

static void try_orders(struct search *s, struct point *p, const struct mp_tile_bound *b, const double tiles[MP_BLOCKS]) {
    unsigned tiled = 0;
    for (unsigned i = 0; i < MP_BLOCKS; i++)
        tiled |= (unsigned)(tiles[i] > 1) << i;
    for (unsigned o = 0; o < MP_ORDERS; o++) {
        if (!(s->orders[tiled] >> o & 1))
            continue;
        const struct mp_reuse *u = &s->reuse[o][tiled];
        struct mp_reuse r = {u->in > 0 ? tiles[MP_BLOCK_OC] : 1, u->w > 0 ? tiles[MP_BLOCK_PIXEL] : 1,
                             u->spills > 0 ? tiles[MP_BLOCK_IC] - 1 : 0};
        p->order = o;
        p->id = s->id++;
        s->stats.bounded++;
        if (s->q->objective == MP_LATENCY && mp_bound_cycles(s->q, b, r) > s->best.first)
            continue;
        p->bound = mp_bound(s->q, b, r);
        if (mp_score_less(s->best, p->bound))
            continue;
        if (mp_score_less(p->bound, s->lowest)) {
            s->lowest = p->bound;
            evaluate(s, p);
        } else {
            keep(s, p);
        }
    }
}

static bool fits(const struct mp_task *t, const struct mp_cut *const cut[MP_DIMS], enum mp_buffer_id b) {
    uint64_t tile[MP_DIMS];
    for (int d = 0; d < MP_DIMS; d++)
        tile[d] = cut[d]->tile;
    return mp_tile_buffer_bits(t, tile, b) <= t->tile_bits[b];
}

// Whether no order of these tiles can be best: by cycles alone where latency is asked for, then with the energy.
static bool cut_off(struct search *s, const struct point *p, const struct mp_pixel_sums *px, struct mp_tile_bound *b) {
    const struct mp_reuse once = {1, 1, 0};
    mp_tile_bound(s->q, &p->space->spatial, px, p->cut, b);
    if (s->q->objective == MP_LATENCY && mp_bound_cycles(s->q, b, once) > s->best.first)
        return true;
    mp_tile_bound_energy(s->q, px, b);
    return mp_score_less(s->best, mp_bound(s->q, b, once));
}

// Channel tiles under a choice of pixel tiles. Sizes fall along the lists, so that what does not fit with the smallest
// partner is passed over early; `p` comes with the loosest cut for the dimensions still open.
static void branch_ic(struct search *s, struct point *p, const struct mp_pixel_sums *px) {
    const struct mp_task *t = s->q->task;
    const struct mp_cuts *ic = &p->space->dim[MP_IC];
    struct mp_tile_bound b;
    for (size_t i = 0; i < ic->count; i++) {
        p->cut[MP_IC] = &ic->cut[i];
        if (!fits(t, p->cut, MP_WEIGHT) || !fits(t, p->cut, MP_INPUT))
            continue;
        s->stats.points++;
        if (cut_off(s, p, px, &b))
            continue;
        double tiles[MP_BLOCKS] = {
            [MP_BLOCK_PIXEL] = px->tiles, [MP_BLOCK_OC] = (double)p->cut[MP_OC]->axis.tiles,
            [MP_BLOCK_IC] = (double)p->cut[MP_IC]->axis.tiles};
        try_orders(s, p, &b, tiles);
    }
}

static void branch_channels(struct search *s, struct point *p, const struct mp_pixel_sums *px) {
    const struct mp_task *t = s->q->task;
    const struct mp_space *sp = p->space;
    struct mp_tile_bound b;
    if (cut_off(s, p, px, &b))
        return;
    for (size_t g = 0; g < sp->dim[MP_G].count; g++) {
        p->cut[MP_G] = &sp->dim[MP_G].cut[g];
        for (size_t o = 0; o < sp->dim[MP_OC].count; o++) {
            p->cut[MP_OC] = &sp->dim[MP_OC].cut[o];
            p->cut[MP_IC] = &sp->loosest[MP_IC];
            if (fits(t, p->cut, MP_OUTPUT) && fits(t, p->cut, MP_WEIGHT) && !cut_off(s, p, px, &b))
                branch_ic(s, p, px);
        }
    }
}

static void branch(struct search *s, const struct mp_space *sp) {
    const struct mp_task *t = s->q->task;
    struct point p = {.space = sp};
    struct mp_pixel_sums px;
    for (size_t b = 0; b < sp->dim[MP_B].count; b++)
        for (size_t h = 0; h < sp->dim[MP_OH].count; h++)
            for (size_t w = 0; w < sp->dim[MP_OW].count; w++) {
                p.cut[MP_B] = &sp->dim[MP_B].cut[b];
                p.cut[MP_OH] = &sp->dim[MP_OH].cut[h], p.cut[MP_OW] = &sp->dim[MP_OW].cut[w];
                p.cut[MP_G] = &sp->loosest[MP_G];
                p.cut[MP_OC] = &sp->loosest[MP_OC], p.cut[MP_IC] = &sp->loosest[MP_IC];
                if (!fits(t, p.cut, MP_INPUT) || !fits(t, p.cut, MP_OUTPUT))
                    continue;
                mp_pixel_sums(t, &sp->spatial, p.cut[MP_B], p.cut[MP_OH], p.cut[MP_OW], &px);
                branch_channels(s, &p, &px);
            }
}

static int by_bound(const void *x, const void *y) {
    const struct point *a = x, *b = y;
    if (mp_score_less(a->bound, b->bound))
        return -1;
    if (mp_score_less(b->bound, a->bound))
        return 1;
    return a->id < b->id ? -1 : a->id > b->id;
}

static void close_open(struct search *s) {
    drop_beaten(s);
    if (s->open_count > 1)
        qsort(s->open, s->open_count, sizeof *s->open, by_bound);
    for (size_t i = 0; i < s->open_count && !mp_score_less(s->best, s->open[i].bound); i++)
        evaluate(s, &s->open[i]);
}

static void smallest_tile(const struct mp_task *t, uint64_t tile[MP_DIMS]) {
    for (int d = 0; d < MP_DIMS; d++)
        tile[d] = t->on_array || d < MP_OC ? 1 : t->size[d];
}

bool mp_map_possible(const struct mp_task *t) {
    uint64_t tile[MP_DIMS];
    smallest_tile(t, tile);
    for (int b = 0; b < MP_BUFFERS; b++)
        if (mp_tile_buffer_bits(t, tile, (enum mp_buffer_id)b) > t->tile_bits[b])
            return false;
    return true;
}

// No tile fits: what the smallest one needs says what would do.
static bool fail_too_small(const struct mp_task *t, struct mp_err *err) {
    uint64_t tile[MP_DIMS];
    smallest_tile(t, tile);
    for (int b = 0; b < MP_BUFFERS; b++) {
        uint64_t need = mp_tile_buffer_bits(t, tile, (enum mp_buffer_id)b);
        uint64_t bytes = mp_ceil_div(t->double_buffered[b] ? 2 * need : need, 8);
        if (need > t->tile_bits[b])
            return mp_fail(err, "buffers/%s: too small for any tile: needs at least %" PRIu64 " bytes%s", mp_buffer_names[b],
                           bytes, t->double_buffered[b] ? " with double buffering" : "");
    }
    return mp_fail(err, "the constraints leave no tile that fits the buffers");
}

bool mp_map(const struct mp_map_request *q, struct mp_mapping *best, struct mp_counts *counts, struct mp_map_stats *stats,
            struct mp_err *err) {
    struct search s = {.q = q, .mapping = best, .counts = counts, .best_id = UINT64_MAX,
                       .best = {.first = 1e300, .second = 1e300}, .lowest = {.first = 1e300, .second = 1e300}};
    unsigned roles[16][3];
    bool ruled_out = false;
    init_orders(&s);
    size_t count = mp_space_roles(q, roles);
    for (size_t i = 0; i < count; i++) {
        struct mp_space *sp = mp_arena_alloc(&s.arena, 1, sizeof *sp);
        if (mp_space_init(sp, &s.arena, q, roles[i], &ruled_out))
            branch(&s, sp);
    }
    close_open(&s);
    mp_arena_finish(&s.arena);
    if (stats)
        *stats = s.stats;
    if (s.stats.evaluated > 0)
        return true;
    return ruled_out || count == 0 ? mp_fail(err, "the constraints leave no mapping") : fail_too_small(q->task, err);
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
