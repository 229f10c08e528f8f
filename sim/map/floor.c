// SPDX-License-Identifier: Apache-2.0
// The bounds of bound.h over what the buffers allow: how few tiles of pixels and of output channels there can be when the
// reduction is whole, or is not, says how often operands pass or sums spill. Tile sizes are any here, not those of map.h.
#include "sim/map/floor.h"

#include "sim/map/bound.h"

#include <math.h>

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static uint64_t over(uint64_t bits, uint64_t each) {
    return each ? bits / each : UINT64_MAX;
}

// The most outputs whose windows touch no more than `room` inputs.
static uint64_t outputs_in(const struct mp_window *w, uint64_t outputs, uint64_t room) {
    uint64_t reach = (w->k - 1) * w->d, fit;
    if (room >= w->in)
        return outputs;
    if (w->s > reach)
        fit = room / w->k;
    else
        fit = room > reach ? (room - reach - 1) / w->s + 1 : 0;
    return least(fit, outputs);
}

// The fewest row and column tiles of an image when a tile may take so many inputs and outputs; 0 when none fits.
static uint64_t image_tiles(const struct mp_task *t, uint64_t inputs, uint64_t outputs) {
    uint64_t oh = t->size[MP_OH], ow = t->size[MP_OW], fewest = 0;
    for (uint64_t n = 1; n <= oh;) {
        uint64_t h = mp_ceil_div(oh, n);
        uint64_t w = least(outputs_in(&t->win[1], ow, over(inputs, mp_window_room(&t->win[0], h))), outputs / h);
        uint64_t tiles = w ? n * mp_ceil_div(ow, w) : 0;
        if (tiles && (fewest == 0 || tiles < fewest))
            fewest = tiles;
        if (w >= ow || (fewest && n >= fewest))
            break;
        n = h > 1 ? mp_ceil_div(oh, h - 1) : oh + 1;
    }
    return fewest;
}

// The fewest pixel tiles with `ic` channels of the reduction in the input buffer; 0 when none fits.
static double pixel_tiles(const struct mp_task *t, uint64_t ic) {
    uint64_t batch = t->size[MP_B], fewest = 0;
    for (uint64_t n = 1; n <= batch;) {
        uint64_t b = mp_ceil_div(batch, n), room = t->tile_bits[MP_INPUT] / b;
        uint64_t inputs = room < t->shared_load ? 0 : over(room - t->shared_load, ic * t->a_load);
        uint64_t tiles = n * image_tiles(t, inputs, over(t->tile_bits[MP_OUTPUT], b * t->acc_bits));
        if (tiles && (fewest == 0 || tiles < fewest))
            fewest = tiles;
        n = b > 1 ? mp_ceil_div(batch, b - 1) : batch + 1;
    }
    return (double)fewest;
}

// The fewest oc tiles with `ic` channels of the reduction in the weight buffer; 0 when none fits.
static double oc_tiles(const struct mp_task *t, uint64_t ic) {
    uint64_t most = least(over(t->tile_bits[MP_WEIGHT], ic * t->win[0].k * t->win[1].k * t->w_stored),
                          over(t->tile_bits[MP_OUTPUT], t->acc_bits));
    return most ? (double)mp_ceil_div(t->size[MP_OC], least(most, t->size[MP_OC])) : 0;
}

// Ways in which operands pass: of each kind of order the least.
struct ways {
    struct mp_reuse reuse[4];
    unsigned count;
    double pixel, oc, products; // fewest tiles, whatever ic is; of pixel tiles times oc tiles
    bool both;                  // ic cut and innermost: pixel and oc tiles weigh against each other
};

static bool find_ways(const struct mp_task *t, struct ways *w) {
    *w = (struct ways){.pixel = 1, .oc = 1, .products = 1};
    if (!t->on_array) {
        w->reuse[w->count++] = (struct mp_reuse){1, 1, 0};
        return true;
    }
    uint64_t ic = t->size[MP_IC];
    double pixel = pixel_tiles(t, ic), oc = oc_tiles(t, ic);
    if (pixel > 0 && oc > 0) {
        w->reuse[w->count++] = (struct mp_reuse){oc, 1, 0};
        if (oc > 1)
            w->reuse[w->count++] = (struct mp_reuse){1, pixel, 0};
    }
    w->pixel = pixel == 1 ? 1 : pixel_tiles(t, 1), w->oc = oc == 1 ? 1 : oc_tiles(t, 1);
    if (w->pixel == 0 || w->oc == 0)
        return false;
    if (ic == 1 || (w->count > 0 && (pixel == 1 || oc == 1))) // passing once cannot be bettered
        return w->count > 0;
    w->reuse[w->count++] = (struct mp_reuse){w->oc, 1, 1};
    if (w->oc > 1)
        w->reuse[w->count++] = (struct mp_reuse){1, w->pixel, 1};
    double outputs = (double)(t->size[MP_B] * t->size[MP_OH] * t->size[MP_OW]) * (double)t->size[MP_OC];
    w->both = true, w->products = outputs / (double)over(t->tile_bits[MP_OUTPUT], t->acc_bits);
    return true;
}

// The least of  in * oc + weights * pixel  over tile counts of at least those, whose product is at least `products`.
static struct mp_reuse balance(const struct ways *w, double in, double weights) {
    double oc = in > 0 ? sqrt(weights * w->products / in) : w->products;
    oc = fmax(w->oc, fmin(oc, w->products / w->pixel));
    return (struct mp_reuse){oc, fmax(w->pixel, w->products / oc), 0};
}

static void take(struct mp_map_floor *f, const struct mp_bounder *b, const struct mp_tile_bound *k, struct mp_reuse cycles_by,
                 struct mp_reuse energy_by) {
    double cycles = mp_bound_cycles(b, k, cycles_by), energy = mp_bound_energy(b, k, energy_by, cycles);
    f->cycles = fmin(f->cycles, cycles), f->energy_pj = fmin(f->energy_pj, energy);
}

// Of one role combination.
static void add_roles(struct mp_map_floor *f, const struct mp_bounder *b, const struct mp_spatial *s, const struct ways *w,
                      struct mp_pixel_sums *px) {
    const struct mp_task *t = b->q->task;
    const bool *db = t->double_buffered;
    struct mp_cut g = mp_cut_any(t, s, MP_G), oc = mp_cut_any(t, s, MP_OC), ic = mp_cut_any(t, s, MP_IC);
    struct mp_tile_bound k;
    oc.tiles = w->oc, oc.folds = fmax(oc.folds, w->oc), oc.rest = w->oc;
    px->folds = fmax((double)mp_ceil_div(t->size[MP_B] * t->size[MP_OH] * t->size[MP_OW], s->pixel_unit), w->pixel);
    mp_tile_bound(b, s, px, &g, &oc, &ic, &k);
    for (unsigned i = 0; i < w->count; i++)
        take(f, b, &k, w->reuse[i], w->reuse[i]);
    if (!w->both)
        return;
    struct mp_reuse few = {w->oc, w->pixel, 0};
    take(f, b, &k, db[MP_INPUT] == db[MP_WEIGHT] ? balance(w, k.in_bits, b->w_bits) : few,
         balance(w, k.in_bits * b->in_pj, b->w_pj));
}

struct mp_map_floor mp_map_floor(const struct mp_map_request *q) {
    const struct mp_task *t = q->task;
    struct mp_map_request free = {.task = t, .array = q->array, .prices = q->prices};
    struct mp_map_floor f = {INFINITY, INFINITY};
    struct mp_spatial spatial[16];
    struct mp_bounder b;
    struct ways w;
    unsigned roles[16][3];
    if (!find_ways(t, &w))
        return f;
    mp_bounder_init(&b, &free);
    const struct mp_window *h = &t->win[0], *v = &t->win[1];
    double extent = (double)(mp_window_extent(h, 0, t->size[MP_OH]) * mp_window_extent(v, 0, t->size[MP_OW]));
    struct mp_pixel_sums px = {.tiles = w.pixel, .rest = w.pixel, .last_pixels = 1, .extent = extent * (double)t->size[MP_B],
                               .first_extent = (double)(mp_window_extent(h, 0, 1) * mp_window_extent(v, 0, 1))};
    size_t count = mp_space_roles(&free, roles);
    for (size_t i = 0; i < count; i++) {
        bool again = false;
        mp_space_spatial(t, roles[i], &spatial[i]);
        for (size_t j = 0; j < i; j++)
            again |= mp_same_folds(&spatial[i], &spatial[j]);
        if (!again)
            add_roles(&f, &b, &spatial[i], &w, &px);
    }
    return f;
}
