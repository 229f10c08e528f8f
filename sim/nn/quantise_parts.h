// SPDX-License-Identifier: Apache-2.0
// The parts of the quantiser. Internal to quantise*.c.
#ifndef SIM_NN_QUANTISE_PARTS_H
#define SIM_NN_QUANTISE_PARTS_H

#include "sim/nn/quantise.h"
#include "sim/nn/quantise_cache.h"

struct mp_quantiser {
    const struct mp_network *n;
    const struct mp_workload *w;
    const struct mp_plan *plan;
    const struct mp_calibration *c;
    const struct mp_quantise_options *o;
    struct mp_arena *arena;
    struct mp_qnet *q;
    struct mp_range *ranges; // by tensor: the numbers that may be in it (quantise_tensor.c)
    struct mp_quantise_cache *cache; // or NULL
};

// Fills z->q (quantise_layer.c).
bool mp_quantise_by(struct mp_quantiser *z, struct mp_err *err);

// The nearest whole number, of halves the even one, |x| < 2^51: what is added leaves no bits behind the point.
static inline double mp_round_even(double x) {
    return x + 0x1.8p52 - 0x1.8p52;
}

// Scales of all tensors (quantise_tensor.c).
void mp_quantise_tensors(struct mp_quantiser *z);

// By what was seen in a tensor (quantise_range.c): a scale around 0; the scale and zero point of a signed tensor, of which there
// is something; and those of a grid from `low` to `high`.
struct mp_affine {
    double scale;
    int32_t zero;
};
double mp_range_scale(const struct mp_quantise_options *o, const struct mp_histogram *h, const struct mp_range *r);
struct mp_affine mp_range_affine(const struct mp_quantise_options *o, const struct mp_histogram *h, const struct mp_range *r);
struct mp_affine mp_affine_of(const struct mp_quantise_options *o, double low, double high, const struct mp_range *r);
// The next power of two, at least x.
double mp_power_of_two(double x);

// Scales and numbers of a layer's weights, all output channels (quantise_scales.c). A channel has the model's own scale where
// that changes its weights no more than the method's: returns whether all have. `kept`, by channel, may be NULL.
bool mp_quantise_layer_weights(const struct mp_network *n, const struct mp_calibration *c, const struct mp_quantise_options *o,
                               size_t layer, const struct mp_layer_bits *bits, double *scale, int32_t *q, bool *kept);
// Bits of the weights of output channel `channel`.
unsigned mp_quantise_channel_bits(const struct mp_layer_bits *b, uint64_t channel);
// Sum of the squares of what weights change by on the grid.
double mp_weight_error(const struct mp_weight_grid *g, double scale, const float *w, size_t count);

// The output channels of a group, which have a scale: numbers, and when `search` is set a scale each, for the least change of
// the sums (quantise_gptq.c). Channels in `keep` stay as they are. False, and nothing is changed, when the operands say nothing.
bool mp_gptq_group(const double *gram, const struct mp_weight_grid *grids, const float *weight, size_t channels, size_t terms,
                   bool search, const bool *keep, double *scale, int32_t *q);

// What a cache has (quantise_cache.c): scales by tensor, or class of tensors, and range;
enum mp_cache_kind { MP_CACHE_SCALE, MP_CACHE_AFFINE, MP_CACHE_KINDS };
bool mp_cache_find(const struct mp_quantise_cache *k, size_t tensor, enum mp_cache_kind kind, const struct mp_range *r,
                   struct mp_affine *out);
void mp_cache_put(struct mp_quantise_cache *k, size_t tensor, enum mp_cache_kind kind, const struct mp_range *r,
                  struct mp_affine value);
// weights, as mp_quantise_layer_weights; where a view's elements come from, by layer, NULL before it was put there.
bool mp_cache_weights(struct mp_quantise_cache *k, size_t layer, const struct mp_layer_bits *bits, double *scale, int32_t *q);
int64_t **mp_cache_gather(struct mp_quantise_cache *k, size_t layer, struct mp_arena **arena);

// A layer's biases, by the sums of its input's numbers over `images` images, [row][column][channel] (quantise_bias.c).
void mp_correct_layer(struct mp_qnet *q, const struct mp_calibration *c, size_t layer, const int64_t *sum, uint64_t images);

// Tables of functions, and where a view's elements come from, by running the layer's nodes (quantise_table.c).
bool mp_quantise_function(struct mp_quantiser *z, size_t layer, struct mp_err *err);
bool mp_quantise_view(struct mp_quantiser *z, size_t layer, struct mp_err *err);

#endif
