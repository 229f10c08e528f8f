// SPDX-License-Identifier: Apache-2.0
// Where outputs lie after a run, and which PE made them.
#include "sim/cosim/program.h"

#include "sim/cosim/program_bits.h"
#include "sim/cosim/program_nest.h"

// Coordinates in the tile. Pixels are batch, rows and columns.
static uint64_t pixel_of(const struct mp_nest_tile *k, const uint64_t in[MP_DIMS]) {
    return (in[MP_B] * k->tile.size[MP_OH] + in[MP_OH]) * k->tile.size[MP_OW] + in[MP_OW];
}

// Elements of the tile in front of this one.
static uint64_t elements_before(const struct mp_nest *n, const struct mp_nest_tile *k, const uint64_t in[MP_DIMS]) {
    const uint64_t *s = k->tile.size;
    uint64_t pixels = s[MP_B] * s[MP_OH] * s[MP_OW], pixel = pixel_of(k, in), group = in[MP_G] * s[MP_OC] * pixels;
    if (!n->t->on_array)
        return group + pixel;
    uint64_t unit = n->spatial.oc_unit, first = in[MP_OC] / unit * unit, left = s[MP_OC] - first;
    return group + first * pixels + pixel * (left < unit ? left : unit) + in[MP_OC] - first;
}

static void set_pe(const struct mp_nest *n, uint64_t pixel, uint64_t oc, struct mp_place *at) {
    const struct mp_spatial *s = &n->spatial;
    bool rows = s->rows == MP_ROLE_PIXEL, cols = s->cols == MP_ROLE_PIXEL;
    uint64_t i = pixel % s->pixel_unit, o = oc % s->oc_unit, both = rows ? i : o;
    at->pixel_fold = pixel / s->pixel_unit, at->channel_fold = oc / s->oc_unit;
    at->row = (unsigned)(rows == cols ? both / n->t->cols : rows ? i : o);
    at->col = (unsigned)(rows == cols ? both % n->t->cols : cols ? i : o);
}

static uint64_t out_bit(const struct mp_nest *n, const struct mp_program *p, uint64_t tile, uint64_t elements) {
    return (uint64_t)p->tiles[tile].word[MP_DESC_OUT_ADDR] * MP_BURST_BITS + elements * n->t->out_stored;
}

struct mp_place mp_program_place(const struct mp_reference_run *r, const struct mp_program *p, uint64_t index) {
    const struct mp_geometry *g = &r->layer->geo;
    struct mp_nest n;
    struct mp_nest_tile k;
    mp_nest_init(&n, r);
    uint64_t plane = g->oh * g->ow, pixel = index % plane, channel = index / plane % (g->groups * g->oc);
    uint64_t image = index / plane / (g->groups * g->oc);
    bool folded = r->layer->type == MP_MATMUL; // batch in groups
    uint64_t in[MP_DIMS] = {[MP_G] = channel / g->oc - n.first_group + (folded ? image * g->groups : 0),
                            [MP_B] = folded ? 0 : image, [MP_OH] = pixel / g->ow, [MP_OW] = pixel % g->ow,
                            [MP_OC] = channel % g->oc - n.first_oc};
    mp_nest_at(&n, mp_nest_number(&n, in), &k);
    for (int d = 0; d < MP_IC; d++)
        in[d] -= k.first[d];
    struct mp_place at = {.tile = k.number + (p->tile_count - n.tiles), .group = in[MP_G]};
    at.bit = out_bit(&n, p, at.tile, elements_before(&n, &k, in));
    if (n.t->on_array)
        set_pe(&n, pixel_of(&k, in), in[MP_OC], &at);
    return at;
}

// Outputs of a tile's group and channel.
static void take_plane(const struct mp_nest *n, const struct mp_program *p, const struct mp_nest_tile *k,
                       const uint8_t *image, uint64_t in[MP_DIMS], int32_t *output) {
    const struct mp_geometry *g = &n->r->layer->geo;
    const uint64_t *s = k->tile.size;
    uint64_t tile = k->number + (p->tile_count - n->tiles), group = n->first_group + k->first[MP_G] + in[MP_G];
    uint64_t channel = group % g->groups * g->oc + n->first_oc + k->first[MP_OC] + in[MP_OC];
    for (in[MP_B] = 0; in[MP_B] < s[MP_B]; in[MP_B]++) {
        uint64_t batch = k->first[MP_B] + in[MP_B] + group / g->groups;
        int32_t *plane = output + (batch * g->groups * g->oc + channel) * g->oh * g->ow;
        for (in[MP_OH] = 0; in[MP_OH] < s[MP_OH]; in[MP_OH]++)
            for (in[MP_OW] = 0; in[MP_OW] < s[MP_OW]; in[MP_OW]++)
                plane[(k->first[MP_OH] + in[MP_OH]) * g->ow + k->first[MP_OW] + in[MP_OW]] =
                    mp_bits_get_value(image, out_bit(n, p, tile, elements_before(n, k, in)), n->t->out_stored,
                                      n->r->values->low < 0);
    }
}

void mp_program_outputs(const struct mp_reference_run *r, const struct mp_program *p, const uint8_t *image,
                        int32_t *output) {
    struct mp_nest n;
    mp_nest_init(&n, r);
    for (uint64_t i = 0; i < n.tiles; i++) {
        struct mp_nest_tile k;
        uint64_t in[MP_DIMS];
        mp_nest_at(&n, i, &k);
        if (!k.tile.last)
            continue;
        for (in[MP_G] = 0; in[MP_G] < k.tile.size[MP_G]; in[MP_G]++)
            for (in[MP_OC] = 0; in[MP_OC] < k.tile.size[MP_OC]; in[MP_OC]++)
                take_plane(&n, p, &k, image, in, output);
    }
}
