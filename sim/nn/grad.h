// SPDX-License-Identifier: Apache-2.0
// Gradients of a float network's loss by backpropagation, one image after another: with respect to the weights of its layers
// and to its tensors. Not thread-safe: a thread makes its own.
#ifndef SIM_NN_GRAD_H
#define SIM_NN_GRAD_H

#include "sim/nn/network.h"

struct mp_grad;

// Fails, naming the node, where the loss reaches a layer's weights only through an operator without a derivative; and for
// networks that have not just one input, of real numbers. The network must outlive it.
struct mp_grad *mp_grad_create(const struct mp_network *n, struct mp_err *err);
void mp_grad_destroy(struct mp_grad *g); // takes NULL
// After weights of the network were changed (mp_network_put_weights).
void mp_grad_reload(struct mp_grad *g);

// What the first output's scores are held against: the probabilities `target` (as many as there are scores; one-hot for a
// label), loss = -sum target log softmax(score). Images are [channel][row][column], scores in the order of the graph's output.
// Forward only: the loss. `scores` (may be NULL) gets the first output.
double mp_grad_loss(struct mp_grad *g, const float *image, const double *target, double *scores);
// Forward and backward: the loss. Gradients are then those of this image.
double mp_grad_run(struct mp_grad *g, const float *image, const double *target);

// [output channel][input channel of the group][kernel row][kernel column], as params[layer].weight; NULL for layers without
// weights. Layers that share weights: each its own part. 0 where the loss does not depend on them.
const float *mp_grad_weight(const struct mp_grad *g, size_t layer);
// [channel][row][column] of a tensor of the workload, into `out`; what readers after it say, all of them. Tensors that are one
// value of the graph, in two layouts, have its readers in common, and are shifted together.
void mp_grad_tensor(const struct mp_grad *g, size_t tensor, float *out);

// From now on `delta` ([channel][row][column]) is added to the tensor as soon as it is made, before anything reads it; NULL: no
// more. Kept by reference, read in each run.
void mp_grad_shift(struct mp_grad *g, size_t tensor, const float *delta);

#endif
