// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/infer.h"

#include "sim/nn/infer_plan.h"

#include <assert.h>
#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 64 // bytes of a cache line

size_t mp_infer_bytes(const struct mp_array *array) {
    size_t bytes = mp_shape_count(&array->shape) * (array->whole ? sizeof *array->i : sizeof *array->f);
    return (bytes + MP_CONV_SLACK * sizeof(float) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void *mp_infer_memory(size_t bytes) {
    void *p = aligned_alloc(ALIGNMENT, bytes);
    if (!p)
        mp_out_of_memory();
    return memset(p, 0, bytes);
}

static void give_memory(struct mp_array *a) {
    void *data = mp_infer_memory(mp_infer_bytes(a));
    if (a->whole)
        a->i = data;
    else
        a->f = data;
}

static void take_memory(struct mp_array *a) {
    free(a->whole ? (void *)a->i : (void *)a->f);
}

struct mp_infer *mp_infer_create(const struct mp_graph *g) {
    struct mp_infer *f = calloc(1, sizeof *f);
    if (!f)
        mp_out_of_memory();
    openblas_set_num_threads(1);
    f->g = g;
    f->arrays = mp_arena_alloc(&f->arena, g->value_count, sizeof *f->arrays);
    f->keep = mp_arena_alloc(&f->arena, g->value_count, sizeof *f->keep);
    f->apart = mp_arena_alloc(&f->arena, g->value_count, sizeof *f->apart);
    f->shift = mp_arena_alloc(&f->arena, g->value_count, sizeof *f->shift);
    for (size_t v = 0; v < g->value_count; v++)
        f->arrays[v] = (struct mp_array){.shape = g->values[v].array.shape, .whole = g->values[v].array.whole};
    for (size_t i = 0; i < g->input_count; i++)
        give_memory(&f->arrays[g->inputs[i]]);
    return f;
}

void mp_infer_destroy(struct mp_infer *f) {
    if (!f)
        return;
    for (size_t i = 0; i < f->g->input_count; i++)
        take_memory(&f->arrays[f->g->inputs[i]]);
    for (size_t v = 0; v < f->g->value_count; v++)
        if (f->g->values[v].constant && f->apart[v])
            take_memory(&f->arrays[v]);
    for (size_t b = 0; b < f->buffer_count; b++)
        free(f->buffers[b].data);
    free(f->scratch);
    mp_arena_finish(&f->arena);
    free(f);
}

// Constants that may be shifted.
static void copy_constants(struct mp_infer *f) {
    for (size_t v = 0; v < f->g->value_count; v++) {
        const struct mp_array *from = &f->g->values[v].array;
        if (!f->g->values[v].constant || !f->apart[v])
            continue;
        if (from->whole)
            memcpy(f->arrays[v].i, from->i, mp_shape_count(&from->shape) * sizeof *from->i);
        else
            memcpy(f->arrays[v].f, from->f, mp_shape_count(&from->shape) * sizeof *from->f);
    }
}

void mp_infer_reload(struct mp_infer *f) {
    for (size_t t = 0; t < f->step_count; t++)
        if (f->steps[t].kind == MP_STEP_CONV)
            mp_conv_pack(f->steps[t].conv, f->steps[t].in[1]->f);
}

void mp_infer_keep(struct mp_infer *f, size_t value) {
    f->keep[value] = true;
}

void mp_infer_keep_apart(struct mp_infer *f, size_t value) {
    assert(!f->planned);
    if (f->g->values[value].constant && !f->apart[value])
        give_memory(&f->arrays[value]);
    f->keep[value] = f->apart[value] = true;
}

void mp_infer_shift(struct mp_infer *f, size_t value, const float *delta) {
    assert(f->apart[value] && !f->arrays[value].whole);
    f->shifts += delta != NULL;
    f->shifts -= f->shift[value] != NULL;
    f->shift[value] = delta;
}

struct mp_array *mp_infer_input(struct mp_infer *f, size_t i) {
    return &f->arrays[f->g->inputs[i]];
}

const struct mp_array *mp_infer_value(const struct mp_infer *f, size_t value) {
    return mp_infer_array(f, value);
}

// A bound of Clip: an input from opset 11 on, an attribute before.
static float bound(const struct mp_infer *f, const struct mp_graph_node *n, size_t input, const char *attr, float none) {
    const struct mp_value *v = mp_node_input(f->g, n, input);
    return v ? v->array.f[0] : mp_attr_real(n, attr, none);
}

static struct mp_conv_tail tail_of(const struct mp_infer *f, const struct mp_step *s) {
    const struct mp_graph_node *n = s->node;
    struct mp_conv_tail tail = {.low = -HUGE_VALF, .high = HUGE_VALF};
    if (n->input_count > 2 && s->in[2])
        tail.bias = s->in[2]->f;
    if (s->add != MP_NO_VALUE)
        tail.add = mp_infer_value(f, s->add)->f;
    if (s->bounds && strcmp(s->bounds->op->name, "Relu") == 0) {
        tail.low = 0;
    } else if (s->bounds) {
        tail.low = bound(f, s->bounds, 1, "min", tail.low);
        tail.high = bound(f, s->bounds, 2, "max", tail.high);
    }
    return tail;
}

static void run_conv(const struct mp_infer *f, const struct mp_step *s) {
    const struct mp_array *in = s->in[0], *out = s->out[0];
    uint64_t images = in->shape.dim[0];
    if (images == 0)
        return;
    uint64_t from = mp_shape_count(&in->shape) / images, to = mp_shape_count(&out->shape) / images;
    struct mp_conv_tail tail = tail_of(f, s);
    uint64_t out_channels = out->shape.dim[1];
    const struct mp_points points = {out_channels, in->shape.dim[1], to / out_channels};
    for (uint64_t i = 0; i < images; i++) {
        if (s->kind == MP_STEP_CONV)
            mp_conv_run(s->conv, in->f + i * from, &tail, f->scratch, out->f + i * to);
        else
            mp_blas_points(&points, in->f + i * from, s->in[1]->f, &tail, out->f + i * to);
        if (tail.add)
            tail.add += to;
    }
}

static void run_step(const struct mp_infer *f, const struct mp_step *s) {
    switch (s->kind) {
    case MP_STEP_CONV:
    case MP_STEP_POINTS:
        run_conv(f, s);
        return;
    case MP_STEP_VIEW:
        return;
    case MP_STEP_GEMM:
        if (mp_blas_gemm(s->node, s->in, s->out[0]))
            return;
        break;
    case MP_STEP_MATMUL:
        if (mp_blas_matmul(s->in, s->out[0]))
            return;
        break;
    case MP_STEP_RUN:
        break;
    }
    s->node->op->run(f->g, s->node, s->in, s->out);
}

static void shift(struct mp_infer *f, size_t value) {
    const float *delta = f->shift[value];
    for (uint64_t i = 0; delta && i < mp_shape_count(&f->arrays[value].shape); i++)
        f->arrays[value].f[i] += delta[i];
}

// Inputs and constants: what no step makes.
static void shift_first(struct mp_infer *f) {
    for (size_t v = 0; f->shifts > 0 && v < f->g->value_count; v++)
        if (f->g->values[v].producer == MP_NO_NODE || f->g->values[v].constant)
            shift(f, v);
}

static void shift_outputs(struct mp_infer *f, const struct mp_step *s) {
    for (size_t i = 0; f->shifts > 0 && s->kind != MP_STEP_VIEW && i < s->node->output_count; i++)
        if (s->out[i])
            shift(f, (size_t)(s->out[i] - f->arrays));
}

void mp_infer_run(struct mp_infer *f) {
    copy_constants(f);
    if (!f->planned) {
        mp_infer_plan(f);
        f->scratch = mp_infer_memory((f->scratch_floats + 15) / 16 * 16 * sizeof *f->scratch + ALIGNMENT);
        mp_infer_reload(f);
    }
    shift_first(f);
    for (size_t t = 0; t < f->step_count; t++) {
        run_step(f, &f->steps[t]);
        shift_outputs(f, &f->steps[t]);
    }
}
