// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/graph_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mp_shape shape_of(unsigned rank, const uint64_t *dims) {
    struct mp_shape s = {.rank = rank};
    for (unsigned d = 0; d < rank; d++)
        s.dim[d] = dims[d];
    return s;
}

struct mp_graph graph_begin(struct mp_arena *a, unsigned opset) {
    return (struct mp_graph){.name = "m", .source = "m.onnx", .opset = opset, .arena = a};
}

size_t graph_input(struct mp_graph *g, unsigned rank, const uint64_t *dims, bool whole) {
    size_t v = mp_graph_add_value(g, mp_arena_printf(g->arena, "x%zu", g->input_count));
    g->values[v].array = (struct mp_array){.shape = shape_of(rank, dims), .whole = whole};
    g->values[v].known = true;
    g->inputs = mp_arena_grow(g->arena, g->inputs, g->input_count, g->input_count + 1, sizeof *g->inputs);
    g->inputs[g->input_count++] = v;
    return v;
}

static size_t add_constant(struct mp_graph *g, const struct mp_array *array) {
    return mp_graph_add_constant(g, mp_arena_printf(g->arena, "c%zu", g->value_count), array);
}

size_t graph_reals(struct mp_graph *g, unsigned rank, const uint64_t *dims, const float *values) {
    struct mp_shape s = shape_of(rank, dims);
    struct mp_array array = mp_array_make(g->arena, &s, false);
    memcpy(array.f, values, mp_shape_count(&s) * sizeof *values);
    return add_constant(g, &array);
}

size_t graph_wholes(struct mp_graph *g, unsigned rank, const uint64_t *dims, const int64_t *values) {
    struct mp_shape s = shape_of(rank, dims);
    struct mp_array array = mp_array_make(g->arena, &s, true);
    memcpy(array.i, values, mp_shape_count(&s) * sizeof *values);
    return add_constant(g, &array);
}

size_t graph_list(struct mp_graph *g, size_t count, const int64_t *values) {
    return graph_wholes(g, 1, &(uint64_t){count}, values);
}

size_t graph_random(struct mp_graph *g, unsigned rank, const uint64_t *dims, float scale, uint64_t *seed) {
    struct mp_shape s = shape_of(rank, dims);
    struct mp_array array = mp_array_make(g->arena, &s, false);
    for (uint64_t i = 0; i < mp_shape_count(&s); i++)
        array.f[i] = scale * random_real(seed);
    return add_constant(g, &array);
}

struct mp_graph_node *graph_node_outputs(struct mp_graph *g, const char *op, size_t count, const size_t *inputs,
                                         size_t outputs) {
    const struct mp_op *found = mp_op_find(op);
    if (!found) {
        printf("Bail out! no operator %s\n", op);
        exit(1);
    }
    const char *name = mp_arena_printf(g->arena, "n%zu", g->node_count);
    struct mp_graph_node *n = mp_graph_add_node(g, name, found, count, outputs);
    for (size_t i = 0; i < count; i++)
        n->inputs[i] = inputs[i];
    for (size_t i = 0; i < outputs; i++) {
        n->outputs[i] = mp_graph_add_value(g, i == 0 ? name : mp_arena_printf(g->arena, "%s.%zu", name, i));
        g->values[n->outputs[i]].producer = g->node_count - 1;
    }
    return n;
}

size_t graph_node(struct mp_graph *g, const char *op, size_t count, const size_t *inputs) {
    return graph_node_outputs(g, op, count, inputs, 1)->outputs[0];
}

static struct mp_attr *add_attr(struct mp_graph *g, const char *name, enum mp_attr_type type) {
    struct mp_graph_node *n = &g->nodes[g->node_count - 1];
    n->attrs = mp_arena_grow(g->arena, n->attrs, n->attr_count, n->attr_count + 1, sizeof *n->attrs);
    n->attrs[n->attr_count] = (struct mp_attr){.name = name, .type = type};
    return &n->attrs[n->attr_count++];
}

void graph_attr_int(struct mp_graph *g, const char *name, int64_t v) {
    add_attr(g, name, MP_ATTR_INT)->i = v;
}

void graph_attr_real(struct mp_graph *g, const char *name, float v) {
    add_attr(g, name, MP_ATTR_REAL)->f = v;
}

void graph_attr_text(struct mp_graph *g, const char *name, const char *v) {
    add_attr(g, name, MP_ATTR_TEXT)->text = v;
}

void graph_attr_ints(struct mp_graph *g, const char *name, size_t count, const int64_t *v) {
    struct mp_attr *a = add_attr(g, name, MP_ATTR_INTS);
    int64_t *copy = mp_arena_alloc(g->arena, count, sizeof *copy);
    memcpy(copy, v, count * sizeof *v);
    a->ints = copy;
    a->count = count;
}

void graph_attr_array(struct mp_graph *g, const char *name, const struct mp_array *v) {
    add_attr(g, name, MP_ATTR_ARRAY)->array = *v;
}

void graph_output(struct mp_graph *g, size_t value) {
    g->outputs = mp_arena_grow(g->arena, g->outputs, g->output_count, g->output_count + 1, sizeof *g->outputs);
    g->outputs[g->output_count++] = value;
}

// Steele and Vigna's SplitMix64.
static uint64_t next(uint64_t *seed) {
    uint64_t z = (*seed += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

uint64_t random_below(uint64_t *seed, uint64_t n) {
    return next(seed) % n;
}

// A sum of three uniform numbers has the normal's mean and variance.
float random_real(uint64_t *seed) {
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += (double)(next(seed) >> 11) * 0x1p-52 - 1;
    return (float)sum;
}
