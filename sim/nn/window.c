// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/window.h"

#include "sim/base/say.h"
#include "sim/nn/op_check.h"

#include <inttypes.h>
#include <string.h>

// How many of the two axes the image has, and at which of them its first one stands.
struct axes {
    unsigned count, first;
};

// A list of `per` numbers an axis, or the default.
static bool read_list(uint64_t *out, const struct mp_graph *g, const struct mp_graph_node *n, const char *name,
                      struct axes axes, unsigned per, int64_t min, int64_t def, struct mp_err *err) {
    struct mp_ints list = mp_op_attr_ints(n, name);
    for (unsigned i = 0; i < 2 * per; i++)
        out[i] = (uint64_t)def;
    if (!list.given)
        return true;
    if (list.count != axes.count * per)
        return mp_graph_fail(g, n, err, "attribute \"%s\" must have %u numbers (got %zu)", name, axes.count * per, list.count);
    for (unsigned i = 0; i < list.count; i++) {
        if (list.v[i] < min || list.v[i] > MP_MAX_STEP)
            return mp_graph_fail(g, n, err, "attribute \"%s\" must be %" PRId64 "..%" PRId64 " (got %" PRId64 ")", name, min,
                                 MP_MAX_STEP, list.v[i]);
        out[i % axes.count + axes.first + i / axes.count * 2] = (uint64_t)list.v[i];
    }
    return true;
}

static bool read_kernel(struct mp_window *w, const struct mp_graph *g, const struct mp_graph_node *n,
                        const struct mp_shape *weights, struct axes axes, struct mp_err *err) {
    char text[200];
    if (!weights && !mp_op_attr_ints(n, "kernel_shape").given)
        return mp_graph_fail(g, n, err, "attribute \"kernel_shape\" is missing");
    if (!read_list(w->kernel, g, n, "kernel_shape", axes, 1, 1, 1, err))
        return false;
    bool given = mp_op_attr_ints(n, "kernel_shape").given;
    for (unsigned a = axes.first; weights && a < 2; a++) {
        uint64_t k = weights->dim[a + weights->rank - 2];
        if (k < 1 || k > (uint64_t)MP_MAX_STEP || (given && k != w->kernel[a]))
            return mp_graph_fail(g, n, err, "the kernel of the weights' shape %s %s", mp_shape_text(weights, text),
                                 given ? "is not that of attribute \"kernel_shape\"" : "is out of range");
        w->kernel[a] = k;
    }
    return true;
}

static uint64_t extent(const struct mp_window *w, unsigned a) {
    return (w->kernel[a] - 1) * w->dilation[a] + 1;
}

// As many outputs as the stride leaves of the input; an odd pad goes behind (or, lower, before).
static void pad_same(struct mp_window *w, unsigned a, bool lower) {
    uint64_t out = (w->in[a] + w->stride[a] - 1) / w->stride[a], need = (out - 1) * w->stride[a] + extent(w, a);
    uint64_t pad = need > w->in[a] ? need - w->in[a] : 0;
    w->before[a] = lower ? pad - pad / 2 : pad / 2;
    w->after[a] = pad - w->before[a];
}

static bool resolve_pads(struct mp_window *w, const struct mp_graph *g, const struct mp_graph_node *n, struct axes axes,
                         struct mp_err *err) {
    const char *how = mp_attr_text(n, "auto_pad", "NOTSET");
    char shown[MP_SAY_BYTES];
    uint64_t pads[4];
    bool same = strncmp(how, "SAME_", 5) == 0;
    if (strcmp(how, "NOTSET") != 0 && strcmp(how, "VALID") != 0 && strcmp(how, "SAME_UPPER") != 0 &&
        strcmp(how, "SAME_LOWER") != 0)
        return mp_graph_fail(g, n, err, "attribute \"auto_pad\" must be NOTSET, VALID, SAME_UPPER or SAME_LOWER (got \"%s\")",
                             mp_say_text(how, strlen(how), shown));
    if (!read_list(pads, g, n, "pads", axes, 2, 0, 0, err))
        return false;
    for (unsigned a = 0; a < 2; a++) {
        w->before[a] = w->after[a] = 0;
        if (same)
            pad_same(w, a, how[5] == 'L');
        else if (*how == 'N') {
            w->before[a] = pads[a];
            w->after[a] = pads[2 + a];
        }
    }
    return true;
}

// With ceil_mode the last window may hang over, but it must not begin in the padding behind.
static bool find_output(struct mp_window *w, const struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    bool up = mp_attr_int(n, "ceil_mode", 0) != 0;
    for (unsigned a = 0; a < 2; a++) {
        uint64_t room = w->in[a] + w->before[a] + w->after[a], size = extent(w, a);
        if (size > room)
            return mp_graph_fail(g, n, err, "a window of %" PRIu64 " %s does not fit into %" PRIu64, size,
                                 a == 0 ? "rows" : "columns", room);
        w->out[a] = (room - size) / w->stride[a] + 1;
        if (up && (room - size) % w->stride[a] != 0 && w->out[a] * w->stride[a] < w->in[a] + w->before[a])
            w->out[a]++;
    }
    return true;
}

bool mp_window_find(struct mp_window *w, const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_shape *image,
                    const struct mp_shape *weights, struct mp_err *err) {
    char text[200];
    if (image->rank == 5)
        return mp_graph_fail(g, n, err, "three-dimensional windows are not supported (got %s)", mp_shape_text(image, text));
    if (image->rank != 3 && image->rank != 4)
        return mp_graph_fail(g, n, err, "input 1 must have 3..4 dimensions (got %s)", mp_shape_text(image, text));
    struct axes axes = {.count = image->rank - 2, .first = 4 - image->rank};
    for (unsigned a = 0; a < 2; a++) {
        w->in[a] = a < axes.first ? 1 : image->dim[a + image->rank - 2];
        if (w->in[a] == 0)
            return mp_graph_fail(g, n, err, "the image %s is empty", mp_shape_text(image, text));
    }
    return read_kernel(w, g, n, weights, axes, err) && read_list(w->stride, g, n, "strides", axes, 1, 1, 1, err) &&
           read_list(w->dilation, g, n, "dilations", axes, 1, 1, 1, err) && resolve_pads(w, g, n, axes, err) &&
           find_output(w, g, n, err);
}

struct mp_shape mp_window_output(const struct mp_window *w, const struct mp_shape *image, uint64_t channels) {
    struct mp_shape s = {.rank = image->rank, .dim = {image->dim[0], channels}};
    for (unsigned d = 2; d < s.rank; d++)
        s.dim[d] = w->out[d + 2 - s.rank];
    return s;
}

struct mp_taps mp_window_taps(const struct mp_window *w, unsigned axis, uint64_t o) {
    uint64_t at = o * w->stride[axis], step = w->dilation[axis], before = w->before[axis], end = before + w->in[axis];
    struct mp_taps t = {.first = at < before ? (before - at + step - 1) / step : 0,
                        .end = at < end ? (end - at + step - 1) / step : 0};
    t.end = t.end < w->kernel[axis] ? t.end : w->kernel[axis];
    return t;
}

uint64_t mp_window_padded_taps(const struct mp_window *w, unsigned axis, uint64_t o) {
    uint64_t at = o * w->stride[axis], end = w->in[axis] + w->before[axis] + w->after[axis];
    uint64_t taps = (end - at + w->dilation[axis] - 1) / w->dilation[axis];
    return taps < w->kernel[axis] ? taps : w->kernel[axis];
}
