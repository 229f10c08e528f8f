// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/program_image.h"

#include "sim/cosim/program_bits.h"

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

// Inputs

// Elements of one group and image, all channels of the tile, pixel by pixel.
struct patch {
    const int32_t *from;                // first channel of the tile
    struct mp_nest_window row, col;
    uint64_t channels, plane, width;    // of the tile; elements of a channel and of a row of the input
    unsigned stored;
};

static void put_patch(struct mp_bit_writer *w, const struct patch *p) {
    for (uint64_t y = 0; y < p->row.held; y++)
        for (uint64_t x = 0; x < p->col.held; x++) {
            const int32_t *at = p->from + mp_nest_row(&p->row, y) * p->width + mp_nest_row(&p->col, x);
            for (uint64_t c = 0; c < p->channels; c++, at += p->plane)
                mp_bits_put(w, (uint64_t)(int64_t)*at, p->stored);
        }
}

static void put_operand(struct mp_bit_writer *w, const struct mp_nest *n, const struct mp_nest_tile *k, size_t operand) {
    const struct mp_geometry *g = &n->r->layer->geo;
    struct patch p = {.channels = k->tile.size[MP_IC], .plane = g->ih * g->iw, .width = g->iw,
                      .stored = n->a_stored[operand]};
    mp_nest_window(&n->t->win[0], k->first[MP_OH], k->tile.size[MP_OH], &p.row);
    mp_nest_window(&n->t->win[1], k->first[MP_OW], k->tile.size[MP_OW], &p.col);
    for (uint64_t i = 0; i < k->tile.size[MP_G]; i++)
        for (uint64_t b = 0; b < k->tile.size[MP_B]; b++) {
            uint64_t group = n->first_group + k->first[MP_G] + i, image = k->first[MP_B] + b + group / g->groups;
            uint64_t channel = (image * g->groups + group % g->groups) * g->ic + k->first[MP_IC];
            p.from = n->r->values->input[operand] + channel * p.plane;
            put_patch(w, &p);
        }
}

uint64_t mp_image_input(const struct mp_nest *n, const struct mp_nest_tile *k, uint8_t *at) {
    struct mp_bit_writer w;
    mp_bits_begin(&w, at);
    for (size_t i = 0; i < 2; i++)
        if (n->a_stored[i])
            put_operand(&w, n, k, i);
    mp_bits_end(&w);
    return w.bits;
}

// Weights

// Row of the weight tensor that holds channel `oc` of the run's group `group`.
static uint64_t weight_row(const struct mp_nest *n, uint64_t group, uint64_t oc) {
    return (n->first_group + group) * n->r->layer->geo.oc + n->first_oc + oc;
}

static void put_params(struct mp_bit_writer *w, const struct mp_nest *n, const struct mp_nest_tile *k) {
    const struct mp_geometry *g = &n->r->layer->geo;
    for (uint64_t i = 0; i < k->tile.size[MP_G]; i++)
        for (uint64_t o = 0; o < k->tile.size[MP_OC]; o++) {
            uint64_t channel = weight_row(n, k->first[MP_G] + i, k->first[MP_OC] + o) % (g->groups * g->oc);
            const struct mp_requant *q = &n->r->values->requant[channel];
            mp_bits_put(w, (uint32_t)q->bias, 32);
            mp_bits_put(w, q->mul, 32);
            mp_bits_put(w, q->shift, 8);
            mp_bits_skip(w, n->t->param_bits - MP_PARAM_BITS);
        }
}

// Weights of the channels of a fold, one step after another.
struct fold {
    const int32_t *from;        // first channel of the fold, first input channel of the tile
    uint64_t oc, ic, taps;      // of the fold; of the tile
    uint64_t row;               // weights of an output channel
    uint64_t lanes;
    unsigned planes;
    uint8_t *step;              // [channel of the fold][lane]
};

static void put_step(struct mp_bit_writer *w, const struct fold *f, uint64_t count) {
    for (unsigned plane = f->planes; plane-- > 0;)
        mp_bits_put_plane(w, f->step, f->oc * count, plane);
}

// Operands [first, first + count) of the reduction: tap by tap, channels fastest.
static void take_step(const struct fold *f, uint64_t first, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        const int32_t *at = f->from + (first + i) % f->ic * f->taps + (first + i) / f->ic;
        for (uint64_t o = 0; o < f->oc; o++)
            f->step[o * count + i] = (uint8_t)at[o * f->row];
    }
}

static void put_fold(struct mp_bit_writer *w, const struct fold *f, bool flat) {
    uint64_t run = flat ? f->taps * f->ic : f->ic, end = f->taps * f->ic;
    for (uint64_t first = 0; first < end; first += run)
        for (uint64_t at = 0; at < run; at += f->lanes) {
            uint64_t count = least(f->lanes, run - at);
            take_step(f, first + at, count);
            put_step(w, f, count);
        }
}

uint64_t mp_image_weight(const struct mp_nest *n, const struct mp_nest_tile *k, uint8_t *at) {
    const struct mp_geometry *g = &n->r->layer->geo;
    struct mp_bit_writer w;
    struct fold f = {.ic = k->tile.size[MP_IC], .taps = g->kh * g->kw, .row = g->ic * g->kh * g->kw,
                     .lanes = n->t->lanes, .planes = n->t->w_stored};
    uint64_t unit = least(n->spatial.oc_unit, k->tile.size[MP_OC]), operands = least(f.lanes, f.taps * f.ic);
    struct mp_arena scratch = {0};
    f.step = mp_arena_alloc(&scratch, unit * operands, 1);
    mp_bits_begin(&w, at);
    if (k->tile.first)
        put_params(&w, n, k);
    for (uint64_t i = 0; i < k->tile.size[MP_G]; i++)
        for (uint64_t o = 0; o < k->tile.size[MP_OC]; o += unit) {
            f.oc = least(unit, k->tile.size[MP_OC] - o);
            f.from = n->r->values->weight + weight_row(n, k->first[MP_G] + i, k->first[MP_OC] + o) * f.row +
                     k->first[MP_IC] * f.taps;
            put_fold(&w, &f, n->spatial.flat);
        }
    mp_bits_end(&w);
    mp_arena_finish(&scratch);
    return w.bits;
}
