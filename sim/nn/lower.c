// SPDX-License-Identifier: Apache-2.0
// From a graph to a workload: node by node, each operator by the handler of its row.
#include "sim/nn/lower.h"

#include "sim/base/say.h"
#include "sim/nn/lower_build.h"
#include "sim/nn/op.h"

#include <string.h>

const struct mp_shape *mp_lower_shape(const struct mp_lower *l, size_t value) {
    return &l->g->values[value].array.shape;
}

bool mp_lower_is_constant(const struct mp_lower *l, size_t value) {
    return l->g->values[value].constant;
}

// Layers and tensors

static void *room(struct mp_arena *a, void *list, size_t count, size_t size) {
    if ((count & (count - 1)) != 0) // full at each power of two
        return list;
    return mp_arena_grow(a, list, count, count ? 2 * count : 1, size);
}

size_t mp_lower_tensor(struct mp_lower *l, size_t value, const struct mp_form *f, size_t layer) {
    l->tensors = room(l->arena, l->tensors, l->tensor_count, sizeof *l->tensors);
    l->tensors[l->tensor_count] = (struct mp_low_tensor){.value = value, .form = *f, .layer = layer};
    return l->tensor_count++;
}

void mp_lower_nodes(struct mp_lower *l, struct mp_low_layer *layer, const size_t *nodes, size_t count) {
    size_t *copy = mp_arena_alloc(l->arena, count, sizeof *copy);
    for (size_t i = 0; i < count; i++) {
        copy[i] = nodes[i];
        l->done[nodes[i]] = true;
    }
    layer->params.nodes = copy;
    layer->params.node_count = count;
}

struct mp_low_layer *mp_lower_add(struct mp_lower *l, const struct mp_layer_spec *s, size_t node, size_t value,
                                 const struct mp_form *f) {
    size_t at = l->layer_count, *inputs = mp_arena_alloc(l->arena, s->input_count, sizeof *inputs);
    for (size_t i = 0; i < s->input_count; i++) {
        inputs[i] = s->inputs[i];
        l->tensors[inputs[i]].read = true;
    }
    l->layers = room(l->arena, l->layers, at, sizeof *l->layers);
    l->layers[at] = (struct mp_low_layer){
        .spec = *s, .node = node,
        .params = {.alpha = 1, .weight_value = MP_NO_VALUE, .bias_value = MP_NO_VALUE}};
    struct mp_low_layer *layer = &l->layers[at];
    layer->spec.inputs = inputs;
    layer->output = mp_lower_tensor(l, value, f, at);
    l->layer_count++;
    unsigned channel = l->spots[value].channel;
    l->spots[value] = (struct mp_spot){.tensor = layer->output, .place = mp_place_of(f), .channel = channel};
    if (s->type != MP_VIEW)
        mp_lower_nodes(l, layer, &node, 1);
    return layer;
}

// Readers

static void count_readers(struct mp_lower *l) {
    const struct mp_graph *g = l->g;
    for (size_t v = 0; v < g->value_count; v++)
        l->reader[v] = MP_NO_NODE;
    for (size_t i = 0; i < g->node_count; i++)
        for (size_t k = 0; k < g->nodes[i].input_count; k++) {
            size_t v = g->nodes[i].inputs[k];
            if (v == MP_NO_VALUE)
                continue;
            l->readers[v]++;
            l->reader[v] = i;
        }
    for (size_t i = 0; i < g->output_count; i++)
        l->readers[g->outputs[i]]++;
}

size_t mp_lower_next(const struct mp_lower *l, size_t value, const char *op) {
    size_t node = l->reader[value];
    if (l->readers[value] != 1 || node == MP_NO_NODE || strcmp(l->g->nodes[node].op->name, op) != 0)
        return MP_NO_NODE;
    return node;
}

enum mp_act mp_lower_clip(const struct mp_graph *g, const struct mp_graph_node *n) {
    double low = mp_attr_real(n, "min", -3.4e38f), high = mp_attr_real(n, "max", 3.4e38f);
    for (size_t i = 1; i < n->input_count; i++)
        if (n->inputs[i] != MP_NO_VALUE && !mp_lower_scalar(g, n->inputs[i], i == 1 ? &low : &high))
            return MP_ACT_CLIP;
    if (low < 0 || low > 0)
        return MP_ACT_CLIP;
    if (high >= 3.4e38)
        return MP_ACT_RELU;
    return high < 6 || high > 6 ? MP_ACT_CLIP : MP_ACT_RELU6;
}

size_t mp_lower_fuse(struct mp_lower *l, size_t value, unsigned *act, size_t *nodes, size_t *count) {
    size_t relu = mp_lower_next(l, value, "Relu"), clip = mp_lower_next(l, value, "Clip");
    enum mp_act is = relu != MP_NO_NODE ? MP_ACT_RELU : MP_ACT_NONE;
    if (clip != MP_NO_NODE)
        is = mp_lower_clip(l->g, &l->g->nodes[clip]);
    if (is != MP_ACT_RELU && is != MP_ACT_RELU6)
        return value;
    size_t node = relu != MP_NO_NODE ? relu : clip;
    *act = is;
    nodes[(*count)++] = node;
    return l->g->nodes[node].outputs[0];
}

// Constants

bool mp_lower_ints(const struct mp_graph *g, const struct mp_graph_node *n, size_t input, const char *attr, int64_t *out,
                   size_t max, size_t *count) {
    const struct mp_value *v = mp_node_input(g, n, input);
    const struct mp_attr *a = attr ? mp_attr_find(n, attr) : NULL;
    const int64_t *from = NULL;
    uint64_t have = 0;
    if (v && v->constant && v->array.whole) {
        from = v->array.i;
        have = mp_shape_count(&v->array.shape);
    } else if (!v && a && a->type == MP_ATTR_INTS) {
        from = a->ints;
        have = a->count;
    }
    if (!from || have > max)
        return false;
    for (size_t i = 0; i < have; i++)
        out[i] = from[i];
    *count = (size_t)have;
    return true;
}

bool mp_lower_scalar(const struct mp_graph *g, size_t value, double *out) {
    const struct mp_value *v = &g->values[value];
    if (!v->constant || mp_shape_count(&v->array.shape) != 1)
        return false;
    *out = v->array.whole ? (double)v->array.i[0] : (double)v->array.f[0];
    return true;
}

// The whole

// Channels of a rank when nothing else says: an image's second dimension, a sequence's last.
static unsigned channel_of(unsigned rank) {
    return rank == 4 ? 1 : rank > 0 ? rank - 1 : 0;
}

// A sequence [1, S, K] or a signal [1, C, L], by what reads it first.
static bool is_signal(const struct mp_lower *l, size_t value) {
    static const char *const readers[] = {"Conv", "MaxPool", "AveragePool", "GlobalAveragePool", "BatchNormalization"};
    for (size_t i = 0; i < l->g->node_count; i++)
        if (l->g->nodes[i].input_count > 0 && l->g->nodes[i].inputs[0] == value) {
            for (size_t k = 0; k < sizeof readers / sizeof *readers; k++)
                if (strcmp(l->g->nodes[i].op->name, readers[k]) == 0)
                    return true;
            return false;
        }
    return false;
}

static void add_inputs(struct mp_lower *l) {
    for (size_t i = 0; i < l->g->input_count; i++) {
        size_t v = l->g->inputs[i];
        const struct mp_shape *s = mp_lower_shape(l, v);
        if (l->readers[v] == 0)
            continue;
        if (s->rank == 3 && is_signal(l, v))
            l->spots[v].channel = 1;
        struct mp_form f = mp_lower_form(l, v);
        l->spots[v].tensor = mp_lower_tensor(l, v, &f, MP_NO_LAYER);
        l->spots[v].place = mp_place_of(&f);
    }
}

static const struct mp_lower_row *find(const char *op) {
    const struct mp_lower_row *const tables[] = {mp_lower_windows, mp_lower_products, mp_lower_elements,
                                                 mp_lower_vectors, mp_lower_moves};
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        for (const struct mp_lower_row *r = tables[i]; r->op; r++)
            if (strcmp(r->op, op) == 0)
                return r;
    return NULL;
}

static bool lower_node(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    const struct mp_lower_row *r = find(n->op->name);
    bool live = false;
    for (size_t i = 0; i < n->output_count; i++)
        live = live || (n->outputs[i] != MP_NO_VALUE && !mp_lower_is_constant(l, n->outputs[i]));
    if (!live)
        return true;
    if (!r)
        return mp_graph_fail(l->g, n, err, "no layer of a workload stands for this operator");
    return r->lower(l, node, err);
}

// An output of the network is a tensor of its own, as the model has it.
static bool want_outputs(struct mp_lower *l, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    for (size_t i = 0; i < l->g->output_count; i++) {
        size_t v = l->g->outputs[i];
        const struct mp_spot *s = &l->spots[v];
        if (mp_lower_is_constant(l, v) || s->tensor == MP_NO_TENSOR)
            return mp_fail(err, "%s: output \"%s\" does not depend on an input", l->g->source,
                           mp_say_text(l->g->values[v].name, strlen(l->g->values[v].name), shown));
        if (!s->moved && l->tensors[s->tensor].value == v)
            continue;
        struct mp_form f = mp_lower_form(l, v);
        if (s->moved || !s->chain) {
            mp_lower_want(l, v, &f);
            continue;
        }
        // The same elements under another shape: a view all the same, so that a tensor has the output's name.
        const struct mp_shape *shape = mp_lower_shape(l, v);
        f = mp_form_around(shape, l->spots[v].channel, shape->rank ? l->spots[v].channel + 1 : 0);
        l->spots[v].moved = true;
        mp_lower_want(l, v, &f);
    }
    return true;
}

bool mp_network_lower(struct mp_network *n, struct mp_arena *a, struct mp_err *err) {
    struct mp_graph *g = &n->graph;
    struct mp_lower l = {.n = n, .g = g, .arena = a};
    l.done = mp_arena_alloc(a, g->node_count, sizeof *l.done);
    if (!mp_lower_cut(&l, err))
        return false;
    // A node may add one constant.
    l.spots = mp_arena_alloc(a, g->value_count + g->node_count, sizeof *l.spots);
    l.readers = mp_arena_alloc(a, g->value_count, sizeof *l.readers);
    l.reader = mp_arena_alloc(a, g->value_count, sizeof *l.reader);
    for (size_t v = 0; v < g->value_count; v++)
        l.spots[v] = (struct mp_spot){.tensor = MP_NO_TENSOR, .channel = channel_of(g->values[v].array.shape.rank)};
    for (size_t i = 0; i < g->node_count; i++)
        l.spots[g->value_count + i] = (struct mp_spot){.tensor = MP_NO_TENSOR};
    count_readers(&l);
    add_inputs(&l);
    for (size_t i = 0; i < g->node_count; i++)
        if (!l.done[i] && !lower_node(&l, i, err))
            return false;
    return want_outputs(&l, err) && mp_lower_build(&l, err);
}
