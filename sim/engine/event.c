// SPDX-License-Identifier: Apache-2.0
// The event engine: walks every tile and every DRAM burst; the folds of a tile are walked once for each distinct tile
// shape. Kept free of the closed form's classes and weights, so that each checks the other.
#include "sim/engine/engine.h"
#include "sim/engine/fold.h"
#include "sim/engine/regions.h"
#include "sim/engine/stage.h"

#include <string.h>

// Tiles differ in shape only at edges (of batch, oh, ow, oc, ic) and by whether they add to partial sums.
#define SHAPES 64

struct shape_counts {
    bool known;
    uint64_t cycles, fill;   // of one group; of the whole tile
    struct mp_counts counts; // of one group
};

struct walk {
    const struct mp_task *t;
    const struct mp_mapping *m;
    const struct mp_sink *sink;
    struct mp_spatial spatial;
    struct mp_counts *c;
    struct mp_channel channel;
    struct mp_regions regions;
    struct shape_counts *shapes; // the array's counts by tile shape, SHAPES of them
    uint64_t now, stages;
};

struct at {
    uint64_t index[MP_DIMS];
    struct mp_tile tile;
    bool valid, input, weight, output; // operands that differ from the tile before
};

static void set_tile(const struct walk *w, struct at *a) {
    const struct mp_task *t = w->t;
    for (int d = 0; d < MP_DIMS; d++) {
        uint64_t first = a->index[d] * w->m->tile[d], left = t->size[d] - first;
        a->tile.size[d] = left < w->m->tile[d] ? left : w->m->tile[d];
    }
    a->tile.ih = mp_window_extent(&t->win[0], a->index[MP_OH] * w->m->tile[MP_OH], a->tile.size[MP_OH]);
    a->tile.iw = mp_window_extent(&t->win[1], a->index[MP_OW] * w->m->tile[MP_OW], a->tile.size[MP_OW]);
    a->tile.first = a->index[MP_IC] == 0;
    a->tile.last = a->index[MP_IC] + 1 == w->regions.count[MP_IC];
}

// The tile after `a` in loop order; invalid behind the last one.
static void next_tile(const struct walk *w, const struct at *a, struct at *b) {
    unsigned changed = 0;
    *b = *a;
    b->valid = false;
    for (int level = MP_DIMS - 1; level >= 0 && !b->valid; level--) {
        unsigned d = w->m->order[level];
        if (w->regions.count[d] > 1)
            changed |= 1u << d;
        b->index[d] = b->index[d] + 1 < w->regions.count[d] ? b->index[d] + 1 : 0;
        b->valid = b->index[d] != 0;
    }
    b->input = changed & MP_INPUT_DIMS;
    b->weight = changed & MP_WEIGHT_DIMS;
    b->output = changed & MP_OUTPUT_DIMS;
    if (b->valid)
        set_tile(w, b);
}

static void tell(const struct walk *w, struct mp_trace_event e, const struct at *a) {
    if (!w->sink)
        return;
    for (int d = 0; d < MP_DIMS; d++)
        e.tile[d] = a->index[d];
    w->sink->event(w->sink->user, &e);
}

// Before `now` leaves the start of the stage's second part.
static void tell_stage(const struct walk *w, const struct mp_stage *s, const struct at *p, const struct at *a,
                       const struct at *b, uint64_t start, uint64_t cycles, const uint64_t booked_before[MP_CAUSES]) {
    if (!w->sink || !w->sink->stage)
        return;
    struct mp_trace_stage e = {.number = w->stages, .start = start, .cycles = cycles,
                               .loads = b->valid, .computes = a->valid, .drains = p->valid, .on_array = w->t->on_array,
                               .serial = w->now - start,
                               .serial_dram = s->serial_dram, .serial_vector = s->serial_vector,
                               .busy = s->busy, .dram = s->dram, .vector = s->vector};
    for (int i = 0; i < MP_CAUSES; i++)
        e.cycles_by[i] = w->c->cycles[i] - booked_before[i];
    w->sink->stage(w->sink->user, &e);
}

// Issues one request and moves its bursts.
static void move(struct walk *w, const char *what, const struct at *a, enum mp_region region, uint64_t bits, bool write) {
    const struct mp_dram *d = &w->t->dram;
    if (bits == 0)
        return;
    for (uint64_t left = mp_bursts(bits); left; left--)
        d->ops->burst(d, &w->channel, write);
    tell(w, (struct mp_trace_event){.what = what, .start = w->now, .cycles = d->ops->end(d, &w->channel) - w->now, .bits = bits,
                                    .address = mp_regions_address(&w->regions, region, a->index), .write = write}, a);
}

// Loads of the operands whose double buffering is `doubled`.
static void load(struct walk *w, const struct at *a, bool doubled) {
    const struct mp_task *t = w->t;
    const bool *db = t->double_buffered;
    bool input = a->valid && a->input && db[MP_INPUT] == doubled;
    bool weight = a->valid && a->weight && db[MP_WEIGHT] == doubled;
    bool partial = a->valid && a->output && !a->tile.first && db[MP_OUTPUT] == doubled;
    if (input)
        move(w, "load input", a, MP_REGION_INPUT, mp_tile_input_bits(t, &a->tile), false);
    if (weight)
        move(w, "load weight", a, MP_REGION_WEIGHT, mp_tile_weight_bits(t, &a->tile), false);
    if (partial)
        move(w, "load partial", a, MP_REGION_PARTIAL, mp_tile_partial_bits(t, &a->tile), false);
    mp_count_load(t, &a->tile, input, weight, partial, 1, w->c);
}

// Drains tile `a` if `leaves`: the tile behind it has other outputs. Returns the vector unit's cycles.
static uint64_t drain(struct walk *w, const struct at *a, bool leaves) {
    const struct mp_task *t = w->t;
    if (!a->valid || !leaves)
        return 0;
    if (a->tile.last)
        move(w, "drain output", a, MP_REGION_OUTPUT, mp_tile_output_bits(t, &a->tile), true);
    else
        move(w, "drain partial", a, MP_REGION_PARTIAL, mp_tile_partial_bits(t, &a->tile), true);
    mp_count_drain(t, &a->tile, 1, w->c);
    return mp_tile_requant_cycles(t, &a->tile);
}

// The array's work for a tile's shape, fold by fold.
static const struct shape_counts *array_work(struct walk *w, const struct at *a) {
    static const unsigned dims[] = {MP_B, MP_OH, MP_OW, MP_OC, MP_IC};
    const uint64_t *s = a->tile.size;
    unsigned id = a->tile.first;
    for (size_t i = 0; i < sizeof dims / sizeof *dims; i++)
        id = id << 1 | (s[dims[i]] < w->m->tile[dims[i]]);
    struct shape_counts *k = &w->shapes[id];
    if (!k->known) {
        struct mp_tile_shape shape = {.pixels = s[MP_B] * s[MP_OH] * s[MP_OW], .oc = s[MP_OC], .ic = s[MP_IC],
                                      .adds = !a->tile.first};
        k->known = true;
        k->fill = mp_tile_array_walk(w->t, &w->spatial, &shape, &k->counts);
        k->cycles = mp_counts_cycles(&k->counts);
    }
    return k;
}

// The tile's own work: the array's folds, or the vector unit's elements.
static uint64_t compute(struct walk *w, const struct at *a) {
    const struct mp_task *t = w->t;
    if (!a->valid)
        return 0;
    if (!t->on_array) {
        uint64_t cycles = mp_tile_vector_cycles(t, &a->tile);
        mp_count_vector(t, &a->tile, 1, w->c);
        w->c->cycles[MP_VECTOR] += cycles;
        return cycles;
    }
    const struct shape_counts *k = array_work(w, a);
    uint64_t groups = a->tile.size[MP_G];
    for (int i = 0; i < MP_CAUSES; i++)
        w->c->cycles[i] += groups * k->counts.cycles[i];
    for (int i = 0; i < MP_EVENTS; i++)
        w->c->events[i] += groups * k->counts.events[i];
    w->c->cycles[MP_FILL_DRAIN] += k->fill;
    return groups * k->cycles + k->fill;
}

// One stage: `a` computes, `b` behind it is loaded, `p` before it drains. The drain comes first in each phase: `b` may
// read back partial sums that `p` leaves, into the same half of the output buffer.
static void stage(struct walk *w, const struct at *p, const struct at *a, const struct at *b) {
    const struct mp_dram *d = &w->t->dram;
    struct mp_stage s = {0};
    bool leaves = a->valid ? a->output : true, doubled = w->t->double_buffered[MP_OUTPUT];
    uint64_t start = w->now, booked[MP_CAUSES];
    memcpy(booked, w->c->cycles, sizeof booked);
    d->ops->begin(d, &w->channel, w->now);
    uint64_t before = w->channel.bursts;
    if (!doubled)
        s.serial_vector = drain(w, p, leaves);
    load(w, a, false);
    s.serial = w->channel.bursts != before || s.serial_vector > 0;
    s.serial_dram = d->ops->end(d, &w->channel) - w->now;
    w->now += s.serial_dram > s.serial_vector ? s.serial_dram : s.serial_vector;
    w->now += w->t->sequenced && s.serial && w->now == start;
    d->ops->begin(d, &w->channel, w->now);
    if (doubled)
        s.vector = drain(w, p, leaves);
    load(w, b, true);
    s.dram = d->ops->end(d, &w->channel) - w->now;
    s.busy = compute(w, a);
    if (a->valid)
        tell(w, (struct mp_trace_event){.what = "compute", .start = w->now, .cycles = s.busy}, a);
    uint64_t cycles = mp_stage_book(w->t, &s, 1, w->c);
    tell_stage(w, &s, p, a, b, start, cycles, booked);
    w->now = start + cycles;
    w->stages++;
}

void mp_event(const struct mp_task *task, const struct mp_mapping *m, const struct mp_sink *sink, uint64_t *bursts,
              struct mp_counts *out) {
    *out = (struct mp_counts){.macs = mp_task_macs(task)};
    struct mp_task padded = mp_task_padded(task, m);
    struct shape_counts shapes[SHAPES] = {{.known = false}};
    struct walk w = {.t = &padded, .m = m, .sink = sink, .c = out, .shapes = shapes,
                     .now = mp_ceil_div(task->turned, task->vector_lanes)};
    if (task->on_array)
        mp_spatial_init(&w.spatial, &padded, m->rows, m->cols, m->lanes);
    mp_regions_init(&w.regions, &padded, m);
    struct at at[3] = {{.valid = true, .input = true, .weight = true, .output = true}};
    struct at *next = &at[0], *now = &at[1], *before = &at[2];
    set_tile(&w, next);
    while (before->valid || now->valid || next->valid) {
        stage(&w, before, now, next);
        struct at *free = before;
        before = now, now = next, next = free;
        if (now->valid)
            next_tile(&w, now, next);
        else
            next->valid = false;
    }
    if (bursts)
        *bursts = w.channel.bursts;
    mp_count_finish(task, out);
}
