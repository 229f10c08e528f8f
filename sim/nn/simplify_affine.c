// SPDX-License-Identifier: Apache-2.0
// Scales and shifts by channel: batch norm, and products and sums with constants. They go into the weights and the bias of the
// product in front of them; alone, they become a depthwise convolution of one pixel, into which those behind them go.
#include "sim/nn/op.h"
#include "sim/nn/simplify_pass.h"

#include <math.h>
#include <string.h>

static const struct mp_shape *shape_of(const struct mp_pass *p, size_t value) {
    return &p->g->values[value].array.shape;
}

static const float *reals(const struct mp_pass *p, const struct mp_graph_node *n, size_t i) {
    const struct mp_value *v = mp_node_input(p->g, n, i);
    return v && v->constant && !v->array.whole ? v->array.f : NULL;
}

// y = scale x + shift by the channels of one dimension.
struct affine {
    size_t input;
    unsigned dim;      // of the input; a scalar fits any
    bool any_dim;
    uint64_t count;    // of numbers: the channels, or 1
    float *scale, *shift; // either may be NULL
};

static bool batch_norm(struct mp_pass *p, const struct mp_graph_node *n, struct affine *a) {
    const float *v[4];
    for (size_t i = 0; i < 4; i++)
        if (!(v[i] = reals(p, n, i + 1)))
            return false;
    const struct mp_shape *s = shape_of(p, n->inputs[0]);
    double epsilon = (double)mp_attr_real(n, "epsilon", 1e-5f);
    *a = (struct affine){.input = n->inputs[0], .dim = 1, .count = s->rank > 1 ? s->dim[1] : 1};
    a->scale = mp_arena_alloc(p->g->arena, (size_t)a->count, sizeof *a->scale);
    a->shift = mp_arena_alloc(p->g->arena, (size_t)a->count, sizeof *a->shift);
    for (uint64_t i = 0; i < a->count; i++) {
        double scale = (double)v[0][i] / sqrt((double)v[3][i] + epsilon);
        a->scale[i] = (float)scale;
        a->shift[i] = (float)((double)v[1][i] - (double)v[2][i] * scale);
    }
    return true;
}

static bool by_constant(struct mp_pass *p, const struct mp_graph_node *n, struct affine *a) {
    size_t side;
    if (!mp_pass_constant_side(p, n, &side) || !reals(p, n, side))
        return false;
    const struct mp_shape *k = shape_of(p, n->inputs[side]), *s = shape_of(p, n->outputs[0]);
    *a = (struct affine){.input = n->inputs[!side], .count = mp_shape_count(k)};
    if (!mp_shape_equal(s, shape_of(p, a->input)))
        return false;
    a->any_dim = a->count == 1;
    for (unsigned i = 0; i < k->rank; i++)
        if (k->dim[i] == a->count)
            a->dim = s->rank - k->rank + i;
    if (!a->any_dim && s->dim[a->dim] != a->count)
        return false;
    *(mp_pass_is(n, "Mul") ? &a->scale : &a->shift) = p->g->values[n->inputs[side]].array.f;
    return true;
}

// The product in front: a Conv, Gemm or MatMul with weights, and the Add of a constant behind a MatMul.
struct target {
    struct mp_graph_node *node, *add;
    unsigned dim; // of the output
    uint64_t channels;
};

static bool is_product(const struct mp_pass *p, struct mp_graph_node *n, struct target *t) {
    if (!n || !reals(p, n, 1) || p->g->values[n->inputs[0]].constant)
        return false;
    const struct mp_shape *out = shape_of(p, n->outputs[0]);
    if (mp_pass_is(n, "MatMul") && shape_of(p, n->inputs[1])->rank != 2)
        return false;
    *t = (struct target){.node = n, .dim = mp_pass_is(n, "Conv") ? 1 : out->rank - 1};
    t->channels = out->dim[t->dim];
    return true;
}

static bool find(const struct mp_pass *p, size_t value, struct target *t) {
    if (!mp_pass_single(p, value))
        return false;
    struct mp_graph_node *add = mp_pass_producer(p, value, "Add"), *n = mp_pass_producer(p, value, "Conv");
    n = n ? n : mp_pass_producer(p, value, "Gemm");
    n = n ? n : mp_pass_producer(p, value, "MatMul");
    if (n)
        return is_product(p, n, t);
    size_t side;
    if (!add || !mp_pass_constant_side(p, add, &side) || !mp_pass_single(p, add->inputs[!side]) || !reals(p, add, side) ||
        !is_product(p, mp_pass_producer(p, add->inputs[!side], "MatMul"), t))
        return false;
    const struct mp_shape *k = shape_of(p, add->inputs[side]);
    t->add = add;
    return mp_shape_count(k) == t->channels && k->dim[k->rank - 1] == t->channels;
}

static void scale_weights(struct mp_pass *p, const struct target *t, const struct affine *a) {
    struct mp_array *w = mp_pass_own(p, t->node, 1);
    uint64_t count = mp_shape_count(&w->shape), each = count / t->channels;
    bool rows = mp_pass_is(t->node, "Conv") || (mp_pass_is(t->node, "Gemm") && mp_attr_int(t->node, "transB", 0) != 0);
    for (uint64_t i = 0; i < count; i++)
        w->f[i] *= a->scale[a->count == 1 ? 0 : rows ? i / each : i % t->channels];
    mp_pass_scale_hint(p, t->node->inputs[1], a->scale, a->count, rows ? 0 : w->shape.rank - 1);
}

// The numbers that are added behind the weights; NULL when there are none and none can be had.
static struct mp_array *bias_of(struct mp_pass *p, const struct target *t) {
    size_t side;
    if (mp_pass_is(t->node, "MatMul"))
        return t->add && mp_pass_constant_side(p, t->add, &side) ? mp_pass_own(p, t->add, side) : NULL;
    return mp_pass_bias(p, t->node, t->channels);
}

static bool fold(struct mp_pass *p, struct mp_graph_node *n, const struct affine *a) {
    struct target t;
    if (!find(p, a->input, &t) || (!a->any_dim && (a->dim != t.dim || a->count != t.channels)))
        return false;
    struct mp_array *bias = bias_of(p, &t);
    if (!bias && (a->shift || !mp_pass_is(t.node, "MatMul")))
        return false;
    if (a->scale)
        scale_weights(p, &t, a);
    for (uint64_t i = 0; bias && i < t.channels; i++) {
        uint64_t k = a->count == 1 ? 0 : i;
        bias->f[i] = bias->f[i] * (a->scale ? a->scale[k] : 1) + (a->shift ? a->shift[k] : 0);
    }
    struct mp_graph_node *last = t.add ? t.add : t.node;
    p->g->values[n->outputs[0]].producer = (size_t)(last - p->g->nodes);
    last->outputs[0] = n->outputs[0];
    mp_pass_remove(n);
    return true;
}

static void become_conv(struct mp_pass *p, struct mp_graph_node *n, const struct affine *a) {
    const struct mp_shape *s = shape_of(p, a->input), list = {.rank = 1, .dim = {a->count}};
    struct mp_shape kernel = {.rank = s->rank, .dim = {a->count, 1, 1, 1}};
    size_t w = mp_pass_constant(p, mp_arena_printf(p->g->arena, "%s.scale", n->name), &kernel);
    size_t b = mp_pass_constant(p, mp_arena_printf(p->g->arena, "%s.shift", n->name), &list);
    for (uint64_t i = 0; i < a->count; i++) {
        p->g->values[w].array.f[i] = a->scale ? a->scale[i] : 1;
        p->g->values[b].array.f[i] = a->shift ? a->shift[i] : 0;
    }
    const size_t inputs[] = {a->input, w, b};
    mp_pass_become(p, n, "Conv", inputs, 3);
    mp_pass_set_attr(p, n, &(struct mp_attr){.name = "group", .type = MP_ATTR_INT, .i = (int64_t)a->count});
}

void mp_pass_affine(struct mp_pass *p) {
    for (size_t i = 0; i < p->g->node_count; i++) {
        struct mp_graph_node *n = &p->g->nodes[i];
        bool norm = mp_pass_is(n, "BatchNormalization");
        struct affine a;
        if (!n->op || p->g->values[n->outputs[0]].constant || !(norm || mp_pass_is(n, "Mul") || mp_pass_is(n, "Add")))
            continue;
        if (!(norm ? batch_norm(p, n, &a) : by_constant(p, n, &a)) || fold(p, n, &a))
            continue;
        unsigned rank = shape_of(p, a.input)->rank;
        if (!a.any_dim && a.dim == 1 && (rank == 4 || (rank == 3 && norm)))
            become_conv(p, n, &a);
    }
}
