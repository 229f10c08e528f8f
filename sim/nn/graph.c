// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/graph.h"

#include "sim/base/say.h"
#include "sim/nn/op.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void *room_for_one(struct mp_arena *a, void *list, size_t count, size_t *room, size_t size) {
    if (count < *room)
        return list;
    *room = *room ? *room * 2 : 64;
    return mp_arena_grow(a, list, count, *room, size);
}

size_t mp_graph_add_value(struct mp_graph *g, const char *name) {
    g->values = room_for_one(g->arena, g->values, g->value_count, &g->value_room, sizeof *g->values);
    g->values[g->value_count] = (struct mp_value){.name = mp_arena_strdup(g->arena, name), .producer = MP_NO_NODE};
    return g->value_count++;
}

size_t mp_graph_add_constant(struct mp_graph *g, const char *name, const struct mp_array *array) {
    size_t v = mp_graph_add_value(g, name);
    g->values[v].array = *array;
    g->values[v].known = g->values[v].constant = true;
    return v;
}

static size_t *left_out(struct mp_arena *a, size_t count) {
    size_t *list = mp_arena_alloc(a, count, sizeof *list);
    for (size_t i = 0; i < count; i++)
        list[i] = MP_NO_VALUE;
    return list;
}

struct mp_graph_node *mp_graph_add_node(struct mp_graph *g, const char *name, const struct mp_op *op, size_t inputs,
                                        size_t outputs) {
    g->nodes = room_for_one(g->arena, g->nodes, g->node_count, &g->node_room, sizeof *g->nodes);
    struct mp_graph_node *n = &g->nodes[g->node_count++];
    *n = (struct mp_graph_node){
        .name = mp_arena_strdup(g->arena, name),
        .op = op,
        .inputs = left_out(g->arena, inputs),
        .outputs = left_out(g->arena, outputs),
        .input_count = inputs,
        .output_count = outputs,
    };
    return n;
}

const struct mp_attr *mp_attr_find(const struct mp_graph_node *n, const char *name) {
    for (size_t i = 0; i < n->attr_count; i++)
        if (strcmp(n->attrs[i].name, name) == 0)
            return &n->attrs[i];
    return NULL;
}

int64_t mp_attr_int(const struct mp_graph_node *n, const char *name, int64_t def) {
    const struct mp_attr *a = mp_attr_find(n, name);
    return a && a->type == MP_ATTR_INT ? a->i : def;
}

float mp_attr_real(const struct mp_graph_node *n, const char *name, float def) {
    const struct mp_attr *a = mp_attr_find(n, name);
    return a && a->type == MP_ATTR_REAL ? a->f : def;
}

const char *mp_attr_text(const struct mp_graph_node *n, const char *name, const char *def) {
    const struct mp_attr *a = mp_attr_find(n, name);
    return a && a->type == MP_ATTR_TEXT ? a->text : def;
}

const struct mp_value *mp_node_input(const struct mp_graph *g, const struct mp_graph_node *n, size_t i) {
    return i < n->input_count && n->inputs[i] != MP_NO_VALUE ? &g->values[n->inputs[i]] : NULL;
}

bool mp_graph_fail(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err, const char *fmt, ...) {
    char text[sizeof err->text], name[MP_SAY_BYTES];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return mp_fail(err, "%s: node \"%s\" (%s): %s", g->source, mp_say_text(n->name, strlen(n->name), name), n->op->name,
                   text);
}
