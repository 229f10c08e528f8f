// SPDX-License-Identifier: Apache-2.0
// What a search decides about a network: which widths there are to choose from, and for what at once.
//
// A unit is what has one width: the weights of a layer, or a slice of its output channels, or an activation: the tensors
// between which nothing is computed (views, concatenations), which share a width. A decision is what is chosen at once: a unit,
// the slices of a layer's weights, or units that are linked. An option of a decision gives each of its units a width.
#ifndef SIM_SEARCH_SPACE_H
#define SIM_SEARCH_SPACE_H

#include "sim/spec/plan.h"

#define MP_MAX_OPTIONS 255 // of a decision
#define MP_WIDTHS 9        // 1 to 8 bits; 0 is not used

enum mp_unit_kind { MP_UNIT_WEIGHT, MP_UNIT_ACTIVATION };

struct mp_unit {
    enum mp_unit_kind kind;
    // "conv1:w", "conv1:w[0..15]"; activations: by the first layer on the array that reads it "conv1:a", or "scores:w" when it
    // is that matmul's second operand; else the tensor
    const char *name;
    size_t layer;             // weights: whose they are; else MP_NO_LAYER
    uint64_t first, channels; // weights: output channels
    size_t tensor;            // activation: one of its tensors, the representative
    size_t decision;
};

struct mp_decision {
    const char *name;        // its units, by comma
    const size_t *units;
    size_t unit_count;
    const uint8_t *bits;     // [option][unit]; options from the widest to the narrowest
    size_t option_count;     // 1: it is fixed
    bool fixed_by_user, fixed_by_default; // by mp_space_fix; first and last layer. Neither: open, or as the outputs
};

struct mp_space {
    const struct mp_workload *workload;
    struct mp_plan base;             // name, batch, encoding; widths of what is not decided
    const struct mp_unit *units;
    size_t unit_count;
    const struct mp_decision *decisions;
    size_t decision_count;
    const size_t *weight_decision;   // by layer: of its weights (those of weights_of); MP_NO_DECISION without
    const size_t *weight_unit;       // by layer: its first unit, the others follow; MP_NO_DECISION without
    const size_t *tensor_decision;   // by tensor; MP_NO_DECISION where the width is given (the network's outputs)
    const size_t *tensor_unit;       // by tensor, likewise
    const unsigned *tensor_bits;     // by tensor: where it is given; else 0
};
#define MP_NO_DECISION ((size_t)-1)

// Layers by name, their weights or their input: "conv1" is both, "conv1:w", "conv1:a" one. The weights of a matmul are its
// second operand; a layer off the array has only an input, the first.
struct mp_space_fix {
    const char *what;
    unsigned w_bits, a_bits; // 0: stays open
};
struct mp_space_options {
    uint32_t w_set, a_set;        // widths: bit b is set for b bits
    uint64_t slices;              // of each layer's weights, of whole groups; 1: none. What is fixed, tied or linked has none
    bool tie;                     // a layer's weights and input have one width
    bool open_ends;               // first and last layer on the array are decided too; else 8 bits
    const struct mp_space_fix *fix;
    size_t fix_count;
    const char *const *links;     // "a,b[,c]": one decision, of one width
    size_t link_count;
    unsigned output_bits;         // of the network's outputs
    uint64_t batch;
    enum mp_encoding encoding;
};

// `name`, `workload_path`: of the plans that come of it (the path as a plan writes it).
bool mp_space_make(struct mp_space *s, const struct mp_workload *w, const char *name, const char *workload_path,
                   const struct mp_space_options *o, struct mp_arena *a, struct mp_err *err);

// Units of a layer's weights: from its first one on, one without slices. The layer has weights.
size_t mp_space_slices(const struct mp_space *s, size_t layer);

// Width of a unit when its decision takes `option`.
unsigned mp_space_bits(const struct mp_space *s, size_t unit, const uint8_t *option);

// The plan of one option a decision, resolved.
bool mp_space_plan(const struct mp_space *s, const uint8_t *option, const char *name, struct mp_arena *a, struct mp_plan *plan,
                   struct mp_err *err);
// The same at one width throughout, ends and fixed units too: the uniform plan.
bool mp_space_uniform(const struct mp_space *s, unsigned w_bits, unsigned a_bits, struct mp_arena *a, struct mp_plan *plan,
                      struct mp_err *err);

#endif
