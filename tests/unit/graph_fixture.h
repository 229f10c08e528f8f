// SPDX-License-Identifier: Apache-2.0
// Graphs built by hand.
#ifndef TESTS_UNIT_GRAPH_FIXTURE_H
#define TESTS_UNIT_GRAPH_FIXTURE_H

#include "sim/nn/op.h"

struct mp_shape shape_of(unsigned rank, const uint64_t *dims);

// An empty graph called "m.onnx" in errors.
struct mp_graph graph_begin(struct mp_arena *a, unsigned opset);
size_t graph_input(struct mp_graph *g, unsigned rank, const uint64_t *dims, bool whole);
// Constants; the elements are copied. A list is [count], of integers.
size_t graph_reals(struct mp_graph *g, unsigned rank, const uint64_t *dims, const float *values);
size_t graph_wholes(struct mp_graph *g, unsigned rank, const uint64_t *dims, const int64_t *values);
size_t graph_list(struct mp_graph *g, size_t count, const int64_t *values);
// Normal numbers times `scale`, from a seed that is moved on.
size_t graph_random(struct mp_graph *g, unsigned rank, const uint64_t *dims, float scale, uint64_t *seed);

// A node with one output (named "n0", "n1", ... as the node), which is returned. MP_NO_VALUE leaves an input out.
size_t graph_node(struct mp_graph *g, const char *op, size_t count, const size_t *inputs);
// A node with several.
struct mp_graph_node *graph_node_outputs(struct mp_graph *g, const char *op, size_t count, const size_t *inputs, size_t outputs);
// Attributes of the last node.
void graph_attr_int(struct mp_graph *g, const char *name, int64_t v);
void graph_attr_real(struct mp_graph *g, const char *name, float v);
void graph_attr_text(struct mp_graph *g, const char *name, const char *v);
void graph_attr_ints(struct mp_graph *g, const char *name, size_t count, const int64_t *v);
void graph_attr_array(struct mp_graph *g, const char *name, const struct mp_array *v);
void graph_output(struct mp_graph *g, size_t value);

float random_real(uint64_t *seed); // about normal
uint64_t random_below(uint64_t *seed, uint64_t n);

#endif
