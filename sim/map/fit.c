// SPDX-License-Identifier: Apache-2.0
// What buffers leave to one dimension's tile beside the others'.
#include "sim/map/fit.h"

#include <inttypes.h>

static uint64_t most(uint64_t bits, uint64_t each) {
    return each ? bits / each : UINT64_MAX;
}

struct mp_fit_pixels mp_fit_pixels(const struct mp_cut *b, const struct mp_cut *oh, const struct mp_cut *ow) {
    return (struct mp_fit_pixels){b->tile * oh->tile * ow->tile, oh->room * ow->room, b->tile};
}

// The largest ic and oc tiles that fit beside a group tile and pixels, as far as input and output go.
static uint64_t most_ic(const struct mp_task *t, uint64_t g, const struct mp_fit_pixels *px) {
    uint64_t room = t->tile_bits[MP_INPUT] / (g * px->batch);
    return room < t->shared_load ? 0 : most(room - t->shared_load, px->inputs * t->a_load);
}

static uint64_t most_oc(const struct mp_task *t, uint64_t g, const struct mp_fit_pixels *px) {
    return most(t->tile_bits[MP_OUTPUT], g * px->outputs * (t->on_array ? t->acc_bits : t->out_stored));
}

uint64_t mp_fit_most_weights(const struct mp_task *t, uint64_t g, uint64_t channels) {
    return most(t->tile_bits[MP_WEIGHT], g * channels * t->win[0].k * t->win[1].k * t->w_stored);
}

static uint64_t lesser(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

// Sets the first tile of one dimension of at most so much; false when there is none.
static bool first_fit(const struct mp_space *sp, struct mp_open *p, enum mp_dim d, uint64_t at_most) {
    size_t i = mp_cuts_find(&sp->dim[d], at_most);
    p->at[d] = (uint32_t)i;
    return i < sp->dim[d].count;
}

struct mp_fit_weights mp_fit_weights(const struct mp_task *t, const struct mp_space *sp, uint64_t g) {
    return (struct mp_fit_weights){.oc = mp_fit_most_weights(t, g, mp_cuts_smallest(&sp->dim[MP_IC])),
                                   .ic = mp_fit_most_weights(t, g, mp_cuts_smallest(&sp->dim[MP_OC]))};
}

bool mp_fit_channels(const struct mp_task *t, const struct mp_space *sp, struct mp_open *p, uint64_t g,
                          const struct mp_fit_pixels *px, const struct mp_fit_weights *w) {
    return first_fit(sp, p, MP_OC, lesser(most_oc(t, g, px), w->oc)) && first_fit(sp, p, MP_IC, lesser(most_ic(t, g, px), w->ic));
}

bool mp_fit_groups(const struct mp_task *t, const struct mp_space *sp, struct mp_open *p) {
    uint64_t tile[MP_DIMS], all = UINT64_MAX;
    if (sp->dim[MP_G].count == 1)
        return true;
    for (int d = 0; d < MP_DIMS; d++)
        tile[d] = d < MP_OC ? mp_open_cut(sp, p, (enum mp_dim)d)->tile : mp_cuts_smallest(&sp->dim[d]);
    tile[MP_G] = 1;
    for (int i = 0; i < MP_BUFFERS; i++)
        all = lesser(all, most(t->tile_bits[i], mp_tile_buffer_bits(t, tile, (enum mp_buffer_id)i)));
    return first_fit(sp, p, MP_G, all);
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

bool mp_fit_fail(const struct mp_task *t, struct mp_err *err) {
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
