// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/hint.h"

#include <math.h>

#define MOST_BITS 8 // of a plan
#define UNSAID_BITS 8

// The least and the largest q - zero.
static void steps(const struct mp_quant_hint *h, double *low, double *high) {
    *low = (h->is_signed ? -ldexp(1, (int)h->bits - 1) : 0) - (double)h->zero;
    *high = *low + ldexp(1, (int)h->bits) - 1;
}

void mp_hint_reach(const struct mp_quant_hint *h, double *low, double *high) {
    steps(h, low, high);
    *low *= (double)h->scale;
    *high *= (double)h->scale;
}

const struct mp_quant_hint *mp_hint_of_tensor(const struct mp_network *n, size_t tensor) {
    const struct mp_quant_hint *h = &n->graph.values[n->value[tensor]].hint;
    return h->bits > 0 && h->scale > 0 ? h : NULL;
}

static const struct mp_value *weights_of(const struct mp_network *n, size_t layer) {
    const struct mp_layer_params *p = &n->params[layer];
    bool has = mp_layer_has_weights(&n->workload.layers[layer]) && p->weight_value != MP_NO_VALUE;
    return has ? &n->graph.values[p->weight_value] : NULL;
}

double *mp_hint_weight_scales(const struct mp_network *n, size_t layer, struct mp_arena *a) {
    const struct mp_value *v = weights_of(n, layer);
    const struct mp_geometry *g = &n->workload.layers[layer].geo;
    const size_t channels = g->groups * g->oc;
    if (!v || v->hint.bits == 0)
        return NULL;
    const struct mp_quant_hint *h = &v->hint;
    const unsigned axis = n->params[layer].transposed ? v->array.shape.rank - 1 : 0;
    if (h->scales && (h->axis != axis || v->array.shape.dim[axis] != channels))
        return NULL;
    double *scale = mp_arena_alloc(a, channels, sizeof *scale);
    for (size_t c = 0; c < channels; c++)
        scale[c] = (double)(h->scales ? h->scales[c] : h->scale);
    return scale;
}

void mp_hint_forget_weights(struct mp_network *n, size_t layer) {
    if (n->params[layer].weight_value != MP_NO_VALUE)
        n->graph.values[n->params[layer].weight_value].hint = (struct mp_quant_hint){0};
}

void mp_hint_forget_tensor(struct mp_network *n, size_t tensor) {
    n->graph.values[n->value[tensor]].hint = (struct mp_quant_hint){0};
}

// Widths

static unsigned at_most(unsigned bits) {
    return bits < MOST_BITS ? bits : MOST_BITS;
}

// A weight is a multiple q - zero of its scale: bits of a signed number that holds them all.
static unsigned weight_bits(const struct mp_network *n, size_t layer) {
    const struct mp_value *v = weights_of(n, layer);
    if (!v || v->hint.bits == 0)
        return UNSAID_BITS;
    double low, high;
    unsigned bits = 1;
    steps(&v->hint, &low, &high);
    while (bits < MOST_BITS && (low < -ldexp(1, (int)bits - 1) || high >= ldexp(1, (int)bits - 1)))
        bits++;
    return bits;
}

static size_t find(size_t *root, size_t t) {
    while (root[t] != t) {
        root[t] = root[root[t]];
        t = root[t];
    }
    return t;
}

// One width have a view and what it is of, the parts of a concatenation, and all that leaves the network.
static size_t *classes(const struct mp_workload *w, struct mp_arena *a) {
    size_t *root = mp_arena_alloc(a, w->tensor_count, sizeof *root), output = w->tensor_count;
    for (size_t t = 0; t < w->tensor_count; t++)
        root[t] = t;
    for (size_t i = 0; i < w->layer_count; i++)
        for (size_t k = 0; mp_layer_moves_nothing(&w->layers[i]) && k < w->layers[i].input_count; k++)
            root[find(root, w->layers[i].inputs[k])] = find(root, w->layers[i].output);
    for (size_t t = 0; t < w->tensor_count; t++) {
        if (w->tensors[t].last_consumer != MP_NO_LAYER)
            continue;
        output = output == w->tensor_count ? t : output;
        root[find(root, t)] = find(root, output);
    }
    return root;
}

static void tensor_bits(const struct mp_network *n, struct mp_plan *p) {
    const struct mp_workload *w = &n->workload;
    struct mp_arena scratch = {0};
    size_t *root = classes(w, &scratch);
    unsigned *bits = mp_arena_alloc(&scratch, w->tensor_count, sizeof *bits);
    for (size_t t = 0; t < w->tensor_count; t++) {
        const struct mp_quant_hint *h = mp_hint_of_tensor(n, t);
        unsigned *most = &bits[find(root, t)];
        if (h && at_most(h->bits) > *most)
            *most = at_most(h->bits);
    }
    for (size_t t = 0; t < w->tensor_count; t++) {
        p->tensor_bits[t] = bits[find(root, t)] ? bits[find(root, t)] : UNSAID_BITS;
        if (w->tensors[t].last_consumer == MP_NO_LAYER)
            p->output_bits = p->tensor_bits[t];
    }
    mp_arena_finish(&scratch);
}

void mp_hint_plan(const struct mp_network *n, struct mp_arena *a, struct mp_plan *p) {
    const struct mp_workload *w = &n->workload;
    *p = (struct mp_plan){.batch = 1, .default_w_bits = UNSAID_BITS, .default_a_bits = UNSAID_BITS};
    p->layers = mp_arena_alloc(a, w->layer_count, sizeof *p->layers);
    p->tensor_bits = mp_arena_alloc(a, w->tensor_count, sizeof *p->tensor_bits);
    tensor_bits(n, p);
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_layer *l = &w->layers[i];
        p->layers[i].a_bits = p->tensor_bits[l->inputs[0]];
        if (!mp_layer_on_array(l))
            continue;
        const size_t owner = l->weights_of == MP_NO_LAYER ? i : l->weights_of;
        p->layers[i].slices = mp_arena_alloc(a, 1, sizeof *p->layers[i].slices);
        p->layers[i].slice_count = 1;
        p->layers[i].slices[0] = (struct mp_slice){
            l->geo.groups * l->geo.oc, l->type == MP_MATMUL ? p->tensor_bits[l->inputs[1]] : weight_bits(n, owner)};
    }
}
