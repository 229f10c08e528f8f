// SPDX-License-Identifier: Apache-2.0
// The order of a reduction, and sums in it.
#include "sim/nn/sum.h"

// Products of 8-bit operands (up to 255 * 255) that a 32-bit sum holds.
#define CHUNK 16384

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static void end_step(struct mp_steps *s, uint64_t *begun) {
    if (*begun == 0)
        return;
    s->step[s->steps++] = *begun;
    s->part[s->parts]++;
    *begun = 0;
}

// Channels [first, first + count).
static void order_part(struct mp_steps *s, const struct mp_geometry *g, const struct mp_order *o, uint64_t first,
                       uint64_t count) {
    uint64_t begun = 0;
    for (uint64_t row = 0; row < g->kh; row++)
        for (uint64_t col = 0; col < g->kw; col++) {
            for (uint64_t c = 0; c < count; c++) {
                s->term[s->terms++] = (struct mp_operand){first + c, row, col};
                if (++begun == o->lanes)
                    end_step(s, &begun);
            }
            if (!o->flat)
                end_step(s, &begun);
        }
    end_step(s, &begun);
    s->parts++;
}

void mp_steps_make(struct mp_steps *s, struct mp_arena *a, const struct mp_geometry *g, const struct mp_order *o) {
    uint64_t count = g->ic * g->kh * g->kw;
    *s = (struct mp_steps){.term = mp_arena_alloc(a, count, sizeof *s->term),
                           .step = mp_arena_alloc(a, count, sizeof *s->step),
                           .part = mp_arena_alloc(a, g->ic, sizeof *s->part)};
    for (uint64_t c = 0; c < g->ic; c += o->part)
        order_part(s, g, o, c, least(o->part, g->ic - c));
}

int64_t mp_dot(const int16_t *restrict a, const int16_t *restrict w, uint64_t count) {
    int64_t sum = 0;
    for (uint64_t at = 0; at < count; at += CHUNK) {
        uint64_t end = least(count, at + CHUNK);
        int32_t part = 0;
        for (uint64_t i = at; i < end; i++)
            part += a[i] * w[i];
        sum += part;
    }
    return sum;
}

int64_t mp_sum_in_steps(const struct mp_steps *s, const struct mp_accumulator *acc, const int16_t *a, const int16_t *w,
                        uint64_t *overflows) {
    const uint64_t *step = s->step;
    int64_t total = 0;
    for (uint64_t p = 0; p < s->parts; p++) {
        int64_t sum = 0;
        for (uint64_t i = 0; i < s->part[p]; i++, a += *step, w += *step, step++)
            sum = mp_accumulate(acc, sum, mp_dot(a, w, *step), overflows);
        total = p == 0 ? sum : mp_accumulate(acc, total, sum, overflows);
    }
    return total;
}
