// SPDX-License-Identifier: Apache-2.0
// Operators that keep the elements as they lie: another shape, or none.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"

#include <inttypes.h>
#include <string.h>

static void keep(const struct mp_array *in, struct mp_array *out) {
    uint64_t count = mp_shape_count(&in->shape);
    if (count > 0 && in->whole)
        memcpy(out->i, in->i, count * sizeof *in->i);
    else if (count > 0)
        memcpy(out->f, in->f, count * sizeof *in->f);
}

static void run_keep(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g, (void)n;
    keep(in[0], out[0]);
}

static bool infer_identity(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    return mp_op_like(g, n, 0, err);
}

static bool infer_dropout(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_value *training = mp_node_input(g, n, 2);
    if (!mp_op_need_scalar(g, n, 1, err) || !mp_op_need_scalar(g, n, 2, err) || !mp_op_need_whole(g, n, 2, err))
        return false;
    if (training && (!training->constant || training->array.i[0] != 0))
        return mp_graph_fail(g, n, err, "training_mode must be a constant false: only inference is supported");
    return mp_op_like(g, n, 0, err) && mp_op_output(g, n, 1, mp_op_dims(g, n, 0), true, err);
}

// Nothing is dropped.
static void run_dropout(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                        struct mp_array *const *out) {
    (void)g;
    keep(in[0], out[0]);
    if (n->output_count > 1 && out[1]) {
        uint64_t count = mp_shape_count(&out[1]->shape);
        for (uint64_t i = 0; i < count; i++)
            out[1]->i[i] = 1;
    }
}

static bool infer_flatten(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    int64_t axis = mp_attr_int(n, "axis", 1), rank = (int64_t)in->rank;
    struct mp_shape s = {.rank = 2, .dim = {1, 1}};
    if (axis < -rank || axis > rank)
        return mp_graph_fail(g, n, err, "axis must be %" PRId64 "..%" PRId64 " (got %" PRId64 ")", -rank, rank, axis);
    for (unsigned d = 0; d < in->rank; d++)
        s.dim[d >= mp_axis_of(axis, in->rank)] *= in->dim[d];
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

// The dimensions as the list has them: 0 copies the input's (unless allowzero), -1 (at *open) is left at 1.
static bool listed_shape(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_ints list, struct mp_shape *s,
                         unsigned *open, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    bool allow_zero = mp_attr_int(n, "allowzero", 0) != 0;
    *open = MP_MAX_RANK;
    *s = (struct mp_shape){.rank = (unsigned)list.count};
    for (unsigned d = 0; d < s->rank; d++) {
        int64_t v = list.v[d];
        if (v < -1)
            return mp_graph_fail(g, n, err, "a dimension must be at least -1 (got %" PRId64 ")", v);
        if (v == -1 && *open != MP_MAX_RANK)
            return mp_graph_fail(g, n, err, "only one dimension may be -1");
        if (v == 0 && !allow_zero && d >= in->rank)
            return mp_graph_fail(g, n, err, "dimension %u is 0, but the input has only %u dimensions", d + 1, in->rank);
        s->dim[d] = v == 0 && !allow_zero ? in->dim[d] : v == -1 ? 1 : (uint64_t)v;
        if (v == -1)
            *open = d;
    }
    return true;
}

static bool infer_reshape(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    struct mp_ints list;
    struct mp_shape s;
    unsigned open;
    char a[200], b[200];
    if (!mp_op_input_ints(g, n, 1, &list, err))
        return false;
    if (list.count > MP_MAX_RANK)
        return mp_graph_fail(g, n, err, "the shape may have at most %d dimensions (got %zu)", MP_MAX_RANK, list.count);
    if (!listed_shape(g, n, list, &s, &open, err))
        return false;
    uint64_t have = mp_shape_count(in), rest = mp_shape_fits(&s) ? mp_shape_count(&s) : 0;
    if (open != MP_MAX_RANK && rest > 0 && have % rest == 0)
        s.dim[open] = have / rest;
    if (!mp_shape_fits(&s) || mp_shape_count(&s) != have || (open != MP_MAX_RANK && rest == 0))
        return mp_graph_fail(g, n, err, "%s cannot become %s%s", mp_shape_text(in, a), mp_shape_text(&s, b),
                             open != MP_MAX_RANK ? " with one dimension left open" : "");
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

// The axes of Squeeze, Unsqueeze: an attribute before opset 13, an input from then on.
static bool axes_of(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_ints *axes, struct mp_err *err) {
    *axes = mp_op_attr_ints(n, "axes");
    if (g->opset < 13)
        return n->input_count == 1 || mp_graph_fail(g, n, err, "axes are an attribute before opset 13");
    if (axes->given)
        return mp_graph_fail(g, n, err, "axes are an input from opset 13 on");
    return mp_op_input_ints(g, n, 1, axes, err);
}

static bool infer_squeeze(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    struct mp_shape s = {0};
    struct mp_ints axes;
    bool drop[MP_MAX_RANK];
    char text[200];
    if (!axes_of(g, n, &axes, err) || !mp_op_axes(g, n, axes, in->rank, drop, err))
        return false;
    for (unsigned d = 0; d < in->rank; d++) {
        if (drop[d] && in->dim[d] != 1)
            return mp_graph_fail(g, n, err, "dimension %u of %s is not 1", d + 1, mp_shape_text(in, text));
        if (axes.given ? !drop[d] : in->dim[d] != 1)
            s.dim[s.rank++] = in->dim[d];
    }
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

static bool infer_unsqueeze(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    struct mp_ints axes;
    bool added[MP_MAX_RANK];
    if (!axes_of(g, n, &axes, err))
        return false;
    if (!axes.given)
        return mp_graph_fail(g, n, err, "axes are missing");
    if (axes.count > MP_MAX_RANK - in->rank)
        return mp_graph_fail(g, n, err, "an array may have at most %d dimensions (got %zu)", MP_MAX_RANK,
                             in->rank + axes.count);
    struct mp_shape s = {.rank = in->rank + (unsigned)axes.count};
    if (!mp_op_axes(g, n, axes, s.rank, added, err))
        return false;
    for (unsigned d = 0, from = 0; d < s.rank; d++)
        s.dim[d] = added[d] ? 1 : in->dim[from++];
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

const struct mp_op mp_op_dropout = {
    "Dropout", 1, 3, 2, "ratio:f seed:i", infer_dropout, run_dropout, NULL, MP_FLOW_VIEW,
};
const struct mp_op mp_op_flatten = {"Flatten", 1, 1, 1, "axis:i", infer_flatten, run_keep, NULL, MP_FLOW_VIEW};
const struct mp_op mp_op_identity = {"Identity", 1, 1, 1, NULL, infer_identity, run_keep, NULL, MP_FLOW_VIEW};
const struct mp_op mp_op_reshape = {"Reshape", 2, 2, 1, "allowzero:i", infer_reshape, run_keep, NULL, MP_FLOW_VIEW};
const struct mp_op mp_op_squeeze = {"Squeeze", 1, 2, 1, "axes:I", infer_squeeze, run_keep, NULL, MP_FLOW_VIEW};
const struct mp_op mp_op_unsqueeze = {"Unsqueeze", 1, 2, 1, "axes:I", infer_unsqueeze, run_keep, NULL, MP_FLOW_VIEW};
