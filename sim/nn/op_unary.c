// SPDX-License-Identifier: Apache-2.0
// Functions of one element.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"

#include <math.h>
#include <string.h>

static bool infer_real(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    return mp_op_need_real(g, n, 1, err) && mp_op_like(g, n, 0, err);
}

static bool infer_any(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    return mp_op_like(g, n, 0, err);
}

static inline void each(const struct mp_array *in, struct mp_array *out, float (*fn)(float)) {
    uint64_t count = mp_shape_count(&out->shape);
    for (uint64_t i = 0; i < count; i++)
        out->f[i] = fn(in->f[i]);
}

static float relu(float x) {
    return x < 0 ? 0 : x;
}

static float sigmoid(float x) {
    return 1 / (1 + expf(-x));
}

static float hard_swish(float x) {
    float gate = x / 6 + 0.5f;
    return x * (gate < 0 ? 0 : gate > 1 ? 1 : gate);
}

static float swish(float x) {
    return x * sigmoid(x);
}

static float reciprocal(float x) {
    return 1 / x;
}

static void run_relu(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g, (void)n;
    uint64_t count = mp_shape_count(&in[0]->shape);
    if (in[0]->whole)
        for (uint64_t i = 0; i < count; i++)
            out[0]->i[i] = in[0]->i[i] < 0 ? 0 : in[0]->i[i];
    else
        each(in[0], out[0], relu);
}

static void run_sigmoid(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                        struct mp_array *const *out) {
    (void)g, (void)n;
    each(in[0], out[0], sigmoid);
}

static void run_tanh(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g, (void)n;
    each(in[0], out[0], tanhf);
}

static void run_hard_swish(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                           struct mp_array *const *out) {
    (void)g, (void)n;
    each(in[0], out[0], hard_swish);
}

static void run_swish(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                      struct mp_array *const *out) {
    (void)g, (void)n;
    each(in[0], out[0], swish);
}

static void run_erf(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    each(in[0], out[0], erff);
}

static void run_exp(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    each(in[0], out[0], expf);
}

static void run_log(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    each(in[0], out[0], logf);
}

static void run_reciprocal(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                           struct mp_array *const *out) {
    (void)g, (void)n;
    each(in[0], out[0], reciprocal);
}

static void run_floor(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                      struct mp_array *const *out) {
    (void)g, (void)n;
    each(in[0], out[0], floorf);
}

static void run_ceil(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g, (void)n;
    each(in[0], out[0], ceilf);
}

static void run_sqrt(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g, (void)n;
    each(in[0], out[0], sqrtf);
}

// Whole numbers wrap around.
static int64_t negative(int64_t x) {
    return (int64_t)(0 - (uint64_t)x);
}

static void run_neg(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    uint64_t count = mp_shape_count(&in[0]->shape);
    for (uint64_t i = 0; i < count; i++)
        if (in[0]->whole)
            out[0]->i[i] = negative(in[0]->i[i]);
        else
            out[0]->f[i] = -in[0]->f[i];
}

static void run_abs(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    uint64_t count = mp_shape_count(&in[0]->shape);
    for (uint64_t i = 0; i < count; i++)
        if (in[0]->whole)
            out[0]->i[i] = in[0]->i[i] < 0 ? negative(in[0]->i[i]) : in[0]->i[i];
        else
            out[0]->f[i] = fabsf(in[0]->f[i]);
}

static void run_leaky_relu(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                           struct mp_array *const *out) {
    (void)g;
    float alpha = mp_attr_real(n, "alpha", 0.01f);
    uint64_t count = mp_shape_count(&in[0]->shape);
    for (uint64_t i = 0; i < count; i++)
        out[0]->f[i] = in[0]->f[i] < 0 ? alpha * in[0]->f[i] : in[0]->f[i];
}

static void run_hard_sigmoid(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                             struct mp_array *const *out) {
    (void)g;
    float alpha = mp_attr_real(n, "alpha", 0.2f), beta = mp_attr_real(n, "beta", 0.5f);
    uint64_t count = mp_shape_count(&in[0]->shape);
    for (uint64_t i = 0; i < count; i++) {
        float y = alpha * in[0]->f[i] + beta;
        out[0]->f[i] = y < 0 ? 0 : y > 1 ? 1 : y;
    }
}

static bool infer_gelu(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const char *how = mp_attr_text(n, "approximate", "none");
    if (strcmp(how, "none") != 0 && strcmp(how, "tanh") != 0)
        return mp_graph_fail(g, n, err, "attribute \"approximate\" must be \"none\" or \"tanh\" (got \"%s\")", how);
    return infer_real(g, n, err);
}

static float gelu_erf(float x) {
    return 0.5f * x * (1 + erff(x * 0.70710678f));
}

static float gelu_tanh(float x) {
    return 0.5f * x * (1 + tanhf(0.79788456f * (x + 0.044715f * x * x * x)));
}

static void run_gelu(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g;
    each(in[0], out[0], strcmp(mp_attr_text(n, "approximate", "none"), "tanh") == 0 ? gelu_tanh : gelu_erf);
}

// Bounds are attributes before opset 11, inputs from then on.
static bool infer_clip(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    if (g->opset < 11 && n->input_count > 1)
        return mp_graph_fail(g, n, err, "must have 1 input before opset 11 (got %zu)", n->input_count);
    if (g->opset >= 11 && n->attr_count > 0)
        return mp_graph_fail(g, n, err, "bounds are inputs from opset 11 on (got attribute \"%s\")", n->attrs[0].name);
    return mp_op_same_kind(g, n, 0, err) && mp_op_need_scalar(g, n, 1, err) && mp_op_need_scalar(g, n, 2, err) &&
           mp_op_like(g, n, 0, err);
}

static void clip_whole(const struct mp_array *in, const struct mp_array *min, const struct mp_array *max,
                       struct mp_array *out) {
    int64_t low = min ? min->i[0] : INT64_MIN, high = max ? max->i[0] : INT64_MAX;
    uint64_t count = mp_shape_count(&in->shape);
    for (uint64_t i = 0; i < count; i++) {
        int64_t x = in->i[i] < low ? low : in->i[i];
        out->i[i] = x > high ? high : x;
    }
}

static void run_clip(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g;
    const struct mp_array *min = n->input_count > 1 ? in[1] : NULL, *max = n->input_count > 2 ? in[2] : NULL;
    if (in[0]->whole) {
        clip_whole(in[0], min, max, out[0]);
        return;
    }
    float low = min ? min->f[0] : mp_attr_real(n, "min", -HUGE_VALF);
    float high = max ? max->f[0] : mp_attr_real(n, "max", HUGE_VALF);
    uint64_t count = mp_shape_count(&in[0]->shape);
    for (uint64_t i = 0; i < count; i++) {
        float x = in[0]->f[i] < low ? low : in[0]->f[i];
        out[0]->f[i] = x > high ? high : x;
    }
}

const struct mp_op mp_op_abs = {"Abs", 1, 1, 1, NULL, infer_any, run_abs, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_ceil = {"Ceil", 1, 1, 1, NULL, infer_real, run_ceil, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_clip = {"Clip", 1, 3, 1, "min:f max:f", infer_clip, run_clip, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_erf = {"Erf", 1, 1, 1, NULL, infer_real, run_erf, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_exp = {"Exp", 1, 1, 1, NULL, infer_real, run_exp, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_floor = {"Floor", 1, 1, 1, NULL, infer_real, run_floor, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_gelu = {"Gelu", 1, 1, 1, "approximate:t", infer_gelu, run_gelu, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_hard_sigmoid = {
    "HardSigmoid", 1, 1, 1, "alpha:f beta:f", infer_real, run_hard_sigmoid, NULL, MP_FLOW_ELEMENT,
};
const struct mp_op mp_op_hard_swish = {"HardSwish", 1, 1, 1, NULL, infer_real, run_hard_swish, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_leaky_relu = {
    "LeakyRelu", 1, 1, 1, "alpha:f", infer_real, run_leaky_relu, NULL, MP_FLOW_ELEMENT,
};
const struct mp_op mp_op_log = {"Log", 1, 1, 1, NULL, infer_real, run_log, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_neg = {"Neg", 1, 1, 1, NULL, infer_any, run_neg, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_reciprocal = {"Reciprocal", 1, 1, 1, NULL, infer_real, run_reciprocal, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_relu = {"Relu", 1, 1, 1, NULL, infer_any, run_relu, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_sigmoid = {"Sigmoid", 1, 1, 1, NULL, infer_real, run_sigmoid, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_sqrt = {"Sqrt", 1, 1, 1, NULL, infer_real, run_sqrt, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_swish = {"Swish", 1, 1, 1, NULL, infer_real, run_swish, NULL, MP_FLOW_ELEMENT};
const struct mp_op mp_op_tanh = {"Tanh", 1, 1, 1, NULL, infer_real, run_tanh, NULL, MP_FLOW_ELEMENT};
