// SPDX-License-Identifier: Apache-2.0
// The order of the passes, and what they share.
#include "sim/nn/simplify.h"

#include "sim/nn/op.h"
#include "sim/nn/simplify_pass.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool mp_pass_is(const struct mp_graph_node *n, const char *op) {
    return n->op && strcmp(n->op->name, op) == 0;
}

struct mp_graph_node *mp_pass_producer(const struct mp_pass *p, size_t value, const char *op) {
    if (value == MP_NO_VALUE || p->g->values[value].producer == MP_NO_NODE)
        return NULL;
    struct mp_graph_node *n = &p->g->nodes[p->g->values[value].producer];
    return mp_pass_is(n, op) ? n : NULL;
}

bool mp_pass_single(const struct mp_pass *p, size_t value) {
    return value >= p->counted || p->readers[value] == 1;
}

struct mp_graph_node *mp_pass_reader(const struct mp_pass *p, size_t value) {
    if (value >= p->counted || p->readers[value] != 1 || p->reader[value] == MP_NO_NODE)
        return NULL;
    struct mp_graph_node *n = &p->g->nodes[p->reader[value]];
    return n->op ? n : NULL;
}

void mp_pass_remove(struct mp_graph_node *n) {
    n->op = NULL;
}

void mp_pass_become(struct mp_pass *p, struct mp_graph_node *n, const char *op, const size_t *inputs, size_t count) {
    n->op = mp_op_find(op);
    assert(n->op);
    n->attrs = NULL;
    n->attr_count = 0;
    n->inputs = mp_arena_alloc(p->g->arena, count, sizeof *n->inputs);
    memcpy(n->inputs, inputs, count * sizeof *inputs);
    n->input_count = count;
}

void mp_pass_set_attr(struct mp_pass *p, struct mp_graph_node *n, const struct mp_attr *attr) {
    size_t at = 0;
    while (at < n->attr_count && strcmp(n->attrs[at].name, attr->name) != 0)
        at++;
    struct mp_attr *list = mp_arena_grow(p->g->arena, n->attrs, n->attr_count, n->attr_count + 1, sizeof *list);
    list[at] = *attr;
    n->attrs = list;
    n->attr_count += at == n->attr_count;
}

void mp_pass_insert(struct mp_pass *p, size_t after, const struct mp_graph_node *n) {
    size_t count = p->insertion_count;
    if ((count & (count - 1)) == 0) // full at each power of two
        p->insertions = mp_arena_grow(p->g->arena, p->insertions, count, count ? 2 * count : 1, sizeof *p->insertions);
    p->insertions[p->insertion_count++] = (struct mp_insertion){after, count, *n};
}

size_t mp_pass_value(struct mp_pass *p, const char *name, const struct mp_shape *s) {
    size_t v = mp_graph_add_value(p->g, name);
    p->g->values[v].array.shape = *s;
    p->g->values[v].known = true;
    return v;
}

size_t mp_pass_constant(struct mp_pass *p, const char *name, const struct mp_shape *s) {
    struct mp_array a = mp_array_make(p->g->arena, s, false);
    return mp_graph_add_constant(p->g, name, &a);
}

struct mp_array *mp_pass_own(struct mp_pass *p, struct mp_graph_node *n, size_t i) {
    size_t v = n->inputs[i];
    if (!mp_pass_single(p, v)) {
        const struct mp_array from = p->g->values[v].array;
        n->inputs[i] = mp_pass_constant(p, p->g->values[v].name, &from.shape);
        memcpy(p->g->values[n->inputs[i]].array.f, from.f, (size_t)mp_shape_count(&from.shape) * sizeof *from.f);
        p->g->values[n->inputs[i]].hint = p->g->values[v].hint;
        p->readers[v]--;
    }
    return &p->g->values[n->inputs[i]].array;
}

void mp_pass_scale_hint(struct mp_pass *p, size_t value, const float *by, uint64_t count, unsigned axis) {
    struct mp_value *v = &p->g->values[value];
    struct mp_quant_hint *h = &v->hint;
    if (h->bits == 0)
        return;
    if (!h->scales && count == 1) {
        h->scale *= fabsf(by[0]);
        return;
    }
    if (h->scales && count > 1 && h->axis != axis) { // a scale for each element
        *h = (struct mp_quant_hint){0};
        return;
    }
    h->axis = h->scales ? h->axis : axis;
    const size_t channels = (size_t)v->array.shape.dim[h->axis];
    float *scales = mp_arena_alloc(p->g->arena, channels, sizeof *scales);
    for (size_t c = 0; c < channels; c++)
        scales[c] = (h->scales ? h->scales[c] : h->scale) * fabsf(by[count == 1 ? 0 : c]);
    h->scales = scales;
    h->scale = 0;
}

bool mp_pass_scalar(const struct mp_pass *p, size_t value, double *out) {
    const struct mp_value *v = &p->g->values[value];
    if (!v->constant || mp_shape_count(&v->array.shape) != 1)
        return false;
    *out = v->array.whole ? (double)v->array.i[0] : (double)v->array.f[0];
    return true;
}

bool mp_pass_constant_side(const struct mp_pass *p, const struct mp_graph_node *n, size_t *side) {
    bool first = p->g->values[n->inputs[0]].constant, second = p->g->values[n->inputs[1]].constant;
    *side = second;
    return first != second;
}

// Between passes

// Nodes from the last to the first: needed are those that make an output, or what a needed one reads.
static void drop_dead(struct mp_graph *g, bool *needed) {
    for (size_t i = 0; i < g->output_count; i++)
        needed[g->outputs[i]] = true;
    for (size_t i = g->node_count; i-- > 0;) {
        struct mp_graph_node *n = &g->nodes[i];
        bool used = false;
        for (size_t k = 0; n->op && k < n->output_count; k++)
            used = used || (n->outputs[k] != MP_NO_VALUE && needed[n->outputs[k]] && !g->values[n->outputs[k]].constant);
        if (!used)
            mp_pass_remove(n);
        for (size_t k = 0; used && k < n->input_count; k++)
            if (n->inputs[k] != MP_NO_VALUE)
                needed[n->inputs[k]] = true;
    }
}

static int by_place(const void *a, const void *b) {
    const struct mp_insertion *x = a, *y = b;
    if (x->after != y->after)
        return x->after < y->after ? -1 : 1;
    return x->order > y->order ? -1 : x->order < y->order;
}

static void set_nodes(struct mp_pass *p) {
    struct mp_graph *g = p->g;
    size_t old = g->node_count, at = 0, room = old + p->insertion_count;
    struct mp_graph_node *list = mp_arena_alloc(g->arena, room, sizeof *list);
    g->node_count = 0;
    if (p->insertion_count > 1)
        qsort(p->insertions, p->insertion_count, sizeof *p->insertions, by_place);
    for (size_t i = 0; i < old; i++) {
        if (g->nodes[i].op)
            list[g->node_count++] = g->nodes[i];
        for (; at < p->insertion_count && p->insertions[at].after == i; at++)
            list[g->node_count++] = p->insertions[at].node;
    }
    g->nodes = list;
    g->node_room = room;
    p->insertions = NULL;
    p->insertion_count = 0;
}

static void count(struct mp_pass *p) {
    struct mp_graph *g = p->g;
    p->counted = g->value_count;
    p->readers = mp_arena_alloc(g->arena, g->value_count, sizeof *p->readers);
    p->reader = mp_arena_alloc(g->arena, g->value_count, sizeof *p->reader);
    for (size_t v = 0; v < g->value_count; v++) {
        p->reader[v] = MP_NO_NODE;
        g->values[v].producer = MP_NO_NODE;
    }
    for (size_t i = 0; i < g->node_count; i++) {
        const struct mp_graph_node *n = &g->nodes[i];
        for (size_t k = 0; k < n->input_count; k++)
            if (n->inputs[k] != MP_NO_VALUE) {
                p->readers[n->inputs[k]]++;
                p->reader[n->inputs[k]] = i;
            }
        for (size_t k = 0; k < n->output_count; k++)
            if (n->outputs[k] != MP_NO_VALUE)
                g->values[n->outputs[k]].producer = i;
    }
    for (size_t i = 0; i < g->output_count; i++) {
        p->readers[g->outputs[i]]++;
        p->reader[g->outputs[i]] = MP_NO_NODE;
    }
}

static void settle(struct mp_pass *p) {
    struct mp_arena lists = {0};
    set_nodes(p);
    drop_dead(p->g, mp_arena_alloc(&lists, p->g->value_count, sizeof(bool)));
    set_nodes(p);
    count(p);
    mp_arena_finish(&lists);
}

bool mp_graph_simplify(struct mp_graph *g, struct mp_err *err) {
    static void (*const passes[])(struct mp_pass *p) = {
        mp_pass_noops, mp_pass_functions, mp_pass_norms, mp_pass_pads, mp_pass_scalars, mp_pass_affine, mp_pass_biases,
    };
    struct mp_pass p = {.g = g};
    (void)err;
    settle(&p);
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        passes[i](&p);
        settle(&p);
    }
    return true;
}
