// SPDX-License-Identifier: Apache-2.0
// Softmax, layer norm and means: layers that take vectors whole.
#include "sim/nn/lower.h"
#include "sim/nn/op.h"

#include <string.h>

// Dimensions first .. last - 1 of a value are the vectors; false when the axis is none of the value's.
static bool axis_range(const struct mp_graph_node *n, const struct mp_shape *s, bool to_end, int64_t def, unsigned *first,
                       unsigned *last) {
    int64_t axis = mp_attr_int(n, "axis", def), rank = (int64_t)s->rank;
    axis += axis < 0 ? rank : 0;
    if (axis < 0 || axis >= rank)
        return false;
    *first = (unsigned)axis;
    *last = to_end ? s->rank : *first + 1;
    return true;
}

static uint64_t product(const struct mp_shape *s, unsigned from, unsigned to) {
    uint64_t n = 1;
    for (unsigned d = from; d < to; d++)
        n *= s->dim[d];
    return n;
}

// Channels of a tensor are `groups` vectors one behind the other: those of attention's scores.
static uint64_t groups_of(const struct mp_form *f, const struct mp_form *around) {
    bool same_step = f->at.step == around->at.step || around->c == 1;
    return f->at.inner == around->c && same_step ? f->c / around->c : 0;
}

static bool lower_softmax(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    size_t input = n->inputs[0], out = n->outputs[0];
    const struct mp_shape *s = mp_lower_shape(l, input);
    unsigned first, last;
    if (!axis_range(n, s, l->g->opset < 13, l->g->opset < 13 ? 1 : -1, &first, &last))
        return mp_graph_fail(l->g, n, err, "axis must be a dimension of the input");
    struct mp_form f = mp_lower_form(l, input), around = mp_form_around(s, first, last);
    uint64_t groups = groups_of(&f, &around);
    if (groups == 0) {
        f = around;
        groups = 1;
    }
    struct mp_layer_spec spec = mp_layer_spec_default(MP_SOFTMAX);
    size_t tensor = mp_lower_want(l, input, &f);
    spec.inputs = &tensor;
    spec.input_count = 1;
    spec.groups = groups;
    struct mp_low_layer *layer = mp_lower_add(l, &spec, node, out, &f);
    if (strcmp(n->op->name, "LogSoftmax") == 0)
        layer->params.float_only = "the logarithm of softmax";
    l->spots[out].channel = first;
    return true;
}

static bool lower_layer_norm(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    size_t input = n->inputs[0], out = n->outputs[0];
    const struct mp_shape *s = mp_lower_shape(l, input);
    unsigned first, last;
    if (!axis_range(n, s, true, -1, &first, &last))
        return mp_graph_fail(l->g, n, err, "axis must be a dimension of the input");
    for (size_t i = 1; i < n->input_count; i++)
        if (n->inputs[i] != MP_NO_VALUE && (!mp_lower_is_constant(l, n->inputs[i]) ||
                                            mp_shape_count(mp_lower_shape(l, n->inputs[i])) != product(s, first, last)))
            return mp_graph_fail(l->g, n, err, "scale and bias must be constants with a number for each of %ju elements",
                                 (uintmax_t)product(s, first, last));
    for (size_t i = 1; i < n->output_count; i++)
        if (n->outputs[i] != MP_NO_VALUE && l->readers[n->outputs[i]] > 0)
            return mp_graph_fail(l->g, n, err, "mean and deviation are not supported as outputs");
    struct mp_form f = last == first + 1 ? mp_lower_form_of(l, input, first) : mp_form_around(s, first, last);
    struct mp_layer_spec spec = mp_layer_spec_default(MP_LAYER_NORM);
    size_t tensor = mp_lower_want(l, input, &f);
    spec.inputs = &tensor;
    spec.input_count = 1;
    struct mp_low_layer *layer = mp_lower_add(l, &spec, node, out, &f);
    layer->params.weight_value = n->inputs[1];
    layer->params.bias_value = n->input_count > 2 ? n->inputs[2] : MP_NO_VALUE;
    l->spots[out].channel = first;
    return true;
}

// Means

// The dimensions that are reduced, which must follow each other but for those of one element.
static bool reduced(struct mp_lower *l, const struct mp_graph_node *n, const struct mp_shape *s, unsigned *first,
                    unsigned *last, struct mp_err *err) {
    int64_t axes[MP_MAX_RANK];
    size_t count = 0;
    bool hit[MP_MAX_RANK] = {false};
    if (!mp_lower_ints(l->g, n, 1, "axes", axes, MP_MAX_RANK, &count) && (mp_node_input(l->g, n, 1) || mp_attr_find(n, "axes")))
        return mp_graph_fail(l->g, n, err, "axes must be constant");
    for (size_t i = 0; i < count; i++)
        hit[axes[i] < 0 ? axes[i] + (int64_t)s->rank : axes[i]] = true; // checked by shape inference
    *first = s->rank;
    *last = 0;
    for (unsigned d = 0; d < s->rank; d++)
        if (s->dim[d] > 1 && (count == 0 || hit[d])) {
            *first = *first == s->rank ? d : *first;
            *last = d + 1;
        }
    for (unsigned d = *first; d < *last; d++)
        if (s->dim[d] > 1 && count > 0 && !hit[d])
            return mp_graph_fail(l->g, n, err, "the axes must follow each other");
    return true;
}

// The whole plane of an image [1, C, H, W], or what is reduced as the height.
static struct mp_form reduced_form(const struct mp_lower *l, size_t input, unsigned first, unsigned last) {
    const struct mp_shape *s = mp_lower_shape(l, input);
    uint64_t pre = product(s, 0, first), r = product(s, first, last), post = product(s, last, s->rank);
    struct mp_form own = mp_lower_form(l, input);
    struct mp_form f = {.c = pre, .h = r, .w = post, .at = {.inner = pre, .step = r * post, .row = post, .col = 1}};
    if (pre == 1)
        f = (struct mp_form){.c = post, .h = r, .w = 1, .at = {.inner = post, .step = 1, .row = post, .col = 1}};
    // The tensor as it lies, when its pixels are what is reduced.
    if ((pre == 1 || post == 1) && own.c == f.c && own.at.inner == own.c && (own.c == 1 || own.at.step == f.at.step))
        return own;
    return f;
}

static bool lower_mean(struct mp_lower *l, size_t node, struct mp_err *err) {
    const struct mp_graph_node *n = &l->g->nodes[node];
    size_t input = n->inputs[0], out = n->outputs[0];
    unsigned first = 0, last = 0;
    if (!reduced(l, n, mp_lower_shape(l, input), &first, &last, err))
        return false;
    if (first >= last)
        return mp_graph_fail(l->g, n, err, "nothing is reduced");
    struct mp_form in = reduced_form(l, input, first, last), f = in;
    bool plane = mp_shape_count(mp_lower_shape(l, out)) == in.c;
    f.h = 1;
    f.w = plane ? 1 : in.w;
    f.at = (struct mp_layout){.inner = f.c, .step = f.w, .row = 1, .col = 1};
    struct mp_layer_spec spec = mp_layer_spec_default(MP_POOL);
    size_t tensor = mp_lower_want(l, input, &in);
    spec.inputs = &tensor;
    spec.input_count = 1;
    spec.op = strcmp(n->op->name, "ReduceMax") == 0 ? MP_POOL_MAX : MP_POOL_AVG;
    spec.kernel[0] = spec.stride[0] = in.h;
    spec.kernel[1] = spec.stride[1] = plane ? in.w : 1;
    mp_lower_add(l, &spec, node, out, &f);
    return true;
}

const struct mp_lower_row mp_lower_vectors[] = {
    {"Softmax", lower_softmax},
    {"LogSoftmax", lower_softmax},
    {"LayerNormalization", lower_layer_norm},
    {"ReduceMean", lower_mean},
    {"ReduceMax", lower_mean},
    {NULL, NULL},
};
