// SPDX-License-Identifier: Apache-2.0
// Poolings: the largest or the mean of a window, or of a whole plane.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"
#include "sim/nn/window.h"

#include <math.h>

static bool infer_pool(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    struct mp_window w;
    const struct mp_shape *image = mp_op_dims(g, n, 0);
    if (!mp_op_need_real(g, n, 1, err) || !mp_window_find(&w, g, n, image, NULL, err))
        return false;
    for (unsigned a = 0; a < 2; a++)
        if (w.before[a] >= (w.kernel[a] - 1) * w.dilation[a] + 1 || w.after[a] >= (w.kernel[a] - 1) * w.dilation[a] + 1)
            return mp_graph_fail(g, n, err, "the padding is as wide as the window");
    struct mp_shape s = mp_window_output(&w, image, image->dim[1]);
    return mp_op_output(g, n, 0, &s, false, err);
}

// The largest and the sum of the elements under a window.
struct under {
    float largest;
    double sum;
    uint64_t count;
};

static struct under look_under(const struct mp_window *w, const float *plane, uint64_t y, uint64_t x) {
    struct mp_taps ty = mp_window_taps(w, 0, y), tx = mp_window_taps(w, 1, x);
    struct under u = {.largest = -HUGE_VALF};
    for (uint64_t ky = ty.first; ky < ty.end; ky++)
        for (uint64_t kx = tx.first; kx < tx.end; kx++, u.count++) {
            uint64_t row = y * w->stride[0] + ky * w->dilation[0] - w->before[0];
            float v = plane[row * w->in[1] + x * w->stride[1] + kx * w->dilation[1] - w->before[1]];
            u.largest = v > u.largest || isnan(v) ? v : u.largest;
            u.sum += (double)v;
        }
    return u;
}

// 0 where a dilated window meets nothing.
static float mean(const struct mp_window *w, const float *plane, uint64_t y, uint64_t x, bool with_pad) {
    struct under u = look_under(w, plane, y, x);
    uint64_t count = with_pad ? mp_window_padded_taps(w, 0, y) * mp_window_padded_taps(w, 1, x) : u.count;
    return count == 0 ? 0 : (float)(u.sum / (double)count);
}

static void pool(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *in, struct mp_array *out,
                 bool is_max) {
    struct mp_window w;
    struct mp_err never;
    if (!mp_window_find(&w, g, n, &in->shape, NULL, &never))
        return;
    bool with_pad = mp_attr_int(n, "count_include_pad", 0) != 0;
    uint64_t planes = in->shape.dim[0] * in->shape.dim[1], at = 0;
    for (uint64_t p = 0; p < planes; p++) {
        const float *plane = in->f + p * w.in[0] * w.in[1];
        for (uint64_t y = 0; y < w.out[0]; y++)
            for (uint64_t x = 0; x < w.out[1]; x++)
                out->f[at++] = is_max ? look_under(&w, plane, y, x).largest : mean(&w, plane, y, x, with_pad);
    }
}

static void run_max_pool(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                         struct mp_array *const *out) {
    pool(g, n, in[0], out[0], true);
}

static void run_average_pool(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                             struct mp_array *const *out) {
    pool(g, n, in[0], out[0], false);
}

static uint64_t pool_work(const struct mp_graph *g, const struct mp_graph_node *n) {
    struct mp_window w;
    struct mp_err never;
    return mp_window_find(&w, g, n, mp_op_dims(g, n, 0), NULL, &never) ? w.kernel[0] * w.kernel[1] : 0;
}

static bool infer_global(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    struct mp_shape s = *mp_op_dims(g, n, 0);
    char text[200];
    if (!mp_op_need_real(g, n, 1, err) || !mp_op_need_rank(g, n, 0, 3, MP_MAX_RANK, err))
        return false;
    if (mp_shape_count(&s) == 0)
        return mp_graph_fail(g, n, err, "the image %s is empty", mp_shape_text(&s, text));
    for (unsigned d = 2; d < s.rank; d++)
        s.dim[d] = 1;
    return mp_op_output(g, n, 0, &s, false, err);
}

// Four sums side by side, so that an addition need not wait for the one before.
static double sum_of(const float *x, uint64_t count) {
    double sum[4] = {0};
    uint64_t i = 0;
    for (; i + 4 <= count; i += 4)
        for (unsigned k = 0; k < 4; k++)
            sum[k] += (double)x[i + k];
    for (; i < count; i++)
        sum[0] += (double)x[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static void run_global_average(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                               struct mp_array *const *out) {
    (void)g, (void)n;
    uint64_t planes = mp_shape_count(&out[0]->shape), size = mp_shape_count(&in[0]->shape) / planes;
    for (uint64_t p = 0; p < planes; p++)
        out[0]->f[p] = (float)(sum_of(in[0]->f + p * size, size) / (double)size);
}

static void run_global_max(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                           struct mp_array *const *out) {
    (void)g, (void)n;
    uint64_t planes = mp_shape_count(&out[0]->shape), size = mp_shape_count(&in[0]->shape) / planes;
    for (uint64_t p = 0; p < planes; p++) {
        float best = -HUGE_VALF;
        for (uint64_t i = 0; i < size; i++) {
            float v = in[0]->f[p * size + i];
            best = v > best || isnan(v) ? v : best;
        }
        out[0]->f[p] = best;
    }
}

static uint64_t global_work(const struct mp_graph *g, const struct mp_graph_node *n) {
    const struct mp_shape *s = mp_op_dims(g, n, 0);
    return mp_shape_count(s) / (s->dim[0] * s->dim[1]);
}

const struct mp_op mp_op_average_pool = {
    "AveragePool", 1, 1, 1, "auto_pad:t ceil_mode:i count_include_pad:i dilations:I kernel_shape:I pads:I strides:I",
    infer_pool, run_average_pool, pool_work, MP_FLOW_ANY,
};
const struct mp_op mp_op_global_average_pool = {
    "GlobalAveragePool", 1, 1, 1, NULL, infer_global, run_global_average, global_work, MP_FLOW_ANY,
};
const struct mp_op mp_op_global_max_pool = {
    "GlobalMaxPool", 1, 1, 1, NULL, infer_global, run_global_max, global_work, MP_FLOW_ANY,
};
const struct mp_op mp_op_max_pool = {
    "MaxPool", 1, 1, 1, "auto_pad:t ceil_mode:i dilations:I kernel_shape:I pads:I storage_order:i strides:I",
    infer_pool, run_max_pool, pool_work, MP_FLOW_ANY,
};
