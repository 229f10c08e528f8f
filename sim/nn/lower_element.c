// SPDX-License-Identifier: Apache-2.0
// Element by element: functions of one element, sums and products of two activations, of one and a constant.
#include "sim/nn/lower.h"
#include "sim/nn/op.h"

#include <string.h>

// Functions

static const struct {
    const char *op;
    enum mp_act act;
} functions[] = {
    {"Relu", MP_ACT_RELU},       {"Sigmoid", MP_ACT_SIGMOID},      {"Tanh", MP_ACT_TANH},     {"Gelu", MP_ACT_GELU},
    {"HardSwish", MP_ACT_HSWISH}, {"LeakyRelu", MP_ACT_LEAKY_RELU}, {"Clip", MP_ACT_CLIP},     {"Exp", MP_ACT_EXP},
    {"HardSigmoid", MP_ACT_HSIGMOID}, {"Swish", MP_ACT_SWISH},     {"Sqrt", MP_ACT_SQRT},     {"Pow", MP_ACT_POW},
    {"Erf", MP_ACT_ERF},
};

static enum mp_act act_of(const struct mp_graph *g, const struct mp_graph_node *n) {
    if (strcmp(n->op->name, "Clip") == 0)
        return mp_lower_clip(g, n);
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(functions[i].op, n->op->name) == 0)
            return functions[i].act;
    return MP_ACT_FUNCTION;
}

static bool add_function(struct mp_lower *l, size_t node, size_t input, enum mp_act act) {
    struct mp_layer_spec s = mp_layer_spec_default(MP_ACTIVATION);
    struct mp_form f = mp_lower_form(l, input);
    size_t tensor = mp_lower_want(l, input, &f), out = l->g->nodes[node].outputs[0];
    unsigned channel = l->spots[input].channel;
    s.inputs = &tensor;
    s.input_count = 1;
    s.op = act - 1;
    mp_lower_add(l, &s, node, out, &f);
    l->spots[out].channel = channel;
    return true;
}

// Of one input; all others are constants of one element.
static bool lower_function(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    size_t live = MP_NO_VALUE;
    double ignored;
    for (size_t i = 0; i < n->input_count; i++) {
        if (n->inputs[i] == MP_NO_VALUE || mp_lower_scalar(l->g, n->inputs[i], &ignored))
            continue;
        if (live != MP_NO_VALUE || mp_lower_is_constant(l, n->inputs[i]))
            return mp_graph_fail(l->g, n, err, "input %zu must be a constant of one element", i + 1);
        live = n->inputs[i];
    }
    if (l->g->values[n->outputs[0]].array.whole || l->g->values[live].array.whole)
        return mp_graph_fail(l->g, n, err, "integers are not computed by layers");
    return add_function(l, node, live, act_of(l->g, n));
}

// Two operands

struct pair {
    size_t node, a, b;
    enum mp_layer_type type;
    const char *float_only;
};

static bool add_pair(struct mp_lower *l, const struct pair *p, const struct mp_form *fa, const struct mp_form *fb) {
    struct mp_layer_spec s = mp_layer_spec_default(p->type);
    size_t inputs[] = {mp_lower_want(l, p->a, fa), mp_lower_want(l, p->b, fb)}, nodes[2] = {p->node}, count = 1;
    size_t out = l->g->nodes[p->node].outputs[0];
    unsigned channel = l->spots[p->a].channel;
    if (p->type == MP_ADD)
        out = mp_lower_fuse(l, out, &s.activation, nodes, &count);
    s.inputs = inputs;
    s.input_count = 2;
    struct mp_low_layer *layer = mp_lower_add(l, &s, p->node, out, fa);
    layer->params.float_only = p->float_only;
    mp_lower_nodes(l, layer, nodes, count);
    l->spots[out].channel = channel;
    return true;
}

// The dimensions of `big` in which `small`, aligned at the last one, has more than one element: they must follow each other
// and be those of `big`.
static bool spread(const struct mp_shape *big, const struct mp_shape *small, unsigned *first, unsigned *last) {
    *first = *last = big->rank;
    for (unsigned i = 0; i < small->rank; i++) {
        unsigned d = big->rank - small->rank + i;
        if (small->dim[i] == 1)
            continue;
        if (small->dim[i] != big->dim[d])
            return false;
        if (*first == big->rank)
            *first = d;
        for (unsigned k = *last; *last != big->rank && k < d; k++)
            if (big->dim[k] != 1)
                return false;
        *last = d + 1;
    }
    return true;
}

static struct mp_form single(uint64_t c) {
    return (struct mp_form){.c = c, .h = 1, .w = 1, .at = {.inner = c, .step = 1, .row = 1, .col = 1}};
}

// The form of `value` in which its dimensions first .. last - 1 are the channels.
static struct mp_form form_around(const struct mp_lower *l, size_t value, unsigned first, unsigned last) {
    if (last == first + 1)
        return mp_lower_form_of(l, value, first);
    return mp_form_around(mp_lower_shape(l, value), first, last);
}

static bool lower_broadcast(struct mp_lower *l, struct pair p, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[p.node];
    const struct mp_shape *out = mp_lower_shape(l, n->outputs[0]);
    unsigned first, last;
    if (!mp_shape_equal(mp_lower_shape(l, p.a), out)) {
        size_t a = p.a;
        p.a = p.b;
        p.b = a;
    }
    const struct mp_shape *big = mp_lower_shape(l, p.a), *small = mp_lower_shape(l, p.b);
    if (mp_shape_count(big) != mp_shape_count(out) || big->rank != out->rank || !spread(big, small, &first, &last)) {
        char a[200], b[200];
        return mp_graph_fail(l->g, n, err, "no layer stands for operands of %s and %s elements", mp_shape_text(big, a),
                             mp_shape_text(small, b));
    }
    struct mp_form fa = form_around(l, p.a, first, last), fb = single(fa.c);
    return add_pair(l, &p, &fa, &fb);
}

// Where one of them lies already, not having been moved, the other one gets.
static struct mp_form common_form(const struct mp_lower *l, size_t a, size_t b) {
    const struct mp_spot *s = &l->spots[a];
    return mp_lower_form(l, (s->tensor == MP_NO_TENSOR || s->moved) ? b : a);
}

static bool lower_pair(struct mp_lower *l, const struct pair *p, struct mp_err *err) {
    if (!mp_shape_equal(mp_lower_shape(l, p->a), mp_lower_shape(l, p->b)))
        return lower_broadcast(l, *p, err);
    struct mp_form f = common_form(l, p->a, p->b);
    return add_pair(l, p, &f, &f);
}

// An activation and a constant

// A constant of the output's shape, for a tensor of its own.
static size_t expanded(struct mp_lower *l, size_t constant, const struct mp_shape *to) {
    const struct mp_array *from = &l->g->values[constant].array;
    if (mp_shape_equal(&from->shape, to))
        return constant;
    struct mp_array all = mp_array_make(l->arena, to, false);
    uint64_t step[MP_MAX_RANK] = {0}, n = 1;
    for (unsigned i = from->shape.rank; i-- > 0; n *= from->shape.dim[i])
        step[to->rank - from->shape.rank + i] = from->shape.dim[i] > 1 ? n : 0;
    for (uint64_t i = 0; i < mp_shape_count(to); i++) {
        uint64_t rest = i, at = 0;
        for (unsigned d = to->rank; d-- > 0; rest /= to->dim[d])
            at += rest % to->dim[d] * step[d];
        all.f[i] = from->f[at];
    }
    return mp_graph_add_constant(l->g, l->g->values[constant].name, &all);
}

// Scale or shift by channel: a depthwise convolution of one pixel. `scale` and `shift` are constants or MP_NO_VALUE.
static bool add_affine(struct mp_lower *l, size_t node, size_t input, const struct mp_form *f, size_t scale, size_t shift) {
    struct mp_layer_spec s = mp_layer_spec_default(MP_CONV2D);
    size_t tensor = mp_lower_want(l, input, f), nodes[3] = {node}, count = 1, out = l->g->nodes[node].outputs[0];
    size_t add = shift == MP_NO_VALUE ? mp_lower_next(l, out, "Add") : MP_NO_NODE;
    unsigned channel = l->spots[input].channel;
    if (add != MP_NO_NODE) {
        const struct mp_graph_node *n = &l->g->nodes[add];
        size_t other = n->inputs[n->inputs[0] == out];
        const struct mp_shape *shape = mp_lower_shape(l, other), *big = mp_lower_shape(l, out);
        if (mp_lower_is_constant(l, other) && mp_shape_equal(big, mp_lower_shape(l, n->outputs[0])) &&
            mp_shape_equal(shape, mp_lower_shape(l, scale))) {
            shift = other;
            nodes[count++] = add;
            out = n->outputs[0];
        }
    }
    out = mp_lower_fuse(l, out, &s.activation, nodes, &count);
    s.inputs = &tensor;
    s.input_count = 1;
    s.groups = s.out_channels = f->c;
    struct mp_low_layer *layer = mp_lower_add(l, &s, node, out, f);
    layer->params.weight_value = scale;
    layer->params.bias_value = shift;
    mp_lower_nodes(l, layer, nodes, count);
    l->spots[out].channel = channel;
    return true;
}

static bool lower_with_constant(struct mp_lower *l, const struct pair *p, size_t live, size_t constant, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[p->node];
    const struct mp_shape *big = mp_lower_shape(l, n->outputs[0]), *small = mp_lower_shape(l, constant);
    unsigned first, last;
    double number;
    if (l->g->values[constant].array.whole || l->g->values[n->outputs[0]].array.whole)
        return mp_graph_fail(l->g, n, err, "integers are not computed by layers");
    if (mp_shape_count(big) != mp_shape_count(mp_lower_shape(l, live)))
        return mp_graph_fail(l->g, n, err, "a constant larger than the activation is not supported");
    if (mp_lower_scalar(l->g, constant, &number))
        return add_function(l, p->node, live, *n->op->name == 'D' && live == p->b ? MP_ACT_FUNCTION : MP_ACT_AFFINE);
    bool is_affine = strcmp(n->op->name, "Mul") == 0 || strcmp(n->op->name, "Add") == 0;
    if (is_affine && big->rank == mp_lower_shape(l, live)->rank && spread(big, small, &first, &last)) {
        struct mp_form f = mp_lower_form(l, live), around = form_around(l, live, first, last);
        if (mp_form_equal(&f, &around))
            return add_affine(l, p->node, live, &f, *n->op->name == 'M' ? constant : MP_NO_VALUE,
                              *n->op->name == 'M' ? MP_NO_VALUE : constant);
    }
    struct pair q = *p;
    q.a = live;
    q.b = expanded(l, constant, mp_lower_shape(l, live));
    struct mp_form f = mp_lower_form(l, live);
    return add_pair(l, &q, &f, &f);
}

static bool lower_binary(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    const char *op = n->op->name;
    struct pair p = {.node = node, .a = n->inputs[0], .b = n->inputs[1], .type = MP_ADD};
    if (strcmp(op, "Mul") == 0 || strcmp(op, "Div") == 0)
        p.type = MP_MUL;
    if (strcmp(op, "Sub") == 0)
        p.float_only = "a difference of two activations";
    if (strcmp(op, "Div") == 0)
        p.float_only = "a quotient of two activations";
    if (mp_lower_is_constant(l, p.b))
        return lower_with_constant(l, &p, p.a, p.b, err);
    return mp_lower_is_constant(l, p.a) ? lower_with_constant(l, &p, p.b, p.a, err) : lower_pair(l, &p, err);
}

const struct mp_lower_row mp_lower_elements[] = {
    {"Add", lower_binary},         {"Sub", lower_binary},           {"Mul", lower_binary},      {"Div", lower_binary},
    {"Relu", lower_function},      {"Clip", lower_function},        {"Sigmoid", lower_function}, {"Tanh", lower_function},
    {"Gelu", lower_function},      {"HardSwish", lower_function},   {"HardSigmoid", lower_function}, {"Swish", lower_function},
    {"LeakyRelu", lower_function}, {"Exp", lower_function},         {"Sqrt", lower_function},   {"Pow", lower_function},
    {"Erf", lower_function},       {"Log", lower_function},         {"Abs", lower_function},    {"Neg", lower_function},
    {"Reciprocal", lower_function}, {"Floor", lower_function},      {"Ceil", lower_function},   {"Min", lower_function},
    {"Max", lower_function},       {NULL, NULL},
};
