// SPDX-License-Identifier: Apache-2.0
// What a model says about its own quantisation (struct mp_quant_hint of the graph's values), in terms of the workload that it
// was lowered to: ranges of tensors, scales of weights, widths.
#ifndef SIM_NN_HINT_H
#define SIM_NN_HINT_H

#include "sim/nn/network.h"
#include "sim/spec/plan.h"

// The least and the largest number of a hint per tensor.
void mp_hint_reach(const struct mp_quant_hint *h, double *low, double *high);
// Of the value that a tensor of the workload is, or NULL.
const struct mp_quant_hint *mp_hint_of_tensor(const struct mp_network *n, size_t tensor);
// Scales of a layer's weights by output channel, in `a`; NULL when the model says nothing of them.
double *mp_hint_weight_scales(const struct mp_network *n, size_t layer, struct mp_arena *a);
// Forgets what was said of a layer's weights or a tensor: they are others now.
void mp_hint_forget_weights(struct mp_network *n, size_t layer);
void mp_hint_forget_tensor(struct mp_network *n, size_t tensor);

// A resolved plan of the model's widths, 8 bits where it says nothing and at most 8; of tensors that must have one width the
// widest. Name and workload are left to the caller.
void mp_hint_plan(const struct mp_network *n, struct mp_arena *a, struct mp_plan *p);

#endif
