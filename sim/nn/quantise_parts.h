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

// Scales and numbers of a layer's weights, all output channels (quantise_scales.c). `gram` of the layer (gram.h), or NULL.
// `model`: scales of the model's own, or NULL; a channel has its own where that changes its weights no more than the method's.
// Returns whether all have.
bool mp_quantise_layer_weights(const struct mp_quantise_options *o, const struct mp_layer *l, const struct mp_layer_bits *bits,
                               const float *weight, const double *gram, const double *model, double *scale, int32_t *q);
// Bits of the weights of output channel `channel`.
unsigned mp_quantise_channel_bits(const struct mp_layer_bits *b, uint64_t channel);
// Sum of the squares of what weights change by on the grid.
double mp_weight_error(const struct mp_weight_grid *g, double scale, const float *w, size_t count);

// The output channels of a group, which have a scale: numbers, and when `search` is set a scale each, for the least change of
// the sums (quantise_gptq.c). Channels in `keep` stay as they are. False, and nothing is changed, when the operands say nothing.
bool mp_gptq_group(const double *gram, const struct mp_weight_grid *grids, const float *weight, size_t channels, size_t terms,
                   bool search, const bool *keep, double *scale, int32_t *q);

// Tables of functions, and where a view's elements come from, by running the layer's nodes (quantise_table.c).
bool mp_quantise_function(struct mp_quantiser *z, size_t layer, struct mp_err *err);
bool mp_quantise_view(struct mp_quantiser *z, size_t layer, struct mp_err *err);

#endif
