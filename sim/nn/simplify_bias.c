// SPDX-License-Identifier: Apache-2.0
// Weights and biases of their own for products: what is written into them changes no other layer.
#include "sim/nn/op.h"
#include "sim/nn/simplify_pass.h"

#include <string.h>

static const struct mp_shape *shape_of(const struct mp_pass *p, size_t value) {
    return &p->g->values[value].array.shape;
}

static bool has_weights(const struct mp_pass *p, const struct mp_graph_node *n) {
    const struct mp_value *w = mp_node_input(p->g, n, 1);
    return w && w->constant && !w->array.whole && !p->g->values[n->inputs[0]].constant;
}

struct mp_array *mp_pass_bias(struct mp_pass *p, struct mp_graph_node *n, uint64_t channels) {
    const struct mp_value *old = mp_node_input(p->g, n, 2);
    const struct mp_shape s = {.rank = 1, .dim = {channels}};
    if (old && (!old->constant || old->array.whole || old->array.shape.rank > 2))
        return NULL;
    uint64_t have = old ? mp_shape_count(&old->array.shape) : 0;
    if (old && have != channels && have != 1)
        return NULL; // a matrix, not a bias
    float beta = mp_attr_real(n, "beta", 1), alpha = mp_attr_real(n, "alpha", 1);
    const float *from = old ? old->array.f : NULL;
    const char *name = old ? old->name : mp_arena_printf(p->g->arena, "%s.bias", n->name);
    size_t v = mp_pass_constant(p, name, &s);
    for (uint64_t i = 0; from && i < channels; i++)
        p->g->values[v].array.f[i] = from[have == 1 ? 0 : i] * beta;
    size_t inputs[3] = {n->inputs[0], n->inputs[1], v}, *list = mp_arena_alloc(p->g->arena, 3, sizeof *list);
    memcpy(list, inputs, sizeof inputs);
    n->inputs = list;
    n->input_count = 3;
    if (mp_pass_is(n, "Gemm")) {
        struct mp_array *w = mp_pass_own(p, n, 1);
        for (uint64_t i = 0; i < mp_shape_count(&w->shape); i++)
            w->f[i] *= alpha;
        mp_pass_scale_hint(p, n->inputs[1], &alpha, 1, 0);
        mp_pass_set_attr(p, n, &(struct mp_attr){.name = "alpha", .type = MP_ATTR_REAL, .f = 1});
        mp_pass_set_attr(p, n, &(struct mp_attr){.name = "beta", .type = MP_ATTR_REAL, .f = 1});
    }
    return &p->g->values[v].array;
}

// The Add behind a MatMul, when it adds a constant by channel: as a list of its own.
static bool own_add(struct mp_pass *p, size_t value, uint64_t channels) {
    struct mp_graph_node *n = mp_pass_reader(p, value);
    size_t side;
    if (!n || !mp_pass_is(n, "Add") || !mp_pass_constant_side(p, n, &side))
        return false;
    const struct mp_shape *s = shape_of(p, n->inputs[side]), *out = shape_of(p, n->outputs[0]);
    uint64_t have = mp_shape_count(s);
    if (!mp_shape_equal(out, shape_of(p, value)) || (have != 1 && (have != channels || s->dim[s->rank - 1] != channels)))
        return false;
    const struct mp_shape list = {.rank = 1, .dim = {channels}};
    const float *from = p->g->values[n->inputs[side]].array.f;
    size_t v = mp_pass_constant(p, p->g->values[n->inputs[side]].name, &list);
    for (uint64_t i = 0; i < channels; i++)
        p->g->values[v].array.f[i] = from[have == 1 ? 0 : i];
    n->inputs[side] = v;
    return true;
}

static void own_matmul(struct mp_pass *p, size_t node) {
    struct mp_graph_node *n = &p->g->nodes[node];
    const struct mp_shape *w = shape_of(p, n->inputs[1]);
    uint64_t channels = w->dim[w->rank - 1];
    size_t out = n->outputs[0];
    if (w->rank != 2)
        return;
    mp_pass_own(p, n, 1);
    if (own_add(p, out, channels))
        return;
    const struct mp_shape bias = {.rank = 1, .dim = {channels}}, shape = *shape_of(p, out);
    size_t inputs[2], outputs[1] = {out};
    inputs[0] = mp_pass_value(p, mp_arena_printf(p->g->arena, "%s.product", n->name), &shape);
    inputs[1] = mp_pass_constant(p, mp_arena_printf(p->g->arena, "%s.bias", n->name), &bias);
    struct mp_graph_node add = {.name = mp_arena_printf(p->g->arena, "%s.add", n->name), .op = mp_op_find("Add"),
                                .input_count = 2, .output_count = 1};
    add.inputs = mp_arena_grow(p->g->arena, inputs, 2, 2, sizeof *inputs);
    add.outputs = mp_arena_grow(p->g->arena, outputs, 1, 1, sizeof *outputs);
    n->outputs[0] = inputs[0];
    mp_pass_insert(p, node, &add);
}

void mp_pass_biases(struct mp_pass *p) {
    for (size_t i = 0; i < p->g->node_count; i++) {
        struct mp_graph_node *n = &p->g->nodes[i];
        bool conv = mp_pass_is(n, "Conv"), gemm = mp_pass_is(n, "Gemm");
        if (!(conv || gemm || mp_pass_is(n, "MatMul")) || !has_weights(p, n))
            continue;
        if (conv || gemm) {
            const struct mp_shape *out = shape_of(p, n->outputs[0]);
            mp_pass_bias(p, n, out->dim[1]);
            mp_pass_own(p, n, 1);
        } else {
            own_matmul(p, i);
        }
    }
}
