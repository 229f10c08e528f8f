// SPDX-License-Identifier: Apache-2.0
// Which bits: a plan (plan.json) names a workload, the batch and the widths of each layer. Loading reads the
// document; resolving it against the workload checks names and shapes and gives every tensor its width.
#ifndef SIM_SPEC_PLAN_H
#define SIM_SPEC_PLAN_H

#include "sim/spec/workload.h"

enum mp_encoding { MP_TWOS, MP_ODD };

// Output channels of one width.
struct mp_slice {
    uint64_t channels;
    unsigned w_bits;
};

struct mp_layer_bits {
    unsigned a_bits;             // of the first input as it is stored
    enum mp_encoding encoding;   // of the weights
    struct mp_slice *slices;     // sum to the layer's output channels; one slice when uniform
    size_t slice_count;          // 0 off the array
};

// What the plan says about one layer, as written.
struct mp_plan_entry {
    const char *layer;
    unsigned a_bits;        // 0: not given
    struct mp_slice *slices;
    size_t slice_count;     // 0: w_bits not given
    bool uniform;           // w_bits is a number: one slice, of all channels
    bool has_encoding;
    enum mp_encoding encoding;
};

// What the plan says about one tensor: for those that no layer on the array reads.
struct mp_plan_tensor {
    const char *tensor;
    unsigned bits;
};

struct mp_plan {
    const char *path, *name, *workload; // workload: path as written
    uint64_t batch;
    unsigned default_w_bits, default_a_bits, output_bits;
    enum mp_encoding default_encoding;
    struct mp_plan_entry *entries;      // in the document's order; each layer at most once
    size_t entry_count;
    struct mp_plan_tensor *tensors;     // likewise
    size_t named_count;                 // of `tensors`
    // After mp_plan_resolve, by layer and by tensor of the workload:
    struct mp_layer_bits *layers;
    unsigned *tensor_bits;
};

bool mp_plan_read(struct mp_plan *p, struct mp_arena *a, const struct mp_node *root, struct mp_err *err);
// Widths of layers and tensors, from the entries and defaults. May be called again after these have changed.
bool mp_plan_resolve(struct mp_plan *p, struct mp_arena *a, const struct mp_workload *w, struct mp_err *err);
// Resolved, with an entry for each layer on the array, and for each other whose inputs have one width.
// Resolves to the same widths again.
void mp_plan_write(const struct mp_plan *p, const struct mp_workload *w, struct mp_jsonw *out);
void mp_plan_describe(struct mp_buf *out);

// Tensors between which nothing is computed (views, concatenations) have one width: root[t] is the tensor that stands for t's.
void mp_tensor_classes(const struct mp_workload *w, size_t *root);

extern const char *const mp_encoding_names[];

unsigned mp_layer_bits_widest(const struct mp_layer_bits *b);
// Bits of the layer's weights, exact; `per_channel` weights an output channel.
uint64_t mp_layer_bits_total(const struct mp_layer_bits *b, uint64_t per_channel);

#endif
