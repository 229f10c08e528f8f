// SPDX-License-Identifier: Apache-2.0
// Layer norm as older exporters write it: ReduceMean, Sub, Pow, ReduceMean, Add, Sqrt, Div, and a Mul and an Add of constants
// by channel; over the last dimension, or over the second one of an image, which then is turned to the last.
#include "sim/nn/op.h"
#include "sim/nn/simplify_pass.h"

#include <string.h>

struct norm {
    struct mp_graph_node *add, *root, *divide; // nodes that become others
    size_t input, output;
    size_t scale, bias;                        // constants, or MP_NO_VALUE
    double epsilon;
    unsigned axis, rank;
};

static const struct mp_shape *shape_of(const struct mp_pass *p, size_t value) {
    return &p->g->values[value].array.shape;
}

// The value that is averaged over one dimension, which stays.
static size_t mean_of(const struct mp_pass *p, size_t value, unsigned *axis) {
    const struct mp_graph_node *n = mp_pass_producer(p, value, "ReduceMean");
    if (!n || mp_attr_int(n, "keepdims", 1) == 0)
        return MP_NO_VALUE;
    const struct mp_value *given = mp_node_input(p->g, n, 1);
    const struct mp_attr *a = mp_attr_find(n, "axes");
    int64_t rank = (int64_t)shape_of(p, value)->rank, d;
    if (given && given->constant && mp_shape_count(&given->array.shape) == 1)
        d = given->array.i[0];
    else if (!given && a && a->count == 1)
        d = a->ints[0];
    else
        return MP_NO_VALUE;
    *axis = (unsigned)(d < 0 ? d + rank : d);
    return n->inputs[0];
}

// Input i of a node is a constant of one element: the other input, else MP_NO_VALUE.
static size_t beside_scalar(const struct mp_pass *p, const struct mp_graph_node *n, double *number) {
    size_t side;
    if (!n || !mp_pass_constant_side(p, n, &side) || !mp_pass_scalar(p, n->inputs[side], number))
        return MP_NO_VALUE;
    return n->inputs[!side];
}

static size_t square_of(const struct mp_pass *p, size_t value) {
    double two;
    const struct mp_graph_node *pow = mp_pass_producer(p, value, "Pow"), *mul = mp_pass_producer(p, value, "Mul");
    if (mul)
        return mul->inputs[0] == mul->inputs[1] ? mul->inputs[0] : MP_NO_VALUE;
    size_t base = beside_scalar(p, pow, &two);
    return base != MP_NO_VALUE && pow->inputs[0] == base && !(two < 2 || two > 2) ? base : MP_NO_VALUE;
}

// x in x - mean(x).
static size_t centred(const struct mp_pass *p, size_t value, unsigned *axis) {
    const struct mp_graph_node *n = mp_pass_producer(p, value, "Sub");
    return n && mean_of(p, n->inputs[1], axis) == n->inputs[0] ? n->inputs[0] : MP_NO_VALUE;
}

static bool match(const struct mp_pass *p, struct mp_graph_node *divide, struct norm *m) {
    unsigned axis = 0, second = 0, third = 0;
    m->divide = divide;
    m->input = centred(p, divide->inputs[0], &axis);
    m->root = mp_pass_producer(p, divide->inputs[1], "Sqrt");
    if (m->input == MP_NO_VALUE || !m->root)
        return false;
    m->add = mp_pass_producer(p, m->root->inputs[0], "Add");
    size_t variance = beside_scalar(p, m->add, &m->epsilon);
    size_t squared = variance == MP_NO_VALUE ? MP_NO_VALUE : mean_of(p, variance, &second);
    size_t difference = squared == MP_NO_VALUE ? MP_NO_VALUE : square_of(p, squared);
    if (difference == MP_NO_VALUE || centred(p, difference, &third) != m->input || axis != second || axis != third)
        return false;
    m->axis = axis;
    m->rank = shape_of(p, m->input)->rank;
    m->output = divide->outputs[0];
    return (axis == m->rank - 1 || (m->rank == 4 && axis == 1)) && mp_pass_single(p, m->root->outputs[0]) &&
           mp_pass_single(p, m->add->outputs[0]);
}

// A Mul or Add of a constant with an element for each of the channels, behind the norm.
static size_t factor(struct mp_pass *p, struct norm *m, const char *op) {
    struct mp_graph_node *n = mp_pass_reader(p, m->output);
    size_t side;
    if (!n || !mp_pass_is(n, op) || !mp_pass_constant_side(p, n, &side))
        return MP_NO_VALUE;
    const struct mp_shape *s = shape_of(p, n->inputs[side]);
    unsigned from_end = m->rank - m->axis;
    uint64_t channels = shape_of(p, m->input)->dim[m->axis];
    if (s->rank < from_end || mp_shape_count(s) != channels || s->dim[s->rank - from_end] != channels)
        return MP_NO_VALUE;
    size_t constant = n->inputs[side];
    m->output = n->outputs[0];
    mp_pass_remove(n);
    return constant;
}

static size_t list_of(struct mp_pass *p, const char *name, uint64_t count, size_t from, float def) {
    const struct mp_shape list = {.rank = 1, .dim = {count}};
    size_t v = mp_pass_constant(p, name, &list);
    for (uint64_t i = 0; i < count; i++)
        p->g->values[v].array.f[i] = from == MP_NO_VALUE ? def : p->g->values[from].array.f[i];
    return v;
}

static const int64_t to_last[] = {0, 2, 3, 1}, to_second[] = {0, 3, 1, 2};

static size_t turned_value(struct mp_pass *p, const struct norm *m, const char *what) {
    const struct mp_shape *s = shape_of(p, m->input);
    const struct mp_shape turned = {.rank = 4, .dim = {s->dim[0], s->dim[2], s->dim[3], s->dim[1]}};
    return mp_pass_value(p, mp_arena_printf(p->g->arena, "%s.%s", m->divide->name, what), &turned);
}

static void become_transpose(struct mp_pass *p, struct mp_graph_node *n, size_t from, size_t to, const int64_t *perm) {
    mp_pass_become(p, n, "Transpose", &from, 1);
    mp_pass_set_attr(p, n, &(struct mp_attr){.name = "perm", .type = MP_ATTR_INTS, .ints = perm, .count = 4});
    n->outputs[0] = to;
}

static void become_norm(struct mp_pass *p, struct norm *m, struct mp_graph_node *n, size_t from, size_t to) {
    const size_t inputs[] = {from, m->scale, m->bias};
    mp_pass_become(p, n, "LayerNormalization", inputs, 3);
    mp_pass_set_attr(p, n, &(struct mp_attr){.name = "axis", .type = MP_ATTR_INT, .i = -1});
    mp_pass_set_attr(p, n, &(struct mp_attr){.name = "epsilon", .type = MP_ATTR_REAL, .f = (float)m->epsilon});
    n->outputs[0] = to;
}

void mp_pass_norms(struct mp_pass *p) {
    for (size_t i = 0; i < p->g->node_count; i++) {
        struct norm m;
        if (!mp_pass_is(&p->g->nodes[i], "Div") || !match(p, &p->g->nodes[i], &m))
            continue;
        uint64_t channels = shape_of(p, m.input)->dim[m.axis];
        size_t scale = factor(p, &m, "Mul"), bias = factor(p, &m, "Add");
        m.scale = list_of(p, mp_arena_printf(p->g->arena, "%s.scale", m.divide->name), channels, scale, 1);
        m.bias = list_of(p, mp_arena_printf(p->g->arena, "%s.bias", m.divide->name), channels, bias, 0);
        if (m.axis == m.rank - 1) {
            become_norm(p, &m, m.divide, m.input, m.output);
            continue;
        }
        size_t in = turned_value(p, &m, "turned"), out = turned_value(p, &m, "normed");
        become_transpose(p, m.add, m.input, in, to_last);
        become_norm(p, &m, m.root, in, out);
        become_transpose(p, m.divide, out, m.output, to_second);
    }
}
