// SPDX-License-Identifier: Apache-2.0
// Private to infer*.c: in which order a graph runs, what is done at once, and where each value lies.
#ifndef SIM_NN_INFER_PLAN_H
#define SIM_NN_INFER_PLAN_H

#include "sim/nn/conv.h"
#include "sim/nn/infer.h"
#include "sim/nn/op.h"

// POINTS: a convolution that is a matrix product, [output channel][channel] [channel][pixel].
enum mp_step_kind { MP_STEP_RUN, MP_STEP_VIEW, MP_STEP_CONV, MP_STEP_POINTS, MP_STEP_GEMM, MP_STEP_MATMUL };

struct mp_step {
    enum mp_step_kind kind;
    const struct mp_graph_node *node;
    const struct mp_array **in; // of the node
    struct mp_array **out;      // the same, or the result of what the convolution does at once
    // Of a convolution: itself (NULL for POINTS), an addition that follows, a Relu or Clip behind that.
    struct mp_conv *conv;
    size_t add; // value, or MP_NO_VALUE
    const struct mp_graph_node *bounds;
};

// A stretch of memory that values use one after another.
struct mp_buffer {
    size_t bytes, until; // until: the last step of its present user
    void *data;
};

struct mp_infer {
    const struct mp_graph *g;
    struct mp_array *arrays; // by value; constants lie in the graph
    bool *keep, *apart;      // by value; apart: shares no memory with what it is made from, may be shifted
    const float **shift;     // by value; NULL: by nothing
    size_t shifts;           // that are not NULL
    struct mp_arena arena;
    bool planned;
    struct mp_step *steps;
    size_t step_count;
    struct mp_buffer *buffers;
    size_t buffer_count;
    size_t scratch_floats;
    float *scratch;
};

// Steps and memory; once, before the first run.
void mp_infer_plan(struct mp_infer *f);
// Buffers for the results of the steps.
void mp_infer_place(struct mp_infer *f);
// The array that readers of a value see.
static inline struct mp_array *mp_infer_array(const struct mp_infer *f, size_t value) {
    return f->g->values[value].constant && !f->apart[value] ? &f->g->values[value].array : &f->arrays[value];
}
// Memory for an array's elements, and MP_CONV_SLACK floats behind them, zeroed.
void *mp_infer_memory(size_t bytes);
size_t mp_infer_bytes(const struct mp_array *array);

// Products by BLAS. False when they are not for it (an empty side, or one beyond its integers): nothing is done.
bool mp_blas_gemm(const struct mp_graph_node *n, const struct mp_array *const *in, struct mp_array *out);
bool mp_blas_matmul(const struct mp_array *const *in, struct mp_array *out);

// One image of POINTS.
struct mp_points {
    uint64_t out_channels, channels, pixels;
};
void mp_blas_points(const struct mp_points *p, const float *image, const float *weights, const struct mp_conv_tail *tail,
                    float *out);

#endif
