// SPDX-License-Identifier: Apache-2.0
// QuantizeLinear and DequantizeLinear, per tensor or along one axis.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"

#include <inttypes.h>
#include <math.h>

// Scale and zero point: one number, or one for each index along the axis.
static bool check(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0), *scale = mp_op_dims(g, n, 1);
    int64_t bits = mp_attr_int(n, "dtype_bits", 8);
    unsigned axis = 0;
    char text[200];
    if (bits != 8 && bits != 16 && bits != 32)
        return mp_graph_fail(g, n, err, "the type must have 8, 16 or 32 bits (got %" PRId64 ")", bits);
    if (mp_op_is_whole(g, n, 1))
        return mp_graph_fail(g, n, err, "input 2 must hold real numbers (got integers)");
    if (mp_op_has(n, 2) && (!mp_op_need_whole(g, n, 2, err)))
        return false;
    if (mp_op_has(n, 2) && mp_shape_count(mp_op_dims(g, n, 2)) != mp_shape_count(scale))
        return mp_graph_fail(g, n, err, "scale and zero point must have one shape");
    if (mp_shape_count(scale) == 1)
        return true;
    if (!mp_op_axis(g, n, mp_attr_int(n, "axis", 1), in->rank, &axis, err))
        return false;
    return (scale->rank == 1 && scale->dim[0] == in->dim[axis]) ||
           mp_graph_fail(g, n, err, "scale must be one number or %" PRIu64 ", one for each index of axis %u (got %s)",
                         in->dim[axis], axis, mp_shape_text(scale, text));
}

static bool infer_quantize(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    return mp_op_need_real(g, n, 1, err) && check(g, n, err) && mp_op_output(g, n, 0, mp_op_dims(g, n, 0), true, err);
}

static bool infer_dequantize(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    return mp_op_need_whole(g, n, 0, err) && check(g, n, err) && mp_op_output(g, n, 0, mp_op_dims(g, n, 0), false, err);
}

// The array as [outer][along the axis][inner].
struct plan {
    uint64_t outer, along, inner;
    const float *scale;
    const int64_t *zero; // or NULL
};

static struct plan plan(const struct mp_graph_node *n, const struct mp_array *const *in) {
    const struct mp_shape *s = &in[0]->shape;
    const int64_t *zero = n->input_count > 2 && in[2] ? in[2]->i : NULL;
    struct plan p = {.outer = 1, .along = 1, .inner = 1, .scale = in[1]->f, .zero = zero};
    if (mp_shape_count(&in[1]->shape) == 1) {
        p.inner = mp_shape_count(s);
        return p;
    }
    unsigned axis = mp_axis_of(mp_attr_int(n, "axis", 1), s->rank);
    p.along = s->dim[axis];
    for (unsigned d = 0; d < axis; d++)
        p.outer *= s->dim[d];
    for (unsigned d = axis + 1; d < s->rank; d++)
        p.inner *= s->dim[d];
    return p;
}

// Round half to even, then saturate; not a number counts as zero.
static int64_t quantised(float x, float scale, int64_t zero, double low, double high) {
    double q = rint((double)(x / scale)) + (double)zero;
    return isnan(q) ? zero : q < low ? (int64_t)low : q > high ? (int64_t)high : (int64_t)q;
}

static void run_quantize(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                         struct mp_array *const *out) {
    (void)g;
    struct plan p = plan(n, in);
    int bits = (int)mp_attr_int(n, "dtype_bits", 8);
    bool is_signed = mp_attr_int(n, "dtype_signed", 0) != 0;
    double low = is_signed ? -ldexp(1, bits - 1) : 0, high = ldexp(1, is_signed ? bits - 1 : bits) - 1;
    uint64_t at = 0;
    for (uint64_t o = 0; o < p.outer; o++)
        for (uint64_t k = 0; k < p.along; k++)
            for (uint64_t i = 0; i < p.inner; i++, at++)
                out[0]->i[at] = quantised(in[0]->f[at], p.scale[k], p.zero ? p.zero[k] : 0, low, high);
}

static void run_dequantize(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                           struct mp_array *const *out) {
    (void)g;
    struct plan p = plan(n, in);
    uint64_t at = 0;
    for (uint64_t o = 0; o < p.outer; o++)
        for (uint64_t k = 0; k < p.along; k++)
            for (uint64_t i = 0; i < p.inner; i++, at++) {
                uint64_t q = (uint64_t)in[0]->i[at] - (uint64_t)(p.zero ? p.zero[k] : 0);
                out[0]->f[at] = (float)(int64_t)q * p.scale[k];
            }
}

#define ATTRS "axis:i dtype_bits:i dtype_signed:i"
const struct mp_op mp_op_dequantize_linear = {
    "DequantizeLinear", 2, 3, 1, ATTRS, infer_dequantize, run_dequantize, NULL, MP_FLOW_ANY,
};
const struct mp_op mp_op_quantize_linear = {
    "QuantizeLinear", 2, 3, 1, ATTRS, infer_quantize, run_quantize, NULL, MP_FLOW_ANY,
};
