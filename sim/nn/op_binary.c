// SPDX-License-Identifier: Apache-2.0
// Functions of two elements, with broadcasting: arithmetic, comparisons, logic; and Where. Whole numbers wrap around; a
// division of whole numbers by zero, which ONNX leaves open, gives 0. Truth is a whole 0 or 1.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"
#include "sim/nn/walk.h"

#include <math.h>

static bool broadcast(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_shape *s, struct mp_err *err) {
    char a[200], b[200];
    *s = *mp_op_dims(g, n, 0);
    for (size_t i = 1; i < n->input_count; i++)
        if (!mp_shape_broadcast(s, mp_op_dims(g, n, i), s))
            return mp_graph_fail(g, n, err, "shapes %s and %s do not go together", mp_shape_text(s, a),
                                 mp_shape_text(mp_op_dims(g, n, i), b));
    return true;
}

static bool infer_arithmetic(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    struct mp_shape s;
    return mp_op_same_kind(g, n, 0, err) && broadcast(g, n, &s, err) &&
           mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

// The exponent may be of the other kind.
static bool infer_pow(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    struct mp_shape s;
    return broadcast(g, n, &s, err) && mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

static bool infer_compare(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    struct mp_shape s;
    return mp_op_same_kind(g, n, 0, err) && broadcast(g, n, &s, err) && mp_op_output(g, n, 0, &s, true, err);
}

static bool infer_logic(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    return mp_op_need_whole(g, n, 0, err) && infer_compare(g, n, err);
}

static bool infer_where(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    struct mp_shape s;
    return mp_op_need_whole(g, n, 0, err) && mp_op_same_kind(g, n, 1, err) && broadcast(g, n, &s, err) &&
           mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 1), err);
}

enum kind { ADD, SUB, MUL, DIV, POW, MIN, MAX, EQUAL, GREATER, LESS, AND, OR };

// A minimum or maximum with a NaN is NaN.
static inline float real(enum kind k, float a, float b) {
    switch (k) {
    case ADD:
        return a + b;
    case SUB:
        return a - b;
    case MUL:
        return a * b;
    case DIV:
        return a / b;
    case POW:
        return powf(a, b);
    case MIN:
        return a < b || isnan(a) ? a : b;
    default:
        return a > b || isnan(a) ? a : b;
    }
}

static int64_t power(int64_t base, int64_t exponent) {
    uint64_t r = 1, b = (uint64_t)base;
    if (exponent < 0)
        return base == 1 ? 1 : base == -1 ? (exponent & 1 ? -1 : 1) : 0;
    for (; exponent > 0; exponent >>= 1, b *= b)
        r *= exponent & 1 ? b : 1;
    return (int64_t)r;
}

static int64_t quotient(int64_t a, int64_t b) {
    return b == 0 ? 0 : b == -1 ? (int64_t)(0 - (uint64_t)a) : a / b;
}

static inline int64_t whole(enum kind k, int64_t a, int64_t b) {
    switch (k) {
    case ADD:
        return (int64_t)((uint64_t)a + (uint64_t)b);
    case SUB:
        return (int64_t)((uint64_t)a - (uint64_t)b);
    case MUL:
        return (int64_t)((uint64_t)a * (uint64_t)b);
    case DIV:
        return quotient(a, b);
    case POW:
        return power(a, b);
    case MIN:
        return a < b ? a : b;
    case MAX:
        return a > b ? a : b;
    case EQUAL:
        return a == b;
    case GREATER:
        return a > b;
    case LESS:
        return a < b;
    case AND:
        return a != 0 && b != 0;
    default:
        return a != 0 || b != 0;
    }
}

static inline int64_t compare(enum kind k, float a, float b) {
    return k == EQUAL ? a == b : k == GREATER ? a > b : a < b;
}

// A row of any kind with any steps.
static void row(enum kind k, const struct mp_walk *w, const struct mp_array *a, const struct mp_array *b,
                struct mp_array *out) {
    for (uint64_t i = 0; i < w->row; i++) {
        int64_t x = w->at[0] + (int64_t)i * w->row_step[0], y = w->at[1] + (int64_t)i * w->row_step[1];
        if (a->whole)
            out->i[w->out + i] = whole(k, a->i[x], b->i[y]);
        else if (out->whole)
            out->i[w->out + i] = compare(k, a->f[x], b->f[y]);
        else
            out->f[w->out + i] = real(k, a->f[x], b->f[y]);
    }
}

// The common case: real numbers, each input in order or one element of it, which are all the steps that broadcasting makes.
static inline __attribute__((always_inline)) void real_row(enum kind k, const struct mp_walk *w, const float *a,
                                                           const float *b, float *out) {
    if (w->row_step[0] == 1 && w->row_step[1] == 1)
        for (uint64_t i = 0; i < w->row; i++)
            out[i] = real(k, a[i], b[i]);
    else if (w->row_step[0] == 1)
        for (uint64_t i = 0; i < w->row; i++)
            out[i] = real(k, a[i], *b);
    else
        for (uint64_t i = 0; i < w->row; i++)
            out[i] = real(k, *a, b[i]);
}

static void any_row(enum kind k, const struct mp_walk *w, const struct mp_array *a, const struct mp_array *b,
                    struct mp_array *out) {
    if (a->whole || out->whole)
        row(k, w, a, b, out);
    else if (k == ADD)
        real_row(ADD, w, a->f + w->at[0], b->f + w->at[1], out->f + w->out);
    else if (k == SUB)
        real_row(SUB, w, a->f + w->at[0], b->f + w->at[1], out->f + w->out);
    else if (k == MUL)
        real_row(MUL, w, a->f + w->at[0], b->f + w->at[1], out->f + w->out);
    else if (k == DIV)
        real_row(DIV, w, a->f + w->at[0], b->f + w->at[1], out->f + w->out);
    else
        row(k, w, a, b, out);
}

static void walk_two(struct mp_walk *w, const struct mp_array *a, const struct mp_array *b, const struct mp_array *out) {
    mp_walk_over(w, &out->shape);
    mp_walk_input(w, 0, &a->shape);
    mp_walk_input(w, 1, &b->shape);
    mp_walk_begin(w);
}

static void binary(enum kind k, const struct mp_array *a, const struct mp_array *b, struct mp_array *out) {
    struct mp_walk w;
    for (walk_two(&w, a, b, out); w.more; mp_walk_next(&w))
        any_row(k, &w, a, b, out);
}

static void run_add(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    binary(ADD, in[0], in[1], out[0]);
}

static void run_sub(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    binary(SUB, in[0], in[1], out[0]);
}

static void run_mul(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    binary(MUL, in[0], in[1], out[0]);
}

static void run_div(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    binary(DIV, in[0], in[1], out[0]);
}

static void run_equal(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                      struct mp_array *const *out) {
    (void)g, (void)n;
    binary(EQUAL, in[0], in[1], out[0]);
}

static void run_greater(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                        struct mp_array *const *out) {
    (void)g, (void)n;
    binary(GREATER, in[0], in[1], out[0]);
}

static void run_less(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g, (void)n;
    binary(LESS, in[0], in[1], out[0]);
}

static void run_and(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    binary(AND, in[0], in[1], out[0]);
}

static void run_or(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                   struct mp_array *const *out) {
    (void)g, (void)n;
    binary(OR, in[0], in[1], out[0]);
}

static int64_t to_whole(double x) {
    return isnan(x) ? 0 : x >= 0x1p63 ? INT64_MAX : x <= -0x1p63 ? INT64_MIN : (int64_t)x;
}

static void run_pow(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    struct mp_walk w;
    if (in[0]->whole == in[1]->whole) {
        binary(POW, in[0], in[1], out[0]);
        return;
    }
    for (walk_two(&w, in[0], in[1], out[0]); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            int64_t x = w.at[0] + (int64_t)i * w.row_step[0], y = w.at[1] + (int64_t)i * w.row_step[1];
            if (in[0]->whole)
                out[0]->i[w.out + i] = to_whole(pow((double)in[0]->i[x], (double)in[1]->f[y]));
            else
                out[0]->f[w.out + i] = (float)pow((double)in[0]->f[x], (double)in[1]->i[y]);
        }
}

static void extreme(enum kind k, const struct mp_graph_node *n, const struct mp_array *const *in, struct mp_array *out) {
    struct mp_walk w;
    mp_walk_over(&w, &out->shape);
    mp_walk_input(&w, 0, &in[0]->shape);
    mp_walk_copy(&w, in[0], out);
    for (size_t i = 1; i < n->input_count; i++)
        binary(k, out, in[i], out);
}

static void run_min(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g;
    extreme(MIN, n, in, out[0]);
}

static void run_max(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g;
    extreme(MAX, n, in, out[0]);
}

static bool infer_not(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    return mp_op_need_whole(g, n, 0, err) && mp_op_like(g, n, 0, err);
}

static void run_not(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g, (void)n;
    uint64_t count = mp_shape_count(&in[0]->shape);
    for (uint64_t i = 0; i < count; i++)
        out[0]->i[i] = in[0]->i[i] == 0;
}

static void run_where(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                      struct mp_array *const *out) {
    (void)g, (void)n;
    struct mp_walk w;
    mp_walk_over(&w, &out[0]->shape);
    for (unsigned k = 0; k < 3; k++)
        mp_walk_input(&w, k, &in[k]->shape);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            unsigned from = in[0]->i[w.at[0] + (int64_t)i * w.row_step[0]] ? 1 : 2;
            int64_t at = w.at[from] + (int64_t)i * w.row_step[from];
            if (out[0]->whole)
                out[0]->i[w.out + i] = in[from]->i[at];
            else
                out[0]->f[w.out + i] = in[from]->f[at];
        }
}

const struct mp_op mp_op_add = {"Add", 2, 2, 1, NULL, infer_arithmetic, run_add, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_and = {"And", 2, 2, 1, NULL, infer_logic, run_and, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_div = {"Div", 2, 2, 1, NULL, infer_arithmetic, run_div, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_equal = {"Equal", 2, 2, 1, NULL, infer_compare, run_equal, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_greater = {"Greater", 2, 2, 1, NULL, infer_compare, run_greater, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_less = {"Less", 2, 2, 1, NULL, infer_compare, run_less, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_mul = {"Mul", 2, 2, 1, NULL, infer_arithmetic, run_mul, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_or = {"Or", 2, 2, 1, NULL, infer_logic, run_or, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_pow = {"Pow", 2, 2, 1, NULL, infer_pow, run_pow, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_sub = {"Sub", 2, 2, 1, NULL, infer_arithmetic, run_sub, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_max = {"Max", 1, MP_ANY_COUNT, 1, NULL, infer_arithmetic, run_max, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_min = {"Min", 1, MP_ANY_COUNT, 1, NULL, infer_arithmetic, run_min, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_not = {"Not", 1, 1, 1, NULL, infer_not, run_not, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_where = {"Where", 3, 3, 1, NULL, infer_where, run_where, NULL, MP_FLOW_ANY};
