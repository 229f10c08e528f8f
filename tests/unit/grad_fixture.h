// SPDX-License-Identifier: Apache-2.0
// Derivatives against differences of the loss: any graph as a network of which every real value is a tensor, and directions
// along which both are taken.
#ifndef TESTS_UNIT_GRAD_FIXTURE_H
#define TESTS_UNIT_GRAD_FIXTURE_H

#include "sim/nn/grad.h"

struct grad_probe {
    struct mp_network *net;
    struct mp_grad *g;
    float *image;
    double *target;
    struct mp_arena arena;
    uint64_t seed;
    double step;      // of a direction whose largest element is about 1
    double tolerance; // relative
};

// The graph of a text (graph_text.h) as a network without layers, whose tensors are its input and, when `all`, the values that
// nodes make. Numbers are laid out one behind the other.
void network_of_text(struct mp_network *n, struct mp_arena *a, unsigned opset, const char *text, bool all);

// An image whose elements are apart from each other and from multiples of 0.1, by 0.05 at least when there are at most 80;
// a random target.
void grad_begin(struct grad_probe *p, struct mp_network *n);
void grad_finish(struct grad_probe *p);

// The largest relative difference, over some random directions, between the gradient at a tensor or of a layer's weights and
// differences of the loss. A tensor is moved by mp_grad_shift, weights in the network's constants.
double grad_tensor_error(struct grad_probe *p, size_t tensor);
double grad_weight_error(struct grad_probe *p, size_t layer);

#endif
