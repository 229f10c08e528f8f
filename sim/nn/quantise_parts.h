// SPDX-License-Identifier: Apache-2.0
// The parts of the quantiser. Internal to quantise*.c.
#ifndef SIM_NN_QUANTISE_PARTS_H
#define SIM_NN_QUANTISE_PARTS_H

#include "sim/nn/quantise.h"

struct mp_quantiser {
    const struct mp_network *n;
    const struct mp_workload *w;
    const struct mp_plan *plan;
    const struct mp_calibration *c;
    const struct mp_quantise_options *o;
    struct mp_arena *arena;
    struct mp_qnet *q;
    struct mp_range *ranges; // by tensor: the numbers that may be in it (quantise_tensor.c)
};

// Scales of all tensors (quantise_tensor.c).
void mp_quantise_tensors(struct mp_quantiser *z);
// The next power of two, at least x.
double mp_power_of_two(double x);

// Scales and numbers of a layer's weights, all output channels (quantise_layer.c). `gram` of the layer (gram.h), or NULL.
void mp_quantise_layer_weights(const struct mp_quantise_options *o, const struct mp_layer *l, const struct mp_layer_bits *bits,
                               const float *weight, const double *gram, double *scale, int32_t *q);

// The output channels of a group, which have a scale: numbers, and when `search` is set a scale each, for the least change of
// the sums (quantise_gptq.c). False, and nothing is changed, when the operands say nothing.
bool mp_gptq_group(const double *gram, const struct mp_weight_grid *grids, const float *weight, size_t channels, size_t terms,
                   bool search, double *scale, int32_t *q);

// Tables of functions, and where a view's elements come from, by running the layer's nodes (quantise_table.c).
bool mp_quantise_function(struct mp_quantiser *z, size_t layer, struct mp_err *err);
bool mp_quantise_view(struct mp_quantiser *z, size_t layer, struct mp_err *err);

#endif
