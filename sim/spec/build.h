// SPDX-License-Identifier: Apache-2.0
// Building a workload layer by layer. The reader of workload.json and all importers go through here, so that
// shapes, signs and checks are the same for all. Errors are texts without a place, for the caller to put one
// in front.
#ifndef SIM_SPEC_BUILD_H
#define SIM_SPEC_BUILD_H

#include "sim/spec/names.h"
#include "sim/spec/workload.h"

#define MP_MAX_SIZE ((uint64_t)1 << 24)     // of one dimension
#define MP_MAX_ELEMENTS ((uint64_t)1 << 40) // of a tensor
#define MP_MAX_WORK ((uint64_t)1 << 53)     // multiply-accumulates of a workload, window elements of a layer
#define MP_MAX_LAYERS 65536u

// A layer as a file writes it. Start from mp_layer_spec_default(); what a type has not is not looked at.
struct mp_layer_spec {
    const char *name, *output; // output: NULL for the layer's name
    unsigned type;             // enum mp_layer_type
    const size_t *inputs;      // tensors
    size_t input_count;
    uint64_t out_channels;     // of all groups; pool: 0 for its input's
    uint64_t first_channel;    // of a pool
    uint64_t groups;
    uint64_t kernel[2], stride[2], padding[4], dilation[2]; // height, width; top, left, bottom, right
    uint64_t shape[3];         // of a view
    bool bias, norm, ceil, transpose_b;
    unsigned activation;       // fused: enum mp_act up to relu6
    unsigned op;               // enum mp_pool_op; of an activation layer enum mp_act less one
    const char *weights_of;    // or NULL
};

struct mp_builder {
    struct mp_workload *w;
    struct mp_arena *arena;
    struct mp_names tensors, layers;
};

// At most so many inputs and layers will be added. Strings given to the builder are copied.
void mp_build_begin(struct mp_builder *b, struct mp_workload *w, struct mp_arena *a, const char *name,
                    const char *source, size_t inputs, size_t layers);
// Inputs of the network come before all layers.
bool mp_build_input(struct mp_builder *b, const char *name, const uint64_t shape[3], bool is_signed,
                    struct mp_err *err);
bool mp_build_layer(struct mp_builder *b, const struct mp_layer_spec *s, struct mp_err *err);
// Fills the last consumers and checks the whole.
bool mp_build_end(struct mp_builder *b, struct mp_err *err);
// Adds to the workload's warnings.
void mp_build_warn(struct mp_builder *b, const char *text);

struct mp_layer_spec mp_layer_spec_default(enum mp_layer_type type);
// The other way: what would have to be written to get this layer.
struct mp_layer_spec mp_layer_spec_of(const struct mp_workload *w, const struct mp_layer *l);

// Geometry of the layer and shape of its output, from the spec and the shapes of its inputs
// (workload_shape.c).
bool mp_layer_shape(const struct mp_workload *w, const struct mp_layer_spec *s, struct mp_layer *l,
                    struct mp_tensor *out, struct mp_err *err);
// a * b * ... while at most `max`; false beyond.
bool mp_product(const uint64_t *factors, size_t count, uint64_t max, uint64_t *product);

#endif
