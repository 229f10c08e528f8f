// SPDX-License-Identifier: Apache-2.0
// Scales of a layer's weights, by output channel or one for all: the model's own where it fits, else by the method; and the
// weights as numbers on their grids.
#include "sim/nn/quantise_parts.h"

#include "sim/nn/hint.h"

#include <math.h>

// Weights of a model that is quantised already are off its grid by the rounding of float, 2^-24 of each.
#define FLOAT_NOISE 1e-12 // of the sum of their squares

struct work {
    const struct mp_quantise_options *o;
    const struct mp_layer *l;
    const struct mp_layer_bits *bits;
    const float *weight;
    size_t channels, terms; // terms: weights a channel
    double *scale;
    bool *keep;             // by channel: the scale is the model's
    int32_t *q;
};

unsigned mp_quantise_channel_bits(const struct mp_layer_bits *b, uint64_t channel) {
    size_t i = 0;
    while (channel >= b->slices[i].channels)
        channel -= b->slices[i++].channels;
    return b->slices[i].w_bits;
}

static struct mp_weight_grid grid_of(const struct work *k, size_t channel) {
    return mp_weight_grid_of(mp_quantise_channel_bits(k->bits, channel), k->bits->encoding == MP_ODD);
}

// The model's scale changes `count` channels' weights no more than another one does.
static bool fits(const struct work *k, size_t first, size_t count, double model, double other) {
    double error = 0, most = 0;
    if (!(model > 0) || !(other > 0))
        return model > 0;
    for (size_t c = first; c < first + count; c++) {
        const struct mp_weight_grid g = grid_of(k, c);
        const float *w = k->weight + c * k->terms;
        error += mp_weight_error(&g, model, w, k->terms);
        most += mp_weight_error(&g, other, w, k->terms);
        for (size_t i = 0; i < k->terms; i++)
            most += FLOAT_NOISE * (double)w[i] * (double)w[i];
    }
    return error <= most;
}

static void by_channel(struct work *k, const double *model) {
    for (size_t c = 0; c < k->channels; c++) {
        const struct mp_weight_grid g = grid_of(k, c);
        k->scale[c] = mp_weight_scale(&g, k->weight + c * k->terms, k->terms, k->o->weights, k->o->percentile);
        k->keep[c] = model && fits(k, c, 1, model[c], k->scale[c]);
        if (k->keep[c])
            k->scale[c] = model[c];
    }
}

// The largest that any of the channels' grids asks for.
static double tensor_scale(const struct work *k) {
    double scale = 0;
    for (size_t i = 0, first = 0; i < k->bits->slice_count; first += k->bits->slices[i++].channels) {
        struct mp_weight_grid g = mp_weight_grid_of(k->bits->slices[i].w_bits, k->bits->encoding == MP_ODD);
        scale = fmax(scale, mp_weight_scale(&g, k->weight + first * k->terms, k->bits->slices[i].channels * k->terms,
                                            k->o->weights, k->o->percentile));
    }
    return scale;
}

static bool all_equal(const double *x, size_t count) {
    for (size_t i = 1; i < count; i++)
        if (x[i] < x[0] || x[i] > x[0])
            return false;
    return true;
}

static void for_all(struct work *k, const double *model) {
    double one = tensor_scale(k);
    bool keep = model && all_equal(model, k->channels) && fits(k, 0, k->channels, model[0], one);
    if (keep)
        one = model[0];
    if (k->o->power_of_two && one > 0)
        one = mp_power_of_two(one);
    for (size_t c = 0; c < k->channels; c++) {
        k->scale[c] = one;
        k->keep[c] = keep && one <= model[0];
    }
}

// Groups one after the other. With a scale for the tensor, or of a method that is not about errors, scales stay.
static void by_gptq(struct work *k, const double *gram) {
    const size_t terms = k->terms, oc = k->l->geo.oc;
    const bool search = k->o->weights == MP_RANGE_MSE && !k->o->weights_per_tensor && !k->o->power_of_two;
    struct mp_arena scratch = {0};
    struct mp_weight_grid *grids = mp_arena_alloc(&scratch, oc, sizeof *grids);
    for (size_t g = 0; g < k->l->geo.groups; g++) {
        bool any = false;
        for (size_t c = 0; c < oc; c++) {
            grids[c] = grid_of(k, g * oc + c);
            any = any || !k->keep[g * oc + c];
        }
        if (any)
            mp_gptq_group(gram + g * terms * terms, grids, k->weight + g * oc * terms, oc, terms, search, k->keep + g * oc,
                          k->scale + g * oc, k->q + g * oc * terms);
    }
    mp_arena_finish(&scratch);
}

static void round_all(struct work *k) {
    for (size_t c = 0; c < k->channels; c++) {
        const struct mp_weight_grid g = grid_of(k, c);
        for (size_t i = c * k->terms; i < (c + 1) * k->terms; i++)
            k->q[i] = k->scale[c] > 0 ? mp_weight_quantise(&g, k->scale[c], (double)k->weight[i]) : 0;
    }
}

static bool quantise(struct work *k, const double *gram, const double *model) {
    bool all = true;
    if (k->o->weights_per_tensor || k->o->power_of_two)
        for_all(k, model);
    else
        by_channel(k, model);
    round_all(k);
    if (gram)
        by_gptq(k, gram);
    for (size_t c = 0; c < k->channels; c++)
        all = all && k->keep[c];
    return all;
}

bool mp_quantise_layer_weights(const struct mp_network *n, const struct mp_calibration *c, const struct mp_quantise_options *o,
                               size_t layer, const struct mp_layer_bits *bits, double *scale, int32_t *q, bool *kept) {
    const struct mp_layer *l = &n->workload.layers[layer];
    struct mp_arena scratch = {0};
    struct work k = {.o = o, .l = l, .bits = bits, .weight = n->params[layer].weight, .channels = l->geo.groups * l->geo.oc,
                     .terms = l->geo.ic * l->geo.kh * l->geo.kw, .scale = scale, .q = q};
    k.keep = kept ? kept : mp_arena_alloc(&scratch, k.channels, sizeof *k.keep);
    const double *model = o->model_ranges ? mp_hint_weight_scales(n, layer, &scratch) : NULL;
    bool all = quantise(&k, c->gram ? c->gram[layer] : NULL, model);
    mp_arena_finish(&scratch);
    return all;
}
