// SPDX-License-Identifier: Apache-2.0
// Functions of one element that exporters spell out in several nodes. A candidate is computed at some points and compared with
// the functions that have a node of their own: so it does not matter how it is written down.
#include "sim/nn/op.h"
#include "sim/nn/simplify_pass.h"

#include <math.h>
#include <string.h>

#define MOST_NODES 14
#define POINTS 67

struct cone {
    struct mp_pass *p;
    size_t nodes[MOST_NODES]; // from the last one down
    size_t count;
    size_t open[MOST_NODES];  // values to look behind
    size_t open_count;
    bool bent;                // more than sums, products and powers: else it is none of the known functions
};

static bool is_bent(const struct mp_graph_node *n) {
    static const char *const ops[] = {"Clip", "Erf", "Exp", "HardSigmoid", "Max", "Min", "Relu", "Sigmoid", "Tanh"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (mp_pass_is(n, ops[i]))
            return true;
    return false;
}

static bool is_elementwise(const struct mp_graph_node *n) {
    static const char *const ops[] = {"Add", "Div", "Mul", "Neg", "Pow", "Reciprocal", "Sub"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (mp_pass_is(n, ops[i]))
            return true;
    return is_bent(n);
}

// Takes a node into the cone: what it reads, but constants of one element, is open then.
static bool take(struct cone *c, size_t node, const struct mp_shape *shape) {
    const struct mp_graph *g = c->p->g;
    const struct mp_graph_node *n = &g->nodes[node];
    double number;
    if (c->count == MOST_NODES || !is_elementwise(n) || n->input_count > 3)
        return false;
    c->nodes[c->count++] = node;
    c->bent = c->bent || is_bent(n);
    for (size_t i = 0; i < n->input_count; i++) {
        size_t v = n->inputs[i];
        if (v == MP_NO_VALUE || mp_pass_scalar(c->p, v, &number))
            continue;
        if (g->values[v].constant || g->values[v].array.whole || !mp_shape_equal(&g->values[v].array.shape, shape))
            return false;
        bool there = false;
        for (size_t k = 0; k < c->open_count; k++)
            there = there || c->open[k] == v;
        if (there)
            continue;
        if (c->open_count == MOST_NODES)
            return false;
        c->open[c->open_count++] = v;
    }
    return true;
}

// Looks behind the open value that was made last.
static bool widen(struct cone *c, const struct mp_shape *shape) {
    const struct mp_graph *g = c->p->g;
    size_t best = c->open_count, last = 0;
    for (size_t i = 0; i < c->open_count; i++) {
        size_t producer = g->values[c->open[i]].producer;
        if (producer != MP_NO_NODE && (best == c->open_count || producer > last)) {
            best = i;
            last = producer;
        }
    }
    if (best == c->open_count)
        return false;
    c->open[best] = c->open[--c->open_count];
    return take(c, last, shape);
}

// Values at the points

static float point(size_t i) {
    static const float far[] = {-1000, -100, -30, -15, 15, 30, 100, 1000, 0.001f, -0.001f};
    return i < 10 ? far[i] : ((float)i - 38) * 0.28125f;
}

static struct mp_array row(struct mp_arena *a) {
    return mp_array_make(a, &(struct mp_shape){.rank = 1, .dim = {POINTS}}, false);
}

static struct mp_array of_value(struct mp_arena *a, const struct cone *c, const struct mp_array *made, size_t value) {
    for (size_t i = 0; i < c->count; i++)
        if (c->p->g->nodes[c->nodes[i]].outputs[0] == value)
            return made[i];
    const struct mp_array *constant = &c->p->g->values[value].array;
    struct mp_array r = {.whole = constant->whole, .shape = {.rank = 1, .dim = {1}}, .f = constant->f, .i = constant->i};
    if (value == c->open[0]) {
        r = row(a);
        for (size_t i = 0; i < POINTS; i++)
            r.f[i] = point(i);
    }
    return r;
}

// What the cone makes of the points, as a function of its only open value. Nodes run in the order of the graph.
static void compute(struct mp_arena *a, const struct cone *c, float out[POINTS]) {
    struct mp_array made[MOST_NODES];
    bool done[MOST_NODES] = {false};
    for (size_t k = 0; k < c->count; k++) {
        size_t at = c->count;
        for (size_t i = 0; i < c->count; i++)
            if (!done[i] && (at == c->count || c->nodes[i] < c->nodes[at]))
                at = i;
        const struct mp_graph_node *n = &c->p->g->nodes[c->nodes[at]];
        struct mp_array in[3];
        const struct mp_array *ins[3] = {NULL};
        for (size_t i = 0; i < n->input_count; i++)
            if (n->inputs[i] != MP_NO_VALUE) {
                in[i] = of_value(a, c, made, n->inputs[i]);
                ins[i] = &in[i];
            }
        made[at] = row(a);
        struct mp_array *outs[] = {&made[at]};
        n->op->run(c->p->g, n, ins, outs);
        done[at] = true;
    }
    memcpy(out, made[0].f, POINTS * sizeof *out);
}

// Functions

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

static double gelu(double x) {
    return 0.5 * x * (1 + erf(x / sqrt(2)));
}

static double gelu_tanh(double x) {
    return 0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)));
}

static double hard_sigmoid(double x) {
    return fmin(fmax(x / 6 + 0.5, 0), 1);
}

static double hard_swish(double x) {
    return x * hard_sigmoid(x);
}

static double swish(double x) {
    return x * sigmoid(x);
}

static const struct mp_attr approximate = {.name = "approximate", .type = MP_ATTR_TEXT, .text = "tanh"};
static const struct mp_attr sixth = {.name = "alpha", .type = MP_ATTR_REAL, .f = (float)(1.0 / 6)};
static const struct {
    const char *op;
    double (*f)(double x);
    const struct mp_attr *attr;
} known[] = {
    {"Gelu", gelu, NULL},          {"Gelu", gelu_tanh, &approximate}, {"HardSigmoid", hard_sigmoid, &sixth},
    {"HardSwish", hard_swish, NULL}, {"Swish", swish, NULL},          {"Sigmoid", sigmoid, NULL},
};
#define KNOWN (sizeof known / sizeof *known)

static size_t recognise(const float got[POINTS]) {
    for (size_t k = 0; k < KNOWN; k++) {
        size_t same = 0;
        for (; same < POINTS; same++) {
            double want = known[k].f((double)point(same));
            if (!(fabs((double)got[same] - want) <= 1e-5 * (1 + fabs(want))))
                break;
        }
        if (same == POINTS)
            return k;
    }
    return KNOWN;
}

static void try_node(struct mp_pass *p, size_t node) {
    struct mp_graph_node *n = &p->g->nodes[node];
    const struct mp_shape shape = p->g->values[n->outputs[0]].array.shape;
    struct cone c = {.p = p};
    for (bool more = take(&c, node, &shape); more; more = widen(&c, &shape)) {
        if (c.open_count != 1 || c.count < 2 || !c.bent)
            continue;
        struct mp_arena a = {0};
        float got[POINTS];
        compute(&a, &c, got);
        mp_arena_finish(&a);
        size_t k = recognise(got);
        if (k == KNOWN)
            continue;
        mp_pass_become(p, n, known[k].op, c.open, 1);
        if (known[k].attr)
            mp_pass_set_attr(p, n, known[k].attr);
        return;
    }
}

void mp_pass_functions(struct mp_pass *p) {
    for (size_t i = p->g->node_count; i-- > 0;)
        if (p->g->nodes[i].op && !p->g->values[p->g->nodes[i].outputs[0]].constant && is_elementwise(&p->g->nodes[i]))
            try_node(p, i);
}
