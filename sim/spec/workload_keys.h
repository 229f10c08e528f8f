// SPDX-License-Identifier: Apache-2.0
// The keys of a layer by type: one table for reading, echo and description.
#ifndef SIM_SPEC_WORKLOAD_KEYS_H
#define SIM_SPEC_WORKLOAD_KEYS_H

#include "sim/base/field.h"
#include "sim/spec/build.h"

// A list of integers, at `offset` in struct mp_layer_spec.
struct mp_sizes {
    const char *key;
    size_t offset, count;
    bool required; // else all are `def`
    uint64_t def, min;
    const char *help;
};

struct mp_layer_keys {
    const struct mp_field *fields; // beside name, type, inputs and output
    const struct mp_sizes *sizes;  // ends with a row whose key is NULL
    size_t min_inputs, max_inputs;
    const char *help;
};

#define MP_LAYER_KEYS_MAX 24
extern const struct mp_layer_keys mp_layer_keys[MP_LAYER_TYPES];

// All keys of the type, into `out`; returns how many.
size_t mp_layer_key_names(enum mp_layer_type type, const char *out[MP_LAYER_KEYS_MAX]);

#endif
