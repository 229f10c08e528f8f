// SPDX-License-Identifier: Apache-2.0
// Nodes whose output is their input, by operator.
#include "sim/nn/simplify_pass.h"

#include <string.h>

static bool same_shape(const struct mp_pass *p, const struct mp_graph_node *n) {
    return mp_shape_equal(&p->g->values[n->inputs[0]].array.shape, &p->g->values[n->outputs[0]].array.shape);
}

static bool always(const struct mp_pass *p, const struct mp_graph_node *n) {
    (void)p, (void)n;
    return true;
}

static bool same_kind(const struct mp_pass *p, const struct mp_graph_node *n) {
    return !p->g->values[n->inputs[0]].array.whole && !p->g->values[n->outputs[0]].array.whole;
}

// A Transpose that leaves the dimensions of more than one element in their order.
static bool keeps_order(const struct mp_pass *p, const struct mp_graph_node *n) {
    const struct mp_shape *s = &p->g->values[n->inputs[0]].array.shape;
    const struct mp_attr *perm = mp_attr_find(n, "perm");
    if (!same_shape(p, n))
        return false;
    int64_t last = -1;
    for (unsigned i = 0; i < s->rank; i++) {
        int64_t d = perm ? perm->ints[i] : (int64_t)(s->rank - 1 - i);
        if (s->dim[d] == 1)
            continue;
        if (d < last)
            return false;
        last = d;
    }
    return true;
}

// Nothing is cut off and nothing is turned round: steps are positive.
static bool keeps_all(const struct mp_pass *p, const struct mp_graph_node *n) {
    const struct mp_value *steps = mp_node_input(p->g, n, 4);
    for (uint64_t i = 0; steps && i < mp_shape_count(&steps->array.shape); i++)
        if (!steps->constant || steps->array.i[i] < 1)
            return false;
    return same_shape(p, n);
}

static bool only_input(const struct mp_pass *p, const struct mp_graph_node *n) {
    (void)p;
    return n->input_count == 1;
}

static bool neutral(const struct mp_pass *p, const struct mp_graph_node *n, double element) {
    double x;
    if (p->g->values[n->outputs[0]].array.whole || !mp_pass_scalar(p, n->inputs[1], &x))
        return false;
    return same_shape(p, n) && !(x < element || x > element);
}

static bool adds_zero(const struct mp_pass *p, const struct mp_graph_node *n) {
    return neutral(p, n, 0);
}

static bool times_one(const struct mp_pass *p, const struct mp_graph_node *n) {
    return neutral(p, n, 1);
}

static const struct {
    const char *op;
    bool (*is)(const struct mp_pass *p, const struct mp_graph_node *n);
} noops[] = {
    {"Identity", always},    {"Dropout", always},      {"Cast", same_kind},   {"Reshape", same_shape},
    {"Flatten", same_shape}, {"Squeeze", same_shape},  {"Unsqueeze", same_shape}, {"Expand", same_shape},
    {"Tile", same_shape},    {"Pad", same_shape},      {"Slice", keeps_all},  {"Transpose", keeps_order},
    {"Concat", only_input},  {"Add", adds_zero},       {"Sub", adds_zero},    {"Mul", times_one},
    {"Div", times_one},
};

static bool is_noop(const struct mp_pass *p, const struct mp_graph_node *n) {
    if (p->g->values[n->outputs[0]].constant || (n->output_count > 1 && n->outputs[1] != MP_NO_VALUE))
        return false;
    for (size_t i = 0; i < sizeof noops / sizeof *noops; i++)
        if (mp_pass_is(n, noops[i].op))
            return noops[i].is(p, n);
    return false;
}

// An output of the graph keeps its name: what made the input makes it instead, when nobody else has read the input.
static bool is_output(const struct mp_graph *g, size_t value) {
    for (size_t i = 0; i < g->output_count; i++)
        if (g->outputs[i] == value)
            return true;
    return false;
}

static bool hand_over(struct mp_pass *p, const struct mp_graph_node *n) {
    size_t from = n->inputs[0], producer = p->g->values[from].producer;
    if (producer == MP_NO_NODE || !mp_pass_single(p, from))
        return false;
    struct mp_graph_node *maker = &p->g->nodes[producer];
    for (size_t i = 0; i < maker->output_count; i++)
        if (maker->outputs[i] == from)
            maker->outputs[i] = n->outputs[0];
    p->g->values[n->outputs[0]].producer = producer;
    if (p->g->values[n->outputs[0]].hint.bits == 0)
        p->g->values[n->outputs[0]].hint = p->g->values[from].hint;
    return true;
}

void mp_pass_noops(struct mp_pass *p) {
    struct mp_arena lists = {0};
    size_t *is = mp_arena_alloc(&lists, p->g->value_count, sizeof *is);
    for (size_t v = 0; v < p->g->value_count; v++)
        is[v] = v;
    for (size_t i = 0; i < p->g->node_count; i++) {
        struct mp_graph_node *n = &p->g->nodes[i];
        for (size_t k = 0; k < n->input_count; k++)
            if (n->inputs[k] != MP_NO_VALUE)
                n->inputs[k] = is[n->inputs[k]];
        if (!is_noop(p, n))
            continue;
        if (!is_output(p->g, n->outputs[0]))
            is[n->outputs[0]] = n->inputs[0];
        else if (!hand_over(p, n))
            continue;
        mp_pass_remove(n);
    }
    mp_arena_finish(&lists);
}
