// SPDX-License-Identifier: Apache-2.0
#include "sim/engine/regions.h"

#include "sim/engine/stage.h"

static const unsigned region_dims[MP_REGIONS] = {
    [MP_REGION_INPUT] = MP_INPUT_DIMS, [MP_REGION_WEIGHT] = MP_WEIGHT_DIMS,
    [MP_REGION_OUTPUT] = MP_OUTPUT_DIMS, [MP_REGION_PARTIAL] = MP_OUTPUT_DIMS,
};

static uint64_t number_of(const struct mp_regions *r, enum mp_region o, const uint64_t index[MP_DIMS]) {
    uint64_t number = 0;
    for (int d = 0; d < MP_DIMS; d++)
        if (region_dims[o] >> d & 1)
            number = number * r->count[d] + index[d];
    return number;
}

void mp_regions_init(struct mp_regions *r, const struct mp_task *t, const struct mp_mapping *m) {
    struct mp_tile full = {.first = true, .last = true};
    uint64_t last[MP_DIMS], at = 0;
    for (int d = 0; d < MP_DIMS; d++) {
        r->count[d] = mp_ceil_div(t->size[d], m->tile[d]);
        full.size[d] = m->tile[d], last[d] = r->count[d] - 1;
    }
    const uint64_t bits[MP_REGIONS] = {
        [MP_REGION_INPUT] = mp_tile_buffer_bits(t, m->tile, MP_INPUT),
        [MP_REGION_WEIGHT] = mp_tile_weight_bits(t, &full),
        [MP_REGION_OUTPUT] = mp_tile_output_bits(t, &full),
        [MP_REGION_PARTIAL] = mp_tile_partial_bits(t, &full),
    };
    for (enum mp_region o = 0; o < MP_REGIONS; o++) {
        r->base[o] = at;
        r->slot[o] = mp_bursts(bits[o]) * (MP_BURST_BITS / 8);
        at += mp_ceil_div(r->slot[o] * (number_of(r, o, last) + 1), MP_REGION_ALIGN) * MP_REGION_ALIGN;
    }
}

uint64_t mp_regions_address(const struct mp_regions *r, enum mp_region o, const uint64_t index[MP_DIMS]) {
    return r->base[o] + number_of(r, o, index) * r->slot[o];
}
