// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/op_check.h"

#include "sim/base/say.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool mp_op_output(struct mp_graph *g, const struct mp_graph_node *n, size_t i, const struct mp_shape *s, bool whole,
                  struct mp_err *err) {
    if (i >= n->output_count || n->outputs[i] == MP_NO_VALUE)
        return true;
    struct mp_value *v = &g->values[n->outputs[i]];
    char text[200], name[MP_SAY_BYTES];
    if (!mp_shape_fits(s))
        return mp_graph_fail(g, n, err, "output \"%s\" would be %s, more than %" PRIu64 " elements",
                             mp_say_text(v->name, strlen(v->name), name), mp_shape_text(s, text), MP_MAX_ARRAY);
    v->array = (struct mp_array){.shape = *s, .whole = whole};
    v->known = true;
    return true;
}

bool mp_op_like(struct mp_graph *g, const struct mp_graph_node *n, size_t i, struct mp_err *err) {
    return mp_op_output(g, n, 0, mp_op_dims(g, n, i), mp_op_is_whole(g, n, i), err);
}

const struct mp_shape *mp_op_dims(const struct mp_graph *g, const struct mp_graph_node *n, size_t i) {
    return &g->values[n->inputs[i]].array.shape;
}

bool mp_op_has(const struct mp_graph_node *n, size_t i) {
    return i < n->input_count && n->inputs[i] != MP_NO_VALUE;
}

bool mp_op_is_whole(const struct mp_graph *g, const struct mp_graph_node *n, size_t i) {
    return g->values[n->inputs[i]].array.whole;
}

bool mp_op_need_real(const struct mp_graph *g, const struct mp_graph_node *n, size_t count, struct mp_err *err) {
    for (size_t i = 0; i < count && i < n->input_count; i++)
        if (mp_op_has(n, i) && mp_op_is_whole(g, n, i))
            return mp_graph_fail(g, n, err, "input %zu must hold real numbers (got integers)", i + 1);
    return true;
}

bool mp_op_need_whole(const struct mp_graph *g, const struct mp_graph_node *n, size_t i, struct mp_err *err) {
    return !mp_op_has(n, i) || mp_op_is_whole(g, n, i) ||
           mp_graph_fail(g, n, err, "input %zu must hold integers (got real numbers)", i + 1);
}

bool mp_op_same_kind(const struct mp_graph *g, const struct mp_graph_node *n, size_t first, struct mp_err *err) {
    for (size_t i = first + 1; i < n->input_count; i++)
        if (mp_op_has(n, i) && mp_op_is_whole(g, n, i) != mp_op_is_whole(g, n, first))
            return mp_graph_fail(g, n, err, "inputs %zu and %zu must be of one type (got %s and %s)", first + 1, i + 1,
                                 mp_op_is_whole(g, n, first) ? "integers" : "real numbers",
                                 mp_op_is_whole(g, n, i) ? "integers" : "real numbers");
    return true;
}

bool mp_op_need_rank(const struct mp_graph *g, const struct mp_graph_node *n, size_t i, unsigned min, unsigned max,
                     struct mp_err *err) {
    const struct mp_shape *s = mp_op_dims(g, n, i);
    char text[200], range[40] = "";
    if (s->rank >= min && s->rank <= max)
        return true;
    if (min < max)
        snprintf(range, sizeof range, "..%u", max);
    return mp_graph_fail(g, n, err, "input %zu must have %u%s dimensions (got %s)", i + 1, min, range,
                         mp_shape_text(s, text));
}

bool mp_op_need_scalar(const struct mp_graph *g, const struct mp_graph_node *n, size_t i, struct mp_err *err) {
    char text[200];
    return !mp_op_has(n, i) || mp_shape_count(mp_op_dims(g, n, i)) == 1 ||
           mp_graph_fail(g, n, err, "input %zu must be one number (got %s)", i + 1,
                         mp_shape_text(mp_op_dims(g, n, i), text));
}

bool mp_op_axis(const struct mp_graph *g, const struct mp_graph_node *n, int64_t axis, unsigned rank, unsigned *out,
                struct mp_err *err) {
    int64_t r = (int64_t)rank;
    if (rank == 0)
        return mp_graph_fail(g, n, err, "a scalar has no axis %" PRId64, axis);
    if (axis < -r || axis >= r)
        return mp_graph_fail(g, n, err, "axis must be %" PRId64 "..%" PRId64 " (got %" PRId64 ")", -r, r - 1, axis);
    *out = mp_axis_of(axis, rank);
    return true;
}

bool mp_op_axes(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_ints axes, unsigned rank,
                bool out[MP_MAX_RANK], struct mp_err *err) {
    memset(out, 0, MP_MAX_RANK * sizeof *out);
    for (size_t i = 0; i < axes.count; i++) {
        unsigned at = 0;
        if (!mp_op_axis(g, n, axes.v[i], rank, &at, err))
            return false;
        if (out[at])
            return mp_graph_fail(g, n, err, "axis %" PRId64 " stands twice", axes.v[i]);
        out[at] = true;
    }
    return true;
}

struct mp_ints mp_op_attr_ints(const struct mp_graph_node *n, const char *name) {
    const struct mp_attr *a = mp_attr_find(n, name);
    return a && a->type == MP_ATTR_INTS ? (struct mp_ints){a->ints, a->count, true} : (struct mp_ints){0};
}

bool mp_op_input_ints(const struct mp_graph *g, const struct mp_graph_node *n, size_t i, struct mp_ints *out,
                      struct mp_err *err) {
    *out = (struct mp_ints){0};
    if (!mp_op_has(n, i))
        return true;
    const struct mp_value *v = mp_node_input(g, n, i);
    char name[MP_SAY_BYTES];
    if (!mp_op_need_whole(g, n, i, err) || !mp_op_need_rank(g, n, i, 0, 1, err))
        return false;
    if (!v->constant)
        return mp_graph_fail(g, n, err, "input %zu \"%s\" must be a constant", i + 1,
                             mp_say_text(v->name, strlen(v->name), name));
    *out = (struct mp_ints){v->array.i, mp_shape_count(&v->array.shape), true};
    return true;
}
