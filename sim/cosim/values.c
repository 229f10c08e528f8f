// SPDX-License-Identifier: Apache-2.0
// Seeded numbers for a co-simulation. Integer arithmetic only: the same bytes everywhere.
#include "sim/cosim/values.h"

#include <assert.h>

void mp_values_clamp(const struct mp_range *range, const int32_t *from, uint64_t count, int32_t *to) {
    for (uint64_t i = 0; i < count; i++)
        to[i] = from[i] < range->low ? range->low : from[i] > range->high ? range->high : from[i];
}

// -1, or the nearest thing that the range has.
static int32_t all_ones(const struct mp_range *range) {
    return range->low < 0 ? -1 : range->high;
}

static void fill_corner(struct mp_random *r, const struct mp_range *range, uint64_t count, int32_t *at) {
    int32_t even = 0, odd = 0;
    switch (mp_random_next(r) % 5) {
    case 0:
        even = odd = range->low;
        break;
    case 1:
        even = odd = range->high;
        break;
    case 2:
        even = odd = all_ones(range);
        break;
    case 3:
        even = range->low, odd = range->high;
        break;
    default:
        break;
    }
    for (uint64_t i = 0; i < count; i++)
        at[i] = i & 1 ? odd : even;
}

// 16 bits of a random number an element: the upper 12 give its place in the range, the lower 4 are 0 for a corner.
// Ranges wider than 12 bits take a number each.
static void fill_random(struct mp_random *r, const struct mp_range *range, uint64_t count, int32_t *at) {
    const int32_t corner[] = {range->low, range->high, all_ones(range), 0};
    uint64_t span = (uint64_t)((int64_t)range->high - range->low) + 1, bits = 0;
    for (uint64_t i = 0; i < count; i++, bits >>= 16) {
        if (i % 4 == 0 || span > 4096)
            bits = mp_random_next(r);
        uint64_t place = span > 4096 ? (bits >> 4) % span : (bits >> 4 & 0xfff) * span >> 12;
        at[i] = bits & 15 ? (int32_t)(range->low + (int64_t)place) : corner[place % 4];
    }
}

void mp_values_fill(struct mp_random *r, const struct mp_range *range, uint64_t planes, uint64_t plane, int32_t *at) {
    for (uint64_t i = 0; i < planes; i++, at += plane) {
        if (mp_random_next(r) % 4 == 0)
            fill_corner(r, range, plane, at);
        else
            fill_random(r, range, plane, at);
    }
}

struct mp_range mp_values_output_range(const struct mp_layer *l, unsigned bits, bool is_signed) {
    struct mp_range range = mp_range_of(bits, is_signed);
    if (l->act == MP_ACT_RELU || l->act == MP_ACT_RELU6)
        range.low = 0;
    if (l->act == MP_ACT_RELU6)
        range.high -= range.high / 4;
    return range;
}

// The same scale with a shorter multiplier.
static void shorten(struct mp_requant *q, unsigned bits) {
    for (; bits > 0 && q->shift > 1 && q->mul > 1; bits--)
        q->mul >>= 1, q->shift--;
}

void mp_values_requant(struct mp_random *r, const struct mp_range *range, uint64_t spread, uint64_t channels,
                       struct mp_requant *at) {
    uint64_t most = range->high > 0 ? (uint64_t)range->high : 1;
    int64_t bias;
    spread = spread < UINT64_C(1) << 48 ? spread + (spread == 0) : UINT64_C(1) << 48;
    bias = (int64_t)(spread / 8 < INT32_MAX ? spread / 8 : INT32_MAX);
    for (uint64_t i = 0; i < channels; i++) {
        // The largest sum goes to 3/4 to 8 times the largest output.
        uint64_t eighths = (uint64_t)mp_random_range(r, 6, 15) << mp_random_range(r, 0, 3);
        at[i] = mp_requant_of(most * eighths, 8 * spread);
        shorten(&at[i], (unsigned)mp_random_range(r, 0, 23));
        at[i].bias = (int32_t)mp_random_range(r, -bias, bias);
    }
}

static uint64_t largest(const struct mp_range *range) {
    uint64_t low = (uint64_t)-(int64_t)range->low, high = (uint64_t)range->high;
    uint64_t most = low > high ? low : high;
    return most > 0 ? most : 1;
}

void mp_values_op(struct mp_random *r, const struct mp_layer *l, const struct mp_range in[2], const struct mp_range *out,
                  struct mp_requant op[2]) {
    for (size_t i = 0; i < 2; i++) {
        op[i] = (struct mp_requant){.mul = 1u << (MP_MUL_BITS - 1), .shift = MP_MUL_BITS - 1};
        if (l->type == MP_POOL && l->pool == MP_POOL_AVG)
            op[i] = mp_requant_of(1, l->geo.kh * l->geo.kw);
        else if (l->type == MP_ADD) // 1/2 to 1 of the range each
            op[i] = mp_requant_of(largest(out) * (uint64_t)mp_random_range(r, 8, 16), 16 * largest(&in[i]));
    }
}

uint64_t mp_values_worst_sum(const struct mp_range *a, const struct mp_range *q, bool odd, uint64_t products) {
    struct mp_range w = {odd ? 2 * q->low + 1 : q->low, odd ? 2 * q->high + 1 : q->high};
    return largest(a) * largest(&w) * products;
}
