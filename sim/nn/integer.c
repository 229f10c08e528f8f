// SPDX-License-Identifier: Apache-2.0
// The walk through the layers. Every tensor has memory of its own.
#include "sim/nn/integer_parts.h"

#include <math.h>
#include <stdlib.h>

int32_t mp_quantise(const struct mp_qtensor *t, double x) {
    struct mp_range range = mp_range_of(t->bits, t->is_signed);
    double q = nearbyint(x / t->scale) + t->zero;
    return !(q > range.low) ? range.low : q >= range.high ? range.high : (int32_t)q;
}

static bool can_run(const struct mp_qnet *q, struct mp_err *err) {
    const struct mp_workload *w = &q->net->workload;
    for (size_t t = 0; t < w->tensor_count; t++)
        if (q->tensors[t].bits > (q->tensors[t].is_signed ? 16 : 15))
            return mp_fail(err, "%s: tensor \"%s\": integer inference takes at most 15 bits, 16 with a sign (got %u)",
                           q->net->graph.source, w->tensors[t].name, q->tensors[t].bits);
    for (size_t i = 0; i < w->layer_count; i++)
        if (q->net->params[i].float_only)
            return mp_fail(err, "%s: layer \"%s\": cannot be computed in integers: %s", q->net->graph.source,
                           w->layers[i].name, q->net->params[i].float_only);
    return true;
}

// Inputs that are constants of the model stay as they are.
static void take_constants(struct mp_integer *r) {
    const struct mp_network *n = r->q->net;
    for (size_t t = 0; t < r->w->input_count; t++) {
        const struct mp_value *v = &n->graph.values[n->value[t]];
        struct mp_arena scratch = {0};
        if (!v->constant)
            continue;
        float *x = mp_arena_alloc(&scratch, mp_tensor_count(&r->w->tensors[t]), sizeof *x);
        mp_network_gather(n, t, v->array.f, x);
        mp_integer_input(r, t, x);
        mp_arena_finish(&scratch);
    }
}

struct mp_integer *mp_integer_create(const struct mp_qnet *q, const struct mp_integer_options *o, struct mp_err *err) {
    if (!can_run(q, err))
        return NULL;
    struct mp_integer *r = calloc(1, sizeof *r);
    if (!r)
        mp_out_of_memory();
    r->q = q;
    r->w = &q->net->workload;
    r->kernel = o->kernel ? o->kernel : mp_kernel_best();
    r->acc = o->accumulator;
    r->orders = o->orders;
    r->tensor = mp_arena_alloc(&r->arena, r->w->tensor_count, sizeof *r->tensor);
    for (size_t t = 0; t < r->w->tensor_count; t++)
        r->tensor[t] = mp_arena_alloc(&r->arena, mp_tensor_count(&r->w->tensors[t]) + MP_SLACK, sizeof **r->tensor);
    r->array = mp_arena_alloc(&r->arena, r->w->layer_count, sizeof(struct mp_int_array *));
    r->vector = mp_arena_alloc(&r->arena, r->w->layer_count, sizeof(struct mp_int_vector *));
    for (size_t i = 0; i < r->w->layer_count; i++) {
        if (o->layers && !o->layers[i])
            continue;
        if (!mp_layer_on_array(&r->w->layers[i])) {
            r->vector[i] = mp_int_vector_make(r, i);
            continue;
        }
        r->array[i] = mp_int_array_make(r, i);
        mp_integer_reload(r, i);
    }
    take_constants(r);
    return r;
}

void mp_integer_destroy(struct mp_integer *r) {
    if (!r)
        return;
    struct mp_arena arena = r->arena;
    free(r);
    mp_arena_finish(&arena);
}

void mp_integer_reload(struct mp_integer *r, size_t layer) {
    if (mp_layer_has_weights(&r->w->layers[layer]))
        mp_int_array_pack(r, layer);
}

void mp_integer_input(struct mp_integer *r, size_t i, const float *values) {
    const struct mp_tensor *t = &r->w->tensors[i];
    const struct mp_qtensor *q = &r->q->tensors[i];
    const struct mp_range range = mp_range_of(q->bits, q->is_signed);
    const uint64_t pixels = t->h * t->w;
    for (uint64_t c = 0; c < t->c; c++)
        for (uint64_t p = 0; p < pixels; p++) {
            double x = nearbyint((double)values[c * pixels + p] / q->scale) + q->zero; // as mp_quantise
            r->tensor[i][p * t->c + c] = (int16_t)(!(x > range.low) ? range.low : x >= range.high ? range.high : x);
        }
}

void mp_integer_run_layer(struct mp_integer *r, size_t layer) {
    if (mp_layer_on_array(&r->w->layers[layer]))
        mp_int_array_run(r, layer);
    else
        mp_int_vector_run(r, layer);
}

void mp_integer_run(struct mp_integer *r) {
    for (size_t i = 0; i < r->w->layer_count; i++)
        mp_integer_run_layer(r, i);
}

int16_t *mp_integer_tensor(struct mp_integer *r, size_t tensor) {
    return r->tensor[tensor];
}

void mp_integer_take(const struct mp_integer *r, size_t tensor, int32_t *out) {
    const struct mp_tensor *t = &r->w->tensors[tensor];
    for (uint64_t c = 0; c < t->c; c++)
        for (uint64_t p = 0; p < t->h * t->w; p++)
            *out++ = r->tensor[tensor][p * t->c + c];
}

const uint64_t *mp_integer_channel_overflows(const struct mp_integer *r, size_t layer) {
    return r->array[layer] ? mp_int_array_overflows(r->array[layer]) : NULL;
}

uint64_t mp_integer_overflows(const struct mp_integer *r, size_t layer) {
    const uint64_t *by_channel = mp_integer_channel_overflows(r, layer);
    const struct mp_geometry *g = &r->w->layers[layer].geo;
    uint64_t sum = 0;
    for (uint64_t c = 0; by_channel && c < g->groups * g->oc; c++)
        sum += by_channel[c];
    return sum;
}
