// SPDX-License-Identifier: Apache-2.0
// Layers on the array: each output is the dot product of its window with its weights, both laid out in the order of the
// steps. Where an output channel's weights and the largest activation rule overflow out, order does not matter and the
// product is taken at once.
#include "sim/cosim/reference.h"

#include "sim/cosim/reference_vector.h"

#include <stdio.h>
#include <stdlib.h>

// Products of 8-bit operands (up to 255 * 255) that a 32-bit sum holds.
#define CHUNK 16384

typedef __int128 wide;

// One operand of the reduction.
struct term {
    uint64_t channel, tap_row, tap_col; // of the kernel
    int64_t row, col, offset;           // from the first tap: pixels; elements of the input
};

struct work {
    const struct mp_reference_run *r;
    const struct mp_geometry *g;
    uint64_t terms, steps, parts;
    struct term *term;         // in the order of the steps
    uint64_t *step, *part;     // number of terms of a step; number of steps of a part of the reduction
    int16_t *patch, *weight;   // [term], [output channel][term]
    bool *safe;                // output channels that cannot overflow
    uint64_t first_oc, oc;     // of a group
    int64_t largest;           // magnitude of an activation
    int64_t low, high;         // of the accumulator
    struct mp_reference *out;
};

static uint64_t least(uint64_t a, uint64_t b) {
    return a < b ? a : b;
}

static wide scale(int64_t x, uint32_t mul, unsigned shift) {
    return ((wide)x * mul + ((wide)1 << (shift - 1))) >> shift;
}

static int32_t clamp(wide x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : (int32_t)x;
}

int32_t mp_requantise(int64_t x, uint32_t mul, unsigned shift, int32_t low, int32_t high) {
    return clamp(scale(x, mul, shift), low, high);
}

int32_t mp_reference_add(int64_t a, int64_t b, const struct mp_layer_values *v) {
    wide sum = scale(a, v->op[0].mul, v->op[0].shift) + scale(b, v->op[1].mul, v->op[1].shift);
    return clamp(sum, v->low, v->high);
}

// Terms and steps

static void add_term(struct work *k, uint64_t channel, uint64_t tap_row, uint64_t tap_col) {
    const struct mp_geometry *g = k->g;
    int64_t row = (int64_t)(tap_row * g->dh), col = (int64_t)(tap_col * g->dw);
    k->term[k->terms++] = (struct term){channel, tap_row, tap_col, row, col,
                                        ((int64_t)(channel * g->ih) + row) * (int64_t)g->iw + col};
}

static void end_step(struct work *k, uint64_t *begun) {
    if (*begun == 0)
        return;
    k->step[k->steps++] = *begun;
    k->part[k->parts]++;
    *begun = 0;
}

// Channels [first, first + count): lanes go through the channels of each tap, or through taps and channels as one.
static void order_part(struct work *k, uint64_t first, uint64_t count) {
    bool flat = k->r->mapping->lanes == MP_ROLE_K_IC;
    uint64_t begun = 0;
    for (uint64_t kh = 0; kh < k->g->kh; kh++)
        for (uint64_t kw = 0; kw < k->g->kw; kw++) {
            for (uint64_t c = 0; c < count; c++) {
                add_term(k, first + c, kh, kw);
                if (++begun == k->r->task->lanes)
                    end_step(k, &begun);
            }
            if (!flat)
                end_step(k, &begun);
        }
    end_step(k, &begun);
    k->parts++;
}

static void set_order(struct work *k, struct mp_arena *a) {
    const struct mp_geometry *g = k->g;
    uint64_t count = g->ic * g->kh * g->kw, part = k->r->mapping->tile[MP_IC];
    k->term = mp_arena_alloc(a, count, sizeof *k->term);
    k->step = mp_arena_alloc(a, count, sizeof *k->step);
    k->part = mp_arena_alloc(a, g->ic, sizeof *k->part);
    k->patch = mp_arena_alloc(a, count, sizeof *k->patch);
    k->weight = mp_arena_alloc(a, count * k->oc, sizeof *k->weight);
    k->safe = mp_arena_alloc(a, k->oc, sizeof *k->safe);
    for (uint64_t c = 0; c < g->ic; c += part)
        order_part(k, c, least(part, g->ic - c));
}

// Operands

// Weights of the output channels of group `group`; rows as values.h has them.
static void take_weights(struct work *k, uint64_t group) {
    const struct mp_geometry *g = k->g;
    for (uint64_t o = 0; o < k->oc; o++) {
        const int32_t *from = &k->r->values->weight[(group * g->oc + k->first_oc + o) * k->terms];
        int16_t *to = &k->weight[o * k->terms];
        int64_t sum = 0;
        for (uint64_t i = 0; i < k->terms; i++) {
            const struct term *t = &k->term[i];
            int32_t q = from[(t->channel * g->kh + t->tap_row) * g->kw + t->tap_col];
            to[i] = (int16_t)(k->r->task->odd ? 2 * q + 1 : q);
            sum += abs(to[i]);
        }
        k->safe[o] = sum * k->largest <= k->high;
    }
}

// The window of output (y, x) on a group's input channels.
static void take_patch(struct work *k, const int32_t *input, uint64_t y, uint64_t x) {
    const struct mp_geometry *g = k->g;
    int64_t row = (int64_t)(y * g->sh) - (int64_t)g->pt, col = (int64_t)(x * g->sw) - (int64_t)g->pl;
    int64_t ih = (int64_t)g->ih, iw = (int64_t)g->iw, base = row * iw + col;
    bool inside = row >= 0 && col >= 0 && row + (int64_t)((g->kh - 1) * g->dh) < ih &&
                  col + (int64_t)((g->kw - 1) * g->dw) < iw;
    for (uint64_t i = 0; inside && i < k->terms; i++)
        k->patch[i] = (int16_t)input[base + k->term[i].offset];
    for (uint64_t i = 0; !inside && i < k->terms; i++) {
        const struct term *t = &k->term[i];
        bool hit = row + t->row >= 0 && row + t->row < ih && col + t->col >= 0 && col + t->col < iw;
        k->patch[i] = (int16_t)(hit ? input[base + t->offset] : 0);
    }
}

// Sums

static int64_t dot(const int16_t *restrict a, const int16_t *restrict w, uint64_t count) {
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

static int64_t accumulate(struct work *k, uint64_t channel, int64_t a, int64_t b) {
    const struct mp_accumulator *acc = &k->r->arch->array.accumulator;
    int64_t sum = a + b;
    if (sum >= k->low && sum <= k->high)
        return sum;
    if (k->out->overflows++ == 0 || channel < k->out->first_overflow_channel)
        k->out->first_overflow_channel = channel;
    if (acc->on_overflow == MP_SATURATE)
        return sum < 0 ? k->low : k->high;
    unsigned unused = 64 - (unsigned)acc->bits;
    return (int64_t)((uint64_t)sum << unused) >> unused;
}

// Step by step; each part of the reduction begins at 0 and is added to what the parts before it left.
static int64_t sum_in_steps(struct work *k, uint64_t o, uint64_t channel) {
    const int16_t *a = k->patch, *w = &k->weight[o * k->terms];
    const uint64_t *step = k->step;
    int64_t total = 0;
    for (uint64_t p = 0; p < k->parts; p++) {
        int64_t sum = 0;
        for (uint64_t s = 0; s < k->part[p]; s++, a += *step, w += *step, step++)
            sum = accumulate(k, channel, sum, dot(a, w, *step));
        total = p == 0 ? sum : accumulate(k, channel, total, sum);
    }
    return total;
}

// A group of image `image`; `channel` is its first output channel in this run. False when it was stopped.
static bool run_group(struct work *k, const int32_t *input, uint64_t image, uint64_t channel) {
    const struct mp_geometry *g = k->g;
    const struct mp_layer_values *v = k->r->values;
    uint64_t plane = g->oh * g->ow, first = (image * g->groups * g->oc + channel) * plane;
    for (uint64_t pixel = 0; pixel < plane; pixel++) {
        if (k->r->stopped && k->r->stopped())
            return false;
        take_patch(k, input, pixel / g->ow, pixel % g->ow);
        for (uint64_t o = 0; o < k->oc; o++) {
            const struct mp_requant *q = &v->requant[channel + o];
            uint64_t at = first + o * plane + pixel;
            int64_t sum = k->safe[o] ? dot(k->patch, &k->weight[o * k->terms], k->terms)
                                     : sum_in_steps(k, o, channel + o);
            k->out->output[at] = mp_requantise(sum + q->bias, q->mul, q->shift, v->low, v->high);
            if (k->out->sum)
                k->out->sum[at] = sum;
        }
    }
    return true;
}

static int64_t largest_activation(const struct mp_reference_run *r) {
    const struct mp_geometry *g = &r->layer->geo;
    uint64_t count = r->batch * g->groups * g->ic * g->ih * g->iw;
    int64_t largest = 0;
    for (uint64_t i = 0; i < count; i++) {
        int64_t magnitude = llabs(r->values->input[0][i]);
        largest = magnitude > largest ? magnitude : largest;
    }
    if (largest > 255) { // products would leave their 16 and 32 bits without a word
        fprintf(stderr, "mpsim: layer \"%s\": an activation of more than 8 bits\n", r->layer->name);
        abort();
    }
    return largest;
}

// Groups outside, images inside. A matrix product has weights of its own for each image.
static bool run_array(const struct mp_reference_run *r, struct mp_reference *out) {
    const struct mp_geometry *g = &r->layer->geo;
    bool grouped = g->groups > 1, product = r->layer->type == MP_MATMUL;
    uint64_t groups = grouped ? r->channels / g->oc : 1, first = grouped ? r->first_channel / g->oc : 0;
    bool go_on = true;
    struct mp_arena arena = {0};
    struct work k = {.r = r, .g = g, .out = out, .largest = largest_activation(r),
                     .first_oc = grouped ? 0 : r->first_channel, .oc = grouped ? g->oc : r->channels};
    k.high = (int64_t)((UINT64_C(1) << (r->arch->array.accumulator.bits - 1)) - 1);
    k.low = -k.high - 1;
    set_order(&k, &arena);
    for (uint64_t i = first; go_on && i < first + groups; i++)
        for (uint64_t image = 0; go_on && image < r->batch; image++) {
            if (product || image == 0)
                take_weights(&k, product ? image * g->groups + i : i);
            const int32_t *input = &r->values->input[0][(image * g->groups + i) * g->ic * g->ih * g->iw];
            go_on = run_group(&k, input, image, i * g->oc + k.first_oc);
        }
    mp_arena_finish(&arena);
    return go_on;
}

bool mp_reference_run(const struct mp_reference_run *r, struct mp_reference *out) {
    return mp_layer_on_array(r->layer) ? run_array(r, out) : mp_reference_vector(r, out);
}
