// SPDX-License-Identifier: Apache-2.0
// Matrix products by OpenBLAS.
#include "sim/nn/infer_plan.h"
#include "sim/nn/walk.h"

#include <cblas.h>
#include <limits.h>
#include <string.h>

struct matrix {
    const float *at;
    uint64_t pitch; // from one stored row to the next
    bool turned;    // it is stored transposed
};

static bool fits(uint64_t rows, uint64_t cols, uint64_t depth) {
    return rows > 0 && cols > 0 && depth > 0 && rows <= INT_MAX && cols <= INT_MAX && depth <= INT_MAX;
}

// out = alpha a b + beta out; out is [rows][cols].
static void product(struct matrix a, struct matrix b, uint64_t rows, uint64_t cols, uint64_t depth, float alpha, float beta,
                    float *out) {
    if (rows == 1)
        cblas_sgemv(CblasRowMajor, b.turned ? CblasNoTrans : CblasTrans, (blasint)(b.turned ? cols : depth),
                    (blasint)(b.turned ? depth : cols), alpha, b.at, (blasint)b.pitch, a.at, 1, beta, out, 1);
    else
        cblas_sgemm(CblasRowMajor, a.turned ? CblasTrans : CblasNoTrans, b.turned ? CblasTrans : CblasNoTrans, (blasint)rows,
                    (blasint)cols, (blasint)depth, alpha, a.at, (blasint)a.pitch, b.at, (blasint)b.pitch, beta, out,
                    (blasint)cols);
}

bool mp_blas_gemm(const struct mp_graph_node *n, const struct mp_array *const *in, struct mp_array *out) {
    const struct mp_shape *x = &in[0]->shape, *y = &in[1]->shape;
    bool turn_x = mp_attr_int(n, "transA", 0) != 0, turn_y = mp_attr_int(n, "transB", 0) != 0;
    uint64_t rows = x->dim[turn_x], depth = x->dim[!turn_x], cols = y->dim[!turn_y];
    const struct mp_array *c = n->input_count > 2 ? in[2] : NULL;
    struct matrix a = {in[0]->f, x->dim[1], turn_x}, b = {in[1]->f, y->dim[1], turn_y};
    struct mp_walk w;
    if (!fits(rows, cols, depth))
        return false;
    if (c) {
        mp_walk_over(&w, &out->shape);
        mp_walk_input(&w, 0, &c->shape);
        mp_walk_copy(&w, c, out);
    }
    product(a, b, rows, cols, depth, mp_attr_real(n, "alpha", 1), c ? mp_attr_real(n, "beta", 1) : 0, out->f);
    return true;
}

// The dimensions in front of a matrix; none in front of a vector.
static struct mp_shape stack_of(const struct mp_shape *s) {
    struct mp_shape m = *s;
    m.rank = s->rank > 2 ? s->rank - 2 : 0;
    return m;
}

bool mp_blas_matmul(const struct mp_array *const *in, struct mp_array *out) {
    const struct mp_shape *x = &in[0]->shape, *y = &in[1]->shape;
    uint64_t rows = x->rank > 1 ? x->dim[x->rank - 2] : 1, depth = x->dim[x->rank - 1];
    uint64_t cols = y->rank > 1 ? y->dim[y->rank - 1] : 1;
    struct mp_shape xs = stack_of(x), ys = stack_of(y), s = {0};
    struct mp_walk w;
    if (!fits(rows, cols, depth) || !mp_shape_broadcast(&xs, &ys, &s))
        return false;
    mp_walk_over(&w, &s);
    mp_walk_input(&w, 0, &xs);
    mp_walk_input(&w, 1, &ys);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            struct matrix a = {in[0]->f + (w.at[0] + (int64_t)i * w.row_step[0]) * (int64_t)(rows * depth), depth, false};
            struct matrix b = {in[1]->f + (w.at[1] + (int64_t)i * w.row_step[1]) * (int64_t)(depth * cols), cols, false};
            product(a, b, rows, cols, depth, 1, 0, out->f + (w.out + i) * rows * cols);
        }
    return true;
}

void mp_blas_points(const struct mp_points *p, const float *image, const float *weights, const struct mp_conv_tail *tail,
                    float *out) {
    struct matrix a = {weights, p->channels, false}, b = {image, p->pixels, false};
    product(a, b, p->out_channels, p->pixels, p->channels, 1, 0, out);
    for (uint64_t c = 0; c < p->out_channels; c++) {
        float *row = out + c * p->pixels, bias = tail->bias ? tail->bias[c] : 0;
        const float *add = tail->add ? tail->add + c * p->pixels : NULL;
        for (uint64_t i = 0; i < p->pixels; i++) {
            float x = row[i] + bias + (add ? add[i] : 0);
            x = x < tail->low ? tail->low : x;
            row[i] = x > tail->high ? tail->high : x;
        }
    }
}
