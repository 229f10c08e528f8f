// SPDX-License-Identifier: Apache-2.0
// The steps of a run: a node each, but a convolution takes along an addition and a Relu or Clip that only it feeds. Views are
// no steps; their outputs lie where their inputs do.
#include "sim/nn/infer_plan.h"

#include <limits.h>
#include <string.h>

struct planner {
    struct mp_infer *f;
    const struct mp_graph *g;
    size_t *uses;  // by value: nodes that read it, and one for whoever else may look at it
    size_t *user;  // by value: the last node that reads it
    bool *made;    // by value: before the step that is being planned
    bool *taken;   // by node: runs with an earlier one
};

static void count_uses(struct planner *p) {
    for (size_t i = 0; i < p->g->node_count; i++)
        for (size_t k = 0; k < p->g->nodes[i].input_count; k++)
            if (p->g->nodes[i].inputs[k] != MP_NO_VALUE) {
                p->uses[p->g->nodes[i].inputs[k]]++;
                p->user[p->g->nodes[i].inputs[k]] = i;
            }
    for (size_t v = 0; v < p->g->value_count; v++) {
        p->uses[v] += p->f->keep[v];
        p->made[v] = p->g->values[v].constant;
    }
    for (size_t i = 0; i < p->g->output_count; i++)
        p->uses[p->g->outputs[i]]++;
    for (size_t i = 0; i < p->g->input_count; i++)
        p->made[p->g->inputs[i]] = true;
}

static bool is(const struct mp_graph_node *n, const char *name) {
    return strcmp(n->op->name, name) == 0;
}

// The one node that reads value `v`, when nothing else looks at it.
static const struct mp_graph_node *only_user(const struct planner *p, size_t v) {
    return p->uses[v] == 1 && !p->taken[p->user[v]] ? &p->g->nodes[p->user[v]] : NULL;
}

static size_t take(struct planner *p, const struct mp_graph_node *n) {
    p->taken[n - p->g->nodes] = true;
    return n->outputs[0];
}

static bool has_fixed_bounds(const struct planner *p, const struct mp_graph_node *n) {
    bool fixed = is(n, "Relu") || is(n, "Clip");
    for (size_t i = 1; i < n->input_count; i++)
        fixed = fixed && (n->inputs[i] == MP_NO_VALUE || p->g->values[n->inputs[i]].constant);
    return fixed;
}

// What may follow the convolution whose output is `v`; returns the last value.
static size_t take_tail(struct planner *p, struct mp_step *s, size_t v) {
    const struct mp_graph_node *n = only_user(p, v);
    const struct mp_shape *shape = &p->g->values[v].array.shape;
    if (n && is(n, "Add")) {
        size_t other = n->inputs[n->inputs[0] == v];
        if (p->made[other] && mp_shape_equal(shape, &p->g->values[other].array.shape)) {
            s->add = other;
            v = take(p, n);
            n = only_user(p, v);
        }
    }
    if (n && has_fixed_bounds(p, n) && n->inputs[0] == v) {
        s->bounds = n;
        v = take(p, n);
    }
    return v;
}

// From so many multiply-adds on a window of one element is faster as a matrix product.
#define MIN_PRODUCT ((uint64_t)1 << 21)

static bool is_product(const struct mp_window *w, const struct mp_shape *weights, uint64_t groups) {
    bool plain = groups == 1;
    uint64_t pixels = w->out[0] * w->out[1];
    for (unsigned a = 0; a < 2; a++)
        plain = plain && w->kernel[a] == 1 && w->stride[a] == 1 && w->before[a] == 0 && w->after[a] == 0;
    return plain && pixels <= INT_MAX && weights->dim[0] <= INT_MAX && weights->dim[1] <= INT_MAX &&
           weights->dim[0] * weights->dim[1] >= MIN_PRODUCT / pixels;
}

static bool plan_conv(struct planner *p, struct mp_step *s) {
    const struct mp_graph_node *n = s->node;
    const struct mp_value *image = mp_node_input(p->g, n, 0), *weights = mp_node_input(p->g, n, 1);
    struct mp_window w;
    struct mp_err never;
    uint64_t groups = (uint64_t)mp_attr_int(n, "group", 1);
    if (!weights->constant || mp_shape_count(&weights->array.shape) == 0 ||
        !mp_window_find(&w, p->g, n, &image->array.shape, &weights->array.shape, &never))
        return false;
    if (is_product(&w, &weights->array.shape, groups)) {
        s->kind = MP_STEP_POINTS;
        return true;
    }
    bool one = image->array.shape.dim[0] == 1 && !image->constant;
    s->kind = MP_STEP_CONV;
    s->conv = mp_conv_create(&p->f->arena, mp_conv_best(), &w, &weights->array.shape, groups, one);
    if (!s->conv) {
        s->kind = MP_STEP_RUN;
        return false;
    }
    if (mp_conv_scratch(s->conv) > p->f->scratch_floats)
        p->f->scratch_floats = mp_conv_scratch(s->conv);
    return true;
}

static struct mp_array *array_of(struct planner *p, size_t v) {
    return v == MP_NO_VALUE ? NULL : &p->f->arrays[v];
}

static const struct mp_array *source_of(const struct planner *p, size_t v) {
    return v == MP_NO_VALUE ? NULL : mp_infer_array(p->f, v);
}

static bool is_view(const struct planner *p, const struct mp_graph_node *n) {
    bool view = n->op->flow == MP_FLOW_VIEW && !p->g->values[n->inputs[0]].constant && !p->f->apart[n->outputs[0]];
    for (size_t i = 1; i < n->output_count; i++)
        view = view && n->outputs[i] == MP_NO_VALUE;
    return view;
}

static void plan_step(struct planner *p, const struct mp_graph_node *n) {
    struct mp_step *s = &p->f->steps[p->f->step_count++];
    *s = (struct mp_step){.node = n, .add = MP_NO_VALUE};
    s->in = mp_arena_alloc(&p->f->arena, n->input_count, sizeof *s->in);
    s->out = mp_arena_alloc(&p->f->arena, n->output_count, sizeof *s->out);
    for (size_t i = 0; i < n->input_count; i++)
        s->in[i] = source_of(p, n->inputs[i]);
    for (size_t i = 0; i < n->output_count; i++) {
        s->out[i] = array_of(p, n->outputs[i]);
        if (n->outputs[i] != MP_NO_VALUE)
            p->made[n->outputs[i]] = true;
    }
    if (is(n, "Conv") && plan_conv(p, s)) {
        size_t last = take_tail(p, s, n->outputs[0]);
        s->out[0] = array_of(p, last);
        p->made[last] = true;
    } else if (is(n, "Gemm")) {
        s->kind = MP_STEP_GEMM;
    } else if (is(n, "MatMul")) {
        s->kind = MP_STEP_MATMUL;
    } else if (is_view(p, n)) {
        s->kind = MP_STEP_VIEW;
    }
}

static bool is_needed(const struct mp_graph *g, const struct mp_graph_node *n) {
    bool needed = false;
    for (size_t i = 0; i < n->output_count; i++)
        needed = needed || (n->outputs[i] != MP_NO_VALUE && !g->values[n->outputs[i]].constant);
    return needed;
}

void mp_infer_plan(struct mp_infer *f) {
    const struct mp_graph *g = f->g;
    struct mp_arena lists = {0};
    struct planner p = {
        .f = f,
        .g = g,
        .uses = mp_arena_alloc(&lists, g->value_count, sizeof *p.uses),
        .user = mp_arena_alloc(&lists, g->value_count, sizeof *p.user),
        .made = mp_arena_alloc(&lists, g->value_count, sizeof *p.made),
        .taken = mp_arena_alloc(&lists, g->node_count, sizeof *p.taken),
    };
    count_uses(&p);
    f->steps = mp_arena_alloc(&f->arena, g->node_count, sizeof *f->steps);
    for (size_t i = 0; i < g->node_count; i++)
        if (!p.taken[i] && is_needed(g, &g->nodes[i]))
            plan_step(&p, &g->nodes[i]);
    mp_infer_place(f);
    mp_arena_finish(&lists);
    f->planned = true;
}
