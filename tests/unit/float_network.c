// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/float_network.h"

#include "sim/nn/op.h"

#include <math.h>
#include <string.h>

static void run_node(struct mp_arena *a, const struct mp_graph *g, const struct mp_graph_node *n, struct mp_array *v) {
    const struct mp_array **in = mp_arena_alloc(a, n->input_count, sizeof *in);
    struct mp_array **out = mp_arena_alloc(a, n->output_count, sizeof *out);
    bool live = false;
    for (size_t i = 0; i < n->input_count; i++)
        in[i] = n->inputs[i] == MP_NO_VALUE ? NULL : &v[n->inputs[i]];
    for (size_t i = 0; i < n->output_count; i++)
        if (n->outputs[i] != MP_NO_VALUE && !g->values[n->outputs[i]].constant) {
            const struct mp_array *like = &g->values[n->outputs[i]].array;
            v[n->outputs[i]] = mp_array_make(a, &like->shape, like->whole);
            out[i] = &v[n->outputs[i]];
            live = true;
        }
    if (live)
        n->op->run(g, n, in, out);
}

static struct mp_array *constants(struct mp_arena *a, const struct mp_graph *g) {
    struct mp_array *v = mp_arena_alloc(a, g->value_count, sizeof *v);
    for (size_t i = 0; i < g->value_count; i++)
        if (g->values[i].constant)
            v[i] = g->values[i].array;
    return v;
}

const struct mp_array *float_graph(struct mp_arena *a, const struct mp_graph *g, unsigned seed) {
    struct mp_array *v = constants(a, g);
    for (size_t i = 0; i < g->input_count; i++) {
        struct mp_array *x = &v[g->inputs[i]];
        const struct mp_array *like = &g->values[g->inputs[i]].array;
        *x = mp_array_make(a, &like->shape, like->whole);
        for (uint64_t k = 0; k < mp_shape_count(&x->shape); k++) {
            seed = seed * 1664525u + 1013904223u;
            if (x->whole)
                x->i[k] = seed >> 16 & 7;
            else
                x->f[k] = (float)(seed >> 8) / 8388608 - 1;
        }
    }
    for (size_t i = 0; i < g->node_count; i++)
        run_node(a, g, &g->nodes[i], v);
    return v;
}

double float_difference(const struct mp_graph *g, const struct mp_array *x, const struct mp_graph *h, const struct mp_array *y) {
    double most = 0;
    for (size_t i = 0; i < g->output_count; i++) {
        const struct mp_array *p = &x[g->outputs[i]], *q = &y[h->outputs[i]];
        if (!mp_shape_equal(&p->shape, &q->shape))
            return INFINITY;
        for (uint64_t k = 0; k < mp_shape_count(&p->shape); k++) {
            double d = fabs((double)p->f[k] - (double)q->f[k]);
            most = d > most || isnan(d) ? d : most;
        }
    }
    return most;
}

// Layers

struct check {
    struct mp_arena *a;
    const struct mp_network *n;
    const struct mp_array *values;
    const struct mp_layer *l;
    const struct mp_layer_params *p;
};

static double get(const struct check *k, size_t tensor, uint64_t c, uint64_t h, uint64_t w) {
    return (double)k->values[k->n->value[tensor]].f[mp_layout_at(&k->n->layout[tensor], c, h, w)];
}

static double in(const struct check *k, size_t i, uint64_t c, uint64_t h, uint64_t w) {
    return get(k, k->l->inputs[i], c, h, w);
}

static double activate(enum mp_act act, double x) {
    if (act == MP_ACT_RELU || act == MP_ACT_RELU6)
        x = x < 0 ? 0 : x;
    return act == MP_ACT_RELU6 && x > 6 ? 6 : x;
}

static double conv(const struct check *k, uint64_t c, uint64_t h, uint64_t w) {
    const struct mp_geometry *g = &k->l->geo;
    uint64_t group = c / g->oc;
    double sum = (double)k->p->bias[c];
    for (uint64_t i = 0; i < g->ic; i++)
        for (uint64_t y = 0; y < g->kh; y++)
            for (uint64_t x = 0; x < g->kw; x++) {
                uint64_t row = h * g->sh + y * g->dh - g->pt, col = w * g->sw + x * g->dw - g->pl;
                if (row < g->ih && col < g->iw) // below 0 wraps round
                    sum += (double)k->p->weight[((c * g->ic + i) * g->kh + y) * g->kw + x] * in(k, 0, group * g->ic + i, row, col);
            }
    return activate(k->l->act, sum);
}

static double linear(const struct check *k, uint64_t c, uint64_t h, uint64_t w) {
    double sum = (double)k->p->bias[c];
    for (uint64_t i = 0; i < k->l->geo.ic; i++)
        sum += (double)k->p->weight[c * k->l->geo.ic + i] * in(k, 0, i, h, w);
    return activate(k->l->act, sum);
}

static double matmul(const struct check *k, uint64_t c, uint64_t h, uint64_t w) {
    const struct mp_geometry *g = &k->l->geo;
    uint64_t group = c / g->oc, col = c % g->oc;
    double sum = 0;
    (void)w;
    for (uint64_t i = 0; i < g->ic; i++)
        sum += in(k, 0, group * g->ic + i, h, 0) *
               (k->l->transpose_b ? in(k, 1, group * g->ic + i, col, 0) : in(k, 1, group * g->oc + col, i, 0));
    return sum * (double)k->p->alpha;
}

static double pool(const struct check *k, uint64_t c, uint64_t h, uint64_t w) {
    const struct mp_geometry *g = &k->l->geo;
    double most = -INFINITY, sum = 0;
    c -= k->l->first_channel;
    if (c >= g->groups)
        return 0;
    for (uint64_t y = 0; y < g->kh; y++)
        for (uint64_t x = 0; x < g->kw; x++) {
            uint64_t row = h * g->sh + y - g->pt, col = w * g->sw + x - g->pl;
            if (row >= g->ih || col >= g->iw)
                continue;
            double v = in(k, 0, c, row, col);
            most = v > most ? v : most;
            sum += v;
        }
    return k->l->pool == MP_POOL_MAX ? most : sum / (double)(g->kh * g->kw);
}

static double pair(const struct check *k, uint64_t c, uint64_t h, uint64_t w) {
    double x = in(k, 0, c, h, w), y = k->l->broadcast ? in(k, 1, c, 0, 0) : in(k, 1, c, h, w);
    return k->l->type == MP_ADD ? activate(k->l->act, x + y) : x * y;
}

// The layer's node on one element.
static double function(const struct check *k, uint64_t c, uint64_t h, uint64_t w) {
    const struct mp_graph *g = &k->n->graph;
    const struct mp_graph_node *n = &g->nodes[k->p->nodes[0]];
    float x = (float)in(k, 0, c, h, w), y = 0;
    struct mp_array out = {.f = &y}, live = {.f = &x}, constant[4];
    const struct mp_array *ins[4] = {NULL};
    struct mp_array *outs[1] = {&out};
    for (size_t i = 0; i < n->input_count; i++) {
        if (n->inputs[i] == MP_NO_VALUE)
            continue;
        constant[i] = g->values[n->inputs[i]].array;
        constant[i].shape.rank = 0;
        ins[i] = g->values[n->inputs[i]].constant ? &constant[i] : &live;
    }
    n->op->run(g, n, ins, outs);
    return (double)y;
}

static double softmax(const struct check *k, uint64_t c, uint64_t h, uint64_t w) {
    uint64_t ic = k->l->geo.ic, first = c / ic * ic;
    double most = -INFINITY, sum = 0;
    for (uint64_t i = 0; i < ic; i++)
        most = fmax(most, in(k, 0, first + i, h, w));
    for (uint64_t i = 0; i < ic; i++)
        sum += exp(in(k, 0, first + i, h, w) - most);
    return exp(in(k, 0, c, h, w) - most) / sum;
}

static double layer_norm(const struct check *k, uint64_t c, uint64_t h, uint64_t w) {
    uint64_t ic = k->l->geo.ic;
    double mean = 0, square = 0;
    for (uint64_t i = 0; i < ic; i++)
        mean += in(k, 0, i, h, w) / (double)ic;
    for (uint64_t i = 0; i < ic; i++)
        square += pow(in(k, 0, i, h, w) - mean, 2) / (double)ic;
    double epsilon = (double)mp_attr_real(&k->n->graph.nodes[k->p->nodes[0]], "epsilon", 1e-5f);
    return (in(k, 0, c, h, w) - mean) / sqrt(square + epsilon) * (double)k->p->weight[c] + (double)k->p->bias[c];
}

static double concat(const struct check *k, uint64_t c, uint64_t h, uint64_t w) {
    size_t i = 0;
    for (; c >= k->n->workload.tensors[k->l->inputs[i]].c; i++)
        c -= k->n->workload.tensors[k->l->inputs[i]].c;
    return in(k, i, c, h, w);
}

// The view's nodes, run on the indices of the input's elements, say where each element of the output is from.
static const char *view(const struct check *k, size_t output) {
    const struct mp_graph *g = &k->n->graph;
    struct mp_array *v = constants(k->a, g), *from = &v[k->n->value[k->l->inputs[0]]];
    const struct mp_array *x = &k->values[k->n->value[k->l->inputs[0]]], *y = &k->values[k->n->value[output]];
    *from = mp_array_make(k->a, &x->shape, false);
    for (uint64_t i = 0; i < mp_shape_count(&x->shape); i++)
        from->f[i] = (float)i;
    for (size_t i = 0; i < k->p->node_count; i++)
        run_node(k->a, g, &g->nodes[k->p->nodes[i]], v);
    const struct mp_array *to = &v[k->n->value[output]];
    if (!to->f || mp_shape_count(&to->shape) != mp_shape_count(&y->shape))
        return "its nodes do not lead to its output";
    for (uint64_t i = 0; i < mp_shape_count(&y->shape); i++)
        if (y->f[i] < x->f[(uint64_t)to->f[i]] || y->f[i] > x->f[(uint64_t)to->f[i]])
            return "takes other elements";
    return NULL;
}

static const char *check_layer(const struct check *k, double tolerance) {
    static double (*const compute[MP_LAYER_TYPES])(const struct check *k, uint64_t c, uint64_t h, uint64_t w) = {
        [MP_CONV2D] = conv, [MP_LINEAR] = linear,         [MP_MATMUL] = matmul,   [MP_POOL] = pool,
        [MP_ADD] = pair,    [MP_MUL] = pair,              [MP_ACTIVATION] = function, [MP_SOFTMAX] = softmax,
        [MP_LAYER_NORM] = layer_norm, [MP_CONCAT] = concat,
    };
    const struct mp_tensor *t = &k->n->workload.tensors[k->l->output];
    uint64_t count = mp_shape_count(&k->values[k->n->value[k->l->output]].shape), sum = 0;
    if (t->c * t->h * t->w != count)
        return "its tensor has another number of elements than its value";
    for (uint64_t c = 0; c < t->c; c++)
        for (uint64_t h = 0; h < t->h; h++)
            for (uint64_t w = 0; w < t->w; w++) {
                sum += mp_layout_at(&k->n->layout[k->l->output], c, h, w);
                if (k->l->type == MP_VIEW)
                    continue;
                double want = compute[k->l->type](k, c, h, w), got = get(k, k->l->output, c, h, w);
                if (!(fabs(want - got) <= tolerance * (1 + fabs(want))))
                    return mp_arena_printf(k->a, "element %ju, %ju, %ju is %g, should be %g", (uintmax_t)c, (uintmax_t)h,
                                           (uintmax_t)w, got, want);
            }
    if (sum != count * (count - 1) / 2)
        return "its layout is no permutation";
    return k->l->type == MP_VIEW ? view(k, k->l->output) : NULL;
}

const char *float_layers(struct mp_arena *a, const struct mp_network *n, const struct mp_array *values, double tolerance) {
    for (size_t i = 0; i < n->workload.layer_count; i++) {
        const struct mp_layer *l = &n->workload.layers[i];
        const struct check k = {a, n, values, l, &n->params[i]};
        const char *wrong = n->params[i].float_only ? NULL : check_layer(&k, tolerance);
        if (wrong)
            return mp_arena_printf(a, "layer \"%s\" (%s): %s", l->name, mp_layer_type_names[l->type], wrong);
    }
    return NULL;
}
