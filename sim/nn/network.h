// SPDX-License-Identifier: Apache-2.0
// A trained network: its graph, the workload that the graph was lowered to, and what belongs to each layer and tensor of the
// workload: weights in float, the graph's value that a tensor is.
#ifndef SIM_NN_NETWORK_H
#define SIM_NN_NETWORK_H

#include "sim/nn/graph.h"
#include "sim/spec/workload.h"

// Where element (channel, row, column) of a tensor lies in its value: (c / inner) * outer + (c % inner) * step + h * row + w *
// col. An image [1, C, H, W] has inner = C, step = H W; a sequence [1, S, C] has step = 1, row = C; heads [1, G, S, D] have
// inner = D, outer = S D.
struct mp_layout {
    uint64_t inner, outer, step, row, col;
};

// Of one layer.
struct mp_layer_params {
    // Conv2d and linear: [output channel][input channel of the group][kernel row][kernel column], as geo has them, batch norm
    // folded in. A layer norm's are its scale and bias by channel. NULL: there are none. Bias: by output channel.
    float *weight, *bias;
    // The graph's constants that they are copies of, or MP_NO_VALUE; `transposed` when the constant is [K, N]. Every conv2d and
    // linear has both (a bias that the model has not is 0).
    size_t weight_value, bias_value;
    bool transposed;
    float alpha; // of a matmul: factor on its output; else 1
    // The nodes of the graph that the layer is made of, in order: of an activation the function of one element, of a view
    // what moves the elements (both may be run on any input of the right shape).
    const size_t *nodes;
    size_t node_count;
    // Why it cannot be computed in integers: NULL when it can. Costs are known all the same.
    const char *float_only;
};

struct mp_network {
    struct mp_graph graph;
    struct mp_workload workload;
    struct mp_layer_params *params; // by layer
    // By tensor: of the graph. An input of the workload may be a constant of the model (a position embedding): then its value
    // is that constant.
    size_t *value;
    struct mp_layout *layout;       // by tensor
};

// Element (c, h, w).
static inline uint64_t mp_layout_at(const struct mp_layout *l, uint64_t c, uint64_t h, uint64_t w) {
    return c / l->inner * l->outer + c % l->inner * l->step + h * l->row + w * l->col;
}

// The input that is not a constant of the model, when there is just one; else MP_NO_VALUE.
size_t mp_network_image(const struct mp_network *n);
// The tensor that is the model's first output, whatever reads it besides.
size_t mp_network_output(const struct mp_network *n);
// The elements of a tensor's value as [channel][row][column].
void mp_network_gather(const struct mp_network *n, size_t tensor, const float *from, float *out);

// Copies params' weights and biases of a layer into the graph's constants, which the float executor reads.
void mp_network_put_weights(struct mp_network *n, size_t layer);

// The same network with weights and biases of its own, params' and the graph's, in `a`: they may be changed while others read
// `n`'s. All else is shared: `n` must outlive it.
void mp_network_copy(struct mp_network *copy, const struct mp_network *n, struct mp_arena *a);

// From an inferred graph (n->graph), after mp_graph_simplify. Fails on what no layer stands for, naming the node.
bool mp_network_lower(struct mp_network *n, struct mp_arena *a, struct mp_err *err);

#endif
