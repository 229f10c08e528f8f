// SPDX-License-Identifier: Apache-2.0
// Folds of a tile: one of each class is priced once, then counted in closed form or walked.
#include "sim/engine/fold.h"

#include <assert.h>

static uint64_t min_u64(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t over(uint64_t a, uint64_t b) {
    return a > b ? a - b : 0;
}

static uint64_t max_u64(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

void mp_spatial_init(struct mp_spatial *s, const struct mp_task *t, unsigned rows, unsigned cols, unsigned lanes) {
    *s = (struct mp_spatial){.rows = rows, .cols = cols, .lanes = lanes, .pixel_unit = 1, .oc_unit = 1,
                             .reduce_unit = t->lanes, .taps = t->win[0].k * t->win[1].k};
    if (t->dataflow == MP_OS) {
        s->pixel_unit = (rows == MP_ROLE_PIXEL ? t->rows : 1) * (cols == MP_ROLE_PIXEL ? t->cols : 1);
        s->oc_unit = (rows == MP_ROLE_OC ? t->rows : 1) * (cols == MP_ROLE_OC ? t->cols : 1);
    } else {
        *(t->dataflow == MP_WS ? &s->oc_unit : &s->pixel_unit) = t->cols;
        s->reduce_unit *= t->rows;
    }
    s->flat = (t->dataflow == MP_OS ? lanes : rows) == MP_ROLE_K_IC;
}

uint64_t mp_reduce_count(const struct mp_spatial *s, uint64_t ic) {
    return s->flat ? mp_ceil_div(s->taps * ic, s->reduce_unit) : s->taps * mp_ceil_div(ic, s->reduce_unit);
}

static struct mp_fold_split split(uint64_t size, uint64_t unit) {
    return (struct mp_fold_split){.unit = unit, .full = size / unit, .edge = size % unit};
}

// An os fold of `pixels` x `oc` outputs.
static struct mp_fold fold_os(const struct mp_task *t, const struct mp_spatial *s, const struct mp_tile_shape *shape,
                              uint64_t pixels, uint64_t oc) {
    struct mp_fold f = {0};
    uint64_t n = t->step_cycles, steps = mp_reduce_count(s, shape->ic);
    uint64_t ops = min_u64(s->reduce_unit, s->flat ? s->taps * shape->ic : shape->ic);
    uint64_t in_bits = pixels * ops * t->a_read, w_bits = oc * ops * t->w_stored;
    uint64_t out_bits = pixels * oc * t->acc_bits;
    uint64_t tw = mp_ceil_div(w_bits, t->port_bits[MP_WEIGHT]), ti = mp_ceil_div(in_bits, t->port_bits[MP_INPUT]);
    f.cycles[MP_COMPUTE] = steps * n;
    f.cycles[MP_STALL_WEIGHT] = steps * over(tw, n);
    f.cycles[MP_STALL_INPUT] = steps * over(ti, max_u64(n, tw));
    f.cycles[MP_FILL_DRAIN] = t->systolic ? t->rows + t->cols - 2 : 0;
    f.drain = mp_ceil_div(out_bits * (shape->adds ? 2 : 1), t->port_bits[MP_OUTPUT]);
    if (t->systolic)
        f.drain = max_u64(f.drain, t->rows);
    f.fetch = max_u64(tw, ti);
    f.events[MP_EV_PE_ACTIVE] = steps * n * pixels * oc;
    f.events[MP_EV_ACC_UPDATE] = steps * pixels * oc * (t->odd ? 2 : 1);
    f.events[MP_EV_INPUT_READ] = steps * mp_ceil_div(in_bits, t->word_bits[MP_INPUT]);
    f.events[MP_EV_WEIGHT_READ] = steps * mp_ceil_div(w_bits, t->word_bits[MP_WEIGHT]);
    f.events[MP_EV_OUTPUT_WRITE] = mp_ceil_div(out_bits, t->word_bits[MP_OUTPUT]);
    f.events[MP_EV_OUTPUT_READ] = shape->adds ? f.events[MP_EV_OUTPUT_WRITE] : 0;
    f.events[MP_EV_NET_BIT] = steps * (in_bits + w_bits) + out_bits * (shape->adds ? 2 : 1);
    return f;
}

// A ws or is fold: `ops` reduction operands by `across` columns stay, `stream` positions pass.
static struct mp_fold fold_stationary(const struct mp_task *t, uint64_t ops, uint64_t across, uint64_t stream, bool adds) {
    bool ws = t->dataflow == MP_WS;
    enum mp_buffer_id still = ws ? MP_WEIGHT : MP_INPUT, moving = ws ? MP_INPUT : MP_WEIGHT;
    struct mp_fold f = {0};
    uint64_t n = t->step_cycles, still_bits = ops * across * (ws ? t->w_stored : t->a_read);
    uint64_t move_bits = ops * (ws ? t->a_read : t->w_stored), out_bits = across * t->acc_bits;
    uint64_t tm = mp_ceil_div(move_bits, t->port_bits[moving]);
    uint64_t to = mp_ceil_div(out_bits * (adds ? 2 : 1), t->port_bits[MP_OUTPUT]);
    uint64_t load = mp_ceil_div(still_bits, t->port_bits[still]), skew = t->systolic ? t->rows + t->cols - 2 : 0;
    uint64_t length = stream * max_u64(max_u64(n, tm), to) + skew, preload = t->weight_shadow ? 0 : t->rows;
    unsigned still_stall = ws ? MP_STALL_WEIGHT : MP_STALL_INPUT, move_stall = ws ? MP_STALL_INPUT : MP_STALL_WEIGHT;
    f.cycles[MP_COMPUTE] = stream * n;
    f.cycles[MP_FILL_DRAIN] = skew + preload;
    f.cycles[still_stall] += over(load, t->weight_shadow ? length : preload);
    f.cycles[move_stall] += stream * over(tm, n);
    f.cycles[MP_STALL_OUTPUT] = stream * over(to, max_u64(n, tm));
    f.events[MP_EV_PE_ACTIVE] = stream * n * mp_ceil_div(ops, t->lanes) * across;
    f.events[MP_EV_ACC_UPDATE] = stream * across * (t->odd ? 2 : 1);
    f.events[ws ? MP_EV_WEIGHT_READ : MP_EV_INPUT_READ] = mp_ceil_div(still_bits, t->word_bits[still]);
    f.events[ws ? MP_EV_INPUT_READ : MP_EV_WEIGHT_READ] = stream * mp_ceil_div(move_bits, t->word_bits[moving]);
    f.events[MP_EV_OUTPUT_WRITE] = stream * mp_ceil_div(out_bits, t->word_bits[MP_OUTPUT]);
    f.events[MP_EV_OUTPUT_READ] = adds ? f.events[MP_EV_OUTPUT_WRITE] : 0;
    f.events[MP_EV_NET_BIT] = still_bits + stream * (move_bits + out_bits * (adds ? 2 : 1));
    return f;
}

static uint64_t fold_length(const struct mp_fold *f) {
    uint64_t sum = 0;
    for (int i = 0; i < MP_CAUSES; i++)
        sum += f->cycles[i];
    return sum;
}

// What of a fold's drain the next fold does not hide.
static uint64_t exposed(const struct mp_task *t, const struct mp_fold *f, const struct mp_fold *next) {
    return t->acc_shadow ? over(f->drain, fold_length(next)) : f->drain;
}

// The fill of an os tile, of its first and last fold.
static uint64_t tile_fill(const struct mp_task *t, const struct mp_fold *first, const struct mp_fold *last) {
    if (!t->sequenced)
        return 0;
    uint64_t hidden = t->acc_shadow ? min_u64(last->drain, fold_length(first)) : 0;
    return min_u64(t->step_cycles, first->fetch) + MP_ARRAY_PIPE + hidden;
}

static void add_folds(struct mp_counts *c, const struct mp_fold *f, uint64_t n) {
    for (int i = 0; i < MP_CAUSES; i++)
        c->cycles[i] += n * f->cycles[i];
    for (int i = 0; i < MP_EVENTS; i++)
        c->events[i] += n * f->events[i];
}

// The classes of an os tile: [pixel edge][oc edge]. Absent classes stay zero.
struct os_classes {
    struct mp_fold_split p, o;
    struct mp_fold fold[2][2];
};

static void os_classes(struct os_classes *k, const struct mp_task *t, const struct mp_spatial *s,
                       const struct mp_tile_shape *shape) {
    k->p = split(shape->pixels, s->pixel_unit), k->o = split(shape->oc, s->oc_unit);
    for (int pe = 0; pe < 2; pe++)
        for (int oe = 0; oe < 2; oe++) {
            uint64_t pixels = pe ? k->p.edge : k->p.full ? k->p.unit : 0, oc = oe ? k->o.edge : k->o.full ? k->o.unit : 0;
            if (pixels && oc)
                k->fold[pe][oe] = fold_os(t, s, shape, pixels, oc);
        }
}

// Neighbours along one direction, from class x to class y, walking without the wrap.
static uint64_t neighbours(const struct mp_fold_split *s, int x, int y) {
    if (x == 1)
        return 0;
    return y == 0 ? over(s->full, 1) : s->full && s->edge;
}

// Neighbours along the outer direction with the wrap from the last fold to the first.
static uint64_t neighbours_around(const struct mp_fold_split *s, int x, int y) {
    int first = s->full == 0, last = s->edge != 0;
    return neighbours(s, x, y) + (x == last && y == first);
}

// Exposed drains of all folds. Pixel folds run fastest; after the last fold of a tile comes one like its first.
static uint64_t os_drains(const struct mp_task *t, const struct os_classes *k) {
    uint64_t sum = 0;
    int first = k->p.full == 0, last = k->p.edge != 0;
    uint64_t oc_folds[2] = {k->o.full, k->o.edge != 0};
    for (int o = 0; o < 2; o++)
        for (int x = 0; x < 2; x++)
            for (int y = 0; y < 2; y++) {
                uint64_t inside = oc_folds[o] * neighbours(&k->p, x, y);
                if (inside)
                    sum += inside * exposed(t, &k->fold[x][o], &k->fold[y][o]);
                uint64_t around = neighbours_around(&k->o, x, y); // here x, y are oc classes
                if (o == 0 && around)
                    sum += around * exposed(t, &k->fold[last][x], &k->fold[first][y]);
            }
    return sum;
}

static uint64_t tile_os(const struct mp_task *t, const struct mp_spatial *s, const struct mp_tile_shape *shape,
                        struct mp_counts *out) {
    struct os_classes k = {0};
    os_classes(&k, t, s, shape);
    for (int pe = 0; pe < 2; pe++)
        for (int oe = 0; oe < 2; oe++) {
            uint64_t n = (pe ? k.p.edge != 0 : k.p.full) * (oe ? k.o.edge != 0 : k.o.full);
            if (n)
                add_folds(out, &k.fold[pe][oe], n);
        }
    out->cycles[MP_FILL_DRAIN] += os_drains(t, &k);
    return tile_fill(t, &k.fold[k.p.full == 0][k.o.full == 0], &k.fold[k.p.edge != 0][k.o.edge != 0]);
}

// Reduction folds of a ws/is tile: `full` of the unit and `edges` of `edge` operands.
struct reduction {
    uint64_t unit, full, edge, edges;
};

static struct reduction reduction(const struct mp_spatial *s, uint64_t ic) {
    uint64_t size = s->flat ? s->taps * ic : ic, times = s->flat ? 1 : s->taps;
    struct mp_fold_split k = split(size, s->reduce_unit);
    return (struct reduction){.unit = k.unit, .full = k.full * times, .edge = k.edge, .edges = k.edge ? times : 0};
}

static void tile_stationary(const struct mp_task *t, const struct mp_spatial *s, const struct mp_tile_shape *shape,
                            struct mp_counts *out) {
    bool ws = t->dataflow == MP_WS;
    struct reduction k = reduction(s, shape->ic);
    struct mp_fold_split a = split(ws ? shape->oc : shape->pixels, t->cols);
    uint64_t stream = ws ? shape->pixels : shape->oc, first_ops = k.full ? k.unit : k.edge;
    for (int e = 0; e < 2; e++) {
        uint64_t across = e ? a.edge : a.unit, n = e ? a.edge != 0 : a.full;
        if (n == 0)
            continue;
        // The first fold of the reduction adds to nothing, unless an earlier tile left partial sums.
        struct mp_fold first = fold_stationary(t, first_ops, across, stream, shape->adds);
        add_folds(out, &first, n);
        uint64_t full = k.full ? k.full - 1 : 0, edges = k.full ? k.edges : k.edges - 1;
        struct mp_fold f;
        if (full)
            f = fold_stationary(t, k.unit, across, stream, true), add_folds(out, &f, n * full);
        if (edges)
            f = fold_stationary(t, k.edge, across, stream, true), add_folds(out, &f, n * edges);
    }
}

uint64_t mp_tile_array(const struct mp_task *t, const struct mp_spatial *s, const struct mp_tile_shape *shape,
                       struct mp_counts *out) {
    if (t->dataflow == MP_OS)
        return tile_os(t, s, shape, out);
    tile_stationary(t, s, shape, out);
    return 0;
}

// Visits every fold in order; the classes' cycles and events are added by visits at the end.
static uint64_t walk_os(const struct mp_task *t, const struct mp_spatial *s, const struct mp_tile_shape *shape,
                        struct mp_counts *out) {
    struct os_classes k = {0};
    uint64_t visits[2][2] = {{0}}, length[2][2], drained = 0;
    const struct mp_fold *first = NULL, *last = NULL;
    os_classes(&k, t, s, shape);
    for (int pe = 0; pe < 2; pe++)
        for (int oe = 0; oe < 2; oe++)
            length[pe][oe] = t->acc_shadow ? fold_length(&k.fold[pe][oe]) : 0; // that hides a drain
    for (uint64_t oc = 0; oc < shape->oc; oc += s->oc_unit)
        for (uint64_t p = 0; p < shape->pixels; p += s->pixel_unit) {
            bool pe = p + s->pixel_unit > shape->pixels, oe = oc + s->oc_unit > shape->oc;
            if (last)
                drained += over(last->drain, length[pe][oe]);
            last = &k.fold[pe][oe];
            if (!first)
                first = last;
            visits[pe][oe]++;
        }
    for (int pe = 0; pe < 2; pe++)
        for (int oe = 0; oe < 2; oe++)
            add_folds(out, &k.fold[pe][oe], visits[pe][oe]);
    out->cycles[MP_FILL_DRAIN] += drained + exposed(t, last, first);
    return tile_fill(t, first, last);
}

static void walk_stationary(const struct mp_task *t, const struct mp_spatial *s, const struct mp_tile_shape *shape,
                            struct mp_counts *out) {
    bool ws = t->dataflow == MP_WS;
    uint64_t width = ws ? shape->oc : shape->pixels, stream = ws ? shape->pixels : shape->oc;
    uint64_t vector = s->flat ? s->taps * shape->ic : shape->ic, times = s->flat ? 1 : s->taps;
    for (uint64_t at = 0; at < width; at += t->cols) {
        bool adds = shape->adds;
        for (uint64_t tap = 0; tap < times; tap++)
            for (uint64_t k = 0; k < vector; k += s->reduce_unit, adds = true) {
                struct mp_fold f = fold_stationary(t, min_u64(s->reduce_unit, vector - k), min_u64(t->cols, width - at),
                                                   stream, adds);
                add_folds(out, &f, 1);
            }
    }
}

uint64_t mp_tile_array_walk(const struct mp_task *t, const struct mp_spatial *s, const struct mp_tile_shape *shape,
                            struct mp_counts *out) {
    if (t->dataflow == MP_OS)
        return walk_os(t, s, shape, out);
    walk_stationary(t, s, shape, out);
    return 0;
}
