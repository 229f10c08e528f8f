// SPDX-License-Identifier: Apache-2.0
// Derivatives of functions of one element. At a kink (of Relu, Abs, Clip, ...) it is that of the flat side, or 0.
#include "sim/nn/grad_parts.h"

#include <math.h>
#include <string.h>

#define SQRT_2 1.4142135623730951
#define SQRT_PI 1.7724538509055159

static void each(const struct mp_grad_step *s, double (*slope)(double x, double y, const double *attr), const double *attr) {
    const uint64_t count = mp_shape_count(&s->out[0]->shape);
    const bool has_x = s->row->reads & MP_GRAD_INPUTS, has_y = s->row->reads & MP_GRAD_OUTPUT;
    for (uint64_t i = 0; i < count; i++) {
        double x = has_x ? (double)s->in[0]->f[i] : 0, y = has_y ? (double)s->out[0]->f[i] : 0;
        s->d_in[0][i] += (float)((double)s->d_out[0][i] * slope(x, y, attr));
    }
}

static void run_each(const struct mp_grad_step *s) {
    double attr[2] = {0};
    for (unsigned i = 0; i < 2 && s->row->attrs[i].name; i++)
        attr[i] = (double)mp_attr_real(s->node, s->row->attrs[i].name, s->row->attrs[i].def);
    each(s, s->row->slope, attr);
}

static void run_relu(const struct mp_grad_step *s) {
    const uint64_t count = mp_shape_count(&s->out[0]->shape);
    const float *restrict y = s->out[0]->f, *restrict d = s->d_out[0];
    float *restrict to = s->d_in[0];
    for (uint64_t i = 0; i < count; i++) {
        const float whole = d[i];
        to[i] += y[i] > 0 ? whole : 0;
    }
}

// A bound of Clip: an input from opset 11 on, an attribute before.
static float bound(const struct mp_grad_step *s, size_t input, const char *attr, float none) {
    const struct mp_array *b = input < s->node->input_count ? s->in[input] : NULL;
    return b ? b->f[0] : mp_attr_real(s->node, attr, none);
}

static void run_clip(const struct mp_grad_step *s) {
    const uint64_t count = mp_shape_count(&s->out[0]->shape);
    const float low = bound(s, 1, "min", -HUGE_VALF), high = bound(s, 2, "max", HUGE_VALF);
    for (uint64_t i = 0; i < count; i++)
        s->d_in[0][i] += s->in[0]->f[i] > low && s->in[0]->f[i] < high ? s->d_out[0][i] : 0;
}

static double of_abs(double x, double y, const double *attr) {
    (void)y, (void)attr;
    return x > 0 ? 1 : x < 0 ? -1 : 0;
}

static double of_erf(double x, double y, const double *attr) {
    (void)y, (void)attr;
    return 2 / SQRT_PI * exp(-x * x);
}

static double of_exp(double x, double y, const double *attr) {
    (void)x, (void)attr;
    return y;
}

static double of_gelu_erf(double x, double y, const double *attr) {
    (void)y, (void)attr;
    return 0.5 * (1 + erf(x / SQRT_2)) + x / (SQRT_2 * SQRT_PI) * exp(-x * x / 2);
}

// y = x/2 (1 + tanh u), u = sqrt(2/pi) (x + 0.044715 x^3)
static double of_gelu_tanh(double x, double y, const double *attr) {
    (void)y, (void)attr;
    const double factor = SQRT_2 / SQRT_PI, t = tanh(factor * (x + 0.044715 * x * x * x));
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * factor * (1 + 3 * 0.044715 * x * x);
}

static void run_gelu(const struct mp_grad_step *s) {
    each(s, strcmp(mp_attr_text(s->node, "approximate", "none"), "tanh") == 0 ? of_gelu_tanh : of_gelu_erf, NULL);
}

static double of_hard_sigmoid(double x, double y, const double *attr) {
    (void)x;
    return y > 0 && y < 1 ? attr[0] : 0;
}

// y = x clip(x/6 + 1/2, 0, 1)
static double of_hard_swish(double x, double y, const double *attr) {
    (void)y, (void)attr;
    return x <= -3 ? 0 : x >= 3 ? 1 : x / 3 + 0.5;
}

static double of_leaky_relu(double x, double y, const double *attr) {
    (void)y;
    return x < 0 ? attr[0] : 1;
}

static double of_log(double x, double y, const double *attr) {
    (void)y, (void)attr;
    return 1 / x;
}

static double of_neg(double x, double y, const double *attr) {
    (void)x, (void)y, (void)attr;
    return -1;
}

static double of_reciprocal(double x, double y, const double *attr) {
    (void)x, (void)attr;
    return -y * y;
}

static double of_sigmoid(double x, double y, const double *attr) {
    (void)x, (void)attr;
    return y * (1 - y);
}

static double of_sqrt(double x, double y, const double *attr) {
    (void)x, (void)attr;
    return 0.5 / y;
}

static double of_swish(double x, double y, const double *attr) {
    (void)y, (void)attr;
    const double gate = 1 / (1 + exp(-x));
    return gate * (1 + x * (1 - gate));
}

static double of_tanh(double x, double y, const double *attr) {
    (void)x, (void)attr;
    return 1 - y * y;
}

const struct mp_grad_row mp_grad_elements[] = {
    {.op = "Abs", .run = run_each, .reads = MP_GRAD_INPUTS, .inputs = 1, .slope = of_abs},
    {.op = "Clip", .run = run_clip, .reads = MP_GRAD_INPUTS, .inputs = 1},
    {.op = "Erf", .run = run_each, .reads = MP_GRAD_INPUTS, .inputs = 1, .slope = of_erf},
    {.op = "Exp", .run = run_each, .reads = MP_GRAD_OUTPUT, .inputs = 1, .slope = of_exp},
    {.op = "Gelu", .run = run_gelu, .reads = MP_GRAD_INPUTS, .inputs = 1},
    {.op = "HardSigmoid", .run = run_each, .reads = MP_GRAD_OUTPUT, .inputs = 1, .slope = of_hard_sigmoid,
     .attrs = {{"alpha", 0.2f}}},
    {.op = "HardSwish", .run = run_each, .reads = MP_GRAD_INPUTS, .inputs = 1, .slope = of_hard_swish},
    {.op = "LeakyRelu", .run = run_each, .reads = MP_GRAD_INPUTS, .inputs = 1, .slope = of_leaky_relu,
     .attrs = {{"alpha", 0.01f}}},
    {.op = "Log", .run = run_each, .reads = MP_GRAD_INPUTS, .inputs = 1, .slope = of_log},
    {.op = "Neg", .run = run_each, .inputs = 1, .slope = of_neg},
    {.op = "Reciprocal", .run = run_each, .reads = MP_GRAD_OUTPUT, .inputs = 1, .slope = of_reciprocal},
    {.op = "Relu", .run = run_relu, .reads = MP_GRAD_OUTPUT, .inputs = 1},
    {.op = "Sigmoid", .run = run_each, .reads = MP_GRAD_OUTPUT, .inputs = 1, .slope = of_sigmoid},
    {.op = "Sqrt", .run = run_each, .reads = MP_GRAD_OUTPUT, .inputs = 1, .slope = of_sqrt},
    {.op = "Swish", .run = run_each, .reads = MP_GRAD_INPUTS, .inputs = 1, .slope = of_swish},
    {.op = "Tanh", .run = run_each, .reads = MP_GRAD_OUTPUT, .inputs = 1, .slope = of_tanh},
    {.op = NULL},
};
