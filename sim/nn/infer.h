// SPDX-License-Identifier: Apache-2.0
// Float inference of a graph, one image after another: the reference for everything else. Matrix products, and large
// convolutions that are one, go through OpenBLAS, other convolutions through loops of our own (sim/nn/conv.h); all on the
// calling thread only. Not thread-safe: a thread makes its own. Machines with other vector instructions round differently:
// the last bits of results may differ between them.
#ifndef SIM_NN_INFER_H
#define SIM_NN_INFER_H

#include "sim/nn/graph.h"

struct mp_infer;

// The graph must have been inferred, and outlive it. Constants are read when it runs (packed weights of convolutions: when
// it is created; mp_infer_reload after they were changed).
struct mp_infer *mp_infer_create(const struct mp_graph *g);
void mp_infer_reload(struct mp_infer *f);
void mp_infer_destroy(struct mp_infer *f); // takes NULL

// The array of input `i` of the graph, to be filled before a run.
struct mp_array *mp_infer_input(struct mp_infer *f, size_t i);
void mp_infer_run(struct mp_infer *f);
// A value as the last run left it: an output of the graph, an input, a constant, or one that was asked for with
// mp_infer_keep. The memory of the others is used again.
const struct mp_array *mp_infer_value(const struct mp_infer *f, size_t value);
void mp_infer_keep(struct mp_infer *f, size_t value); // before the first run

// The value is kept, and may be shifted: it lies apart from what it is a view of, a constant in a copy that is made for each
// run. Before the first run; not of a convolution's weights.
void mp_infer_keep_apart(struct mp_infer *f, size_t value);
// From the next run on `delta`, a number for each of the value's, is added to it as soon as it is made, before anything reads
// it; NULL: no more. Kept by reference. An input must then be filled before every run.
void mp_infer_shift(struct mp_infer *f, size_t value, const float *delta);

#endif
