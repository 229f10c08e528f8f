// SPDX-License-Identifier: Apache-2.0
// Operators that make arrays from little: constants, shapes, ranges; and Cast.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

// Constant: one of five attributes.
static bool infer_constant(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    if (n->attr_count != 1)
        return mp_graph_fail(g, n, err, "must have one attribute (got %zu)", n->attr_count);
    const struct mp_attr *a = &n->attrs[0];
    struct mp_shape list = {.rank = 1, .dim = {a->count}}, scalar = {0};
    switch (a->type) {
    case MP_ATTR_ARRAY:
        return mp_op_output(g, n, 0, &a->array.shape, a->array.whole, err);
    case MP_ATTR_INT:
    case MP_ATTR_REAL:
        return mp_op_output(g, n, 0, &scalar, a->type == MP_ATTR_INT, err);
    default:
        return mp_op_output(g, n, 0, &list, a->type == MP_ATTR_INTS, err);
    }
}

static void run_constant(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                         struct mp_array *const *out) {
    (void)g, (void)in;
    const struct mp_attr *a = &n->attrs[0];
    const float *f = a->type == MP_ATTR_REAL ? &a->f : a->type == MP_ATTR_REALS ? a->reals : a->array.f;
    const int64_t *i = a->type == MP_ATTR_INT ? &a->i : a->type == MP_ATTR_INTS ? a->ints : a->array.i;
    uint64_t count = mp_shape_count(&out[0]->shape);
    if (count > 0 && out[0]->whole)
        memcpy(out[0]->i, i, count * sizeof *i);
    else if (count > 0)
        memcpy(out[0]->f, f, count * sizeof *f);
}

// Dimensions from a list of integers.
static bool shape_of(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_ints list, struct mp_shape *s,
                     struct mp_err *err) {
    if (list.count > MP_MAX_RANK)
        return mp_graph_fail(g, n, err, "the shape may have at most %d dimensions (got %zu)", MP_MAX_RANK, list.count);
    *s = (struct mp_shape){.rank = (unsigned)list.count};
    for (unsigned d = 0; d < s->rank; d++) {
        if (list.v[d] < 0)
            return mp_graph_fail(g, n, err, "a dimension must be at least 0 (got %" PRId64 ")", list.v[d]);
        s->dim[d] = (uint64_t)list.v[d];
    }
    return true;
}

static bool infer_constant_of_shape(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_attr *value = mp_attr_find(n, "value");
    struct mp_ints list;
    struct mp_shape s;
    if (value && mp_shape_count(&value->array.shape) != 1)
        return mp_graph_fail(g, n, err, "attribute \"value\" must have one element");
    return mp_op_input_ints(g, n, 0, &list, err) && shape_of(g, n, list, &s, err) &&
           mp_op_output(g, n, 0, &s, value && value->array.whole, err);
}

static void run_constant_of_shape(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                                  struct mp_array *const *out) {
    (void)g, (void)in;
    const struct mp_attr *value = mp_attr_find(n, "value");
    uint64_t count = mp_shape_count(&out[0]->shape);
    for (uint64_t i = 0; i < count; i++)
        if (out[0]->whole)
            out[0]->i[i] = value->array.i[0];
        else
            out[0]->f[i] = value ? value->array.f[0] : 0;
}

// Shape: its output is known from the input's shape alone.
static bool infer_shape(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    int64_t rank = (int64_t)in->rank, start = mp_attr_int(n, "start", 0), end = mp_attr_int(n, "end", rank);
    start += start < 0 ? rank : 0;
    end += end < 0 ? rank : 0;
    start = start < 0 ? 0 : start > rank ? rank : start;
    end = end < start ? start : end > rank ? rank : end;
    struct mp_shape s = {.rank = 1, .dim = {(uint64_t)(end - start)}};
    if (!mp_op_output(g, n, 0, &s, true, err))
        return false;
    struct mp_value *v = &g->values[n->outputs[0]];
    v->array = mp_array_make(g->arena, &s, true);
    v->constant = true;
    for (int64_t d = start; d < end; d++)
        v->array.i[d - start] = (int64_t)in->dim[d];
    return true;
}

static void run_shape(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                      struct mp_array *const *out) {
    (void)g;
    int64_t start = mp_attr_int(n, "start", 0), rank = (int64_t)in[0]->shape.rank;
    start += start < 0 ? rank : 0;
    start = start < 0 ? 0 : start;
    for (uint64_t d = 0; d < out[0]->shape.dim[0]; d++)
        out[0]->i[d] = (int64_t)in[0]->shape.dim[(uint64_t)start + d];
}

static double number(const struct mp_array *a) {
    return a->whole ? (double)a->i[0] : (double)a->f[0];
}

static bool infer_range(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    double v[3];
    for (size_t i = 0; i < 3; i++) {
        if (!mp_op_need_scalar(g, n, i, err))
            return false;
        if (!mp_node_input(g, n, i)->constant)
            return mp_graph_fail(g, n, err, "input %zu must be a constant", i + 1);
        v[i] = number(&mp_node_input(g, n, i)->array);
    }
    double count = ceil((v[1] - v[0]) / v[2]);
    if (!isfinite(count))
        return mp_graph_fail(g, n, err, "from %g to %g by %g has no end", v[0], v[1], v[2]);
    if (count > (double)MP_MAX_ARRAY)
        return mp_graph_fail(g, n, err, "from %g to %g by %g has more than %" PRIu64 " elements", v[0], v[1], v[2],
                             MP_MAX_ARRAY);
    struct mp_shape s = {.rank = 1, .dim = {count > 0 ? (uint64_t)count : 0}};
    return mp_op_same_kind(g, n, 0, err) && mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

static void run_range(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                      struct mp_array *const *out) {
    (void)g, (void)n;
    for (uint64_t i = 0; i < out[0]->shape.dim[0]; i++)
        if (out[0]->whole)
            out[0]->i[i] = (int64_t)((uint64_t)in[0]->i[0] + i * (uint64_t)in[2]->i[0]);
        else
            out[0]->f[i] = in[0]->f[0] + (float)i * in[2]->f[0];
}

// ONNX's numbers of the types. Bits 0: real numbers; 1: bool. Narrow real numbers are rounded to so many digits behind the
// first one, down to the exponent of the smallest normal number; 0 digits: as they are.
struct cast_type {
    int64_t onnx;
    unsigned bits;
    bool is_signed;
    int digits, min_exponent;
    float infinite; // from here on
};

static const struct cast_type *cast_type(int64_t onnx) {
    static const struct cast_type types[] = {
        {1, 0, true, 0, 0, 0},   {10, 0, true, 10, -14, 0x1p16f}, {11, 0, true, 0, 0, 0}, {16, 0, true, 7, -126, HUGE_VALF},
        {2, 8, false, 0, 0, 0},  {3, 8, true, 0, 0, 0},           {4, 16, false, 0, 0, 0}, {5, 16, true, 0, 0, 0},
        {6, 32, true, 0, 0, 0},  {7, 64, true, 0, 0, 0},          {9, 1, false, 0, 0, 0},  {12, 32, false, 0, 0, 0},
        {13, 64, false, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (types[i].onnx == onnx)
            return &types[i];
    return NULL;
}

static bool infer_cast(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    int64_t to = mp_attr_int(n, "to", 0);
    if (!cast_type(to))
        return mp_graph_fail(g, n, err, "attribute \"to\" must be a type of numbers, 1..7, 9..13 or 16 (got %" PRId64 ")", to);
    return mp_op_output(g, n, 0, mp_op_dims(g, n, 0), cast_type(to)->bits > 0, err);
}

// Towards zero, as C does it; what int64_t does not hold is its nearest.
static int64_t toward_zero(float x) {
    return isnan(x) ? 0 : x >= 0x1p63f ? INT64_MAX : x <= -0x1p63f ? INT64_MIN : (int64_t)x;
}

// Integers wrap to the type's width.
static int64_t narrow(int64_t x, const struct cast_type *t) {
    if (t->bits == 1)
        return x != 0;
    if (t->bits == 64)
        return x;
    uint64_t sign = (uint64_t)1 << (t->bits - 1), low = (uint64_t)x & (2 * sign - 1);
    return t->is_signed ? (int64_t)(low ^ sign) - (int64_t)sign : (int64_t)low;
}

static float rounded(float x, const struct cast_type *t) {
    if (t->digits == 0 || x == 0 || !isfinite(x))
        return x;
    int exponent = ilogbf(x) > t->min_exponent ? ilogbf(x) : t->min_exponent;
    double unit = ldexp(1, exponent - t->digits), y = rint((double)x / unit) * unit;
    return fabs(y) >= (double)t->infinite ? copysignf(HUGE_VALF, x) : (float)y;
}

static void run_cast(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g;
    const struct cast_type *t = cast_type(mp_attr_int(n, "to", 0));
    uint64_t count = mp_shape_count(&in[0]->shape);
    for (uint64_t i = 0; i < count; i++)
        if (out[0]->whole && in[0]->whole)
            out[0]->i[i] = narrow(in[0]->i[i], t);
        else if (out[0]->whole)
            out[0]->i[i] = t->bits == 1 ? in[0]->f[i] != 0 : narrow(toward_zero(in[0]->f[i]), t);
        else
            out[0]->f[i] = rounded(in[0]->whole ? (float)in[0]->i[i] : in[0]->f[i], t);
}

const struct mp_op mp_op_cast = {"Cast", 1, 1, 1, "to:i saturate:i", infer_cast, run_cast, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_constant = {
    "Constant", 0, 0, 1, "value:a value_float:f value_floats:F value_int:i value_ints:I", infer_constant,
    run_constant, NULL, MP_FLOW_ANY,
};
const struct mp_op mp_op_constant_of_shape = {
    "ConstantOfShape", 1, 1, 1, "value:a", infer_constant_of_shape, run_constant_of_shape, NULL, MP_FLOW_ANY,
};
const struct mp_op mp_op_range = {"Range", 3, 3, 1, NULL, infer_range, run_range, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_shape = {"Shape", 1, 1, 1, "start:i end:i", infer_shape, run_shape, NULL, MP_FLOW_ANY};
