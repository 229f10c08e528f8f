// SPDX-License-Identifier: Apache-2.0
// The builder of workloads: names, signs, sharing of weights, and the bounds that keep later sums in 64 bits.
#include "sim/spec/build.h"

#include "sim/spec/workload_keys.h"

#include <assert.h>
#include <string.h>

void mp_build_begin(struct mp_builder *b, struct mp_workload *w, struct mp_arena *a, const char *name,
                    const char *source, size_t inputs, size_t layers) {
    assert(inputs <= MP_MAX_LAYERS && layers <= MP_MAX_LAYERS);
    *w = (struct mp_workload){
        .name = mp_arena_strdup(a, name),
        .source = source ? mp_arena_strdup(a, source) : NULL,
        .tensors = mp_arena_alloc(a, inputs + layers, sizeof *w->tensors),
        .layers = mp_arena_alloc(a, layers, sizeof *w->layers),
    };
    *b = (struct mp_builder){.w = w, .arena = a};
    mp_names_init(&b->tensors, a, inputs + layers);
    mp_names_init(&b->layers, a, layers);
}

static bool check_tensor(const struct mp_tensor *t, const char *what, struct mp_err *err) {
    const uint64_t size[] = {t->c, t->h, t->w};
    uint64_t elements;
    for (int i = 0; i < 3; i++)
        if (size[i] < 1 || size[i] > MP_MAX_SIZE)
            return mp_fail(err, "each size of %s must be 1..%ju (got %jux%jux%ju)", what,
                           (uintmax_t)MP_MAX_SIZE, (uintmax_t)t->c, (uintmax_t)t->h, (uintmax_t)t->w);
    return mp_product(size, 3, MP_MAX_ELEMENTS, &elements) ||
           mp_fail(err, "%s must have at most 2^40 elements (got %jux%jux%ju)", what, (uintmax_t)t->c,
                   (uintmax_t)t->h, (uintmax_t)t->w);
}

static bool add_tensor(struct mp_builder *b, const struct mp_tensor *t, struct mp_err *err) {
    struct mp_tensor copy = *t;
    copy.name = mp_arena_strdup(b->arena, t->name);
    if (!mp_names_add(&b->tensors, copy.name))
        return mp_fail(err, "tensor \"%s\" is there already", t->name);
    b->w->tensors[b->w->tensor_count++] = copy;
    return true;
}

bool mp_build_input(struct mp_builder *b, const char *name, const uint64_t shape[3], bool is_signed,
                    struct mp_err *err) {
    assert(b->w->layer_count == 0);
    const struct mp_tensor t = {
        .name = name, .c = shape[0], .h = shape[1], .w = shape[2], .is_signed = is_signed,
        .producer = MP_NO_LAYER, .last_consumer = MP_NO_LAYER,
    };
    if (!check_tensor(&t, "the shape", err) || !add_tensor(b, &t, err))
        return false;
    b->w->input_count++;
    return true;
}

// Layers

static bool any_signed(const struct mp_workload *w, const struct mp_layer *l) {
    for (size_t i = 0; i < l->input_count; i++)
        if (w->tensors[l->inputs[i]].is_signed)
            return true;
    return false;
}

static bool act_signed(enum mp_act act) {
    return act != MP_ACT_RELU && act != MP_ACT_RELU6 && act != MP_ACT_SIGMOID && act != MP_ACT_HSIGMOID &&
           act != MP_ACT_EXP && act != MP_ACT_SQRT;
}

static bool output_signed(const struct mp_workload *w, const struct mp_layer *l) {
    switch (l->type) {
    case MP_CONV2D:
    case MP_LINEAR:
        return l->act == MP_ACT_NONE;
    case MP_ADD:
        return l->act == MP_ACT_NONE && any_signed(w, l);
    case MP_ACTIVATION:
        return act_signed(l->act);
    case MP_SOFTMAX:
        return false;
    case MP_MATMUL:
    case MP_LAYER_NORM:
        return true;
    default:
        return any_signed(w, l);
    }
}

void mp_workload_set_sign(struct mp_workload *w, size_t input, bool is_signed) {
    assert(input < w->input_count);
    w->tensors[input].is_signed = is_signed;
    for (size_t i = 0; i < w->layer_count; i++)
        w->tensors[w->layers[i].output].is_signed = output_signed(w, &w->layers[i]);
}

static bool same_weights(const struct mp_layer *a, const struct mp_layer *b) {
    return a->type == b->type && a->geo.groups == b->geo.groups && a->geo.ic == b->geo.ic &&
           a->geo.oc == b->geo.oc && a->geo.kh == b->geo.kh && a->geo.kw == b->geo.kw && a->bias == b->bias &&
           a->norm == b->norm;
}

static bool share_weights(const struct mp_builder *b, const char *owner, struct mp_layer *l,
                          struct mp_err *err) {
    char hint[MP_NAMES_HINT_BYTES];
    size_t at = mp_names_find(&b->layers, owner);
    if (at == MP_NO_NAME)
        return mp_fail(err, "weights_of names no earlier layer: \"%s\"%s", owner,
                       mp_names_hint(&b->layers, owner, hint));
    if (!same_weights(l, &b->w->layers[at]))
        return mp_fail(err, "weights_of must name a layer with the same weights, bias and norm (got \"%s\")",
                       owner);
    size_t first = b->w->layers[at].weights_of;
    l->weights_of = first == MP_NO_LAYER ? at : first;
    return true;
}

static struct mp_layer plain_layer(struct mp_builder *b, const struct mp_layer_spec *s) {
    size_t *inputs = mp_arena_alloc(b->arena, s->input_count, sizeof *inputs);
    for (size_t i = 0; i < s->input_count; i++)
        inputs[i] = s->inputs[i];
    enum mp_layer_type type = (enum mp_layer_type)s->type;
    return (struct mp_layer){
        .name = mp_arena_strdup(b->arena, s->name), .type = type, .inputs = inputs,
        .input_count = s->input_count, .output = b->w->tensor_count,
        .act = (enum mp_act)(type == MP_ACTIVATION ? s->op + 1 : s->activation),
        .pool = (enum mp_pool_op)(type == MP_POOL ? s->op : 0), .bias = s->bias, .norm = s->norm,
        .ceil = s->ceil, .transpose_b = s->transpose_b, .pb = s->padding[2], .pr = s->padding[3],
        .first_channel = type == MP_POOL ? s->first_channel : 0, .weights_of = MP_NO_LAYER,
    };
}

// Multiply-accumulates on the array, elements of windows or vectors off it.
static bool check_work(const struct mp_layer *l, struct mp_err *err) {
    const struct mp_geometry *g = &l->geo;
    const uint64_t oc = mp_layer_on_array(l) ? g->oc : 1;
    const uint64_t factors[] = {g->groups, g->ic, oc, g->kh, g->kw, g->oh, g->ow};
    uint64_t product;
    return mp_layer_moves_nothing(l) || mp_product(factors, 7, MP_MAX_WORK, &product) ||
           mp_fail(err, "more than 2^53 operations");
}

static bool check_inputs(const struct mp_layer_spec *s, struct mp_err *err) {
    const struct mp_layer_keys *k = &mp_layer_keys[s->type];
    if (s->input_count < k->min_inputs || s->input_count > k->max_inputs)
        return mp_fail(err, "type %s takes %zu%s input%s (got %zu)", mp_layer_type_names[s->type],
                       k->min_inputs, k->max_inputs > k->min_inputs ? " or more" : "",
                       k->max_inputs > 1 ? "s" : "", s->input_count);
    return true;
}

bool mp_build_layer(struct mp_builder *b, const struct mp_layer_spec *s, struct mp_err *err) {
    struct mp_workload *w = b->w;
    if (!check_inputs(s, err))
        return false;
    for (size_t i = 0; i < s->input_count; i++)
        assert(s->inputs[i] < w->tensor_count);
    if (mp_names_find(&b->layers, s->name) != MP_NO_NAME)
        return mp_fail(err, "layer \"%s\" is there already", s->name);
    struct mp_layer l = plain_layer(b, s);
    struct mp_tensor out = {.name = s->output ? s->output : s->name, .producer = w->layer_count,
                            .last_consumer = MP_NO_LAYER, .is_signed = output_signed(w, &l)};
    if (!mp_layer_shape(w, s, &l, &out, err) || !check_tensor(&out, "the output", err) ||
        !check_work(&l, err))
        return false;
    const struct mp_tensor *second = s->input_count > 1 ? &w->tensors[s->inputs[1]] : NULL;
    l.broadcast = (l.type == MP_ADD || l.type == MP_MUL) && second->h * second->w < out.h * out.w;
    if (s->weights_of && !share_weights(b, s->weights_of, &l, err))
        return false;
    if (!add_tensor(b, &out, err))
        return false;
    mp_names_add(&b->layers, l.name);
    w->layers[w->layer_count++] = l;
    for (size_t i = 0; i < l.input_count; i++)
        w->tensors[l.inputs[i]].last_consumer = w->layer_count - 1;
    return true;
}

bool mp_build_end(struct mp_builder *b, struct mp_err *err) {
    const struct mp_workload *w = b->w;
    uint64_t macs = 0;
    if (w->layer_count == 0)
        return mp_fail(err, "must have at least one layer");
    for (size_t i = 0; i < w->input_count; i++)
        if (w->tensors[i].last_consumer == MP_NO_LAYER)
            return mp_fail(err, "input \"%s\" is read by no layer", w->tensors[i].name);
    for (size_t i = 0; i < w->layer_count; i++) {
        macs += mp_layer_macs(&w->layers[i]); // each at most 2^53
        if (macs > MP_MAX_WORK)
            return mp_fail(err, "more than 2^53 multiply-accumulates");
    }
    return true;
}

void mp_build_warn(struct mp_builder *b, const char *text) {
    struct mp_workload *w = b->w;
    size_t n = w->warning_count;
    if ((n & (n - 1)) == 0) // full at each power of two
        w->warnings = mp_arena_grow(b->arena, w->warnings, n, n ? 2 * n : 1, sizeof *w->warnings);
    w->warnings[w->warning_count++] = mp_arena_strdup(b->arena, text);
}

// Specs

struct mp_layer_spec mp_layer_spec_default(enum mp_layer_type type) {
    return (struct mp_layer_spec){
        .type = type, .groups = 1, .kernel = {1, 1}, .stride = {1, 1}, .dilation = {1, 1},
    };
}

struct mp_layer_spec mp_layer_spec_of(const struct mp_workload *w, const struct mp_layer *l) {
    const struct mp_geometry *g = &l->geo;
    const struct mp_tensor *out = &w->tensors[l->output];
    return (struct mp_layer_spec){
        .name = l->name, .output = out->name, .type = l->type, .inputs = l->inputs,
        .input_count = l->input_count, .out_channels = out->c, .first_channel = l->first_channel, .groups = g->groups,
        .kernel = {g->kh, g->kw}, .stride = {g->sh, g->sw},
        .padding = {g->pt, g->pl, l->pb, l->pr}, .dilation = {g->dh, g->dw},
        .shape = {out->c, out->h, out->w},
        .bias = l->bias, .norm = l->norm, .ceil = l->ceil, .transpose_b = l->transpose_b,
        .activation = l->act, .op = l->type == MP_ACTIVATION ? (unsigned)l->act - 1 : (unsigned)l->pool,
        .weights_of = l->weights_of == MP_NO_LAYER ? NULL : w->layers[l->weights_of].name,
    };
}
