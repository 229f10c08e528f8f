// SPDX-License-Identifier: Apache-2.0
// Private to op_*.c: what an operator's `infer` checks and says. Errors are those of mp_graph_fail; inputs and outputs are
// counted from 1 in messages.
#ifndef SIM_NN_OP_CHECK_H
#define SIM_NN_OP_CHECK_H

#include "sim/nn/op.h"

#define MP_MAX_STEP ((int64_t)1 << 24) // of a stride, a dilation, a pad, a kernel

struct mp_ints {
    const int64_t *v;
    size_t count;
    bool given;
};

// Shape and kind of output `i`; one that is left out is passed over. Fails when it would be too large.
bool mp_op_output(struct mp_graph *g, const struct mp_graph_node *n, size_t i, const struct mp_shape *s, bool whole,
                  struct mp_err *err);
// Output 1 as input `i`.
bool mp_op_like(struct mp_graph *g, const struct mp_graph_node *n, size_t i, struct mp_err *err);

// The shape of an input that is there.
const struct mp_shape *mp_op_dims(const struct mp_graph *g, const struct mp_graph_node *n, size_t i);
bool mp_op_has(const struct mp_graph_node *n, size_t i);
bool mp_op_is_whole(const struct mp_graph *g, const struct mp_graph_node *n, size_t i);

// Every input that is there, of the first `count`, holds real numbers; or whole ones.
bool mp_op_need_real(const struct mp_graph *g, const struct mp_graph_node *n, size_t count, struct mp_err *err);
bool mp_op_need_whole(const struct mp_graph *g, const struct mp_graph_node *n, size_t i, struct mp_err *err);
// All inputs are of the first one's kind.
bool mp_op_same_kind(const struct mp_graph *g, const struct mp_graph_node *n, size_t first, struct mp_err *err);
bool mp_op_need_rank(const struct mp_graph *g, const struct mp_graph_node *n, size_t i, unsigned min, unsigned max,
                     struct mp_err *err);
// Input `i` has one element (or is left out).
bool mp_op_need_scalar(const struct mp_graph *g, const struct mp_graph_node *n, size_t i, struct mp_err *err);

// -rank..rank-1 to 0..rank-1.
bool mp_op_axis(const struct mp_graph *g, const struct mp_graph_node *n, int64_t axis, unsigned rank, unsigned *out,
                struct mp_err *err);
// The same for a list without repetitions: out[axis] is set.
bool mp_op_axes(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_ints axes, unsigned rank,
                bool out[MP_MAX_RANK], struct mp_err *err);

// A list of integers: an attribute (not `given` when there is none), or a constant input of rank 0 or 1.
struct mp_ints mp_op_attr_ints(const struct mp_graph_node *n, const char *name);
bool mp_op_input_ints(const struct mp_graph *g, const struct mp_graph_node *n, size_t i, struct mp_ints *out,
                      struct mp_err *err);

// The axes of a Reduce again, as infer has checked them: out[axis] is set.
void mp_op_reduced(const struct mp_graph_node *n, const struct mp_array *const *in, bool out[MP_MAX_RANK]);

// An axis that infer has checked.
static inline unsigned mp_axis_of(int64_t axis, unsigned rank) {
    return (unsigned)(axis < 0 ? axis + (int64_t)rank : axis);
}

#endif
