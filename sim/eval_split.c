// SPDX-License-Identifier: Apache-2.0
// Channels run at their own width, or at a wider one that is present when that costs less.
#include "sim/eval_split.h"

static void own_split(const struct mp_layer_bits *b, struct mp_split *s) {
    uint64_t channels[MP_SPLIT_WIDTHS + 1] = {0};
    *s = (struct mp_split){.count = 0};
    for (size_t i = 0; i < b->slice_count; i++)
        channels[b->slices[i].w_bits] += b->slices[i].channels;
    for (unsigned bits = 1; bits <= MP_SPLIT_WIDTHS; bits++)
        if (channels[bits])
            s->bits[s->count] = bits, s->channels[s->count++] = channels[bits];
}

// Output channels that a fold takes at most: what remains of a slice may fill another one's fold.
static uint64_t fold_channels(const struct mp_pe_array *a, const struct mp_geometry *g) {
    uint64_t unit = 1;
    if (g->groups > 1)
        return 1;
    if (a->row_roles >> MP_ROLE_OC & 1)
        unit *= a->rows;
    if (a->col_roles >> MP_ROLE_OC & 1)
        unit *= a->cols;
    return unit;
}

// The choice with number `code`: for each width but the widest, in base 3, none, all or the remainder moves up.
static struct mp_split moved(const struct mp_split *s, uint64_t unit, uint64_t code) {
    struct mp_split m = *s;
    for (size_t i = 0; i + 1 < m.count; i++, code /= 3) {
        uint64_t up = code % 3 == 0 ? 0 : code % 3 == 1 ? m.channels[i] : m.channels[i] % unit;
        m.channels[i] -= up;
        m.channels[i + 1] += up;
    }
    return m;
}

static bool score_of(const struct mp_split *s, enum mp_objective o, const struct mp_split_coster *coster,
                     struct mp_score *score, struct mp_err *err) {
    uint64_t cycles = 0;
    double energy_pj = 0;
    for (size_t i = 0; i < s->count; i++) {
        uint64_t c;
        double e;
        if (s->channels[i] == 0)
            continue;
        if (!coster->cost(coster->user, s->channels[i], s->bits[i], &c, &e, err))
            return false;
        cycles += c;
        energy_pj += e;
    }
    *score = mp_score_of(o, cycles, energy_pj);
    return true;
}

bool mp_split_best(const struct mp_arch *arch, const struct mp_layer *l, const struct mp_layer_bits *b, enum mp_objective o,
                   const struct mp_split_coster *coster, struct mp_split *best, struct mp_err *err) {
    struct mp_split own;
    struct mp_score lowest = {.first = 1e300};
    uint64_t unit = fold_channels(&arch->array, &l->geo), codes = 1;
    own_split(b, &own);
    for (size_t i = 1; i < own.count; i++)
        codes *= 3;
    *best = own;
    for (uint64_t code = 0; codes > 1 && code < codes; code++) {
        struct mp_split m = moved(&own, unit, code);
        struct mp_score score;
        if (!score_of(&m, o, coster, &score, err))
            return false;
        if (mp_score_less(score, lowest))
            lowest = score, *best = m;
    }
    return true;
}
