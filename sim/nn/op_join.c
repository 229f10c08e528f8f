// SPDX-License-Identifier: Apache-2.0
// Operators that put arrays side by side or take them apart: Concat, Split, Pad.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"

#include <inttypes.h>
#include <string.h>

// An array as [outer][along the axis][inner].
struct parts {
    uint64_t outer, inner;
};

static struct parts parts(const struct mp_shape *s, unsigned axis) {
    struct parts p = {1, 1};
    for (unsigned d = 0; d < axis; d++)
        p.outer *= s->dim[d];
    for (unsigned d = axis + 1; d < s->rank; d++)
        p.inner *= s->dim[d];
    return p;
}

static void copy(const struct mp_array *from, uint64_t at, struct mp_array *to, uint64_t put, uint64_t count) {
    if (count > 0 && from->whole)
        memcpy(to->i + put, from->i + at, count * sizeof *to->i);
    else if (count > 0)
        memcpy(to->f + put, from->f + at, count * sizeof *to->f);
}

static bool infer_concat(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    struct mp_shape s = *mp_op_dims(g, n, 0);
    unsigned axis = 0;
    char a[200], b[200];
    if (!mp_attr_find(n, "axis"))
        return mp_graph_fail(g, n, err, "attribute \"axis\" is missing");
    if (!mp_op_same_kind(g, n, 0, err) || !mp_op_axis(g, n, mp_attr_int(n, "axis", 0), s.rank, &axis, err))
        return false;
    for (size_t i = 1; i < n->input_count; i++) {
        struct mp_shape other = *mp_op_dims(g, n, i), first = *mp_op_dims(g, n, 0);
        if (other.rank == first.rank)
            first.dim[axis] = other.dim[axis];
        if (!mp_shape_equal(&first, &other))
            return mp_graph_fail(g, n, err, "shapes %s and %s do not go together along axis %u",
                                 mp_shape_text(mp_op_dims(g, n, 0), a), mp_shape_text(&other, b), axis);
        if (__builtin_add_overflow(s.dim[axis], other.dim[axis], &s.dim[axis]) || !mp_shape_fits(&s))
            break; // mp_op_output says so
    }
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

static void run_concat(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                       struct mp_array *const *out) {
    (void)g;
    unsigned axis = mp_axis_of(mp_attr_int(n, "axis", 0), out[0]->shape.rank);
    struct parts p = parts(&out[0]->shape, axis);
    uint64_t put = 0;
    for (uint64_t o = 0; o < p.outer; o++)
        for (size_t i = 0; i < n->input_count; i++) {
            uint64_t size = in[i]->shape.dim[axis] * p.inner;
            copy(in[i], o * size, out[0], put, size);
            put += size;
        }
}

// Split: sizes from an attribute before opset 13, an input from then on; else equal parts, the last one smaller from 18 on.
static bool split_sizes(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_ints *sizes, struct mp_err *err) {
    *sizes = mp_op_attr_ints(n, "split");
    if (g->opset < 13 ? n->input_count > 1 : sizes->given)
        return mp_graph_fail(g, n, err, "sizes are an attribute before opset 13, an input from then on");
    if (!sizes->given && !mp_op_input_ints(g, n, 1, sizes, err))
        return false;
    if (sizes->given && sizes->count != n->output_count)
        return mp_graph_fail(g, n, err, "%zu sizes for %zu outputs", sizes->count, n->output_count);
    int64_t count = mp_attr_int(n, "num_outputs", (int64_t)n->output_count);
    return count == (int64_t)n->output_count ||
           mp_graph_fail(g, n, err, "num_outputs is %" PRId64 ", but there are %zu outputs", count, n->output_count);
}

static bool infer_split(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    struct mp_shape s = *mp_op_dims(g, n, 0);
    unsigned axis = 0;
    struct mp_ints sizes;
    if (!mp_op_axis(g, n, mp_attr_int(n, "axis", 0), s.rank, &axis, err) || !split_sizes(g, n, &sizes, err))
        return false;
    uint64_t dim = s.dim[axis], left = dim, count = n->output_count, each = (dim + count - 1) / count;
    if (!sizes.given && dim % count != 0 && g->opset < 18)
        return mp_graph_fail(g, n, err, "%" PRIu64 " do not split into %" PRIu64 " equal parts", dim, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t size = sizes.given ? (uint64_t)sizes.v[i] : left < each ? left : each;
        if (size > left) // negative ones too
            return mp_graph_fail(g, n, err, "the sizes are not those of %" PRIu64 " along axis %u", dim, axis);
        left -= size;
        s.dim[axis] = size;
        if (!mp_op_output(g, n, i, &s, mp_op_is_whole(g, n, 0), err))
            return false;
    }
    return left == 0 || mp_graph_fail(g, n, err, "the sizes are not those of %" PRIu64 " along axis %u", dim, axis);
}

// Sizes come from the list again, since an output may be left out.
static uint64_t split_size(const struct mp_graph_node *n, const struct mp_array *const *in, size_t i, uint64_t dim) {
    struct mp_ints sizes = mp_op_attr_ints(n, "split");
    uint64_t each = (dim + n->output_count - 1) / n->output_count, at = i * each;
    if (n->input_count > 1 && in[1])
        return (uint64_t)in[1]->i[i];
    return sizes.given ? (uint64_t)sizes.v[i] : at >= dim ? 0 : dim - at < each ? dim - at : each;
}

static void run_split(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                      struct mp_array *const *out) {
    (void)g;
    unsigned axis = mp_axis_of(mp_attr_int(n, "axis", 0), in[0]->shape.rank);
    struct parts p = parts(&in[0]->shape, axis);
    uint64_t at = 0, dim = in[0]->shape.dim[axis];
    for (uint64_t o = 0; o < p.outer; o++)
        for (size_t i = 0; i < n->output_count; i++) {
            uint64_t size = split_size(n, in, i, dim) * p.inner;
            if (out[i])
                copy(in[0], at, out[i], o * size, size);
            at += size;
        }
}

// Pad

enum pad_mode { PAD_CONSTANT, PAD_REFLECT, PAD_EDGE, PAD_UNKNOWN };

static enum pad_mode pad_mode(const struct mp_graph_node *n) {
    const char *mode = mp_attr_text(n, "mode", "constant");
    return strcmp(mode, "constant") == 0  ? PAD_CONSTANT
           : strcmp(mode, "reflect") == 0 ? PAD_REFLECT
           : strcmp(mode, "edge") == 0    ? PAD_EDGE
                                          : PAD_UNKNOWN;
}

// By dimension: what goes before and behind; negative ones take away.
struct pads {
    int64_t before[MP_MAX_RANK], after[MP_MAX_RANK];
};

static void spread(struct mp_ints list, struct mp_ints axes, unsigned rank, struct pads *p) {
    size_t count = list.count / 2;
    *p = (struct pads){0};
    for (size_t i = 0; i < count; i++) {
        unsigned d = axes.given ? mp_axis_of(axes.v[i], rank) : (unsigned)i;
        p->before[d] = list.v[i];
        p->after[d] = list.v[count + i];
    }
}

static bool pad_lists(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_ints *list, struct mp_ints *axes,
                      struct mp_err *err) {
    *list = mp_op_attr_ints(n, "pads");
    *axes = (struct mp_ints){0};
    if (g->opset < 11 ? n->input_count > 1 : list->given)
        return mp_graph_fail(g, n, err, "pads are an attribute before opset 11, an input from then on");
    if (g->opset >= 11 && (!mp_op_input_ints(g, n, 1, list, err) || !mp_op_input_ints(g, n, 3, axes, err)))
        return false;
    return list->given || mp_graph_fail(g, n, err, "pads are missing");
}

static bool check_pad(const struct mp_graph *g, const struct mp_graph_node *n, int64_t pad, uint64_t dim, struct mp_err *err) {
    if (pad < -MP_MAX_STEP || pad > MP_MAX_STEP)
        return mp_graph_fail(g, n, err, "a pad must be %" PRId64 "..%" PRId64 " (got %" PRId64 ")", -MP_MAX_STEP, MP_MAX_STEP,
                             pad);
    if (pad > 0 && pad_mode(n) == PAD_REFLECT && (uint64_t)pad >= dim)
        return mp_graph_fail(g, n, err, "a reflected pad must be smaller than the dimension of %" PRIu64 " (got %" PRId64 ")",
                             dim, pad);
    if (pad > 0 && pad_mode(n) == PAD_EDGE && dim == 0)
        return mp_graph_fail(g, n, err, "a dimension of 0 has no edge");
    return true;
}

static bool infer_pad(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    struct mp_shape s = *mp_op_dims(g, n, 0);
    struct mp_ints list, axes;
    struct pads p;
    bool seen[MP_MAX_RANK];
    if (pad_mode(n) == PAD_UNKNOWN)
        return mp_graph_fail(g, n, err, "attribute \"mode\" must be constant, reflect or edge");
    if (!pad_lists(g, n, &list, &axes, err) || !mp_op_axes(g, n, axes, s.rank, seen, err))
        return false;
    if (list.count != 2 * (axes.given ? axes.count : s.rank))
        return mp_graph_fail(g, n, err, "must have %zu pads (got %zu)", 2 * (axes.given ? axes.count : s.rank), list.count);
    if (mp_op_has(n, 2) && (!mp_op_need_scalar(g, n, 2, err) || mp_op_is_whole(g, n, 2) != mp_op_is_whole(g, n, 0)))
        return mp_graph_fail(g, n, err, "the value must be one number of the input's type");
    spread(list, axes, s.rank, &p);
    for (unsigned d = 0; d < s.rank; d++) {
        int64_t size = (int64_t)s.dim[d];
        if (!check_pad(g, n, p.before[d], s.dim[d], err) || !check_pad(g, n, p.after[d], s.dim[d], err))
            return false;
        size += p.before[d] + p.after[d];
        if (size < 0 || -p.before[d] > (int64_t)s.dim[d] || -p.after[d] > (int64_t)s.dim[d])
            return mp_graph_fail(g, n, err, "pads %" PRId64 " and %" PRId64 " take away more than the dimension of %" PRIu64,
                                 p.before[d], p.after[d], s.dim[d]);
        s.dim[d] = (uint64_t)size;
    }
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

// From an index of the output to one of the input; -1: padding.
static int64_t source(enum pad_mode mode, int64_t at, int64_t dim) {
    if (at >= 0 && at < dim)
        return at;
    if (mode == PAD_REFLECT)
        return at < 0 ? -at : 2 * (dim - 1) - at;
    return mode == PAD_CONSTANT ? -1 : at < 0 ? 0 : dim - 1;
}

// Of the row of the output that begins at element `index`: where the input's row begins, or -1.
static int64_t row_source(enum pad_mode mode, const struct pads *p, const struct mp_shape *in, const struct mp_shape *out,
                          uint64_t index) {
    unsigned last = out->rank - 1;
    int64_t from = 0, step = (int64_t)in->dim[last];
    index /= out->dim[last];
    for (unsigned d = last; d-- > 0; index /= out->dim[d]) {
        int64_t at = source(mode, (int64_t)(index % out->dim[d]) - p->before[d], (int64_t)in->dim[d]);
        if (at < 0)
            return -1;
        from += at * step;
        step *= (int64_t)in->dim[d];
    }
    return from;
}

static void pad_row(const struct mp_graph_node *n, const struct pads *p, const struct mp_array *in,
                    const struct mp_array *value, struct mp_array *out, uint64_t index) {
    unsigned last = out->shape.rank - 1;
    enum pad_mode mode = pad_mode(n);
    int64_t row = row_source(mode, p, &in->shape, &out->shape, index), dim = (int64_t)in->shape.dim[last];
    float none = value && !value->whole ? value->f[0] : mp_attr_real(n, "value", 0);
    for (uint64_t x = 0; x < out->shape.dim[last]; x++) {
        int64_t at = row < 0 ? -1 : source(mode, (int64_t)x - p->before[last], dim);
        if (out->whole)
            out->i[index + x] = at >= 0 ? in->i[row + at] : value ? value->i[0] : 0;
        else
            out->f[index + x] = at >= 0 ? in->f[row + at] : none;
    }
}

static void run_pad(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g;
    const struct mp_array *value = n->input_count > 2 ? in[2] : NULL;
    const struct mp_shape *s = &out[0]->shape;
    struct mp_ints list = mp_op_attr_ints(n, "pads"), axes = {0};
    struct pads p;
    uint64_t count = mp_shape_count(s);
    if (n->input_count > 1)
        list = (struct mp_ints){in[1]->i, mp_shape_count(&in[1]->shape), true};
    if (n->input_count > 3 && in[3])
        axes = (struct mp_ints){in[3]->i, mp_shape_count(&in[3]->shape), true};
    spread(list, axes, in[0]->shape.rank, &p);
    if (s->rank == 0)
        copy(in[0], 0, out[0], 0, 1);
    for (uint64_t i = 0; s->rank > 0 && i < count; i += s->dim[s->rank - 1])
        pad_row(n, &p, in[0], value, out[0], i);
}

const struct mp_op mp_op_concat = {"Concat", 1, MP_ANY_COUNT, 1, "axis:i", infer_concat, run_concat, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_pad = {"Pad", 1, 4, 1, "mode:t pads:I value:f", infer_pad, run_pad, NULL, MP_FLOW_ANY};
const struct mp_op mp_op_split = {
    "Split", 1, 2, MP_ANY_COUNT, "axis:i num_outputs:i split:I", infer_split, run_split, NULL, MP_FLOW_ANY,
};
