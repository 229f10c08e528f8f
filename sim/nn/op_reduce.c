// SPDX-License-Identifier: Apache-2.0
// Reductions along axes: mean, sum, maximum.
#include "sim/nn/op_check.h"
#include "sim/nn/op_list.h"
#include "sim/nn/walk.h"

#include <math.h>
#include <string.h>

// From this opset on the axes are an input.
static unsigned input_since(const struct mp_graph_node *n) {
    return strcmp(n->op->name, "ReduceSum") == 0 ? 13 : 18;
}

static bool infer_reduce(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    const struct mp_shape *in = mp_op_dims(g, n, 0);
    struct mp_ints axes = mp_op_attr_ints(n, "axes");
    struct mp_shape s = {0};
    bool reduced[MP_MAX_RANK];
    if (g->opset < input_since(n) ? n->input_count > 1 : axes.given)
        return mp_graph_fail(g, n, err, "axes are an attribute before opset %u, an input from then on", input_since(n));
    if ((!axes.given && !mp_op_input_ints(g, n, 1, &axes, err)) || !mp_op_axes(g, n, axes, in->rank, reduced, err))
        return false;
    bool all = axes.count == 0 && mp_attr_int(n, "noop_with_empty_axes", 0) == 0;
    for (unsigned d = 0; d < in->rank; d++)
        if (!reduced[d] && !all)
            s.dim[s.rank++] = in->dim[d];
        else if (in->dim[d] == 0)
            return mp_graph_fail(g, n, err, "nothing to reduce along axis %u", d);
        else if (mp_attr_int(n, "keepdims", 1) != 0)
            s.dim[s.rank++] = 1;
    return mp_op_output(g, n, 0, &s, mp_op_is_whole(g, n, 0), err);
}

static bool infer_mean(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err) {
    return mp_op_need_real(g, n, 1, err) && infer_reduce(g, n, err);
}

void mp_op_reduced(const struct mp_graph_node *n, const struct mp_array *const *in, bool out[MP_MAX_RANK]) {
    struct mp_ints axes = mp_op_attr_ints(n, "axes");
    unsigned rank = in[0]->shape.rank;
    if (n->input_count > 1 && in[1])
        axes = (struct mp_ints){in[1]->i, mp_shape_count(&in[1]->shape), true};
    for (unsigned d = 0; d < rank; d++)
        out[d] = axes.count == 0 && mp_attr_int(n, "noop_with_empty_axes", 0) == 0;
    for (size_t i = 0; i < axes.count; i++)
        out[mp_axis_of(axes.v[i], rank)] = true;
}

// Two walks: the outer one over what stays, the inner one over what is reduced.
struct reduction {
    struct mp_shape stays, goes;
    int64_t stay_step[MP_MAX_RANK], go_step[MP_MAX_RANK];
};

static struct reduction split(const struct mp_graph_node *n, const struct mp_array *const *in) {
    const struct mp_shape *s = &in[0]->shape;
    struct reduction r = {0};
    int64_t step[MP_MAX_RANK];
    bool reduced[MP_MAX_RANK] = {0};
    mp_op_reduced(n, in, reduced);
    mp_shape_steps(s, step);
    for (unsigned d = 0; d < s->rank; d++)
        if (reduced[d]) {
            r.go_step[r.goes.rank] = step[d];
            r.goes.dim[r.goes.rank++] = s->dim[d];
        } else {
            r.stay_step[r.stays.rank] = step[d];
            r.stays.dim[r.stays.rank++] = s->dim[d];
        }
    return r;
}

struct reduced {
    double sum;
    float top;
    int64_t whole_sum, whole_top;
};

static struct reduced reduce_one(const struct reduction *r, const struct mp_array *in, int64_t from) {
    struct reduced d = {.top = -HUGE_VALF, .whole_top = INT64_MIN};
    struct mp_walk w;
    mp_walk_over(&w, &r->goes);
    memcpy(w.step[0], r->go_step, sizeof r->go_step);
    w.at[0] = from;
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            int64_t at = w.at[0] + (int64_t)i * w.row_step[0];
            if (in->whole) {
                d.whole_sum = (int64_t)((uint64_t)d.whole_sum + (uint64_t)in->i[at]);
                d.whole_top = in->i[at] > d.whole_top ? in->i[at] : d.whole_top;
            } else {
                d.sum += (double)in->f[at];
                d.top = in->f[at] > d.top || isnan(in->f[at]) ? in->f[at] : d.top;
            }
        }
    return d;
}

static void reduce(const struct mp_graph_node *n, const struct mp_array *const *in, struct mp_array *out, bool is_max,
                   bool is_mean) {
    struct reduction r = split(n, in);
    double count = is_mean ? (double)mp_shape_count(&r.goes) : 1;
    struct mp_walk w;
    mp_walk_over(&w, &r.stays);
    memcpy(w.step[0], r.stay_step, sizeof r.stay_step);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            struct reduced d = reduce_one(&r, in[0], w.at[0] + (int64_t)i * w.row_step[0]);
            if (out->whole)
                out->i[w.out + i] = is_max ? d.whole_top : d.whole_sum;
            else
                out->f[w.out + i] = is_max ? d.top : (float)(d.sum / count);
        }
}

static void run_mean(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                     struct mp_array *const *out) {
    (void)g;
    reduce(n, in, out[0], false, true);
}

static void run_sum(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g;
    reduce(n, in, out[0], false, false);
}

static void run_top(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                    struct mp_array *const *out) {
    (void)g;
    reduce(n, in, out[0], true, false);
}

static uint64_t reduce_work(const struct mp_graph *g, const struct mp_graph_node *n) {
    uint64_t out = mp_shape_count(&g->values[n->outputs[0]].array.shape);
    return out ? mp_shape_count(mp_op_dims(g, n, 0)) / out : 0;
}

#define ATTRS "axes:I keepdims:i noop_with_empty_axes:i"
const struct mp_op mp_op_reduce_max = {"ReduceMax", 1, 2, 1, ATTRS, infer_reduce, run_top, reduce_work, MP_FLOW_ANY};
const struct mp_op mp_op_reduce_mean = {"ReduceMean", 1, 2, 1, ATTRS, infer_mean, run_mean, reduce_work, MP_FLOW_ANY};
const struct mp_op mp_op_reduce_sum = {"ReduceSum", 1, 2, 1, ATTRS, infer_reduce, run_sum, reduce_work, MP_FLOW_ANY};
