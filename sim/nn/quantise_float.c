// SPDX-License-Identifier: Apache-2.0
// What changes a network in float: signs of its inputs, weights put on their grids, cross-layer equalisation.
#include "sim/nn/quantise_parts.h"

#include "sim/nn/hint.h"

#include <math.h>

void mp_quantise_signs(struct mp_network *n, const struct mp_calibration *c, bool model_ranges) {
    for (size_t i = 0; i < n->workload.input_count; i++)
        if (c->tensors[i]->count > 0 && !(model_ranges && mp_hint_of_tensor(n, i)))
            mp_workload_set_sign(&n->workload, i, c->tensors[i]->low < 0);
}

// Weights only

static void one_layer(struct mp_network *n, const struct mp_plan *plan, const struct mp_calibration *c,
                      const struct mp_quantise_options *o, size_t layer) {
    const struct mp_layer *l = &n->workload.layers[layer];
    const struct mp_layer_bits *bits = &plan->layers[layer];
    struct mp_layer_params *p = &n->params[layer];
    const size_t channels = l->geo.groups * l->geo.oc, terms = l->geo.ic * l->geo.kh * l->geo.kw,
                 taps = l->geo.kh * l->geo.kw;
    const struct mp_weight_grid grid = {.odd = bits->encoding == MP_ODD};
    struct mp_arena scratch = {0};
    double *scale = mp_arena_alloc(&scratch, channels, sizeof *scale);
    int32_t *q = mp_arena_alloc(&scratch, channels * terms, sizeof *q);
    mp_quantise_layer_weights(n, c, o, layer, bits, scale, q, NULL);
    for (size_t k = 0; k < channels; k++) {
        double shift = 0;
        for (size_t i = 0; i < terms; i++) {
            float value = (float)mp_weight_value(&grid, scale[k], q[k * terms + i]);
            double mean = c->taps[layer].at[(k / l->geo.oc * l->geo.ic + i / taps) * taps + i % taps];
            shift += ((double)p->weight[k * terms + i] - (double)value) * mean;
            p->weight[k * terms + i] = value;
        }
        if (o->bias_correction && p->bias)
            p->bias[k] = (float)((double)p->bias[k] + shift);
    }
    mp_arena_finish(&scratch);
}

bool mp_quantise_weights(struct mp_network *n, const struct mp_plan *plan, const struct mp_calibration *c,
                         const struct mp_quantise_options *o, struct mp_err *err) {
    for (size_t i = 0; i < n->workload.layer_count; i++) {
        if (o->stopped && o->stopped())
            return mp_fail(err, "interrupted");
        if (mp_layer_has_weights(&n->workload.layers[i])) {
            one_layer(n, plan, c, o, i);
            mp_network_put_weights(n, i);
        }
    }
    return true;
}

// Equalisation

// The only reader of a tensor, when all that it is read by is input channel by channel; else MP_NO_LAYER.
static size_t only_reader(const struct mp_workload *w, size_t tensor) {
    size_t reader = MP_NO_LAYER;
    for (size_t i = 0; i < w->layer_count; i++)
        for (size_t k = 0; k < w->layers[i].input_count; k++) {
            if (w->layers[i].inputs[k] != tensor)
                continue;
            if (reader != MP_NO_LAYER)
                return MP_NO_LAYER;
            reader = i;
        }
    return reader != MP_NO_LAYER && mp_layer_has_weights(&w->layers[reader]) ? reader : MP_NO_LAYER;
}

// Largest weights of output channel `c` of a layer, or of those that input channel `c` meets.
static double output_reach(const struct mp_network *n, size_t layer, size_t c) {
    const struct mp_geometry *g = &n->workload.layers[layer].geo;
    const size_t terms = g->ic * g->kh * g->kw;
    double most = 0;
    for (size_t i = 0; i < terms; i++)
        most = fmax(most, fabs((double)n->params[layer].weight[c * terms + i]));
    return most;
}

// Weights of input channel `c`, multiplied by `factor`; returns the largest magnitude before.
static double scale_input(struct mp_network *n, size_t layer, size_t c, double factor) {
    const struct mp_geometry *g = &n->workload.layers[layer].geo;
    const size_t taps = g->kh * g->kw, group = c / g->ic;
    double most = 0;
    for (size_t o = group * g->oc; o < (group + 1) * g->oc; o++)
        for (size_t t = 0; t < taps; t++) {
            float *w = &n->params[layer].weight[(o * g->ic + c % g->ic) * taps + t];
            most = fmax(most, fabs((double)*w));
            *w = (float)((double)*w * factor);
        }
    return most;
}

static void scale_output(struct mp_network *n, size_t layer, size_t c, double factor) {
    const struct mp_geometry *g = &n->workload.layers[layer].geo;
    const size_t terms = g->ic * g->kh * g->kw;
    for (size_t i = 0; i < terms; i++)
        n->params[layer].weight[c * terms + i] = (float)((double)n->params[layer].weight[c * terms + i] * factor);
    if (n->params[layer].bias)
        n->params[layer].bias[c] = (float)((double)n->params[layer].bias[c] * factor);
}

// Output channel c of `first` is divided by s, input channel c of `second` multiplied: both reach sqrt(r1 r2).
static void equalise(struct mp_network *n, size_t first, size_t second) {
    const struct mp_geometry *g = &n->workload.layers[first].geo;
    for (size_t c = 0; c < g->groups * g->oc; c++) {
        double r1 = output_reach(n, first, c), r2 = scale_input(n, second, c, 1), s = sqrt(r1 / r2);
        if (!(r1 > 0 && r2 > 0 && s > 1e-6 && s < 1e6))
            continue;
        scale_output(n, first, c, 1 / s);
        scale_input(n, second, c, s);
    }
    mp_network_put_weights(n, first);
    mp_network_put_weights(n, second);
    mp_hint_forget_weights(n, first);
    mp_hint_forget_weights(n, second);
    mp_hint_forget_tensor(n, n->workload.layers[first].output);
}

static bool may_equalise(const struct mp_network *n, size_t first, size_t second) {
    const struct mp_layer *a = &n->workload.layers[first], *b = &n->workload.layers[second];
    if (a->weights_of != MP_NO_LAYER || b->weights_of != MP_NO_LAYER || b->geo.groups * b->geo.ic != a->geo.groups * a->geo.oc)
        return false;
    for (size_t i = 0; i < n->workload.layer_count; i++)
        if (n->workload.layers[i].weights_of == first || n->workload.layers[i].weights_of == second)
            return false;
    return a->act == MP_ACT_NONE || a->act == MP_ACT_RELU;
}

#define SWEEPS 8 // over all pairs: chains of layers settle

size_t mp_network_equalise(struct mp_network *n) {
    size_t pairs = 0;
    for (int sweep = 0; sweep < SWEEPS; sweep++) {
        pairs = 0;
        for (size_t i = 0; i < n->workload.layer_count; i++) {
            const struct mp_layer *l = &n->workload.layers[i];
            size_t reader = mp_layer_has_weights(l) ? only_reader(&n->workload, l->output) : MP_NO_LAYER;
            if (reader == MP_NO_LAYER || !may_equalise(n, i, reader))
                continue;
            equalise(n, i, reader);
            pairs++;
        }
    }
    return pairs;
}
