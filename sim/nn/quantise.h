// SPDX-License-Identifier: Apache-2.0
// The quantiser: a network in float, a plan and what its tensors hold, into integers. Weights by output channel or tensor,
// activations by tensor; uniform grids of 1 to 8 bits; docs/quantisation.md has the formulas.
#ifndef SIM_NN_QUANTISE_H
#define SIM_NN_QUANTISE_H

#include "sim/nn/calibrate.h"
#include "sim/nn/qnet.h"

enum mp_range_method { MP_RANGE_MSE, MP_RANGE_MINMAX, MP_RANGE_PERCENTILE };
extern const char *const mp_range_method_names[];
enum mp_rounding { MP_ROUND_GPTQ, MP_ROUND_NEAREST };
extern const char *const mp_rounding_names[];

struct mp_quantise_options {
    enum mp_range_method weights, activations; // how far a grid reaches
    enum mp_rounding rounding; // of weights; GPTQ needs mp_calibrate_gram
    double percentile;      // 0 to 100: share of the magnitudes inside, where the method says so
    bool weights_per_tensor;
    bool affine;            // signed activations may have a zero point where their readers can take it
    bool power_of_two;      // dynamic fixed point: a tensor has one scale, a power of two
    bool bias_correction;   // mp_correct_biases is called
    bool equalise;          // mp_network_equalise is called before calibration
    bool (*stopped)(void);  // asked between layers; may be NULL
    bool model_ranges;      // ranges and scales of a model that is quantised already (hint.h) come before what is measured
};

// Grid of one channel or tensor of weights.
struct mp_weight_grid {
    int32_t low, high; // q
    bool odd;          // value 2 q + 1
};
// Two's complement of b bits: +-(2^(b-1) - 1), of 1 bit -1 and 0. odd: all 2^b.
struct mp_weight_grid mp_weight_grid_of(unsigned bits, bool odd);
// Scale for numbers w, the distance between neighbours (odd: half of it). 0 when all are 0.
double mp_weight_scale(const struct mp_weight_grid *g, const float *w, size_t count, enum mp_range_method method,
                       double percentile);
int32_t mp_weight_quantise(const struct mp_weight_grid *g, double scale, double w);
static inline double mp_weight_value(const struct mp_weight_grid *g, double scale, int32_t q) {
    return scale * (g->odd ? 2 * q + 1 : q);
}

// Sets signs of inputs that were never negative: unsigned (they, and what follows from them). Before the plan is resolved. With
// model_ranges an input that the model quantises stays as it says.
void mp_quantise_signs(struct mp_network *n, const struct mp_calibration *c, bool model_ranges);

// All of `q` lives in `a`. `plan` is resolved against the network's workload.
bool mp_quantise_network(const struct mp_network *n, const struct mp_plan *plan, const struct mp_calibration *c,
                         const struct mp_quantise_options *o, struct mp_arena *a, struct mp_qnet *q, struct mp_err *err);

// Without a plan: the grids of all tensors at one width throughout, as the quantiser would choose them, and the numbers that may
// be in them. By tensor.
void mp_quantise_tensors_at(const struct mp_network *n, unsigned bits, const struct mp_calibration *c,
                            const struct mp_quantise_options *o, struct mp_qtensor *tensors, struct mp_range *ranges);
// The weights of a layer at one width, to the nearest: numbers q, [output channel][its weights], scales by output channel.
void mp_quantise_weights_at(const struct mp_network *n, size_t layer, unsigned bits, enum mp_encoding encoding,
                            const struct mp_quantise_options *o, double *scale, int32_t *q);

// Layer by layer in order: what a channel's mean differs from float by, on the first images of `d`, goes into its bias
// (Nagel et al., ICCV 2019, section 4.2, measured). `accumulator` as in integer inference. The images are those that `c` is of:
// tensors that are still to be read are kept for all of them.
bool mp_correct_biases(struct mp_qnet *q, const struct mp_calibration *c, const struct mp_dataset *d, uint64_t images,
                       const struct mp_accumulator *accumulator, bool (*stopped)(void), struct mp_err *err);

// Of so many images as many as fit in MP_BIAS_BYTES so, at least one.
uint64_t mp_bias_images(const struct mp_workload *w, uint64_t images);
#define MP_BIAS_BYTES ((uint64_t)1 << 30)

// Weights on the plan's grid but in float, put into the network and its graph; activations stay as they are. The mean that
// they shift by goes into the biases when bias_correction is set. False when it was stopped: some layers are as they were.
bool mp_quantise_weights(struct mp_network *n, const struct mp_plan *plan, const struct mp_calibration *c,
                         const struct mp_quantise_options *o, struct mp_err *err);

// Cross-layer equalisation (Nagel et al., ICCV 2019, section 4.1): pairs of layers with nothing or ReLU between them get
// output and input channels of one range. What the network computes stays the same. Returns the number of pairs.
size_t mp_network_equalise(struct mp_network *n);

#endif
