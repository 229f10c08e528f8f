// SPDX-License-Identifier: Apache-2.0
// Layers on the array: each output is the dot product of its window with its weights, both laid out in the order of the
// steps. Where an output channel's weights and the largest activation rule overflow out, order does not matter and the
// product is taken at once.
#include "sim/cosim/reference.h"

#include "sim/cosim/reference_vector.h"
#include "sim/nn/sum.h"

#include <stdio.h>
#include <stdlib.h>

// An operand's place, from the first tap: pixels; elements of the input.
struct place {
    int64_t row, col, offset;
};

struct work {
    const struct mp_reference_run *r;
    const struct mp_geometry *g;
    struct mp_steps steps;
    struct place *place;     // by term
    int16_t *patch, *weight; // [term], [output channel][term]
    bool *safe;              // output channels that cannot overflow
    uint64_t first_oc, oc;   // of a group
    uint64_t largest;        // magnitude of an activation
    struct mp_reference *out;
};

static void set_order(struct work *k, struct mp_arena *a) {
    const struct mp_geometry *g = k->g;
    const struct mp_mapping *m = k->r->mapping;
    const struct mp_order order = {.lanes = k->r->task->lanes, .part = m->tile[MP_IC], .flat = m->lanes == MP_ROLE_K_IC};
    mp_steps_make(&k->steps, a, g, &order);
    k->place = mp_arena_alloc(a, k->steps.terms, sizeof *k->place);
    for (uint64_t i = 0; i < k->steps.terms; i++) {
        const struct mp_operand *t = &k->steps.term[i];
        int64_t row = (int64_t)(t->row * g->dh), col = (int64_t)(t->col * g->dw);
        k->place[i] = (struct place){row, col, ((int64_t)(t->channel * g->ih) + row) * (int64_t)g->iw + col};
    }
    k->patch = mp_arena_alloc(a, k->steps.terms, sizeof *k->patch);
    k->weight = mp_arena_alloc(a, k->steps.terms * k->oc, sizeof *k->weight);
    k->safe = mp_arena_alloc(a, k->oc, sizeof *k->safe);
}

// Operands

// Weights of the output channels of group `group`; rows as values.h has them.
static void take_weights(struct work *k, uint64_t group) {
    const struct mp_geometry *g = k->g;
    for (uint64_t o = 0; o < k->oc; o++) {
        const int32_t *from = &k->r->values->weight[(group * g->oc + k->first_oc + o) * k->steps.terms];
        int16_t *to = &k->weight[o * k->steps.terms];
        uint64_t sum = 0;
        for (uint64_t i = 0; i < k->steps.terms; i++) {
            const struct mp_operand *t = &k->steps.term[i];
            int32_t q = from[(t->channel * g->kh + t->row) * g->kw + t->col];
            to[i] = (int16_t)(k->r->task->odd ? 2 * q + 1 : q);
            sum += (uint64_t)abs(to[i]);
        }
        k->safe[o] = mp_sum_is_safe(&k->r->arch->array.accumulator, sum, k->largest);
    }
}

// The window of output (y, x) on a group's input channels.
static void take_patch(struct work *k, const int32_t *input, uint64_t y, uint64_t x) {
    const struct mp_geometry *g = k->g;
    int64_t row = (int64_t)(y * g->sh) - (int64_t)g->pt, col = (int64_t)(x * g->sw) - (int64_t)g->pl;
    int64_t ih = (int64_t)g->ih, iw = (int64_t)g->iw, base = row * iw + col;
    bool inside = row >= 0 && col >= 0 && row + (int64_t)((g->kh - 1) * g->dh) < ih &&
                  col + (int64_t)((g->kw - 1) * g->dw) < iw;
    for (uint64_t i = 0; inside && i < k->steps.terms; i++)
        k->patch[i] = (int16_t)input[base + k->place[i].offset];
    for (uint64_t i = 0; !inside && i < k->steps.terms; i++) {
        const struct place *t = &k->place[i];
        bool hit = row + t->row >= 0 && row + t->row < ih && col + t->col >= 0 && col + t->col < iw;
        k->patch[i] = (int16_t)(hit ? input[base + t->offset] : k->r->values->pad);
    }
}

static int64_t sum_in_steps(struct work *k, uint64_t o, uint64_t channel) {
    uint64_t overflows = 0;
    int64_t sum = mp_sum_in_steps(&k->steps, &k->r->arch->array.accumulator, k->patch, &k->weight[o * k->steps.terms],
                                  &overflows);
    if (overflows > 0 && (k->out->overflows == 0 || channel < k->out->first_overflow_channel))
        k->out->first_overflow_channel = channel;
    k->out->overflows += overflows;
    return sum;
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
            int64_t sum = k->safe[o] ? mp_dot(k->patch, &k->weight[o * k->steps.terms], k->steps.terms)
                                     : sum_in_steps(k, o, channel + o);
            k->out->output[at] = mp_requantise(sum + q->bias, q->mul, q->shift, v->low, v->high);
            if (k->out->sum)
                k->out->sum[at] = sum;
        }
    }
    return true;
}

static uint64_t largest_activation(const struct mp_reference_run *r) {
    const struct mp_geometry *g = &r->layer->geo;
    uint64_t count = r->batch * g->groups * g->ic * g->ih * g->iw;
    uint64_t largest = (uint64_t)llabs(r->values->pad);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t magnitude = (uint64_t)llabs(r->values->input[0][i]);
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
