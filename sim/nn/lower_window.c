// SPDX-License-Identifier: Apache-2.0
// Convolutions and pools: one and two dimensions, any padding.
#include "sim/nn/lower.h"
#include "sim/nn/op.h"

#include <string.h>

struct window {
    uint64_t kernel[2], stride[2], dilation[2], padding[4]; // as in mp_layer_spec
};

static bool read_sizes(struct mp_lower *l, const struct mp_graph_node *n, const char *attr, unsigned dims, int64_t least,
                       uint64_t *out, struct mp_err *err) {
    int64_t v[2 * 2];
    size_t count = 0;
    if (!mp_attr_find(n, attr))
        return true;
    if (!mp_lower_ints(l->g, n, (size_t)-1, attr, v, 4, &count) || count != dims)
        return mp_graph_fail(l->g, n, err, "%s must have %u values", attr, dims);
    for (size_t i = 0; i < count; i++) {
        if (v[i] < least || v[i] > (int64_t)MP_MAX_SIZE)
            return mp_graph_fail(l->g, n, err, "%s must be %jd..%ju (got %jd)", attr, (intmax_t)least,
                                 (uintmax_t)MP_MAX_SIZE, (intmax_t)v[i]);
        out[i] = (uint64_t)v[i];
    }
    return true;
}

// Padding such that the output is ceil(input / stride), as auto_pad asks for it.
static void pad_same(const struct mp_form *in, bool upper, struct window *w) {
    const uint64_t size[] = {in->h, in->w};
    for (int i = 0; i < 2; i++) {
        uint64_t out = (size[i] + w->stride[i] - 1) / w->stride[i];
        uint64_t need = (out - 1) * w->stride[i] + (w->kernel[i] - 1) * w->dilation[i] + 1;
        uint64_t pad = need > size[i] ? need - size[i] : 0;
        w->padding[i] = upper ? pad / 2 : pad - pad / 2;
        w->padding[i + 2] = pad - w->padding[i];
    }
}

// Of one dimension: the height. `kernel` is set.
static bool read_window(struct mp_lower *l, const struct mp_graph_node *n, const struct mp_form *in, unsigned dims,
                        struct window *w, struct mp_err *err) {
    uint64_t pads[4] = {0};
    const char *auto_pad = mp_attr_text(n, "auto_pad", "NOTSET");
    w->stride[0] = w->stride[1] = w->dilation[0] = w->dilation[1] = 1;
    if (!read_sizes(l, n, "strides", dims, 1, w->stride, err) || !read_sizes(l, n, "dilations", dims, 1, w->dilation, err) ||
        !read_sizes(l, n, "pads", 2 * dims, 0, pads, err))
        return false;
    memset(w->padding, 0, sizeof w->padding);
    if (strncmp(auto_pad, "SAME", 4) == 0) {
        pad_same(in, strcmp(auto_pad, "SAME_UPPER") == 0, w);
    } else if (strcmp(auto_pad, "VALID") != 0) {
        for (unsigned i = 0; i < dims; i++) {
            w->padding[i] = pads[i];
            w->padding[i + 2] = pads[i + dims];
        }
    }
    return true;
}

static void set_window(struct mp_layer_spec *s, const struct window *w) {
    memcpy(s->kernel, w->kernel, sizeof s->kernel);
    memcpy(s->stride, w->stride, sizeof s->stride);
    memcpy(s->dilation, w->dilation, sizeof s->dilation);
    memcpy(s->padding, w->padding, sizeof s->padding);
}

static bool image_only(struct mp_lower *l, const struct mp_graph_node *n, struct mp_err *err) {
    unsigned rank = mp_lower_shape(l, n->inputs[0])->rank;
    return rank == 3 || rank == 4 ||
           mp_graph_fail(l->g, n, err, "one or two spatial dimensions are supported (the input has %u dimensions)", rank);
}

static bool lower_conv(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    const struct mp_value *weight = mp_node_input(l->g, n, 1), *bias = mp_node_input(l->g, n, 2);
    struct window w = {.kernel = {1, 1}};
    if (!image_only(l, n, err))
        return false;
    if (!weight->constant || weight->array.whole || (bias && !bias->constant))
        return mp_graph_fail(l->g, n, err, "weights and bias must be constants");
    const struct mp_shape *x = mp_lower_shape(l, n->inputs[0]), *k = &weight->array.shape;
    struct mp_form in = mp_form_image(x);
    for (unsigned i = 2; i < k->rank; i++)
        w.kernel[i - 2] = k->dim[i];
    if (!read_window(l, n, &in, x->rank - 2, &w, err))
        return false;
    struct mp_layer_spec s = mp_layer_spec_default(MP_CONV2D);
    size_t input = mp_lower_want(l, n->inputs[0], &in), nodes[2] = {node}, count = 1;
    s.inputs = &input;
    s.input_count = 1;
    s.out_channels = k->dim[0];
    s.groups = (uint64_t)mp_attr_int(n, "group", 1);
    set_window(&s, &w);
    size_t out = mp_lower_fuse(l, n->outputs[0], &s.activation, nodes, &count);
    struct mp_form f = mp_form_image(mp_lower_shape(l, out));
    size_t weight_value = n->inputs[1], bias_value = bias ? n->inputs[2] : MP_NO_VALUE;
    struct mp_low_layer *layer = mp_lower_add(l, &s, node, out, &f);
    layer->params.weight_value = weight_value;
    layer->params.bias_value = bias_value;
    mp_lower_nodes(l, layer, nodes, count);
    l->spots[out].channel = 1;
    return true;
}

// Pools

// Whether a window reaches over the input's edge: an average then has fewer taps.
static bool over_edge(const struct mp_form *in, const struct mp_form *out, const struct window *w, bool count_pad) {
    const uint64_t size[] = {in->h, in->w}, windows[] = {out->h, out->w};
    for (int i = 0; i < 2; i++) {
        uint64_t end = (windows[i] - 1) * w->stride[i] + w->kernel[i];
        uint64_t room = w->padding[i] + size[i] + (count_pad ? w->padding[i + 2] : 0);
        if (end > room || (!count_pad && w->padding[i] > 0))
            return true;
    }
    return false;
}

static bool add_pool(struct mp_lower *l, size_t node, enum mp_pool_op op, const struct window *w, bool ceil, bool count_pad,
                     struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    if (w->dilation[0] > 1 || w->dilation[1] > 1)
        return mp_graph_fail(l->g, n, err, "a pool has no dilation in a workload");
    if (n->output_count > 1 && n->outputs[1] != MP_NO_VALUE && l->readers[n->outputs[1]] > 0)
        return mp_graph_fail(l->g, n, err, "indices of the maxima are not supported");
    struct mp_form in = mp_form_image(mp_lower_shape(l, n->inputs[0])), out = mp_form_image(mp_lower_shape(l, n->outputs[0]));
    struct mp_layer_spec s = mp_layer_spec_default(MP_POOL);
    size_t input = mp_lower_want(l, n->inputs[0], &in), value = n->outputs[0];
    s.inputs = &input;
    s.input_count = 1;
    s.op = op;
    s.ceil = ceil;
    set_window(&s, w);
    struct mp_low_layer *layer = mp_lower_add(l, &s, node, value, &out);
    if (op == MP_POOL_AVG && over_edge(&in, &out, w, count_pad))
        layer->params.float_only = "windows at the edge average over fewer elements";
    l->spots[value].channel = 1;
    return true;
}

static bool lower_pool(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    struct window w = {.kernel = {1, 1}};
    if (!image_only(l, n, err))
        return false;
    const struct mp_shape *x = mp_lower_shape(l, n->inputs[0]);
    struct mp_form in = mp_form_image(x);
    if (!read_sizes(l, n, "kernel_shape", x->rank - 2, 1, w.kernel, err) || !read_window(l, n, &in, x->rank - 2, &w, err))
        return false;
    return add_pool(l, node, strcmp(n->op->name, "MaxPool") == 0 ? MP_POOL_MAX : MP_POOL_AVG, &w,
                    mp_attr_int(n, "ceil_mode", 0) != 0, mp_attr_int(n, "count_include_pad", 0) != 0, err);
}

static bool lower_global_pool(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    if (!image_only(l, n, err))
        return false;
    struct mp_form in = mp_form_image(mp_lower_shape(l, n->inputs[0]));
    struct window w = {.kernel = {in.h, in.w}, .stride = {in.h, in.w}, .dilation = {1, 1}};
    return add_pool(l, node, strcmp(n->op->name, "GlobalMaxPool") == 0 ? MP_POOL_MAX : MP_POOL_AVG, &w, false, true, err);
}

const struct mp_lower_row mp_lower_windows[] = {
    {"Conv", lower_conv},
    {"MaxPool", lower_pool},
    {"AveragePool", lower_pool},
    {"GlobalAveragePool", lower_global_pool},
    {"GlobalMaxPool", lower_global_pool},
    {NULL, NULL},
};
