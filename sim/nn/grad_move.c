// SPDX-License-Identifier: Apache-2.0
// Derivatives of what only moves elements. Run once on numbered elements, an operator says itself where each element of its
// outputs comes from; the derivative goes the same way back. Numbers are whole, so that any count of them is exact.
#include "sim/nn/grad_parts.h"

#include <assert.h>

static void run_view(const struct mp_grad_step *s) {
    const uint64_t count = mp_shape_count(&s->out[0]->shape);
    for (uint64_t i = 0; i < count; i++)
        s->d_in[0][i] += s->d_out[0][i];
}

// Real inputs are numbered through; whole ones (indices, pads) are as they are.
static struct mp_array *number_inputs(const struct mp_grad_step *s, struct mp_arena *a) {
    struct mp_array *in = mp_arena_alloc(a, s->node->input_count, sizeof *in);
    int64_t next = 1;
    for (size_t k = 0; k < s->node->input_count; k++) {
        if (!s->in[k])
            continue;
        in[k] = s->in[k]->whole ? *s->in[k] : mp_array_make(a, &s->in[k]->shape, true);
        for (uint64_t i = 0; !s->in[k]->whole && i < mp_shape_count(&in[k].shape); i++)
            in[k].i[i] = next++;
    }
    assert(next <= (int64_t)UINT32_MAX + 1);
    return in;
}

static void find_sources(const struct mp_grad_step *s) {
    struct mp_arena a = {0};
    struct mp_array *arrays = number_inputs(s, &a), *made = mp_arena_alloc(&a, s->node->output_count, sizeof *made);
    const struct mp_array **in = mp_arena_alloc(&a, s->node->input_count, sizeof *in);
    struct mp_array **out = mp_arena_alloc(&a, s->node->output_count, sizeof *out);
    for (size_t k = 0; k < s->node->input_count; k++)
        in[k] = s->in[k] ? &arrays[k] : NULL;
    for (size_t k = 0; k < s->node->output_count; k++)
        if (s->out[k]) {
            made[k] = mp_array_make(&a, &s->out[k]->shape, true);
            out[k] = &made[k];
        }
    s->node->op->run(s->g, s->node, in, out);
    for (size_t k = 0; k < s->node->output_count; k++)
        for (uint64_t i = 0; s->from[k] && i < mp_shape_count(&s->out[k]->shape); i++)
            s->from[k][i] = (uint32_t)made[k].i[i];
    mp_arena_finish(&a);
}

static void prepare_move(struct mp_grad_step *s, struct mp_arena *a) {
    s->from = mp_arena_alloc(a, s->node->output_count, sizeof *s->from);
    for (size_t k = 0; k < s->node->output_count; k++)
        if (s->d_out[k])
            s->from[k] = mp_arena_alloc(a, mp_shape_count(&s->out[k]->shape), sizeof **s->from);
    for (size_t k = 0; k < s->node->input_count; k++)
        if (s->in[k] && s->in[k]->whole && !s->g->values[s->node->inputs[k]].constant)
            s->from_each_run = true;
    if (!s->from_each_run)
        find_sources(s);
}

// The elements of one real input: numbers first .. first + count - 1.
struct range {
    uint32_t first, count;
    float *d; // or NULL
};

static struct range range_of(const struct mp_grad_step *s, uint32_t number) {
    struct range r = {.first = 1};
    for (size_t k = 0; k < s->node->input_count; k++) {
        if (!s->in[k] || s->in[k]->whole)
            continue;
        r = (struct range){r.first + r.count, (uint32_t)mp_shape_count(&s->in[k]->shape), s->d_in[k]};
        if (number - r.first < r.count)
            break;
    }
    return r;
}

static void give_back(const struct mp_grad_step *s, const uint32_t *from, const float *d, uint64_t count) {
    struct range r = {0};
    for (uint64_t i = 0; i < count; i++) {
        if (from[i] == 0)
            continue;
        if (from[i] - r.first >= r.count)
            r = range_of(s, from[i]);
        if (r.d)
            r.d[from[i] - r.first] += d[i];
    }
}

static void run_move(const struct mp_grad_step *s) {
    if (s->from_each_run)
        find_sources(s);
    for (size_t k = 0; k < s->node->output_count; k++)
        if (s->from[k])
            give_back(s, s->from[k], s->d_out[k], mp_shape_count(&s->out[k]->shape));
}

#define VIEW .run = run_view, .inputs = 1
#define MOVE .run = run_move, .prepare = prepare_move, .inputs = MP_ANY_COUNT
const struct mp_grad_row mp_grad_movers[] = {
    {.op = "Cast", VIEW},
    {.op = "Concat", MOVE},
    {.op = "DepthToSpace", MOVE},
    {.op = "Dropout", VIEW},
    {.op = "Expand", MOVE},
    {.op = "Flatten", VIEW},
    {.op = "Gather", MOVE},
    {.op = "Identity", VIEW},
    {.op = "Pad", MOVE},
    {.op = "Reshape", VIEW},
    {.op = "Slice", MOVE},
    {.op = "SpaceToDepth", MOVE},
    {.op = "Split", MOVE},
    {.op = "Squeeze", VIEW},
    {.op = "Tile", MOVE},
    {.op = "Transpose", MOVE},
    {.op = "Unsqueeze", VIEW},
    {.op = NULL},
};
