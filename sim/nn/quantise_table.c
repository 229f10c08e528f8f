// SPDX-License-Identifier: Apache-2.0
// What the graph says about a layer, found out by running the nodes between its input and its output: a function of one element on every number of its
// input, a view on numbered elements.
#include "sim/nn/quantise_parts.h"

#include "sim/nn/op.h"

#include <math.h>

struct run {
    const struct mp_graph *g;
    struct mp_arena arena;
    struct mp_array *arrays; // by value; of what was computed
    bool *there;             // by value: its array is
    bool *needed;            // by node
};

static void compute(struct run *r, const struct mp_graph_node *n) {
    const struct mp_array **in = mp_arena_alloc(&r->arena, n->input_count, sizeof *in);
    struct mp_array **out = mp_arena_alloc(&r->arena, n->output_count, sizeof *out);
    for (size_t i = 0; i < n->input_count; i++) {
        size_t v = n->inputs[i];
        in[i] = v == MP_NO_VALUE ? NULL : r->there[v] ? &r->arrays[v] : &r->g->values[v].array;
    }
    for (size_t i = 0; i < n->output_count; i++) {
        size_t v = n->outputs[i];
        if (v == MP_NO_VALUE)
            continue;
        r->arrays[v] = mp_array_make(&r->arena, &r->g->values[v].array.shape, r->g->values[v].array.whole);
        r->there[v] = true;
        out[i] = &r->arrays[v];
    }
    n->op->run(r->g, n, in, out);
}

// Marks the nodes between the layer's input and `output`, moves that the layer took as its input's own among them. False when
// they need anything else.
static bool need(struct run *r, size_t output) {
    size_t first = r->g->values[output].producer;
    if (r->there[output]) // one value in another layout
        return true;
    if (first == MP_NO_NODE)
        return false;
    r->needed[first] = true;
    for (size_t i = first + 1; i-- > 0;) // a node stands behind those that make its inputs
        for (size_t k = 0; r->needed[i] && k < r->g->nodes[i].input_count; k++) {
            size_t v = r->g->nodes[i].inputs[k];
            if (v == MP_NO_VALUE || r->there[v] || r->g->values[v].constant)
                continue;
            if (r->g->values[v].producer == MP_NO_NODE)
                return false;
            r->needed[r->g->values[v].producer] = true;
        }
    return true;
}

static bool begin(struct run *r, const struct mp_network *n, size_t input, size_t output) {
    *r = (struct run){.g = &n->graph};
    r->arrays = mp_arena_alloc(&r->arena, r->g->value_count, sizeof *r->arrays);
    r->there = mp_arena_alloc(&r->arena, r->g->value_count, sizeof *r->there);
    r->needed = mp_arena_alloc(&r->arena, r->g->node_count, sizeof *r->needed);
    r->arrays[input] = mp_array_make(&r->arena, &r->g->values[input].array.shape, false);
    r->there[input] = true;
    return need(r, output);
}

static void run_nodes(struct run *r) {
    for (size_t i = 0; i < r->g->node_count; i++) // each behind those that make its inputs
        if (r->needed[i])
            compute(r, &r->g->nodes[i]);
}

static bool not_computable(const struct mp_quantiser *z, size_t layer, struct mp_err *err) {
    return mp_fail(err, "%s: layer \"%s\": its nodes need more than its input", z->n->graph.source, z->w->layers[layer].name);
}

bool mp_quantise_function(struct mp_quantiser *z, size_t layer, struct mp_err *err) {
    const struct mp_layer *l = &z->w->layers[layer];
    const size_t input = z->n->value[l->inputs[0]], output = z->n->value[l->output];
    const struct mp_qtensor *in = &z->q->tensors[l->inputs[0]], *out = &z->q->tensors[l->output];
    const size_t span = (size_t)1 << in->bits;
    const int32_t low = mp_range_of(in->bits, in->is_signed).low;
    struct mp_qlayer *q = &z->q->layers[layer];
    struct run r;
    bool ok = begin(&r, z->n, input, output) || not_computable(z, layer, err);
    const size_t room = mp_shape_count(&r.arrays[input].shape);
    q->table = mp_arena_alloc(z->arena, span, sizeof *q->table);
    for (size_t first = 0; ok && first < span; first += room) {
        size_t count = span - first < room ? span - first : room;
        for (size_t i = 0; i < count; i++)
            r.arrays[input].f[i] = (float)(in->scale * (double)(low + (int64_t)(first + i) - in->zero));
        run_nodes(&r);
        for (size_t i = 0; i < count; i++)
            q->table[first + i] = mp_clamp(mp_quantise(out, (double)r.arrays[output].f[i]), q->low, q->high);
    }
    mp_arena_finish(&r.arena);
    return ok;
}

// Number + 1 of each element of the input, [channel][row][column]; what the nodes add is 0.
static void number_elements(const struct mp_tensor *t, const struct mp_layout *layout, float *out) {
    for (uint64_t c = 0; c < t->c; c++)
        for (uint64_t h = 0; h < t->h; h++)
            for (uint64_t w = 0; w < t->w; w++)
                out[mp_layout_at(layout, c, h, w)] = (float)((c * t->h + h) * t->w + w + 1);
}

static int64_t *gather(struct mp_quantiser *z, size_t layer, struct mp_arena *a, struct mp_err *err) {
    const struct mp_layer *l = &z->w->layers[layer];
    const size_t input = z->n->value[l->inputs[0]], output = z->n->value[l->output];
    const struct mp_tensor *in = &z->w->tensors[l->inputs[0]], *out = &z->w->tensors[l->output];
    int64_t *all = NULL;
    struct run r;
    bool ok = begin(&r, z->n, input, output) || not_computable(z, layer, err);
    if (ok) {
        number_elements(in, &z->n->layout[l->inputs[0]], r.arrays[input].f);
        run_nodes(&r);
        all = mp_arena_alloc(a, out->c * out->h * out->w, sizeof *all);
    }
    int64_t *to = all;
    for (uint64_t c = 0; ok && c < out->c; c++)
        for (uint64_t h = 0; h < out->h; h++)
            for (uint64_t w = 0; w < out->w; w++)
                *to++ = (int64_t)lroundf(r.arrays[output].f[mp_layout_at(&z->n->layout[l->output], c, h, w)]) - 1;
    mp_arena_finish(&r.arena);
    return all;
}

bool mp_quantise_view(struct mp_quantiser *z, size_t layer, struct mp_err *err) {
    const struct mp_layer *l = &z->w->layers[layer];
    const struct mp_tensor *in = &z->w->tensors[l->inputs[0]];
    struct mp_qlayer *q = &z->q->layers[layer];
    struct mp_arena *arena = z->arena;
    int64_t **known = z->cache ? mp_cache_gather(z->cache, layer, &arena) : &q->gather;
    if (in->c * in->h * in->w >= 1 << 24)
        return mp_fail(err, "%s: layer \"%s\": a view of more than 2^24 elements", z->n->graph.source, l->name);
    if (!*known && !(*known = gather(z, layer, arena, err)))
        return false;
    q->gather = *known;
    q->fill = mp_quantise(&z->q->tensors[l->output], 0);
    return true;
}
