// SPDX-License-Identifier: Apache-2.0
// The inputs of the network, and the collected layers through the workload's builder: names, weights, bias.
#include "sim/nn/lower_build.h"

#include "sim/base/say.h"
#include "sim/base/utf8.h"
#include "sim/nn/hint.h"
#include "sim/nn/op.h"

#include <string.h>

// Integer inputs

static bool is_whole_input(const struct mp_graph *g, size_t value) {
    for (size_t i = 0; i < g->input_count; i++)
        if (g->inputs[i] == value)
            return g->values[value].array.whole;
    return false;
}

// The node turns an integer input into a number of the network.
static bool ends_integers(const struct mp_graph *g, const struct mp_graph_node *n) {
    if (g->values[n->outputs[0]].array.whole)
        return false;
    if (strcmp(n->op->name, "Gather") == 0)
        return g->values[n->inputs[0]].constant;
    return strcmp(n->op->name, "Cast") == 0;
}

static const char *say(const struct mp_graph *g, size_t value, char out[MP_SAY_BYTES]) {
    const char *name = g->values[value].name;
    return mp_say_text(name, strlen(name), out);
}

static bool cut_node(struct mp_lower *l, size_t node, size_t *inputs, size_t *count, struct mp_err *err) {
    struct mp_graph *g = l->g;
    struct mp_graph_node *n = &g->nodes[node];
    char shown[MP_SAY_BYTES], other[MP_SAY_BYTES];
    for (size_t i = 0; i < n->input_count; i++) {
        size_t v = n->inputs[i];
        if (v == MP_NO_VALUE || !is_whole_input(g, v))
            continue;
        if (!ends_integers(g, n))
            return mp_graph_fail(g, n, err, "integer input \"%s\" is used otherwise than as an index into an embedding: "
                                 "cut the model behind its embeddings", say(g, v, shown));
        inputs[(*count)++] = n->outputs[0];
        l->done[node] = true;
        g->values[n->outputs[0]].producer = MP_NO_NODE;
        l->warnings[l->warning_count++] = mp_arena_printf(
            l->arena, "%s: \"%s\" is the network's input, %s \"%s\" in front of it is left out", g->source,
            say(g, n->outputs[0], shown), n->op->name, mp_say_text(n->name, strlen(n->name), other));
        return true;
    }
    return true;
}

bool mp_lower_cut(struct mp_lower *l, struct mp_err *err) {
    struct mp_graph *g = l->g;
    size_t count = 0, *inputs = mp_arena_alloc(l->arena, g->input_count + g->node_count, sizeof *inputs);
    l->warnings = mp_arena_alloc(l->arena, g->node_count, sizeof *l->warnings);
    for (size_t i = 0; i < g->node_count; i++)
        if (!cut_node(l, i, inputs, &count, err))
            return false;
    if (l->warning_count == 0)
        return true;
    for (size_t i = 0; i < g->input_count; i++)
        if (!g->values[g->inputs[i]].array.whole)
            inputs[count++] = g->inputs[i];
    g->inputs = inputs;
    g->input_count = count;
    size_t kept = 0;
    for (size_t i = 0; i < g->node_count; i++)
        if (!l->done[i])
            g->nodes[kept++] = g->nodes[i];
    g->node_count = kept;
    for (size_t i = 0; i < kept; i++) {
        l->done[i] = false;
        for (size_t k = 0; k < g->nodes[i].output_count; k++)
            if (g->nodes[i].outputs[k] != MP_NO_VALUE)
                g->values[g->nodes[i].outputs[k]].producer = i;
    }
    return true;
}

// Names

// Printable and not empty, not yet in `taken`.
static const char *distinct(const struct mp_lower *l, const struct mp_names *taken, const char *name, const char *def) {
    char *text = mp_arena_strdup(l->arena, name && *name ? name : def);
    for (size_t i = 0, size, len = strlen(text); i < len; i += size) {
        size = mp_utf8_size(text + i, len - i);
        if (size != 0 && !mp_utf8_is_control(mp_utf8_code(text + i, size)))
            continue;
        size = size ? size : 1;
        memset(text + i, '_', size);
    }
    const char *best = text;
    for (size_t k = taken->count < 1000 ? 2 : taken->count; mp_names_find(taken, best) != MP_NO_NAME; k++)
        best = mp_arena_printf(l->arena, "%s_%zu", text, k);
    return best;
}

static const char *layer_name(const struct mp_lower *l, const struct mp_builder *b, const struct mp_low_layer *layer) {
    const char *value = l->g->values[l->tensors[layer->output].value].name;
    if (layer->params.node_count > 0)
        return distinct(l, &b->layers, l->g->nodes[layer->node].name, value);
    return distinct(l, &b->layers, mp_arena_printf(l->arena, "%s.view", value), "view");
}

// Weights

// `count` numbers of a constant, of which one may stand for all; what there is none of is `def`.
static float *numbers(struct mp_lower *l, size_t value, uint64_t count, float def) {
    const struct mp_array *from = value == MP_NO_VALUE ? NULL : &l->g->values[value].array;
    uint64_t have = from ? mp_shape_count(&from->shape) : 0;
    float *to = mp_arena_alloc(l->arena, (size_t)count, sizeof *to);
    for (uint64_t i = 0; i < count; i++)
        to[i] = have == count ? from->f[i] : have == 1 ? from->f[0] : def;
    return to;
}

static void transpose(float *to, const float *from, uint64_t rows, uint64_t cols) {
    for (uint64_t r = 0; r < rows; r++)
        for (uint64_t c = 0; c < cols; c++)
            to[c * rows + r] = from[r * cols + c];
}

static void fill_params(struct mp_lower *l, struct mp_layer_params *p, const struct mp_layer *layer) {
    const struct mp_geometry *g = &layer->geo;
    bool norm = layer->type == MP_LAYER_NORM;
    if (!norm && !mp_layer_has_weights(layer))
        return;
    uint64_t oc = g->groups * g->oc, count = norm ? g->ic : oc * g->ic * g->kh * g->kw;
    p->weight = numbers(l, p->weight_value, count, 1);
    if (p->transposed)
        transpose(p->weight, l->g->values[p->weight_value].array.f, g->ic, oc);
    p->bias = numbers(l, p->bias_value, norm ? g->ic : oc, 0);
}

static void put(struct mp_graph *g, size_t value, const float *from, uint64_t count) {
    if (value != MP_NO_VALUE && mp_shape_count(&g->values[value].array.shape) == count)
        memcpy(g->values[value].array.f, from, (size_t)count * sizeof *from);
}

void mp_network_put_weights(struct mp_network *n, size_t layer) {
    const struct mp_layer_params *p = &n->params[layer];
    const struct mp_geometry *g = &n->workload.layers[layer].geo;
    uint64_t oc = g->groups * g->oc, taps = g->ic * g->kh * g->kw;
    bool norm = n->workload.layers[layer].type == MP_LAYER_NORM;
    if (!p->weight)
        return;
    if (p->transposed)
        transpose(n->graph.values[p->weight_value].array.f, p->weight, oc, g->ic);
    else
        put(&n->graph, p->weight_value, p->weight, norm ? g->ic : oc * taps);
    put(&n->graph, p->bias_value, p->bias, norm ? g->ic : oc);
}

static bool is_zero(const struct mp_lower *l, size_t value) {
    const struct mp_array *a = &l->g->values[value].array;
    for (uint64_t i = 0; i < mp_shape_count(&a->shape); i++)
        if (a->f[i] < 0 || a->f[i] > 0)
            return false;
    return true;
}

// The workload

static bool has_negatives(const struct mp_quant_hint *h) {
    double low = -1, high;
    if (h->bits > 0)
        mp_hint_reach(h, &low, &high);
    return low < 0;
}

static bool build_inputs(struct mp_lower *l, struct mp_builder *b, size_t *at, struct mp_err *err) {
    for (size_t i = 0; i < l->tensor_count; i++) {
        const struct mp_low_tensor *t = &l->tensors[i];
        if (t->layer != MP_NO_LAYER || !t->read)
            continue;
        const struct mp_value *v = &l->g->values[t->value];
        const uint64_t shape[] = {t->form.c, t->form.h, t->form.w};
        struct mp_err text;
        char shown[MP_SAY_BYTES];
        at[i] = b->w->tensor_count;
        l->n->value[at[i]] = t->value;
        l->n->layout[at[i]] = t->form.at;
        if (!mp_build_input(b, distinct(l, &b->tensors, v->name, "input"), shape, has_negatives(&v->hint), &text))
            return mp_fail(err, "%s: input \"%s\": %s", l->g->source, say(l->g, t->value, shown), text.text);
    }
    return true;
}

static bool build_layer(struct mp_lower *l, struct mp_builder *b, size_t i, size_t *at, struct mp_err *err) {
    struct mp_low_layer *layer = &l->layers[i];
    const struct mp_low_tensor *t = &l->tensors[layer->output];
    struct mp_layer_spec s = layer->spec;
    size_t *inputs = mp_arena_alloc(l->arena, s.input_count, sizeof *inputs), out = b->w->tensor_count;
    for (size_t k = 0; k < s.input_count; k++)
        inputs[k] = at[s.inputs[k]];
    s.inputs = inputs;
    s.bias = s.type != MP_LAYER_NORM && layer->params.bias_value != MP_NO_VALUE && !is_zero(l, layer->params.bias_value);
    s.name = layer_name(l, b, layer);
    s.output = distinct(l, &b->tensors, l->g->values[t->value].name, s.name);
    struct mp_err text;
    char shown[MP_SAY_BYTES];
    bool ok = mp_build_layer(b, &s, &text);
    const struct mp_tensor *made = &b->w->tensors[out];
    if (ok && (made->c != t->form.c || made->h != t->form.h || made->w != t->form.w))
        ok = mp_fail(&text, "the output would be %jux%jux%ju, the model says %jux%jux%ju", (uintmax_t)made->c,
                     (uintmax_t)made->h, (uintmax_t)made->w, (uintmax_t)t->form.c, (uintmax_t)t->form.h,
                     (uintmax_t)t->form.w);
    if (!ok && layer->node != MP_NO_NODE)
        return mp_graph_fail(l->g, &l->g->nodes[layer->node], err, "%s", text.text);
    if (!ok)
        return mp_fail(err, "%s: value \"%s\": %s", l->g->source, say(l->g, t->value, shown), text.text);
    at[layer->output] = out;
    l->n->value[out] = t->value;
    l->n->layout[out] = t->form.at;
    fill_params(l, &layer->params, &b->w->layers[i]);
    l->n->params[i] = layer->params;
    return true;
}

bool mp_lower_build(struct mp_lower *l, struct mp_err *err) {
    struct mp_network *n = l->n;
    const char *source = l->g->source;
    if (l->tensor_count > MP_MAX_LAYERS)
        return mp_fail(err, "%s: at most %u layers", source, MP_MAX_LAYERS);
    struct mp_builder b;
    struct mp_err text;
    size_t *at = mp_arena_alloc(l->arena, l->tensor_count, sizeof *at);
    n->params = mp_arena_alloc(l->arena, l->layer_count, sizeof *n->params);
    n->value = mp_arena_alloc(l->arena, l->tensor_count, sizeof *n->value);
    n->layout = mp_arena_alloc(l->arena, l->tensor_count, sizeof *n->layout);
    struct mp_names none;
    mp_names_init(&none, l->arena, 1);
    mp_build_begin(&b, &n->workload, l->arena, distinct(l, &none, l->g->name, "network"), "ONNX model",
                   l->tensor_count - l->layer_count, l->layer_count);
    if (!build_inputs(l, &b, at, err))
        return false;
    for (size_t i = 0; i < l->layer_count; i++)
        if (!build_layer(l, &b, i, at, err))
            return false;
    for (size_t i = 0; i < l->warning_count; i++)
        mp_build_warn(&b, l->warnings[i]);
    return mp_build_end(&b, &text) || mp_fail(err, "%s: %s", source, text.text);
}
