// SPDX-License-Identifier: Apache-2.0
// Bias correction. All images go through a layer before the next one's turn: a layer's inputs are those that the corrected
// layers before it make.
#include "sim/nn/integer.h"
#include "sim/nn/quantise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct work {
    struct mp_qnet *q;
    const struct mp_workload *w;
    struct mp_integer *r;
    uint64_t images;
    int16_t **store; // by tensor: [image][elements], or NULL
    double *wide;    // a tensor
};

static size_t elements(const struct mp_tensor *t) {
    return t->c * t->h * t->w;
}

// What nobody reads is not kept.
static void keep(struct work *k, size_t tensor, uint64_t image) {
    const size_t count = elements(&k->w->tensors[tensor]);
    if (k->w->tensors[tensor].last_consumer == MP_NO_LAYER)
        return;
    if (!k->store[tensor] && !(k->store[tensor] = malloc(k->images * count * sizeof(int16_t))))
        mp_out_of_memory();
    memcpy(k->store[tensor] + image * count, mp_integer_tensor(k->r, tensor), count * sizeof(int16_t));
}

static void fetch(struct work *k, size_t tensor, uint64_t image) {
    const size_t count = elements(&k->w->tensors[tensor]);
    memcpy(mp_integer_tensor(k->r, tensor), k->store[tensor] + image * count, count * sizeof(int16_t));
}

// Means of the taps in the input's steps, its zero point taken off.
static double *tap_means(struct work *k, const struct mp_layer *l, size_t count) {
    const struct mp_qtensor *in = &k->q->tensors[l->inputs[0]];
    const size_t of_input = elements(&k->w->tensors[l->inputs[0]]);
    double *sum = calloc(count, sizeof *sum);
    if (!sum)
        mp_out_of_memory();
    for (uint64_t i = 0; i < k->images; i++) {
        for (size_t e = 0; e < of_input; e++)
            k->wide[e] = k->store[l->inputs[0]][i * of_input + e] - in->zero;
        mp_tap_add(&l->geo, k->wide, true, sum);
    }
    for (size_t i = 0; i < count; i++)
        sum[i] /= (double)k->images;
    return sum;
}

static void correct(struct work *k, size_t layer, const struct mp_calibration *c) {
    const struct mp_layer *l = &k->w->layers[layer];
    const struct mp_layer_params *p = &k->q->net->params[layer];
    struct mp_qlayer *q = &k->q->layers[layer];
    const struct mp_qtensor *in = &k->q->tensors[l->inputs[0]], *out = &k->q->tensors[l->output];
    const size_t taps = l->geo.kh * l->geo.kw, terms = l->geo.ic * taps;
    double *means = tap_means(k, l, c->taps[layer].count);
    for (size_t o = 0; o < l->geo.groups * l->geo.oc; o++) {
        const size_t first = o / l->geo.oc * terms;
        double want = p->bias ? (double)p->bias[o] : 0, have = 0, scale = in->scale * q->weight_scale[o];
        int64_t zeros = 0;
        for (size_t i = 0; i < terms; i++) {
            int32_t value = q->odd ? 2 * q->weight[o * terms + i] + 1 : q->weight[o * terms + i];
            want += (double)p->weight[o * terms + i] * c->taps[layer].at[first + i];
            have += value * means[first + i];
            zeros += value;
        }
        double bias = nearbyint((want + out->zero * out->scale) / scale - have) - (double)(zeros * in->zero);
        q->requant[o].bias = (int32_t)fmax(-0x1p30, fmin(0x1p30, bias));
    }
    free(means);
    mp_integer_reload(k->r, layer);
}

static bool one_layer(struct work *k, size_t layer, const struct mp_calibration *c, bool (*stopped)(void)) {
    const struct mp_layer *l = &k->w->layers[layer];
    if (mp_layer_has_weights(l))
        correct(k, layer, c);
    for (uint64_t i = 0; i < k->images; i++) {
        if (stopped && stopped())
            return false;
        for (size_t t = 0; t < l->input_count; t++)
            fetch(k, l->inputs[t], i);
        mp_integer_run_layer(k->r, layer);
        keep(k, l->output, i);
    }
    for (size_t t = 0; t < l->input_count; t++)
        if (k->w->tensors[l->inputs[t]].last_consumer == layer) {
            free(k->store[l->inputs[t]]);
            k->store[l->inputs[t]] = NULL;
        }
    return true;
}

// Bytes that one image needs at the layer where most is kept.
static uint64_t bytes_of_image(const struct mp_workload *w) {
    uint64_t live = 0, most = 0;
    for (size_t t = 0; t < w->input_count; t++)
        live += elements(&w->tensors[t]);
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_layer *l = &w->layers[i];
        live += w->tensors[l->output].last_consumer == MP_NO_LAYER ? 0 : elements(&w->tensors[l->output]);
        most = live > most ? live : most;
        for (size_t t = 0; t < l->input_count; t++) {
            bool again = false; // an operand that stands twice goes once
            for (size_t k = 0; k < t; k++)
                again = again || l->inputs[k] == l->inputs[t];
            if (!again && w->tensors[l->inputs[t]].last_consumer == i)
                live -= elements(&w->tensors[l->inputs[t]]);
        }
    }
    return most * sizeof(int16_t);
}

uint64_t mp_bias_images(const struct mp_workload *w, uint64_t images) {
    const uint64_t bytes = bytes_of_image(w), most = bytes > 0 ? MP_BIAS_BYTES / bytes : images;
    return images < most ? images : most > 0 ? most : 1;
}

bool mp_correct_biases(struct mp_qnet *q, const struct mp_calibration *c, const struct mp_dataset *d, uint64_t images,
                       const struct mp_accumulator *accumulator, bool (*stopped)(void), struct mp_err *err) {
    const struct mp_workload *w = &q->net->workload;
    const struct mp_integer_options how = {.accumulator = *accumulator};
    struct work k = {.q = q, .w = w, .images = images < d->count ? images : d->count};
    struct mp_arena arena = {0};
    size_t most = 0;
    bool go_on = true;
    if (!(k.r = mp_integer_create(q, &how, err)))
        return false;
    for (size_t t = 0; t < w->tensor_count; t++)
        most = elements(&w->tensors[t]) > most ? elements(&w->tensors[t]) : most;
    k.wide = mp_arena_alloc(&arena, most, sizeof *k.wide);
    k.store = mp_arena_alloc(&arena, w->tensor_count, sizeof *k.store);
    const size_t input = mp_network_image(q->net);
    float *image = mp_arena_alloc(&arena, elements(&w->tensors[input]), sizeof *image);
    for (uint64_t i = 0; i < k.images; i++) {
        mp_dataset_image(d, i, image);
        mp_integer_input(k.r, input, image);
        for (size_t t = 0; t < w->input_count; t++)
            keep(&k, t, i);
    }
    for (size_t i = 0; go_on && i < w->layer_count; i++)
        go_on = one_layer(&k, i, c, stopped);
    for (size_t t = 0; t < w->tensor_count; t++)
        free(k.store[t]);
    mp_integer_destroy(k.r);
    mp_arena_finish(&arena);
    return go_on || mp_fail(err, "interrupted");
}
