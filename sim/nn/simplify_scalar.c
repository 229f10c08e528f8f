// SPDX-License-Identifier: Apache-2.0
// Factors: differences and quotients with constants become sums and products; a factor moves behind reshapes and behind the
// product of two activations, where it is that product's alpha, and into the weights of a product with constants.
#include "sim/nn/op.h"
#include "sim/nn/simplify_pass.h"

// x - c and x / c as x + (-c) and x (1 / c).
static void turn_round(struct mp_pass *p, struct mp_graph_node *n) {
    bool sub = mp_pass_is(n, "Sub");
    size_t side;
    if (!(sub || mp_pass_is(n, "Div")) || !mp_pass_constant_side(p, n, &side) || side != 1 ||
        p->g->values[n->inputs[1]].array.whole)
        return;
    const struct mp_array from = p->g->values[n->inputs[1]].array;
    size_t inputs[2] = {n->inputs[0], mp_pass_constant(p, p->g->values[n->inputs[1]].name, &from.shape)};
    float *to = p->g->values[inputs[1]].array.f;
    for (uint64_t i = 0; i < mp_shape_count(&from.shape); i++) {
        if (!sub && !(from.f[i] < 0 || from.f[i] > 0))
            return;
        to[i] = sub ? -from.f[i] : 1 / from.f[i];
    }
    mp_pass_become(p, n, sub ? "Add" : "Mul", inputs, 2);
}

static bool moves_only(const struct mp_graph_node *n) {
    return mp_pass_is(n, "Reshape") || mp_pass_is(n, "Transpose") || mp_pass_is(n, "Flatten") || mp_pass_is(n, "Squeeze") ||
           mp_pass_is(n, "Unsqueeze");
}

// Of y = by x, which is read no more: what was said of it, of x.
static void take_back_hint(struct mp_pass *p, size_t x, size_t y, float by) {
    const struct mp_quant_hint *from = &p->g->values[y].hint;
    struct mp_quant_hint *to = &p->g->values[x].hint;
    if (to->bits > 0 || !(by > 0))
        return;
    *to = *from;
    to->scale /= by;
}

// Of x -> factor -> y -> reshape -> z: x -> reshape -> y -> factor -> z. The nodes change places.
static void pass_by(struct mp_pass *p, struct mp_graph_node *factor, struct mp_graph_node *reshape, size_t side) {
    struct mp_graph_node first = *reshape, second = *factor;
    size_t x = factor->inputs[!side], y = factor->outputs[0], z = reshape->outputs[0];
    first.inputs[0] = x;
    first.outputs[0] = y;
    second.inputs[!side] = y;
    second.outputs[0] = z;
    p->g->values[y].array.shape = p->g->values[z].array.shape;
    p->g->values[y].hint = p->g->values[x].hint;
    *factor = first;
    *reshape = second;
}

static bool real_constant(const struct mp_pass *p, size_t value) {
    return p->g->values[value].constant && !p->g->values[value].array.whole;
}

// Behind a product of two activations.
static void go_behind(struct mp_pass *p, struct mp_graph_node *factor, struct mp_graph_node *product, size_t side, float by) {
    size_t x = factor->inputs[!side], y = factor->outputs[0], z = product->outputs[0];
    take_back_hint(p, x, y, by);
    const struct mp_shape shape = p->g->values[z].array.shape;
    size_t t = mp_pass_value(p, mp_arena_printf(p->g->arena, "%s.product", product->name), &shape);
    for (size_t i = 0; i < 2; i++)
        if (product->inputs[i] == y)
            product->inputs[i] = x;
    product->outputs[0] = t;
    struct mp_graph_node n = *factor;
    n.inputs[!side] = t;
    n.outputs[0] = z;
    mp_pass_insert(p, (size_t)(product - p->g->nodes), &n);
    mp_pass_remove(factor);
}

static void go_into(struct mp_pass *p, struct mp_graph_node *factor, struct mp_graph_node *product, size_t side, float by) {
    size_t live = product->inputs[0] == factor->outputs[0] ? 0 : 1;
    struct mp_array *w = mp_pass_own(p, product, !live);
    for (uint64_t i = 0; i < mp_shape_count(&w->shape); i++)
        w->f[i] *= by;
    mp_pass_scale_hint(p, product->inputs[!live], &by, 1, 0);
    take_back_hint(p, factor->inputs[!side], factor->outputs[0], by);
    product->inputs[live] = factor->inputs[!side];
    mp_pass_remove(factor);
}

static void push(struct mp_pass *p, struct mp_graph_node *n) {
    size_t side;
    double by;
    while (mp_pass_is(n, "Mul") && mp_pass_constant_side(p, n, &side) && real_constant(p, n->inputs[side]) &&
           mp_pass_scalar(p, n->inputs[side], &by) &&
           mp_shape_equal(&p->g->values[n->inputs[!side]].array.shape, &p->g->values[n->outputs[0]].array.shape)) {
        size_t y = n->outputs[0];
        struct mp_graph_node *next = mp_pass_reader(p, y);
        if (!next)
            return;
        if (moves_only(next) && next->inputs[0] == y) {
            pass_by(p, n, next, side);
            n = next;
            continue;
        }
        bool matmul = mp_pass_is(next, "MatMul");
        if (!matmul && !((mp_pass_is(next, "Conv") || mp_pass_is(next, "Gemm")) && next->inputs[0] == y))
            return;
        size_t other = next->inputs[next->inputs[0] == y];
        if (matmul && !p->g->values[other].constant)
            go_behind(p, n, next, side, (float)by);
        else if (real_constant(p, other))
            go_into(p, n, next, side, (float)by);
        return;
    }
}

void mp_pass_scalars(struct mp_pass *p) {
    for (size_t i = 0; i < p->g->node_count; i++)
        if (p->g->nodes[i].op && !p->g->values[p->g->nodes[i].outputs[0]].constant)
            turn_round(p, &p->g->nodes[i]);
    for (size_t i = 0; i < p->g->node_count; i++)
        if (p->g->nodes[i].op)
            push(p, &p->g->nodes[i]);
}
