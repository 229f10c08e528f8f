// SPDX-License-Identifier: Apache-2.0
// Operators that pick and repeat elements: Transpose, Slice, Expand, Tile, Gather.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"
#include "sim/nn/walk.h"

#include <inttypes.h>
#include <string.h>

// perm, or all axes backwards.
static unsigned axis_from(const struct mp_graph_node *n, unsigned rank, unsigned d) {
    struct mp_ints perm = mp_op_attr_ints(n, "perm");
    return perm.given ? (unsigned)perm.v[d] : rank - 1 - d;
}

static bool infer_transpose(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    struct mp_ints perm = mp_op_attr_ints(n, "perm");
    struct mp_shape s = {.rank = in->rank};
    bool seen[MP_MAX_RANK];
    if (perm.given && perm.count != in->rank)
        return mp_graph_fail(g, n, err, "attribute \"perm\" must have %u axes (got %zu)", in->rank, perm.count);
    for (size_t i = 0; i < perm.count; i++)
        if (perm.v[i] < 0)
            return mp_graph_fail(g, n, err, "attribute \"perm\" must have axes of at least 0 (got %" PRId64 ")", perm.v[i]);
    if (!mp_op_axes(g, n, perm, in->rank, seen, err))
        return false;
    for (unsigned d = 0; d < s.rank; d++)
        s.dim[d] = in->dim[axis_from(n, s.rank, d)];
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

static void run_transpose(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                          struct mp_array *const *out) {
    (void)g;
    struct mp_walk w;
    int64_t step[MP_MAX_RANK];
    mp_shape_steps(&in[0]->shape, step);
    mp_walk_over(&w, &out[0]->shape);
    for (unsigned d = 0; d < w.rank; d++)
        w.step[0][d] = step[axis_from(n, w.rank, d)];
    mp_walk_copy(&w, in[0], out[0]);
}

// Slice

struct slices {
    struct mp_ints start, end, axes, step;
};

// Of one dimension: its first index, step and count.
struct slice {
    int64_t start, step;
    uint64_t count;
};

// ONNX's rules: negative from the end, then cut to the dimension.
static struct slice resolve(int64_t start, int64_t end, int64_t step, uint64_t dim) {
    int64_t d = (int64_t)dim, low = step > 0 ? 0 : -1, high = step > 0 ? d : d - 1;
    start += start < 0 ? d : 0;
    end += end < 0 ? d : 0;
    start = start < low + (step < 0) ? low + (step < 0) : start > high ? high : start;
    end = end < low ? low : end > d ? d : end;
    uint64_t span = step > 0 ? (end > start ? (uint64_t)(end - start) : 0) : (start > end ? (uint64_t)(start - end) : 0);
    uint64_t by = step > 0 ? (uint64_t)step : 0 - (uint64_t)step;
    return (struct slice){start, step, dim == 0 ? 0 : span / by + (span % by != 0)};
}

static void resolve_all(const struct slices *l, const struct mp_shape *in, struct slice out[MP_MAX_RANK]) {
    for (unsigned d = 0; d < in->rank; d++)
        out[d] = (struct slice){0, 1, in->dim[d]};
    for (size_t i = 0; i < l->start.count; i++) {
        unsigned d = l->axes.given ? mp_axis_of(l->axes.v[i], in->rank) : (unsigned)i;
        out[d] = resolve(l->start.v[i], l->end.v[i], l->step.given ? l->step.v[i] : 1, in->dim[d]);
    }
}

static bool slice_lists(const struct mp_graph *g, const struct mp_graph_node *n, struct slices *l, struct mp_err *err) {
    if (g->opset < 10) {
        *l = (struct slices){mp_op_attr_ints(n, "starts"), mp_op_attr_ints(n, "ends"), mp_op_attr_ints(n, "axes"), {0}};
        if (n->input_count > 1)
            return mp_graph_fail(g, n, err, "starts and ends are attributes before opset 10");
    } else if (n->attr_count > 0) {
        return mp_graph_fail(g, n, err, "starts and ends are inputs from opset 10 on");
    } else if (!mp_op_input_ints(g, n, 1, &l->start, err) || !mp_op_input_ints(g, n, 2, &l->end, err) ||
               !mp_op_input_ints(g, n, 3, &l->axes, err) || !mp_op_input_ints(g, n, 4, &l->step, err)) {
        return false;
    }
    return (l->start.given && l->end.given) || mp_graph_fail(g, n, err, "starts and ends are missing");
}

static bool infer_slice(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    struct slices l;
    struct slice slice[MP_MAX_RANK];
    struct mp_shape s = *in;
    bool seen[MP_MAX_RANK];
    if (!slice_lists(g, n, &l, err))
        return false;
    size_t count = l.start.count;
    if (l.end.count != count || (l.axes.given && l.axes.count != count) || (l.step.given && l.step.count != count))
        return mp_graph_fail(g, n, err, "starts, ends, axes and steps must have one length");
    if (count > in->rank)
        return mp_graph_fail(g, n, err, "%zu starts for an array of %u dimensions", count, in->rank);
    for (size_t i = 0; l.step.given && i < count; i++)
        if (l.step.v[i] == 0)
            return mp_graph_fail(g, n, err, "a step must not be 0");
    if (!mp_op_axes(g, n, l.axes, in->rank, seen, err))
        return false;
    resolve_all(&l, in, slice);
    for (unsigned d = 0; d < s.rank; d++)
        s.dim[d] = slice[d].count;
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

static struct mp_ints ints_of(const struct mp_graph_node *n, const struct mp_array *const *in, size_t i) {
    return i < n->input_count && in[i] ? (struct mp_ints){in[i]->i, mp_shape_count(&in[i]->shape), true}
                                       : (struct mp_ints){0};
}

static void run_slice(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                      struct mp_array *const *out) {
    struct slices l = {mp_op_attr_ints(n, "starts"), mp_op_attr_ints(n, "ends"), mp_op_attr_ints(n, "axes"), {0}};
    struct slice slice[MP_MAX_RANK];
    struct mp_walk w;
    int64_t step[MP_MAX_RANK];
    if (g->opset >= 10)
        l = (struct slices){ints_of(n, in, 1), ints_of(n, in, 2), ints_of(n, in, 3), ints_of(n, in, 4)};
    resolve_all(&l, &in[0]->shape, slice);
    mp_shape_steps(&in[0]->shape, step);
    mp_walk_over(&w, &out[0]->shape);
    for (unsigned d = 0; d < w.rank; d++)
        if (slice[d].count > 0) {
            w.at[0] += slice[d].start * step[d];
            w.step[0][d] = slice[d].count > 1 ? slice[d].step * step[d] : 0; // a single one may have any step
        }
    mp_walk_copy(&w, in[0], out[0]);
}

// Expand, Tile

static bool infer_expand(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    struct mp_ints list;
    char a[200], b[200];
    if (!mp_op_input_ints(g, n, 1, &list, err))
        return false;
    if (list.count > MP_MAX_RANK)
        return mp_graph_fail(g, n, err, "the shape may have at most %d dimensions (got %zu)", MP_MAX_RANK, list.count);
    struct mp_shape want = {.rank = (unsigned)list.count}, s;
    for (unsigned d = 0; d < want.rank; d++) {
        if (list.v[d] < 0)
            return mp_graph_fail(g, n, err, "a dimension must be at least 0 (got %" PRId64 ")", list.v[d]);
        want.dim[d] = (uint64_t)list.v[d];
    }
    if (!mp_shape_broadcast(mp_op_dims(g, n, 0), &want, &s))
        return mp_graph_fail(g, n, err, "shapes %s and %s do not go together", mp_shape_text(mp_op_dims(g, n, 0), a),
                             mp_shape_text(&want, b));
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

static void run_expand(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                       struct mp_array *const *out) {
    (void)g, (void)n;
    struct mp_walk w;
    mp_walk_over(&w, &out[0]->shape);
    mp_walk_input(&w, 0, &in[0]->shape);
    mp_walk_copy(&w, in[0], out[0]);
}

static bool infer_tile(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    struct mp_shape s = *mp_op_dims(g, n, 0);
    struct mp_ints list;
    if (!mp_op_input_ints(g, n, 1, &list, err))
        return false;
    if (list.count != s.rank)
        return mp_graph_fail(g, n, err, "must have %u repeats (got %zu)", s.rank, list.count);
    for (unsigned d = 0; d < s.rank; d++) {
        if (list.v[d] < 0 || list.v[d] > (int64_t)MP_MAX_ARRAY)
            return mp_graph_fail(g, n, err, "repeats must be 0..%" PRIu64 " (got %" PRId64 ")", MP_MAX_ARRAY, list.v[d]);
        s.dim[d] *= (uint64_t)list.v[d];
    }
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

static void run_tile(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g, (void)n;
    const struct mp_shape *s = &out[0]->shape;
    int64_t step[MP_MAX_RANK];
    uint64_t count = mp_shape_count(s);
    mp_shape_steps(&in[0]->shape, step);
    for (uint64_t i = 0; i < count; i++) {
        uint64_t rest = i;
        int64_t from = 0;
        for (unsigned d = s->rank; d-- > 0; rest /= s->dim[d])
            from += (int64_t)(rest % s->dim[d] % in[0]->shape.dim[d]) * step[d];
        if (out[0]->whole)
            out[0]->i[i] = in[0]->i[from];
        else
            out[0]->f[i] = in[0]->f[from];
    }
}

// Gather: an index that is not constant cannot be checked; one that is out of range counts as the nearest.

static bool infer_gather(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0), *at = mp_op_dims(g, n, 1);
    const struct mp_value *list = mp_node_input(g, n, 1);
    struct mp_shape s = {0};
    unsigned axis = 0;
    if (!mp_op_need_whole(g, n, 1, err) || !mp_op_axis(g, n, mp_attr_int(n, "axis", 0), in->rank, &axis, err))
        return false;
    if (in->rank - 1 + at->rank > MP_MAX_RANK)
        return mp_graph_fail(g, n, err, "an array may have at most %d dimensions (got %u)", MP_MAX_RANK,
                             in->rank - 1 + at->rank);
    int64_t dim = (int64_t)in->dim[axis];
    uint64_t count = mp_shape_count(at);
    if (dim == 0 && count > 0)
        return mp_graph_fail(g, n, err, "axis %u has nothing to gather", axis);
    for (uint64_t i = 0; list->constant && i < count; i++)
        if (list->array.i[i] < -dim || list->array.i[i] >= dim)
            return mp_graph_fail(g, n, err, "an index must be %" PRId64 "..%" PRId64 " (got %" PRId64 ")", -dim, dim - 1,
                                 list->array.i[i]);
    for (unsigned d = 0; d < axis; d++)
        s.dim[s.rank++] = in->dim[d];
    for (unsigned d = 0; d < at->rank; d++)
        s.dim[s.rank++] = at->dim[d];
    for (unsigned d = axis + 1; d < in->rank; d++)
        s.dim[s.rank++] = in->dim[d];
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

static void run_gather(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                       struct mp_array *const *out) {
    (void)g;
    const struct mp_shape *s = &in[0]->shape;
    unsigned axis = mp_axis_of(mp_attr_int(n, "axis", 0), s->rank);
    uint64_t outer = 1, inner = 1, count = mp_shape_count(&in[1]->shape);
    int64_t dim = (int64_t)s->dim[axis];
    for (unsigned d = 0; d < axis; d++)
        outer *= s->dim[d];
    for (unsigned d = axis + 1; d < s->rank; d++)
        inner *= s->dim[d];
    for (uint64_t o = 0; o < outer; o++)
        for (uint64_t i = 0; i < count; i++) {
            int64_t k = in[1]->i[i];
            k += k < 0 ? dim : 0;
            uint64_t from = (o * (uint64_t)dim + (uint64_t)(k < 0 ? 0 : k >= dim ? dim - 1 : k)) * inner;
            uint64_t to = (o * count + i) * inner;
            if (inner > 0 && out[0]->whole)
                memcpy(out[0]->i + to, in[0]->i + from, inner * sizeof *out[0]->i);
            else if (inner > 0)
                memcpy(out[0]->f + to, in[0]->f + from, inner * sizeof *out[0]->f);
        }
}

const struct mp_op mp_op_expand = {"Expand", 2, 2, 1, NULL, infer_expand, run_expand, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_gather = {"Gather", 2, 2, 1, "axis:i", infer_gather, run_gather, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_slice = {
    "Slice", 1, 5, 1, "axes:I ends:I starts:I", infer_slice, run_slice, NULL, MP_FLOW_ANY,
};
const struct mp_op mp_op_tile = {"Tile", 2, 2, 1, NULL, infer_tile, run_tile, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_transpose = {
    "Transpose", 1, 1, 1, "perm:I", infer_transpose, run_transpose, NULL, MP_FLOW_ANY,
};
