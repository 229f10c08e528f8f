// SPDX-License-Identifier: Apache-2.0
// Conv, in one and two dimensions, with groups. Plain loops with sums in double: what the fast convolution is tested against.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"
#include "sim/nn/window.h"

#include <inttypes.h>

static bool infer_conv(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *image = mp_op_dims(g, n, 0), *weights = mp_op_dims(g, n, 1);
    int64_t groups = mp_attr_int(n, "group", 1);
    struct mp_window w;
    char a[200], b[200];
    mp_shape_text(weights, a);
    if (!mp_op_need_real(g, n, 3, err))
        return false;
    if (weights->rank != image->rank)
        return mp_graph_fail(g, n, err, "weights of %s do not go with an image of %s", a, mp_shape_text(image, b));
    if (!mp_window_find(&w, g, n, image, weights, err))
        return false;
    if (groups < 1 || weights->dim[0] < 1 || weights->dim[0] % (uint64_t)groups != 0)
        return mp_graph_fail(g, n, err, "attribute \"group\" must divide the %" PRIu64 " output channels (got %" PRId64 ")",
                             weights->dim[0], groups);
    if (image->dim[1] % (uint64_t)groups != 0 || image->dim[1] / (uint64_t)groups != weights->dim[1])
        return mp_graph_fail(g, n, err, "weights of %s and %" PRId64 " groups do not go with %" PRIu64 " input channels", a,
                             groups, image->dim[1]);
    if (mp_op_has(n, 2) && (mp_op_dims(g, n, 2)->rank != 1 || mp_op_dims(g, n, 2)->dim[0] != weights->dim[0]))
        return mp_graph_fail(g, n, err, "the bias must have %" PRIu64 " elements (got %s)", weights->dim[0],
                             mp_shape_text(mp_op_dims(g, n, 2), b));
    struct mp_shape s = mp_window_output(&w, image, weights->dim[0]);
    return mp_op_output(g, n, 0, &s, false, err);
}

// One output: `image` and `weights` at the first channel of the group.
static double one(const struct mp_window *w, uint64_t channels, const float *image, const float *weights, uint64_t y,
                  uint64_t x) {
    struct mp_taps ty = mp_window_taps(w, 0, y), tx = mp_window_taps(w, 1, x);
    double sum = 0;
    for (uint64_t c = 0; c < channels; c++)
        for (uint64_t ky = ty.first; ky < ty.end; ky++)
            for (uint64_t kx = tx.first; kx < tx.end; kx++) {
                uint64_t row = y * w->stride[0] + ky * w->dilation[0] - w->before[0];
                uint64_t col = x * w->stride[1] + kx * w->dilation[1] - w->before[1];
                sum += (double)image[(c * w->in[0] + row) * w->in[1] + col] *
                       (double)weights[(c * w->kernel[0] + ky) * w->kernel[1] + kx];
            }
    return sum;
}

static void run_conv(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    struct mp_window w;
    struct mp_err never;
    if (!mp_window_find(&w, g, n, &in[0]->shape, &in[1]->shape, &never))
        return;
    const struct mp_shape *k = &in[1]->shape;
    const float *bias = n->input_count > 2 && in[2] ? in[2]->f : NULL;
    uint64_t group = k->dim[0] / (uint64_t)mp_attr_int(n, "group", 1), channels = k->dim[1], at = 0;
    for (uint64_t b = 0; b < in[0]->shape.dim[0]; b++)
        for (uint64_t o = 0; o < k->dim[0]; o++) {
            const float *image = in[0]->f + (b * in[0]->shape.dim[1] + o / group * channels) * w.in[0] * w.in[1];
            const float *weights = in[1]->f + o * channels * w.kernel[0] * w.kernel[1];
            for (uint64_t y = 0; y < w.out[0]; y++)
                for (uint64_t x = 0; x < w.out[1]; x++)
                    out[0]->f[at++] = (float)(one(&w, channels, image, weights, y, x) + (bias ? (double)bias[o] : 0));
        }
}

static uint64_t conv_work(const struct mp_graph *g, const struct mp_graph_node *n) {
    const struct mp_shape *weights = mp_op_dims(g, n, 1);
    return mp_shape_count(weights) / weights->dim[0];
}

const struct mp_op mp_op_conv = {
    "Conv", 2, 3, 1, "auto_pad:t dilations:I group:i kernel_shape:I pads:I strides:I", infer_conv, run_conv,
    conv_work, MP_FLOW_ANY,
};
