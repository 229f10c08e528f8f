// SPDX-License-Identifier: Apache-2.0
// Where values lie: a buffer is used again once the last step that reads it is over. Views share their input's, and functions
// of one element write over it when nothing reads it later. What is looked at after a run has a buffer to itself.
#include "sim/nn/infer_plan.h"

#define FOREVER ((size_t)-1)
#define NOWHERE ((size_t)-1)

struct places {
    struct mp_infer *f;
    const struct mp_graph *g;
    size_t *root;   // by value: the first of those that share its memory
    size_t *last;   // by root: the step that uses it last
    size_t *buffer; // by root
};

static size_t output_of(const struct mp_infer *f, const struct mp_step *s, size_t i) {
    return s->out[i] ? (size_t)(s->out[i] - f->arrays) : MP_NO_VALUE;
}

static void use(struct places *p, size_t value, size_t step) {
    if (value != MP_NO_VALUE && p->last[p->root[value]] < step)
        p->last[p->root[value]] = step;
}

static void find_lives(struct places *p) {
    struct mp_infer *f = p->f;
    for (size_t v = 0; v < p->g->value_count; v++) {
        p->root[v] = v;
        p->buffer[v] = NOWHERE;
    }
    for (size_t t = 0; t < f->step_count; t++) {
        const struct mp_step *s = &f->steps[t];
        if (s->kind == MP_STEP_VIEW)
            p->root[output_of(f, s, 0)] = p->root[s->node->inputs[0]];
        for (size_t i = 0; i < s->node->input_count; i++)
            use(p, s->node->inputs[i], t);
        for (size_t i = 0; i < s->node->output_count; i++)
            use(p, output_of(f, s, i), t);
        use(p, s->add, t);
    }
    for (size_t i = 0; i < p->g->output_count; i++)
        use(p, p->g->outputs[i], FOREVER);
    for (size_t i = 0; i < p->g->input_count; i++)
        use(p, p->g->inputs[i], FOREVER);
    for (size_t v = 0; v < p->g->value_count; v++)
        if (f->keep[v])
            use(p, v, FOREVER);
}

// The smallest free one that is large enough; else the largest free one, enlarged; else a new one.
static size_t find_buffer(struct places *p, size_t bytes, size_t step) {
    struct mp_infer *f = p->f;
    size_t best = NOWHERE;
    for (size_t b = 0; b < f->buffer_count; b++) {
        if (f->buffers[b].until >= step)
            continue;
        size_t have = f->buffers[b].bytes, old = best == NOWHERE ? 0 : f->buffers[best].bytes;
        if (best == NOWHERE || (old < bytes ? have > old : have >= bytes && have < old))
            best = b;
    }
    if (best == NOWHERE) {
        best = f->buffer_count++;
        f->buffers[best] = (struct mp_buffer){0};
    }
    if (f->buffers[best].bytes < bytes)
        f->buffers[best].bytes = bytes;
    return best;
}

// The first input's buffer, when this step is the last one to use it, and uses it once.
static size_t buffer_in_place(const struct places *p, const struct mp_step *s, size_t step) {
    const struct mp_graph_node *n = s->node;
    if (s->kind != MP_STEP_RUN || n->op->flow != MP_FLOW_ELEMENT || p->g->values[n->inputs[0]].constant)
        return NOWHERE;
    size_t root = p->root[n->inputs[0]];
    for (size_t i = 1; i < n->input_count; i++)
        if (n->inputs[i] != MP_NO_VALUE && p->root[n->inputs[i]] == root)
            return NOWHERE;
    return p->last[root] == step ? p->buffer[root] : NOWHERE;
}

static void place_outputs(struct places *p, size_t step) {
    struct mp_infer *f = p->f;
    const struct mp_step *s = &f->steps[step];
    for (size_t i = 0; i < s->node->output_count && s->kind != MP_STEP_VIEW; i++) {
        size_t v = output_of(f, s, i);
        if (v == MP_NO_VALUE)
            continue;
        size_t root = p->root[v], bytes = mp_infer_bytes(&f->arrays[v]);
        size_t b = i == 0 ? buffer_in_place(p, s, step) : NOWHERE;
        p->buffer[root] = b != NOWHERE ? b : find_buffer(p, bytes, step);
        f->buffers[p->buffer[root]].until = p->last[root];
    }
}

static size_t count_outputs(const struct mp_infer *f) {
    size_t n = 0;
    for (size_t t = 0; t < f->step_count; t++)
        n += f->steps[t].node->output_count;
    return n;
}

void mp_infer_place(struct mp_infer *f) {
    struct mp_arena lists = {0};
    size_t values = f->g->value_count;
    struct places p = {
        .f = f,
        .g = f->g,
        .root = mp_arena_alloc(&lists, values, sizeof *p.root),
        .last = mp_arena_alloc(&lists, values, sizeof *p.last),
        .buffer = mp_arena_alloc(&lists, values, sizeof *p.buffer),
    };
    f->buffers = mp_arena_alloc(&f->arena, count_outputs(f), sizeof *f->buffers);
    find_lives(&p);
    for (size_t t = 0; t < f->step_count; t++)
        place_outputs(&p, t);
    for (size_t b = 0; b < f->buffer_count; b++)
        f->buffers[b].data = mp_infer_memory(f->buffers[b].bytes);
    for (size_t v = 0; v < values; v++) {
        size_t root = p.root[v];
        void *data = p.buffer[root] != NOWHERE ? f->buffers[p.buffer[root]].data : NULL;
        if (!data && root != v)
            data = f->arrays[root].whole ? (void *)f->arrays[root].i : (void *)f->arrays[root].f; // a view of an input
        if (data && f->arrays[v].whole)
            f->arrays[v].i = data;
        else if (data)
            f->arrays[v].f = data;
    }
    mp_arena_finish(&lists);
}
