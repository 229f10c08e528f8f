// SPDX-License-Identifier: Apache-2.0
// The same function with fewer nodes: what changes nothing is removed, scales and shifts go into the weights in front of them,
// and what exporters spell out (layer norm, GELU, swish) becomes one node. Results differ by rounding only.
#ifndef SIM_NN_SIMPLIFY_H
#define SIM_NN_SIMPLIFY_H

#include "sim/nn/graph.h"

// Works on an inferred graph; it stays inferred. Afterwards: nodes and constants that no output needs are gone; every Conv,
// Gemm and MatMul with constant weights has a weight constant of its own, and a bias (MatMul: the Add behind it) of its own
// with a number for each output channel; Gemm's alpha and beta are 1.
bool mp_graph_simplify(struct mp_graph *g, struct mp_err *err);

#endif
