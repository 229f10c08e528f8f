// SPDX-License-Identifier: Apache-2.0
// A layer's numbers: weights, and the multipliers from its inputs' scales to its output's.
#include "sim/nn/quantise_parts.h"

#include "sim/nn/integer_norm.h"

#include <math.h>

#define BIAS_REACH 0x1p30 // biases stay below, so that sums added to them stay in 32 bits
#define SUMMED_MAX (UINT64_C(1) << 22)

static size_t channels_of(const struct mp_layer *l) {
    return l->geo.groups * l->geo.oc;
}

static size_t terms_of(const struct mp_layer *l) {
    return l->geo.ic * l->geo.kh * l->geo.kw;
}

// Layers with weights

static bool set_scale(const struct mp_quantiser *z, size_t layer, double scale, struct mp_requant *q, struct mp_err *err) {
    if (!(scale > 0 && scale < 0x1p30))
        return mp_fail(err, "%s: layer \"%s\": its scales do not go together: a factor of %g, must be in 0..2^30",
                       z->n->graph.source, z->w->layers[layer].name, scale);
    *q = mp_requant_of_real(scale);
    return true;
}

// The scale of weights that vanish beside their bias, or are all 0, is what leaves the bias its bits.
static double weight_scale(double scale, double bias, const struct mp_qtensor *in, const struct mp_qtensor *out) {
    double least = fabs(bias) / in->scale / BIAS_REACH;
    if (scale == 0)
        scale = out->scale / in->scale / (1 << 22);
    return fmax(scale, least);
}

static int32_t bias_of(const struct mp_qlayer *q, const struct mp_qtensor *in, const struct mp_qtensor *out, double scale,
                       double bias, size_t channel, size_t terms) {
    int64_t sum = 0;
    for (size_t i = 0; i < terms; i++)
        sum += q->odd ? 2 * q->weight[channel * terms + i] + 1 : q->weight[channel * terms + i];
    double x = nearbyint((bias + out->zero * out->scale) / scale) - (double)(sum * in->zero);
    return (int32_t)fmax(-BIAS_REACH, fmin(BIAS_REACH, x));
}

// Scales and numbers of the weights; whether all scales are the model's.
static bool set_weights(struct mp_quantiser *z, size_t layer, struct mp_qlayer *q) {
    const struct mp_layer_bits *bits = &z->plan->layers[layer];
    if (z->cache)
        return mp_cache_weights(z->cache, layer, bits, q->weight_scale, q->weight);
    return mp_quantise_layer_weights(z->n, z->c, z->o, layer, bits, q->weight_scale, q->weight, NULL);
}

static bool with_weights(struct mp_quantiser *z, size_t layer, struct mp_err *err) {
    const struct mp_layer *l = &z->w->layers[layer];
    const struct mp_layer_params *p = &z->n->params[layer];
    const struct mp_layer_bits *bits = &z->plan->layers[layer];
    const struct mp_qtensor *in = &z->q->tensors[l->inputs[0]], *out = &z->q->tensors[l->output];
    const size_t terms = terms_of(l);
    struct mp_qlayer *q = &z->q->layers[layer];
    q->odd = bits->encoding == MP_ODD;
    q->weight = mp_arena_alloc(z->arena, channels_of(l) * terms, sizeof *q->weight);
    q->weight_scale = mp_arena_alloc(z->arena, channels_of(l), sizeof *q->weight_scale);
    q->requant = mp_arena_alloc(z->arena, channels_of(l), sizeof *q->requant);
    z->q->model_weights += set_weights(z, layer, q);
    for (size_t c = 0; c < channels_of(l); c++) {
        double bias = p->bias ? (double)p->bias[c] : 0, was = q->weight_scale[c];
        q->weight_scale[c] = weight_scale(was, bias, in, out);
        for (size_t i = 0; q->weight_scale[c] > was && i < terms; i++) {
            struct mp_weight_grid g = mp_weight_grid_of(mp_quantise_channel_bits(bits, c), q->odd);
            q->weight[c * terms + i] = mp_weight_quantise(&g, q->weight_scale[c], (double)p->weight[c * terms + i]);
        }
        double scale = in->scale * q->weight_scale[c];
        if (!set_scale(z, layer, scale / out->scale, &q->requant[c], err))
            return false;
        q->requant[c].bias = bias_of(q, in, out, scale, bias, c, terms);
    }
    return true;
}

static bool product(struct mp_quantiser *z, size_t layer, struct mp_err *err) {
    const struct mp_layer *l = &z->w->layers[layer];
    const struct mp_qtensor *t = z->q->tensors;
    struct mp_qlayer *q = &z->q->layers[layer];
    double alpha = (double)z->n->params[layer].alpha;
    struct mp_requant one;
    if (!set_scale(z, layer, alpha * t[l->inputs[0]].scale * t[l->inputs[1]].scale / t[l->output].scale, &one, err))
        return false;
    q->requant = mp_arena_alloc(z->arena, channels_of(l), sizeof *q->requant);
    for (size_t c = 0; c < channels_of(l); c++)
        q->requant[c] = one;
    return true;
}

// Layers without

static bool normalisation(struct mp_quantiser *z, size_t layer, struct mp_err *err) {
    const struct mp_layer *l = &z->w->layers[layer];
    const struct mp_layer_params *p = &z->n->params[layer];
    const double out = z->q->tensors[l->output].scale, unit = 1.0 / (1 << MP_NORM_BITS);
    const size_t channels = z->w->tensors[l->output].c;
    struct mp_qlayer *q = &z->q->layers[layer];
    q->weight = mp_arena_alloc(z->arena, channels, sizeof *q->weight);
    q->requant = mp_arena_alloc(z->arena, channels, sizeof *q->requant);
    for (size_t c = 0; c < channels; c++) {
        double gain = p->weight ? (double)p->weight[c] : 1, bias = p->bias ? (double)p->bias[c] : 0;
        double scale = fmax(gain == 0 ? out / (1 << 15) : fabs(gain) * unit, fabs(bias) / BIAS_REACH);
        q->weight[c] = (gain > 0) - (gain < 0);
        if (!set_scale(z, layer, scale / out, &q->requant[c], err))
            return false;
        q->requant[c].bias = (int32_t)nearbyint(bias / scale);
    }
    return true;
}

static bool softmax(struct mp_quantiser *z, size_t layer, struct mp_err *err) {
    const struct mp_layer *l = &z->w->layers[layer];
    const struct mp_qtensor *in = &z->q->tensors[l->inputs[0]];
    const size_t span = (size_t)1 << in->bits;
    struct mp_qlayer *q = &z->q->layers[layer];
    q->table = mp_arena_alloc(z->arena, span, sizeof *q->table);
    for (size_t i = 0; i < span; i++)
        q->table[i] = (int32_t)nearbyint((1 << MP_EXP_BITS) * exp(-in->scale * (double)i));
    const double levels = nearbyint(1 / z->q->tensors[l->output].scale);
    if (!(levels < 0x1p31)) // all outputs are next to 0
        return mp_fail(err, "%s: layer \"%s\": %g steps of its output are 1, must be below 2^31", z->n->graph.source, l->name,
                       levels);
    q->op[0] = (struct mp_requant){0, (uint32_t)fmax(1, levels), 1};
    return true;
}

static bool scaled(struct mp_quantiser *z, size_t layer, struct mp_err *err) {
    const struct mp_layer *l = &z->w->layers[layer];
    const struct mp_qtensor *t = z->q->tensors;
    struct mp_qlayer *q = &z->q->layers[layer];
    const double out = t[l->output].scale, a = t[l->inputs[0]].scale;
    if (l->type == MP_POOL)
        return set_scale(z, layer, l->pool == MP_POOL_AVG ? a / out / (double)(l->geo.kh * l->geo.kw) : 1, &q->op[0], err);
    const double b = t[l->inputs[1]].scale;
    if (l->type == MP_MUL)
        return set_scale(z, layer, a * b / out, &q->op[0], err);
    return set_scale(z, layer, a / out, &q->op[0], err) && set_scale(z, layer, b / out, &q->op[1], err);
}

static void set_clamp(const struct mp_quantiser *z, size_t layer) {
    const struct mp_layer *l = &z->w->layers[layer];
    const struct mp_qtensor *out = &z->q->tensors[l->output];
    const struct mp_range range = z->ranges[l->output];
    struct mp_qlayer *q = &z->q->layers[layer];
    bool relu = l->act == MP_ACT_RELU || l->act == MP_ACT_RELU6;
    double six = nearbyint(6 / out->scale) + out->zero;
    q->low = relu && out->zero > range.low ? out->zero : range.low;
    q->high = l->act == MP_ACT_RELU6 && six < range.high ? (int32_t)six : range.high;
}

// Numbers of a pool's window or of a normalised vector: their sum stays in 32 bits, the squares' in 64.
static bool few_enough(const struct mp_quantiser *z, const struct mp_layer *l, struct mp_err *err) {
    const struct mp_geometry *g = &l->geo;
    const uint64_t count = l->type == MP_POOL ? g->kh * g->kw : l->type == MP_LAYER_NORM ? g->ic : 0;
    return count <= SUMMED_MAX || mp_fail(err, "%s: layer \"%s\": must sum at most %ju numbers in integers (got %ju)",
                                          z->n->graph.source, l->name, (uintmax_t)SUMMED_MAX, (uintmax_t)count);
}

static bool one_layer(struct mp_quantiser *z, size_t layer, struct mp_err *err) {
    const struct mp_layer *l = &z->w->layers[layer];
    struct mp_qlayer *q = &z->q->layers[layer];
    if (!few_enough(z, l, err))
        return false;
    set_clamp(z, layer);
    for (size_t i = 0; i < 2; i++)
        q->op[i] = (struct mp_requant){0, 1u << (MP_MUL_BITS - 1), MP_MUL_BITS - 1};
    switch (l->type) {
    case MP_CONV2D:
    case MP_LINEAR:
        return with_weights(z, layer, err);
    case MP_MATMUL:
        return product(z, layer, err);
    case MP_POOL:
    case MP_ADD:
    case MP_MUL:
        return scaled(z, layer, err);
    case MP_LAYER_NORM:
        return normalisation(z, layer, err);
    case MP_SOFTMAX:
        return softmax(z, layer, err);
    case MP_ACTIVATION:
        return l->act == MP_ACT_RELU || l->act == MP_ACT_RELU6 || mp_quantise_function(z, layer, err);
    case MP_VIEW:
        return mp_quantise_view(z, layer, err);
    default:
        return true;
    }
}

bool mp_quantise_by(struct mp_quantiser *z, struct mp_err *err) {
    *z->q = (struct mp_qnet){.net = z->n, .plan = z->plan};
    z->q->tensors = mp_arena_alloc(z->arena, z->w->tensor_count, sizeof *z->q->tensors);
    z->q->layers = mp_arena_alloc(z->arena, z->w->layer_count, sizeof *z->q->layers);
    mp_quantise_tensors(z);
    for (size_t i = 0; i < z->w->layer_count; i++) {
        if (z->o->stopped && z->o->stopped())
            return mp_fail(err, "interrupted");
        if (!z->n->params[i].float_only && !one_layer(z, i, err))
            return false;
    }
    return true;
}

bool mp_quantise_network(const struct mp_network *n, const struct mp_plan *plan, const struct mp_calibration *c,
                         const struct mp_quantise_options *o, struct mp_arena *a, struct mp_qnet *q, struct mp_err *err) {
    return mp_quantise_by(&(struct mp_quantiser){.n = n, .w = &n->workload, .plan = plan, .c = c, .o = o, .arena = a, .q = q},
                          err);
}
