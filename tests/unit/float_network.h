// SPDX-License-Identifier: Apache-2.0
// A lowered network against its graph, in float: every layer's output, computed from the values of its inputs by the layer's
// own definition, must be the graph's value of its output tensor, where the layout says.
#ifndef TESTS_UNIT_FLOAT_NETWORK_H
#define TESTS_UNIT_FLOAT_NETWORK_H

#include "sim/nn/network.h"

// Every value of a graph on inputs that follow from `seed`: numbers between -1 and 1, or of 0..9 in integer inputs. Nodes are
// run one by one.
const struct mp_array *float_graph(struct mp_arena *a, const struct mp_graph *g, unsigned seed);
// The largest difference of all outputs, which are in the same order.
double float_difference(const struct mp_graph *g, const struct mp_array *x, const struct mp_graph *h, const struct mp_array *y);
// The first layer that is wrong by more than `tolerance`, with a text; layers that are float_only are left out. NULL: none.
const char *float_layers(struct mp_arena *a, const struct mp_network *n, const struct mp_array *values, double tolerance);

#endif
