// SPDX-License-Identifier: Apache-2.0
// The analytic engine: the pipeline of engine.h in closed form. A nest of loops over runs of equal tiles has few
// distinct stages (tile before, tile, tile behind); each is booked once, times how often it occurs. Exact: it equals
// the event engine with memories whose phases do not depend on what came before (ideal, fixed).
#include "sim/engine/analytic.h"

#include "sim/engine/axis.h"
#include "sim/engine/fold.h"

#define CLASSES 128 // of tiles: each dimension's edge or not, and the reduction's first

struct nest {
    const struct mp_task *t;
    const struct mp_axis *axis[MP_DIMS];
    struct mp_spatial spatial;
    struct mp_counts *c;
    unsigned dims[MP_DIMS], levels;  // dimensions of more than one tile, outermost first
    unsigned changed[MP_DIMS];       // by level: dimensions that its step changes
    bool has_single;                 // a buffer is not double-buffered
    bool events;                     // counted too, not only cycles
    uint64_t busy[CLASSES];          // a tile's own time by class
};

// A tile, as the run of each dimension it lies in.
struct spot {
    const struct mp_axis_run *run[MP_DIMS];
};

static struct mp_tile tile_at(const struct spot *p) {
    struct mp_tile k;
    for (int d = 0; d < MP_DIMS; d++)
        k.size[d] = p->run[d]->size;
    k.ih = p->run[MP_OH]->extent, k.iw = p->run[MP_OW]->extent;
    k.first = p->run[MP_IC]->first, k.last = p->run[MP_IC]->last;
    return k;
}

static unsigned class_of(const struct spot *p) {
    unsigned id = p->run[MP_IC]->first;
    for (int d = 0; d < MP_DIMS; d++)
        id = id << 1 | p->run[d]->edge;
    return id;
}

static uint64_t busy_of(const struct nest *n, const struct spot *p) {
    if (n->t->on_array)
        return n->busy[class_of(p)];
    struct mp_tile k = tile_at(p);
    return mp_tile_vector_cycles(n->t, &k);
}

// A level that stands for "no step": before the first tile, behind the last one.
#define START (-1)
#define STOP (-2)

struct traffic {
    uint64_t single, doubled; // bursts before the tile computes, and beside it
};

static void add_traffic(const struct nest *n, enum mp_buffer_id b, uint64_t bits, struct traffic *x) {
    *(n->t->double_buffered[b] ? &x->doubled : &x->single) += mp_bursts(bits);
}

// Bursts to load a tile that a step of `level` leads to; its events are counted `times`.
static struct traffic load_traffic(struct nest *n, const struct spot *p, int level, uint64_t times) {
    struct traffic x = {0};
    struct mp_tile k = tile_at(p);
    unsigned changed = level == START ? MP_INPUT_DIMS | MP_WEIGHT_DIMS : n->changed[level];
    bool input = changed & MP_INPUT_DIMS, weight = changed & MP_WEIGHT_DIMS;
    bool partial = (changed & MP_OUTPUT_DIMS) && !k.first;
    if (input)
        add_traffic(n, MP_INPUT, mp_tile_input_bits(n->t, &k), &x);
    if (weight)
        add_traffic(n, MP_WEIGHT, mp_tile_weight_bits(n->t, &k), &x);
    if (partial)
        add_traffic(n, MP_OUTPUT, mp_tile_partial_bits(n->t, &k), &x);
    if (times && n->events)
        mp_count_load(n->t, &k, input, weight, partial, times, n->c);
    return x;
}

// Books `times` stages in which `a` computes. `in` is the level that steps from p to a, `out` from a to b. p, a, b may be NULL.
static void book(struct nest *n, const struct spot *p, int in, const struct spot *a, int out, const struct spot *b,
                 uint64_t times) {
    const struct mp_task *t = n->t;
    const struct mp_dram *d = &t->dram;
    struct mp_stage s = {0};
    struct traffic now = {0}, next = {0};
    if (a && n->has_single)
        now = load_traffic(n, a, in, 0);
    if (b)
        next = load_traffic(n, b, out, times);
    if (p && (in == STOP || (n->changed[in] & MP_OUTPUT_DIMS))) {
        struct mp_tile k = tile_at(p);
        bool doubled = t->double_buffered[MP_OUTPUT];
        uint64_t bits = k.last ? mp_tile_output_bits(t, &k) : mp_tile_partial_bits(t, &k);
        *(doubled ? &next.doubled : &now.single) += mp_bursts(bits);
        *(doubled ? &s.vector : &s.serial_vector) = mp_tile_requant_cycles(t, &k);
        if (n->events)
            mp_count_drain(t, &k, times, n->c);
    }
    s.serial = now.single > 0 || s.serial_vector > 0;
    s.serial_dram = d->ops->phase_cycles(d, now.single);
    s.dram = d->ops->phase_cycles(d, next.doubled);
    s.busy = a ? busy_of(n, a) : 0;
    mp_stage_book(t, &s, times, n->c);
}

static const struct mp_axis_run *run_first(const struct mp_axis *a) {
    return &a->runs[0];
}

static const struct mp_axis_run *run_last(const struct mp_axis *a) {
    return &a->runs[a->run_count - 1];
}

static const struct mp_axis_run *run_second(const struct mp_axis *a) {
    return a->runs[0].count > 1 ? &a->runs[0] : &a->runs[1];
}

static const struct mp_axis_run *run_before_last(const struct mp_axis *a) {
    return run_last(a)->count > 1 ? run_last(a) : run_last(a) - 1;
}

// Calls for each choice of runs on the levels outside `level`, with how often it occurs.
struct odometer {
    unsigned run[MP_DIMS];
};

static uint64_t set_outer(const struct nest *n, const struct odometer *o, unsigned level, struct spot *p) {
    uint64_t times = 1;
    for (unsigned l = 0; l < level; l++) {
        p->run[n->dims[l]] = &n->axis[n->dims[l]]->runs[o->run[l]];
        times *= p->run[n->dims[l]]->count;
    }
    return times;
}

static bool turn(const struct nest *n, struct odometer *o, unsigned level) {
    for (unsigned l = level; l-- > 0;) {
        if (++o->run[l] < n->axis[n->dims[l]]->run_count)
            return true;
        o->run[l] = 0;
    }
    return false;
}

static void set_inner(const struct nest *n, unsigned from, bool last, struct spot *p) {
    for (unsigned l = from; l < n->levels; l++)
        p->run[n->dims[l]] = last ? run_last(n->axis[n->dims[l]]) : run_first(n->axis[n->dims[l]]);
}

// Tiles whose both neighbours lie along the innermost level: windows of three over its runs.
static void book_inner(struct nest *n, struct spot base) {
    unsigned m = n->levels - 1, d = n->dims[m];
    const struct mp_axis *axis = n->axis[d];
    struct odometer o = {{0}};
    do {
        uint64_t times = set_outer(n, &o, m, &base);
        for (unsigned r = 0; r < axis->run_count; r++) {
            const struct mp_axis_run *run = &axis->runs[r];
            struct spot p = base, a = base, b = base;
            a.run[d] = run;
            bool before = r > 0, behind = r + 1 < axis->run_count;
            uint64_t inner = run->count > 2 ? run->count - 2 : 0;
            p.run[d] = b.run[d] = run;
            if (inner)
                book(n, &p, (int)m, &a, (int)m, &b, times * inner);
            if (run->count > 1) {
                if (before) // the run's first tile
                    p.run[d] = run - 1, b.run[d] = run, book(n, &p, (int)m, &a, (int)m, &b, times);
                if (behind) // its last
                    p.run[d] = run, b.run[d] = run + 1, book(n, &p, (int)m, &a, (int)m, &b, times);
            } else if (before && behind) {
                p.run[d] = run - 1, b.run[d] = run + 1, book(n, &p, (int)m, &a, (int)m, &b, times);
            }
        }
    } while (turn(n, &o, m));
}

// The two tiles at a step of `level`, x to y: x is the last of its inner nest, y the first of the next.
static void book_step(struct nest *n, unsigned level, const struct spot *base, const struct mp_axis_run *x,
                      const struct mp_axis_run *y, uint64_t times) {
    unsigned m = n->levels - 1, d = n->dims[level], dm = n->dims[m];
    struct spot last = *base, first = *base;
    last.run[d] = x, first.run[d] = y;
    set_inner(n, level + 1, true, &last);
    set_inner(n, level + 1, false, &first);
    struct spot before = last, behind = first;
    before.run[dm] = run_before_last(n->axis[dm]);
    behind.run[dm] = run_second(n->axis[dm]);
    book(n, &before, (int)m, &last, (int)level, &first, times);
    book(n, &last, (int)level, &first, (int)m, &behind, times);
}

static void book_steps(struct nest *n, unsigned level, struct spot base) {
    const struct mp_axis *axis = n->axis[n->dims[level]];
    struct odometer o = {{0}};
    do {
        uint64_t times = set_outer(n, &o, level, &base);
        for (unsigned r = 0; r < axis->run_count; r++) {
            const struct mp_axis_run *run = &axis->runs[r];
            if (run->count > 1)
                book_step(n, level, &base, run, run, times * (run->count - 1));
            if (r + 1 < axis->run_count)
                book_step(n, level, &base, run, run + 1, times);
        }
    } while (turn(n, &o, level));
}

// Before the first tile, the first, the last, and behind it.
static void book_ends(struct nest *n, struct spot first) {
    struct spot last = first;
    set_inner(n, 0, true, &last);
    book(n, NULL, START, NULL, START, &first, 1);
    if (n->levels == 0) {
        book(n, NULL, START, &first, STOP, NULL, 1);
    } else {
        int m = (int)n->levels - 1;
        unsigned dm = n->dims[m];
        struct spot second = first, before = last;
        second.run[dm] = run_second(n->axis[dm]);
        before.run[dm] = run_before_last(n->axis[dm]);
        book(n, NULL, START, &first, m, &second, 1);
        book(n, &before, m, &last, STOP, NULL, 1);
    }
    book(n, &last, STOP, NULL, STOP, NULL, 1);
}

// A tile class's own cycles and events, `times` over; its cycles are kept for the stages.
static void count_class(struct nest *n, const struct spot *p, uint64_t times) {
    struct mp_tile k = tile_at(p);
    if (!n->t->on_array) {
        n->c->cycles[MP_VECTOR] += times * mp_tile_vector_cycles(n->t, &k);
        if (n->events)
            mp_count_vector(n->t, &k, times, n->c);
        return;
    }
    struct mp_tile_shape shape = {.pixels = k.size[MP_B] * k.size[MP_OH] * k.size[MP_OW], .oc = k.size[MP_OC],
                                  .ic = k.size[MP_IC], .adds = !k.first};
    struct mp_counts one = {0};
    uint64_t cycles = 0, groups = k.size[MP_G];
    uint64_t fill = mp_tile_array(n->t, &n->spatial, &shape, &one);
    n->c->cycles[MP_FILL_DRAIN] += times * fill;
    for (int i = 0; i < MP_CAUSES; i++) {
        cycles += one.cycles[i];
        n->c->cycles[i] += times * groups * one.cycles[i];
    }
    for (int i = 0; n->events && i < MP_EVENTS; i++)
        n->c->events[i] += times * groups * one.events[i];
    n->busy[class_of(p)] = groups * cycles + fill;
}

// Sums of the parts that do not depend on neighbours: the tiles' own cycles and events. Runs that differ only
// in touched input pixels are one class here.
static void count_tiles(struct nest *n) {
    struct mp_axis_run class[MP_DIMS][3];
    unsigned count[MP_DIMS] = {0}, at[MP_DIMS] = {0};
    struct spot p;
    for (int d = 0; d < MP_DIMS; d++)
        for (unsigned r = 0; r < n->axis[d]->run_count; r++) {
            const struct mp_axis_run *run = &n->axis[d]->runs[r];
            unsigned k = 0;
            while (k < count[d] && (class[d][k].edge != run->edge || class[d][k].first != run->first))
                k++;
            if (k < count[d])
                class[d][k].count += run->count;
            else
                class[d][count[d]++] = *run;
        }
    for (int d = 0; d >= 0;) {
        uint64_t times = 1;
        for (int i = 0; i < MP_DIMS; i++)
            p.run[i] = &class[i][at[i]], times *= p.run[i]->count;
        count_class(n, &p, times);
        for (d = MP_DIMS - 1; d >= 0 && ++at[d] == count[d]; d--)
            at[d] = 0;
    }
}

static void init_levels(struct nest *n, const struct mp_mapping *m) {
    for (int i = 0; i < MP_DIMS; i++)
        if (n->axis[m->order[i]]->tiles > 1)
            n->dims[n->levels++] = m->order[i];
    for (unsigned l = n->levels; l-- > 0;)
        n->changed[l] = 1u << n->dims[l] | (l + 1 < n->levels ? n->changed[l + 1] : 0);
    for (int b = 0; b < MP_BUFFERS; b++)
        n->has_single |= !n->t->double_buffered[b];
}

static void run_nest(const struct mp_task *t, const struct mp_mapping *m, const struct mp_axis *const axis[MP_DIMS],
                     bool events, struct mp_counts *out) {
    struct nest n = {.t = t, .c = out, .events = events};
    struct spot first;
    for (int d = 0; d < MP_DIMS; d++) {
        n.axis[d] = axis[d];
        first.run[d] = run_first(axis[d]);
    }
    *out = (struct mp_counts){.macs = mp_task_macs(t)};
    if (t->on_array)
        mp_spatial_init(&n.spatial, t, m->rows, m->cols, m->lanes);
    init_levels(&n, m);
    count_tiles(&n);
    book_ends(&n, first);
    if (n.levels)
        book_inner(&n, first);
    for (unsigned l = 0; l + 1 < n.levels; l++)
        book_steps(&n, l, first);
    mp_count_finish(t, out);
}

void mp_analytic_axes(const struct mp_task *t, const struct mp_mapping *m, const struct mp_axis *const axis[MP_DIMS],
                      struct mp_counts *out) {
    run_nest(t, m, axis, true, out);
}

uint64_t mp_analytic_cycles(const struct mp_task *t, const struct mp_mapping *m, const struct mp_axis *const axis[MP_DIMS]) {
    struct mp_counts c;
    run_nest(t, m, axis, false, &c);
    return mp_counts_cycles(&c);
}

void mp_analytic(const struct mp_task *t, const struct mp_mapping *m, struct mp_counts *out) {
    struct mp_task padded = mp_task_padded(t, m);
    struct mp_axis axes[MP_DIMS];
    const struct mp_axis *axis[MP_DIMS];
    for (int d = 0; d < MP_DIMS; d++) {
        axis[d] = &axes[d];
        if (!mp_axis_init(&axes[d], &padded, (enum mp_dim)d, m->tile[d])) {
            mp_event(t, m, NULL, NULL, out);
            return;
        }
    }
    mp_analytic_axes(&padded, m, axis, out);
    out->macs = mp_task_macs(t);
}
