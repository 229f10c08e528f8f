// SPDX-License-Identifier: Apache-2.0
// Models that were quantised elsewhere say so with QuantizeLinear and DequantizeLinear around values that stay real numbers
// between them ("QDQ"). Their scales and bits are kept as hints, the nodes go. A Clip between the two narrows the bits, as in
// the models of Brevitas ("QCDQ").
#include "sim/nn/graph.h"

#include "sim/base/say.h"
#include "sim/nn/op.h"
#include "sim/nn/op_check.h"

#include <math.h>
#include <string.h>

struct pass {
    struct mp_graph *g;
    size_t *stands;     // by value: the one to be read instead
    size_t *reads;      // by value: by nodes that stay, and by the graph's outputs
    bool *gone;         // by node
    size_t *clamped;    // by value: what is left of it without its negatives, or MP_NO_VALUE
    struct mp_arena scratch;
    struct mp_err *err;
};

static bool is(const struct mp_graph_node *n, const char *op) {
    return strcmp(n->op->name, op) == 0;
}

static const char *say(struct pass *p, const char *name) {
    char shown[MP_SAY_BYTES];
    return mp_arena_strdup(&p->scratch, mp_say_text(name, strlen(name), shown));
}

// The one element of a constant input; `def` when it is left out.
static bool one_whole(struct pass *p, const struct mp_graph_node *n, size_t i, int64_t def, int64_t *out) {
    const struct mp_value *v = mp_node_input(p->g, n, i);
    *out = def;
    if (!v)
        return true;
    if (!v->constant || !v->array.whole || mp_shape_count(&v->array.shape) != 1)
        return mp_graph_fail(p->g, n, p->err, "input %zu must be one constant integer", i + 1);
    *out = v->array.i[0];
    return true;
}

static bool check_scale(struct pass *p, const struct mp_graph_node *n) {
    const struct mp_value *v = mp_node_input(p->g, n, 1);
    if (!v->constant)
        return mp_graph_fail(p->g, n, p->err, "the scale must be constant");
    uint64_t count = mp_shape_count(&v->array.shape);
    for (uint64_t i = 0; i < count; i++)
        if (!(v->array.f[i] > 0) || !isfinite(v->array.f[i]))
            return mp_graph_fail(p->g, n, p->err, "the scale must be above 0 (got %g)", (double)v->array.f[i]);
    return true;
}

// What one node says.
static bool read_hint(struct pass *p, const struct mp_graph_node *n, struct mp_quant_hint *h) {
    *h = (struct mp_quant_hint){.bits = (unsigned)mp_attr_int(n, "dtype_bits", 8),
                                .is_signed = mp_attr_int(n, "dtype_signed", 0) != 0};
    if (!check_scale(p, n))
        return false;
    const struct mp_array *scale = &mp_node_input(p->g, n, 1)->array;
    if (mp_shape_count(&scale->shape) != 1)
        return mp_graph_fail(p->g, n, p->err, "only constants may have a scale for each index of an axis");
    h->scale = scale->f[0];
    return one_whole(p, n, 2, 0, &h->zero);
}

// The least bits that hold low..high.
static unsigned bits_for(int64_t low, int64_t high, unsigned most) {
    unsigned bits = 1;
    if (low < 0)
        while (bits < most && (low < -((int64_t)1 << (bits - 1)) || high > ((int64_t)1 << (bits - 1)) - 1))
            bits++;
    else
        while (bits < most && high > ((int64_t)1 << bits) - 1)
            bits++;
    return bits;
}

// A Clip within the quantised type.
static bool narrow(struct pass *p, const struct mp_graph_node *clip, struct mp_quant_hint *h) {
    int64_t low = h->is_signed ? -((int64_t)1 << (h->bits - 1)) : 0;
    int64_t high = ((int64_t)1 << (h->is_signed ? h->bits - 1 : h->bits)) - 1, min, max;
    if (!one_whole(p, clip, 1, low, &min) || !one_whole(p, clip, 2, high, &max))
        return false;
    low = min > low ? min : low;
    high = max < high ? max : high;
    if (low >= high)
        return mp_graph_fail(p->g, clip, p->err, "leaves nothing of the quantised values");
    h->is_signed = low < 0;
    h->bits = bits_for(low, high, h->bits);
    return true;
}

// The node that makes input 0, or NULL.
static const struct mp_graph_node *before(const struct pass *p, const struct mp_graph_node *n) {
    size_t producer = p->g->values[n->inputs[0]].producer;
    return producer == MP_NO_NODE ? NULL : &p->g->nodes[producer];
}

// Of two hints at one value, the one that covers more.
static void leave_hint(struct mp_value *v, const struct mp_quant_hint *h) {
    if (v->hint.bits == 0 || ldexp((double)h->scale, (int)h->bits) > ldexp((double)v->hint.scale, (int)v->hint.bits))
        v->hint = *h;
}

static void remove_node(struct pass *p, const struct mp_graph_node *n) {
    for (size_t i = 0; i < n->input_count; i++)
        if (n->inputs[i] != MP_NO_VALUE)
            p->reads[n->inputs[i]]--;
    p->gone[n - p->g->nodes] = true;
}

// `n` and the Clip and QuantizeLinear before it, as far as nobody else reads them.
static void remove_chain(struct pass *p, const struct mp_graph_node *n) {
    const struct mp_graph_node *next;
    remove_node(p, n);
    for (; (next = before(p, n)) && (is(next, "Clip") || is(next, "QuantizeLinear")) && p->reads[n->inputs[0]] == 0; n = next)
        if (!p->gone[next - p->g->nodes])
            remove_node(p, next);
}

// Constants

static bool absorb_constant(struct pass *p, const struct mp_graph_node *n) {
    struct mp_value *out = &p->g->values[n->outputs[0]];
    struct mp_quant_hint h = {.bits = (unsigned)mp_attr_int(n, "dtype_bits", 8),
                              .is_signed = mp_attr_int(n, "dtype_signed", 0) != 0};
    const struct mp_graph_node *clip = before(p, n);
    if (!check_scale(p, n) || (clip && is(clip, "Clip") && !narrow(p, clip, &h)))
        return false;
    const struct mp_value *scale = mp_node_input(p->g, n, 1), *zero = mp_node_input(p->g, n, 2);
    h.zero = zero && mp_shape_count(&zero->array.shape) > 0 ? zero->array.i[0] : 0;
    if (mp_shape_count(&scale->array.shape) == 1) {
        h.scale = scale->array.f[0];
    } else {
        h.scales = scale->array.f;
        h.axis = mp_axis_of(mp_attr_int(n, "axis", 1), out->array.shape.rank);
    }
    out->hint = h;
    remove_chain(p, n);
    out->producer = MP_NO_NODE;
    return true;
}

// Activations

// Exporters leave a ReLU out where the quantised type has no negatives: its numbers end at 0, and ReLU6's at 6.
static bool is_relu(const struct pass *p, size_t value, const struct mp_quant_hint *h) {
    static const char *const sums[] = {"Add", "BatchNormalization", "Conv", "Gemm", "MatMul"};
    size_t producer = p->g->values[value].producer;
    if (producer == MP_NO_NODE || h->zero != (h->is_signed ? -(INT64_C(1) << (h->bits - 1)) : 0))
        return false;
    for (size_t i = 0; i < sizeof sums / sizeof *sums; i++)
        if (is(&p->g->nodes[producer], sums[i]))
            return true;
    return false;
}

// The node, which was taken out, as the activation function behind `from`, with the output that it has.
static void become_relu(struct pass *p, struct mp_graph_node *n, size_t from, const struct mp_quant_hint *h) {
    const double high = (double)h->scale * (ldexp(1, (int)h->bits) - 1);
    n->attrs = NULL;
    n->attr_count = 0;
    n->op = mp_op_find("Relu");
    if (fabs(high - 6) < 1e-5) { // the scale is 6 / 255 in 24 bits
        n->op = mp_op_find("Clip");
        n->attrs = mp_arena_alloc(p->g->arena, 2, sizeof *n->attrs);
        n->attrs[n->attr_count++] = (struct mp_attr){.name = "min", .type = MP_ATTR_REAL, .f = 0};
        n->attrs[n->attr_count++] = (struct mp_attr){.name = "max", .type = MP_ATTR_REAL, .f = 6};
    }
    n->inputs[0] = from;
    n->input_count = 1;
    p->reads[from]++;
    p->gone[n - p->g->nodes] = false;
    p->clamped[from] = n->outputs[0];
}

static bool absorb_activation(struct pass *p, struct mp_graph_node *n) {
    const struct mp_graph_node *q = before(p, n), *clip = NULL;
    struct mp_quant_hint h, twin;
    if (q && is(q, "Clip")) {
        clip = q;
        q = before(p, q);
    }
    if (!q || !is(q, "QuantizeLinear"))
        return mp_graph_fail(p->g, n, p->err, "must read a constant, or what a QuantizeLinear makes (got \"%s\")",
                             say(p, p->g->values[n->inputs[0]].name));
    if (!read_hint(p, n, &h) || !read_hint(p, q, &twin))
        return false;
    if (h.scale != twin.scale || h.zero != twin.zero)
        return mp_graph_fail(p->g, n, p->err, "scale and zero point must be those of node \"%s\": %g and %jd (got %g and %jd)",
                             say(p, q->name), (double)twin.scale, (intmax_t)twin.zero, (double)h.scale,
                             (intmax_t)h.zero);
    if (clip && !narrow(p, clip, &twin))
        return false;
    size_t from = n->outputs[0], to = p->stands[q->inputs[0]];
    const bool relu = is_relu(p, to, &twin);
    remove_chain(p, n);
    if (relu && p->clamped[to] == MP_NO_VALUE)
        become_relu(p, n, to, &twin);
    to = relu ? p->clamped[to] : to;
    p->stands[from] = to;
    leave_hint(&p->g->values[to], &twin);
    return true;
}

static void read_instead(struct pass *p, size_t *value) {
    if (*value == MP_NO_VALUE || p->stands[*value] == *value)
        return;
    p->reads[*value]--;
    *value = p->stands[*value];
    p->reads[*value]++;
}

static void count_reads(struct pass *p) {
    struct mp_graph *g = p->g;
    p->stands = mp_arena_alloc(&p->scratch, g->value_count, sizeof *p->stands);
    p->reads = mp_arena_alloc(&p->scratch, g->value_count, sizeof *p->reads);
    p->gone = mp_arena_alloc(&p->scratch, g->node_count, sizeof *p->gone);
    p->clamped = mp_arena_alloc(&p->scratch, g->value_count, sizeof *p->clamped);
    for (size_t v = 0; v < g->value_count; v++) {
        p->stands[v] = v;
        p->clamped[v] = MP_NO_VALUE;
    }
    for (size_t i = 0; i < g->output_count; i++)
        p->reads[g->outputs[i]]++;
    for (size_t k = 0; k < g->node_count; k++)
        for (size_t i = 0; i < g->nodes[k].input_count; i++)
            if (g->nodes[k].inputs[i] != MP_NO_VALUE)
                p->reads[g->nodes[k].inputs[i]]++;
}

// An output of the graph keeps its name.
static void redirect_outputs(struct pass *p) {
    struct mp_graph *g = p->g;
    for (size_t i = 0; i < g->output_count; i++) {
        struct mp_value *was = &g->values[g->outputs[i]], *now = &g->values[p->stands[g->outputs[i]]];
        if (was != now && now->producer != MP_NO_NODE) {
            const char *name = now->name;
            now->name = was->name;
            was->name = name;
        }
        read_instead(p, &g->outputs[i]);
    }
}

static bool absorb_nodes(struct pass *p) {
    struct mp_graph *g = p->g;
    for (size_t k = 0; k < g->node_count; k++) {
        struct mp_graph_node *n = &g->nodes[k];
        for (size_t i = 0; i < n->input_count; i++)
            read_instead(p, &n->inputs[i]);
        if (!is(n, "DequantizeLinear"))
            continue;
        if (!(g->values[n->outputs[0]].constant ? absorb_constant(p, n) : absorb_activation(p, n)))
            return false;
    }
    redirect_outputs(p);
    for (size_t k = 0; k < g->node_count; k++)
        if (!p->gone[k] && is(&g->nodes[k], "QuantizeLinear") && !g->values[g->nodes[k].outputs[0]].constant)
            return mp_graph_fail(g, &g->nodes[k], p->err, "only DequantizeLinear may read what it makes, \"%s\"",
                                 say(p, g->values[g->nodes[k].outputs[0]].name));
    return true;
}

static void close_ranks(struct pass *p) {
    struct mp_graph *g = p->g;
    size_t kept = 0;
    for (size_t k = 0; k < g->node_count; k++) {
        size_t producer = p->gone[k] ? MP_NO_NODE : kept;
        for (size_t i = 0; i < g->nodes[k].output_count; i++)
            if (g->nodes[k].outputs[i] != MP_NO_VALUE)
                g->values[g->nodes[k].outputs[i]].producer = producer;
        if (!p->gone[k])
            g->nodes[kept++] = g->nodes[k];
    }
    g->node_count = kept;
}

// What moves elements

static bool moves(const struct mp_graph_node *n) {
    static const char *const ops[] = {"Dropout", "Flatten", "Identity", "Reshape", "Squeeze", "Transpose", "Unsqueeze"};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        if (is(n, ops[i]))
            return true;
    return false;
}

// A constant's hint to what is made of it. Scales of an axis are lost where the axis is.
static void hand_on(struct mp_graph *g, const struct mp_graph_node *n) {
    const struct mp_value *from = &g->values[n->inputs[0]];
    struct mp_quant_hint h = from->hint;
    const struct mp_attr *perm = mp_attr_find(n, "perm");
    const unsigned rank = from->array.shape.rank;
    for (unsigned i = 0; h.scales && is(n, "Transpose") && i < rank; i++)
        if ((perm ? (unsigned)perm->ints[i] : rank - 1 - i) == from->hint.axis)
            h.axis = i;
    if (!h.scales || is(n, "Transpose") || is(n, "Identity"))
        g->values[n->outputs[0]].hint = h;
}

static void move_hints(struct mp_graph *g) {
    for (size_t k = 0; k < g->node_count; k++)
        if (moves(&g->nodes[k]) && g->values[g->nodes[k].inputs[0]].constant && g->values[g->nodes[k].outputs[0]].hint.bits == 0)
            hand_on(g, &g->nodes[k]);
    for (size_t k = g->node_count; k-- > 0;) {
        const struct mp_value *to = &g->values[g->nodes[k].outputs[0]];
        struct mp_value *from = g->nodes[k].input_count > 0 ? &g->values[g->nodes[k].inputs[0]] : NULL;
        if (moves(&g->nodes[k]) && !from->constant && from->hint.bits == 0)
            from->hint = to->hint;
    }
}

bool mp_graph_absorb_qdq(struct mp_graph *g, struct mp_err *err) {
    struct pass p = {.g = g, .err = err};
    count_reads(&p);
    bool ok = absorb_nodes(&p);
    if (ok) {
        close_ranks(&p);
        move_hints(g);
    }
    mp_arena_finish(&p.scratch);
    return ok;
}
