// SPDX-License-Identifier: Apache-2.0
// Derivatives of matrix products: c = a b gives da = dc b^T and db = a^T dc, by OpenBLAS.
#include "sim/nn/grad_parts.h"
#include "sim/nn/walk.h"

#include <cblas.h>

struct matrix {
    const float *at;
    uint64_t pitch; // from one stored row to the next
    bool turned;    // it is stored transposed
};

// to += alpha a b; [rows][cols], of which `depth` products are summed.
static void add_product(struct matrix a, struct matrix b, uint64_t rows, uint64_t cols, uint64_t depth, float alpha,
                        float *to) {
    if (rows > 0 && cols > 0 && depth > 0)
        cblas_sgemm(CblasRowMajor, a.turned ? CblasTrans : CblasNoTrans, b.turned ? CblasTrans : CblasNoTrans, (blasint)rows,
                    (blasint)cols, (blasint)depth, alpha, a.at, (blasint)a.pitch, b.at, (blasint)b.pitch, 1, to, (blasint)cols);
}

static struct matrix turn(struct matrix m, bool turned) {
    m.turned = turned;
    return m;
}

// c = alpha op(a) op(b): of a stored transposed, the derivative is that of op(a), transposed.
static void run_gemm(const struct mp_grad_step *s) {
    const struct mp_shape *x = &s->in[0]->shape, *y = &s->in[1]->shape;
    const bool turn_x = mp_attr_int(s->node, "transA", 0) != 0, turn_y = mp_attr_int(s->node, "transB", 0) != 0;
    const uint64_t rows = x->dim[turn_x], depth = x->dim[!turn_x], cols = y->dim[!turn_y];
    const struct matrix a = {s->in[0]->f, x->dim[1], false}, b = {s->in[1]->f, y->dim[1], false};
    const struct matrix c = {s->d_out[0], cols, false};
    const float alpha = mp_attr_real(s->node, "alpha", 1);
    if (s->d_in[0] && !turn_x)
        add_product(c, turn(b, !turn_y), rows, depth, cols, alpha, s->d_in[0]);
    else if (s->d_in[0])
        add_product(turn(b, turn_y), turn(c, true), depth, rows, cols, alpha, s->d_in[0]);
    if (s->d_in[1] && !turn_y)
        add_product(turn(a, !turn_x), c, depth, cols, rows, alpha, s->d_in[1]);
    else if (s->d_in[1])
        add_product(turn(c, true), turn(a, turn_x), cols, depth, rows, alpha, s->d_in[1]);
    if (s->node->input_count > 2 && s->d_in[2])
        mp_grad_fold(s, 2, (double)mp_attr_real(s->node, "beta", 1));
}

// The dimensions in front of a matrix; none in front of a vector.
static struct mp_shape stack_of(const struct mp_shape *s) {
    struct mp_shape m = *s;
    m.rank = s->rank > 2 ? s->rank - 2 : 0;
    return m;
}

// A vector counts as a row on the left and as a column on the right.
static void run_matmul(const struct mp_grad_step *s) {
    const struct mp_shape *x = &s->in[0]->shape, *y = &s->in[1]->shape;
    const uint64_t rows = x->rank > 1 ? x->dim[x->rank - 2] : 1, depth = x->dim[x->rank - 1];
    const uint64_t cols = y->rank > 1 ? y->dim[y->rank - 1] : 1;
    struct mp_shape xs = stack_of(x), ys = stack_of(y), stack = xs;
    struct mp_walk w;
    mp_shape_broadcast(&xs, &ys, &stack);
    mp_walk_over(&w, &stack);
    mp_walk_input(&w, 0, &xs);
    mp_walk_input(&w, 1, &ys);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            const uint64_t at_a = (uint64_t)(w.at[0] + (int64_t)i * w.row_step[0]) * rows * depth;
            const uint64_t at_b = (uint64_t)(w.at[1] + (int64_t)i * w.row_step[1]) * depth * cols;
            const struct matrix c = {s->d_out[0] + (w.out + i) * rows * cols, cols, false};
            if (s->d_in[0])
                add_product(c, (struct matrix){s->in[1]->f + at_b, cols, true}, rows, depth, cols, 1, s->d_in[0] + at_a);
            if (s->d_in[1])
                add_product((struct matrix){s->in[0]->f + at_a, depth, true}, c, depth, cols, rows, 1, s->d_in[1] + at_b);
        }
}

const struct mp_grad_row mp_grad_products[] = {
    {.op = "Conv", .run = mp_grad_conv, .reads = MP_GRAD_INPUTS, .inputs = 3, .scratch = mp_grad_conv_scratch},
    {.op = "Gemm", .run = run_gemm, .reads = MP_GRAD_INPUTS, .inputs = 3},
    {.op = "MatMul", .run = run_matmul, .reads = MP_GRAD_INPUTS, .inputs = 2},
    {.op = NULL},
};
