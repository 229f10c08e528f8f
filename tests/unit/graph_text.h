// SPDX-License-Identifier: Apache-2.0
// Graphs written as text, a line a thing:
//     in x 1 3 8 8            an input; "int ids 1 5" one of integers
//     const w 4 3 3 3         random numbers of this shape; "const k = 0.5 1" a list, "const k : 0.5" a scalar,
//                             "ints s = 0 -1" a list of integers
//     Conv y x w - group=2    an operator, its output (several: "a,b"), its inputs ("-": left out), attributes: integers
//                             "pads=1,1,1,1", reals "alpha=0.5", text "mode='reflect'"
//     out y
#ifndef TESTS_UNIT_GRAPH_TEXT_H
#define TESTS_UNIT_GRAPH_TEXT_H

#include "sim/nn/graph.h"

// Read and inferred. A text that is wrong fails the test.
void read_graph(struct mp_graph *g, struct mp_arena *a, unsigned opset, const char *text);
// The operators of the nodes that are left, in their order: "Conv Relu Gemm".
const char *graph_ops(struct mp_arena *a, const struct mp_graph *g);

#endif
