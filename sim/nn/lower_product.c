// SPDX-License-Identifier: Apache-2.0
// Matrix products: with constants they are linear layers, of two activations matrix products with a group a head.
#include "sim/nn/lower.h"
#include "sim/nn/op.h"

#include <string.h>

// A product with weights as a layer: `dim` of the input is summed over.
struct linear {
    size_t node, input, weight, bias; // values; bias may be MP_NO_VALUE
    unsigned dim;
    bool transposed;                  // the weights are [input channel][output channel]
    uint64_t channels;                // output
};

static bool fits_channels(const struct mp_lower *l, size_t value, uint64_t channels) {
    const struct mp_shape *s = mp_lower_shape(l, value);
    uint64_t count = mp_shape_count(s);
    return mp_lower_is_constant(l, value) && !l->g->values[value].array.whole &&
           (count == 1 || (count == channels && s->dim[s->rank - 1] == channels));
}

// An Add of one number a channel behind `value` is the bias. The output's channels are its last dimension.
static size_t take_bias(struct mp_lower *l, struct linear *k, size_t value, size_t *nodes, size_t *count) {
    size_t add = mp_lower_next(l, value, "Add");
    if (add == MP_NO_NODE || k->bias != MP_NO_VALUE)
        return value;
    const struct mp_graph_node *n = &l->g->nodes[add];
    size_t other = n->inputs[n->inputs[0] == value];
    if (!fits_channels(l, other, k->channels) ||
        !mp_shape_equal(mp_lower_shape(l, n->outputs[0]), mp_lower_shape(l, value)))
        return value;
    k->bias = other;
    nodes[(*count)++] = add;
    return n->outputs[0];
}

static bool add_linear(struct mp_lower *l, struct linear *k, bool last) {
    struct mp_layer_spec s = mp_layer_spec_default(MP_LINEAR);
    const struct mp_graph_node *n = &l->g->nodes[k->node];
    struct mp_form in = mp_lower_form_of(l, k->input, k->dim);
    struct mp_form f = mp_form_resized(&in, mp_lower_shape(l, k->input), k->dim, k->channels);
    size_t input = mp_lower_want(l, k->input, &in), nodes[3] = {k->node}, count = 1;
    size_t out = last ? take_bias(l, k, n->outputs[0], nodes, &count) : n->outputs[0];
    out = mp_lower_fuse(l, out, &s.activation, nodes, &count);
    s.inputs = &input;
    s.input_count = 1;
    s.out_channels = k->channels;
    struct mp_low_layer *layer = mp_lower_add(l, &s, k->node, out, &f);
    layer->params.weight_value = k->weight;
    layer->params.bias_value = k->bias;
    layer->params.transposed = k->transposed;
    mp_lower_nodes(l, layer, nodes, count);
    l->spots[out].channel = k->dim;
    return true;
}

// Two activations

struct product {
    size_t node, a, b;
    uint64_t groups, m, k, n;
};

// The second operand [groups, K, N] in the value as [groups N, K, 1], or with transpose_b as [groups K, N, 1].
static struct mp_form second_form(const struct product *p, bool transpose_b) {
    struct mp_form f = {.c = p->groups * p->n, .h = p->k, .w = 1,
                        .at = {.inner = p->n, .outer = p->k * p->n, .step = 1, .row = p->n, .col = 1}};
    if (transpose_b)
        f = (struct mp_form){.c = p->groups * p->k, .h = p->n, .w = 1,
                             .at = {.inner = p->k, .outer = p->k * p->n, .step = p->n, .row = 1, .col = 1}};
    return f;
}

// Whether the way from the tensor to the value ends with a Transpose of the last two dimensions.
static bool ends_turned(const struct mp_lower *l, size_t value) {
    const struct mp_chain *c = l->spots[value].chain;
    unsigned rank = mp_lower_shape(l, value)->rank;
    if (!c || strcmp(l->g->nodes[c->node].op->name, "Transpose") != 0)
        return false;
    const struct mp_attr *perm = mp_attr_find(&l->g->nodes[c->node], "perm");
    return !perm || perm->ints[rank - 1] != (int64_t)rank - 1;
}

// Factors behind a product: alpha. Returns the value behind them.
static size_t take_alpha(struct mp_lower *l, size_t value, float *alpha, size_t *nodes, size_t *count) {
    for (size_t node; *count < 4; value = l->g->nodes[node].outputs[0]) {
        double factor;
        bool divides = false;
        node = mp_lower_next(l, value, "Mul");
        if (node == MP_NO_NODE) {
            node = mp_lower_next(l, value, "Div");
            divides = true;
        }
        if (node == MP_NO_NODE || (divides && l->g->nodes[node].inputs[0] != value))
            break;
        const struct mp_graph_node *n = &l->g->nodes[node];
        if (!mp_lower_scalar(l->g, n->inputs[n->inputs[0] == value], &factor) ||
            !mp_shape_equal(mp_lower_shape(l, n->outputs[0]), mp_lower_shape(l, value)))
            break;
        *alpha = (float)(divides ? *alpha / factor : *alpha * factor);
        nodes[(*count)++] = node;
    }
    return value;
}

static bool add_product(struct mp_lower *l, const struct product *p, float alpha) {
    struct mp_layer_spec s = mp_layer_spec_default(MP_MATMUL);
    struct mp_form a = {.c = p->groups * p->k, .h = p->m, .w = 1,
                        .at = {.inner = p->k, .outer = p->m * p->k, .step = 1, .row = p->k, .col = 1}};
    struct mp_form plain = second_form(p, false), turned = second_form(p, true);
    s.transpose_b = mp_lower_has(l, p->b, &turned) || (!mp_lower_has(l, p->b, &plain) && ends_turned(l, p->b));
    size_t inputs[2], nodes[4] = {p->node}, count = 1;
    inputs[0] = mp_lower_want(l, p->a, &a);
    inputs[1] = mp_lower_want(l, p->b, s.transpose_b ? &turned : &plain);
    s.inputs = inputs;
    s.input_count = 2;
    s.groups = p->groups;
    size_t out = take_alpha(l, l->g->nodes[p->node].outputs[0], &alpha, nodes, &count);
    struct mp_form f = {.c = p->groups * p->n, .h = p->m, .w = 1,
                        .at = {.inner = p->n, .outer = p->m * p->n, .step = 1, .row = p->n, .col = 1}};
    struct mp_low_layer *layer = mp_lower_add(l, &s, p->node, out, &f);
    layer->params.alpha = alpha;
    mp_lower_nodes(l, layer, nodes, count);
    return true;
}

// Product of the dimensions but the last two.
static uint64_t batches(const struct mp_shape *s) {
    uint64_t n = 1;
    for (unsigned i = 0; i + 2 < s->rank; i++)
        n *= s->dim[i];
    return n;
}

static bool lower_matmul(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    size_t a = n->inputs[0], b = n->inputs[1];
    const struct mp_shape *sa = mp_lower_shape(l, a), *sb = mp_lower_shape(l, b);
    if (sa->rank < 2 || sb->rank < 2)
        return mp_graph_fail(l->g, n, err, "both operands must be matrices");
    uint64_t m = sa->dim[sa->rank - 2], k = sa->dim[sa->rank - 1], out = sb->dim[sb->rank - 1];
    bool whole = l->g->values[a].array.whole || l->g->values[b].array.whole;
    if (whole)
        return mp_graph_fail(l->g, n, err, "the operands must be real numbers");
    if (mp_lower_is_constant(l, b) && batches(sb) == 1 && sa->rank >= sb->rank)
        return add_linear(l, &(struct linear){.node = node, .input = a, .weight = b, .bias = MP_NO_VALUE,
                                              .dim = sa->rank - 1, .transposed = true, .channels = out}, true);
    if (mp_lower_is_constant(l, a) && batches(sa) == 1 && sb->rank >= sa->rank)
        return add_linear(l, &(struct linear){.node = node, .input = b, .weight = a, .bias = MP_NO_VALUE,
                                              .dim = sb->rank - 2, .channels = m}, false);
    if (batches(sa) != batches(sb))
        return mp_graph_fail(l->g, n, err, "operands with different batches are not supported (%ju and %ju)",
                             (uintmax_t)batches(sa), (uintmax_t)batches(sb));
    return add_product(l, &(struct product){node, a, b, batches(sa), m, k, out}, 1);
}

static bool lower_gemm(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    const struct mp_value *b = mp_node_input(l->g, n, 1), *c = mp_node_input(l->g, n, 2);
    bool trans_a = mp_attr_int(n, "transA", 0) != 0, trans_b = mp_attr_int(n, "transB", 0) != 0;
    float alpha = mp_attr_real(n, "alpha", 1), beta = mp_attr_real(n, "beta", 1);
    bool plain = !(alpha < 1 || alpha > 1) && (!c || !(beta < 1 || beta > 1));
    uint64_t channels = b->array.shape.dim[trans_b ? 0 : 1];
    if (!b->constant || mp_lower_is_constant(l, n->inputs[0]))
        return mp_graph_fail(l->g, n, err, "the second operand must be a constant, the first must not");
    if (!plain || trans_a)
        return mp_graph_fail(l->g, n, err, "alpha, beta and transA are not supported");
    if (c && !fits_channels(l, n->inputs[2], channels))
        return mp_graph_fail(l->g, n, err, "the bias must be a constant with a number for each of %ju output channels",
                             (uintmax_t)channels);
    return add_linear(l, &(struct linear){.node = node, .input = n->inputs[0], .weight = n->inputs[1],
                                          .bias = c ? n->inputs[2] : MP_NO_VALUE, .dim = 1, .transposed = !trans_b,
                                          .channels = channels}, true);
}

const struct mp_lower_row mp_lower_products[] = {
    {"MatMul", lower_matmul},
    {"Gemm", lower_gemm},
    {NULL, NULL},
};
