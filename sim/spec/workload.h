// SPDX-License-Identifier: Apache-2.0
// A network: named tensors and layers in execution order (workload.json). Shapes are [channels, height,
// width] without batch; a sequence is [features, rows, 1].
#ifndef SIM_SPEC_WORKLOAD_H
#define SIM_SPEC_WORKLOAD_H

#include "sim/base/json.h"
#include "sim/base/jsonw.h"

#include <stdbool.h>
#include <stdint.h>

enum mp_layer_type {
    MP_CONV2D, MP_LINEAR, MP_MATMUL,                                      // run on the array
    MP_POOL, MP_ADD, MP_MUL, MP_ACTIVATION, MP_SOFTMAX, MP_LAYER_NORM,    // run on the vector unit
    MP_CONCAT, MP_VIEW,                                                   // move nothing
    MP_LAYER_TYPES
};
enum mp_act {
    MP_ACT_NONE, MP_ACT_RELU, MP_ACT_RELU6, MP_ACT_SIGMOID, MP_ACT_TANH, MP_ACT_GELU, MP_ACT_HSWISH,
    MP_ACT_LEAKY_RELU, MP_ACT_CLIP, MP_ACT_HSIGMOID, MP_ACT_SWISH, MP_ACT_EXP, MP_ACT_SQRT, MP_ACT_POW, MP_ACT_ERF,
    MP_ACT_AFFINE,   // a x + b
    MP_ACT_FUNCTION, // any other
    MP_ACTS
};
enum mp_pool_op { MP_POOL_MAX, MP_POOL_AVG };

struct mp_tensor {
    const char *name;
    uint64_t c, h, w;
    bool is_signed;
    size_t producer;      // layer, or MP_NO_LAYER for an input of the network
    size_t last_consumer; // layer, or MP_NO_LAYER for an output of the network
};
#define MP_NO_LAYER ((size_t)-1)

// One geometry for all types, in the terms of a grouped convolution (per group: `oc` output and `ic` input
// channels). A linear layer or matrix product has M = oh * ow rows, N = oc, K = ic; a pool or element-wise
// layer has one group a channel; softmax and normalisation have one group a row-vector and `ic` its length.
struct mp_geometry {
    uint64_t groups, ic, oc;         // channels per group
    uint64_t ih, iw, oh, ow, kh, kw; // pixels
    uint64_t sh, sw, dh, dw, pt, pl; // stride, dilation, padding at top and left
};

struct mp_layer {
    const char *name;
    enum mp_layer_type type;
    size_t *inputs, input_count; // tensors
    size_t output;
    struct mp_geometry geo;
    enum mp_act act;             // fused (conv2d, linear, add) or the layer's own (activation)
    enum mp_pool_op pool;
    bool bias, norm, ceil, transpose_b;
    bool broadcast;              // add, mul: the second operand is [c, 1, 1], an element for all pixels of a channel
    uint64_t pb, pr;             // padding at bottom and right, as written
    uint64_t first_channel;      // of a pool that makes more channels than it reads: zeros before the input's
    size_t weights_of;           // layer whose weights it uses, or MP_NO_LAYER
};

struct mp_workload {
    const char *name, *source; // source may be NULL
    struct mp_tensor *tensors;
    struct mp_layer *layers;
    size_t tensor_count, layer_count, input_count; // the first tensors are the network's inputs
    const char **warnings;     // of the import, one line each
    size_t warning_count;
};

extern const char *const mp_layer_type_names[], *const mp_act_names[];

bool mp_workload_read(struct mp_workload *w, struct mp_arena *a, const struct mp_node *root, struct mp_err *err);
void mp_workload_write(const struct mp_workload *w, struct mp_jsonw *out); // resolved
// An input's sign, and those of all tensors that follow from it.
void mp_workload_set_sign(struct mp_workload *w, size_t input, bool is_signed);
void mp_workload_describe(struct mp_buf *out);

bool mp_layer_on_array(const struct mp_layer *l);  // conv2d, linear, matmul
bool mp_layer_has_weights(const struct mp_layer *l); // conv2d, linear
bool mp_layer_moves_nothing(const struct mp_layer *l); // concat, view

uint64_t mp_layer_macs(const struct mp_layer *l);    // of one inference; 0 off the array
uint64_t mp_layer_weights(const struct mp_layer *l); // number of weights; 0 when it uses another layer's
uint64_t mp_layer_parameters(const struct mp_layer *l); // weights, bias, two a channel for batch norm
uint64_t mp_workload_macs(const struct mp_workload *w);
uint64_t mp_workload_params(const struct mp_workload *w);

#endif
