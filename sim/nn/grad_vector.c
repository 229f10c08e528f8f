// SPDX-License-Identifier: Apache-2.0
// Derivatives of what takes vectors whole: softmax and normalisations.
#include "sim/nn/grad_parts.h"
#include "sim/nn/op_check.h"
#include "sim/nn/walk.h"

#include <math.h>

// y = softmax(x): dx = y (dy - sum y dy). y = log softmax(x): dx = dy - exp(y) sum dy. `count` elements, `step` apart.
static void softmax_one(const float *y, const float *d, uint64_t count, uint64_t step, bool is_log, float *to) {
    double sum = 0;
    for (uint64_t i = 0; i < count; i++)
        sum += (double)d[i * step] * (is_log ? 1 : (double)y[i * step]);
    for (uint64_t i = 0; i < count; i++) {
        const double p = (double)y[i * step], g = (double)d[i * step];
        to[i * step] += (float)(is_log ? g - exp(p) * sum : p * (g - sum));
    }
}

// Before opset 13 all dimensions from the axis on are one, and the default is 1.
static void softmax(const struct mp_grad_step *s, bool is_log) {
    const struct mp_shape *shape = &s->out[0]->shape;
    const bool to_end = s->g->opset < 13;
    const unsigned axis = mp_axis_of(mp_attr_int(s->node, "axis", to_end ? 1 : -1), shape->rank);
    uint64_t count = 1, step = 1, all = mp_shape_count(shape);
    for (unsigned d = axis; d < shape->rank; d++)
        *(d == axis || to_end ? &count : &step) *= shape->dim[d];
    for (uint64_t at = 0; at < all; at += count * step)
        for (uint64_t i = at; i < at + step; i++)
            softmax_one(s->out[0]->f + i, s->d_out[0] + i, count, step, is_log, s->d_in[0] + i);
}

static void run_softmax(const struct mp_grad_step *s) {
    softmax(s, false);
}

static void run_log_softmax(const struct mp_grad_step *s) {
    softmax(s, true);
}

// Elements of one vector of a layer norm.
static uint64_t norm_size(const struct mp_grad_step *s) {
    const struct mp_shape *shape = &s->in[0]->shape;
    uint64_t size = 1;
    for (unsigned d = mp_axis_of(mp_attr_int(s->node, "axis", -1), shape->rank); d < shape->rank; d++)
        size *= shape->dim[d];
    return size;
}

// z = (x - mean) / deviation; returns 1 / deviation.
static double standardise(const float *x, float *z, uint64_t count, double epsilon) {
    double sum = 0, squares = 0;
    for (uint64_t i = 0; i < count; i++)
        sum += (double)x[i];
    const double mean = sum / (double)count;
    for (uint64_t i = 0; i < count; i++)
        squares += ((double)x[i] - mean) * ((double)x[i] - mean);
    const double factor = 1 / sqrt(squares / (double)count + epsilon);
    for (uint64_t i = 0; i < count; i++)
        z[i] = (float)(((double)x[i] - mean) * factor);
    return factor;
}

// The scratch: z, dz, 1 / deviation by vector.
static uint64_t norm_scratch(const struct mp_grad_step *s) {
    return 3 * mp_shape_count(&s->in[0]->shape);
}

// y = z scale + bias.
static void norm_scale(const struct mp_grad_step *s, const float *z, float *dz) {
    struct mp_walk w;
    mp_walk_over(&w, &s->in[0]->shape);
    mp_walk_input(&w, 0, &s->in[1]->shape);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            const int64_t at = w.at[0] + (int64_t)i * w.row_step[0];
            const float d = s->d_out[0][w.out + i];
            dz[w.out + i] = d * s->in[1]->f[at];
            if (s->d_in[1])
                s->d_in[1][at] += d * z[w.out + i];
        }
}

// dx = (dz - mean dz - z mean (z dz)) / deviation
static void norm_one(const float *z, const float *dz, double factor, uint64_t count, float *to) {
    double sum = 0, along = 0;
    for (uint64_t i = 0; i < count; i++) {
        sum += (double)dz[i];
        along += (double)dz[i] * (double)z[i];
    }
    for (uint64_t i = 0; i < count; i++)
        to[i] += (float)(factor * ((double)dz[i] - (sum + (double)z[i] * along) / (double)count));
}

static void run_layer_norm(const struct mp_grad_step *s) {
    const uint64_t all = mp_shape_count(&s->in[0]->shape), size = norm_size(s);
    const double epsilon = (double)mp_attr_real(s->node, "epsilon", 1e-5f);
    float *z = s->scratch, *dz = z + all, *factor = dz + all;
    for (uint64_t at = 0; at < all; at += size)
        factor[at / size] = (float)standardise(s->in[0]->f + at, z + at, size, epsilon);
    norm_scale(s, z, dz);
    for (uint64_t at = 0; s->d_in[0] && at < all; at += size)
        norm_one(z + at, dz + at, (double)factor[at / size], size, s->d_in[0] + at);
    if (s->node->input_count > 2 && s->d_in[2])
        mp_grad_fold(s, 2, 1);
}

// y = (x - mean) scale / sqrt(variance + epsilon) + bias, by the channels of dimension 1.
static void run_batch_norm(const struct mp_grad_step *s) {
    const struct mp_shape *shape = &s->in[0]->shape;
    const double epsilon = (double)mp_attr_real(s->node, "epsilon", 1e-5f);
    const uint64_t channels = shape->rank > 1 ? shape->dim[1] : 1, count = mp_shape_count(shape);
    const uint64_t inner = count == 0 ? 0 : shape->rank > 1 ? count / shape->dim[0] / channels : 1;
    for (uint64_t at = 0; at < count; at += inner) {
        const uint64_t c = at / inner % channels;
        const double factor = (double)s->in[1]->f[c] / sqrt((double)s->in[4]->f[c] + epsilon);
        for (uint64_t i = at; i < at + inner; i++)
            s->d_in[0][i] += (float)((double)s->d_out[0][i] * factor);
    }
}

const struct mp_grad_row mp_grad_vectors[] = {
    {.op = "BatchNormalization", .run = run_batch_norm, .reads = MP_GRAD_INPUTS, .inputs = 1},
    {.op = "LayerNormalization", .run = run_layer_norm, .reads = MP_GRAD_INPUTS, .inputs = 3, .scratch = norm_scratch},
    {.op = "LogSoftmax", .run = run_log_softmax, .reads = MP_GRAD_OUTPUT, .inputs = 1},
    {.op = "Softmax", .run = run_softmax, .reads = MP_GRAD_OUTPUT, .inputs = 1},
    {.op = NULL},
};
