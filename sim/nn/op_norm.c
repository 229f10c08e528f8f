// SPDX-License-Identifier: Apache-2.0
// Normalisation: BatchNormalization with its running statistics, LayerNormalization, Softmax and LogSoftmax.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"
#include "sim/nn/walk.h"

#include <inttypes.h>
#include <math.h>

static bool infer_batch_norm(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    char text[200];
    if (!mp_op_need_real(g, n, 5, err) || !mp_op_need_rank(g, n, 0, 1, MP_MAX_RANK, err))
        return false;
    if (mp_attr_int(n, "training_mode", 0) != 0)
        return mp_graph_fail(g, n, err, "training_mode must be 0: only inference is supported");
    if (mp_attr_int(n, "spatial", 1) != 1)
        return mp_graph_fail(g, n, err, "attribute \"spatial\" must be 1 (got %" PRId64 ")", mp_attr_int(n, "spatial", 1));
    uint64_t channels = in->rank > 1 ? in->dim[1] : 1;
    for (size_t i = 1; i < 5; i++)
        if (mp_op_dims(g, n, i)->rank != 1 || mp_op_dims(g, n, i)->dim[0] != channels)
            return mp_graph_fail(g, n, err, "input %zu must have %" PRIu64 " elements (got %s)", i + 1, channels,
                                 mp_shape_text(mp_op_dims(g, n, i), text));
    return mp_op_like(g, n, 0, err);
}

static void run_batch_norm(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                           struct mp_array *const *out) {
    (void)g;
    const struct mp_shape *s = &in[0]->shape;
    float epsilon = mp_attr_real(n, "epsilon", 1e-5f);
    uint64_t channels = s->rank > 1 ? s->dim[1] : 1, count = mp_shape_count(s);
    uint64_t inner = count == 0 ? 0 : s->rank > 1 ? count / s->dim[0] / channels : 1;
    for (uint64_t at = 0; at < count; at += inner) {
        uint64_t c = at / inner % channels;
        double factor = (double)in[1]->f[c] / sqrt((double)in[4]->f[c] + (double)epsilon);
        double offset = (double)in[2]->f[c] - (double)in[3]->f[c] * factor;
        for (uint64_t i = 0; i < inner; i++)
            out[0]->f[at + i] = (float)((double)in[0]->f[at + i] * factor + offset);
    }
}

static bool infer_layer_norm(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    struct mp_shape s = *in, all;
    unsigned axis = 0;
    char a[200], b[200];
    if (!mp_op_need_real(g, n, 3, err) || !mp_op_axis(g, n, mp_attr_int(n, "axis", -1), in->rank, &axis, err))
        return false;
    for (size_t i = 1; i < n->input_count; i++)
        if (mp_op_has(n, i) && (!mp_shape_broadcast(in, mp_op_dims(g, n, i), &all) || !mp_shape_equal(in, &all)))
            return mp_graph_fail(g, n, err, "input %zu of %s does not go with %s", i + 1,
                                 mp_shape_text(mp_op_dims(g, n, i), a), mp_shape_text(in, b));
    for (unsigned d = axis; d < s.rank; d++)
        s.dim[d] = 1;
    return mp_op_like(g, n, 0, err) && mp_op_output(g, n, 1, &s, false, err) && mp_op_output(g, n, 2, &s, false, err);
}

// y = (x - mean) / deviation; returns 1 / deviation.
static double standardise(const float *x, float *y, uint64_t count, double epsilon, double *mean) {
    double sum = 0, squares = 0;
    for (uint64_t i = 0; i < count; i++)
        sum += (double)x[i];
    *mean = sum / (double)count;
    for (uint64_t i = 0; i < count; i++)
        squares += ((double)x[i] - *mean) * ((double)x[i] - *mean);
    double factor = 1 / sqrt(squares / (double)count + epsilon);
    for (uint64_t i = 0; i < count; i++)
        y[i] = (float)(((double)x[i] - *mean) * factor);
    return factor;
}

static void run_layer_norm(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                           struct mp_array *const *out) {
    (void)g;
    const struct mp_shape *s = &in[0]->shape;
    uint64_t size = 1, count = mp_shape_count(s);
    for (unsigned d = mp_axis_of(mp_attr_int(n, "axis", -1), s->rank); d < s->rank; d++)
        size *= s->dim[d];
    for (uint64_t at = 0, i = 0; at < count; at += size, i++) {
        double mean, factor = standardise(in[0]->f + at, out[0]->f + at, size, (double)mp_attr_real(n, "epsilon", 1e-5f), &mean);
        if (n->output_count > 1 && out[1])
            out[1]->f[i] = (float)mean;
        if (n->output_count > 2 && out[2])
            out[2]->f[i] = (float)factor;
    }
    struct mp_walk w;
    const struct mp_array *bias = n->input_count > 2 ? in[2] : NULL;
    mp_walk_over(&w, s);
    mp_walk_input(&w, 0, &in[1]->shape);
    if (bias)
        mp_walk_input(&w, 1, &bias->shape);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            float scale = in[1]->f[w.at[0] + (int64_t)i * w.row_step[0]];
            float shift = bias ? bias->f[w.at[1] + (int64_t)i * w.row_step[1]] : 0;
            out[0]->f[w.out + i] = out[0]->f[w.out + i] * scale + shift;
        }
}

// Before opset 13 all dimensions from the axis on are one, and the default is 1.
static int64_t softmax_axis(const struct mp_graph *g, const struct mp_graph_node *n) {
    return mp_attr_int(n, "axis", g->opset < 13 ? 1 : -1);
}

static bool infer_softmax(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    unsigned axis = 0;
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    bool after_all = g->opset < 13 && softmax_axis(g, n) == (int64_t)in->rank; // each element by itself
    return mp_op_need_real(g, n, 1, err) && (after_all || mp_op_axis(g, n, softmax_axis(g, n), in->rank, &axis, err)) &&
           mp_op_like(g, n, 0, err);
}

// `count` elements, `step` apart.
static void softmax_one(const float *x, float *y, uint64_t count, uint64_t step, bool is_log) {
    float top = x[0];
    double sum = 0;
    for (uint64_t i = 1; i < count; i++)
        top = x[i * step] > top ? x[i * step] : top;
    for (uint64_t i = 0; i < count; i++)
        sum += exp((double)x[i * step] - (double)top);
    for (uint64_t i = 0; i < count; i++) {
        double d = (double)x[i * step] - (double)top;
        y[i * step] = (float)(is_log ? d - log(sum) : exp(d) / sum);
    }
}

static void softmax(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *in, struct mp_array *out,
                    bool is_log) {
    const struct mp_shape *s = &in->shape;
    unsigned axis = mp_axis_of(softmax_axis(g, n), s->rank);
    uint64_t count = 1, step = 1, all = mp_shape_count(s);
    for (unsigned d = axis; d < s->rank; d++)
        *(d == axis || g->opset < 13 ? &count : &step) *= s->dim[d];
    for (uint64_t at = 0; at < all; at += count * step)
        for (uint64_t i = 0; i < step; i++)
            softmax_one(in->f + at + i, out->f + at + i, count, step, is_log);
}

static void run_softmax(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                        struct mp_array *const *out) {
    softmax(g, n, in[0], out[0], false);
}

static void run_log_softmax(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                            struct mp_array *const *out) {
    softmax(g, n, in[0], out[0], true);
}

const struct mp_op mp_op_batch_normalization = {
    "BatchNormalization", 5, 5, 1, "epsilon:f momentum:f spatial:i training_mode:i", infer_batch_norm, run_batch_norm,
    NULL, MP_FLOW_ANY,
};
const struct mp_op mp_op_layer_normalization = {
    "LayerNormalization", 2, 3, 3, "axis:i epsilon:f stash_type:i", infer_layer_norm, run_layer_norm, NULL,
    MP_FLOW_ANY,
};
const struct mp_op mp_op_log_softmax = {
    "LogSoftmax", 1, 1, 1, "axis:i", infer_softmax, run_log_softmax, NULL, MP_FLOW_ANY,
};
const struct mp_op mp_op_softmax = {"Softmax", 1, 1, 1, "axis:i", infer_softmax, run_softmax, NULL, MP_FLOW_ANY};
