// SPDX-License-Identifier: Apache-2.0
// Gemm and MatMul. Plain loops with sums in double: what the products by BLAS are tested against.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"
#include "sim/nn/walk.h"

#include <inttypes.h>

// Sums of products along k, from elements with steps.
static double dot(const float *a, int64_t a_step, const float *b, int64_t b_step, uint64_t count) {
    double sum = 0;
    for (uint64_t i = 0; i < count; i++)
        sum += (double)a[(int64_t)i * a_step] * (double)b[(int64_t)i * b_step];
    return sum;
}

static bool infer_gemm(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    char a[200], b[200];
    if (!mp_op_need_real(g, n, 3, err) || !mp_op_need_rank(g, n, 0, 2, 2, err) || !mp_op_need_rank(g, n, 1, 2, 2, err))
        return false;
    const struct mp_shape *x = mp_op_dims(g, n, 0), *y = mp_op_dims(g, n, 1);
    bool turn_x = mp_attr_int(n, "transA", 0) != 0, turn_y = mp_attr_int(n, "transB", 0) != 0;
    struct mp_shape s = {.rank = 2, .dim = {x->dim[turn_x], y->dim[!turn_y]}}, all;
    if (x->dim[!turn_x] != y->dim[turn_y])
        return mp_graph_fail(g, n, err, "%s%s and %s%s have no product", mp_shape_text(x, a), turn_x ? " transposed" : "",
                             mp_shape_text(y, b), turn_y ? " transposed" : "");
    if (mp_op_has(n, 2) && (!mp_shape_broadcast(&s, mp_op_dims(g, n, 2), &all) || !mp_shape_equal(&s, &all)))
        return mp_graph_fail(g, n, err, "input 3 of %s does not go with an output of %s",
                             mp_shape_text(mp_op_dims(g, n, 2), a), mp_shape_text(&s, b));
    return mp_op_output(g, n, 0, &s, false, err);
}

static void run_gemm(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g;
    bool turn_x = mp_attr_int(n, "transA", 0) != 0, turn_y = mp_attr_int(n, "transB", 0) != 0;
    double alpha = (double)mp_attr_real(n, "alpha", 1), beta = (double)mp_attr_real(n, "beta", 1);
    const struct mp_array *c = n->input_count > 2 ? in[2] : NULL;
    int64_t x[MP_MAX_RANK], y[MP_MAX_RANK];
    struct mp_walk w;
    uint64_t depth = in[0]->shape.dim[!turn_x], columns = out[0]->shape.dim[1];
    mp_shape_steps(&in[0]->shape, x);
    mp_shape_steps(&in[1]->shape, y);
    mp_walk_over(&w, &out[0]->shape);
    if (c)
        mp_walk_input(&w, 0, &c->shape);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            uint64_t row = (w.out + i) / columns, col = (w.out + i) % columns;
            double sum = dot(in[0]->f + (int64_t)row * x[turn_x], x[!turn_x], in[1]->f + (int64_t)col * y[!turn_y], y[turn_y],
                             depth);
            double base = c ? (double)c->f[w.at[0] + (int64_t)i * w.row_step[0]] : 0;
            out[0]->f[w.out + i] = (float)(alpha * sum + (c ? beta * base : 0));
        }
}

static uint64_t gemm_work(const struct mp_graph *g, const struct mp_graph_node *n) {
    return mp_op_dims(g, n, 0)->dim[mp_attr_int(n, "transA", 0) == 0];
}

// A vector counts as a row on the left and as a column on the right.
static struct mp_shape as_matrix(const struct mp_shape *s, bool left) {
    struct mp_shape m = *s;
    if (s->rank == 1) {
        m.rank = 2;
        m.dim[0] = left ? 1 : s->dim[0];
        m.dim[1] = left ? s->dim[0] : 1;
    }
    return m;
}

static struct mp_shape stack_of(const struct mp_shape *s) {
    struct mp_shape m = *s;
    m.rank -= 2;
    return m;
}

static bool infer_matmul(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    char a[200], b[200];
    if (!mp_op_need_real(g, n, 2, err) || !mp_op_need_rank(g, n, 0, 1, MP_MAX_RANK, err) ||
        !mp_op_need_rank(g, n, 1, 1, MP_MAX_RANK, err))
        return false;
    struct mp_shape x = as_matrix(mp_op_dims(g, n, 0), true), y = as_matrix(mp_op_dims(g, n, 1), false);
    struct mp_shape xs = stack_of(&x), ys = stack_of(&y), s;
    if (x.dim[x.rank - 1] != y.dim[y.rank - 2] || !mp_shape_broadcast(&xs, &ys, &s))
        return mp_graph_fail(g, n, err, "%s and %s have no product", mp_shape_text(mp_op_dims(g, n, 0), a),
                             mp_shape_text(mp_op_dims(g, n, 1), b));
    if (mp_op_dims(g, n, 0)->rank > 1)
        s.dim[s.rank++] = x.dim[x.rank - 2];
    if (mp_op_dims(g, n, 1)->rank > 1)
        s.dim[s.rank++] = y.dim[y.rank - 1];
    return mp_op_output(g, n, 0, &s, false, err);
}

static void run_matmul(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                       struct mp_array *const *out) {
    (void)g, (void)n;
    struct mp_shape x = as_matrix(&in[0]->shape, true), y = as_matrix(&in[1]->shape, false);
    struct mp_shape xs = stack_of(&x), ys = stack_of(&y), s = xs;
    uint64_t rows = x.dim[x.rank - 2], depth = x.dim[x.rank - 1], columns = y.dim[y.rank - 1];
    struct mp_walk w;
    mp_shape_broadcast(&xs, &ys, &s);
    mp_walk_over(&w, &s);
    mp_walk_input(&w, 0, &xs);
    mp_walk_input(&w, 1, &ys);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            const float *a = in[0]->f + (w.at[0] + (int64_t)i * w.row_step[0]) * (int64_t)(rows * depth);
            const float *b = in[1]->f + (w.at[1] + (int64_t)i * w.row_step[1]) * (int64_t)(depth * columns);
            float *to = out[0]->f + (w.out + i) * rows * columns;
            for (uint64_t r = 0; r < rows; r++)
                for (uint64_t c = 0; c < columns; c++)
                    to[r * columns + c] = (float)dot(a + r * depth, 1, b + c, (int64_t)columns, depth);
        }
}

static uint64_t matmul_work(const struct mp_graph *g, const struct mp_graph_node *n) {
    const struct mp_shape *x = mp_op_dims(g, n, 0);
    return x->dim[x->rank - 1];
}

const struct mp_op mp_op_gemm = {
    "Gemm", 2, 3, 1, "alpha:f beta:f transA:i transB:i", infer_gemm, run_gemm, gemm_work, MP_FLOW_ANY,
};
const struct mp_op mp_op_matmul = {"MatMul", 2, 2, 1, NULL, infer_matmul, run_matmul, matmul_work, MP_FLOW_ANY};
