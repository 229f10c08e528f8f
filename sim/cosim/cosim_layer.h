// SPDX-License-Identifier: Apache-2.0
// One layer of a co-simulation. Internal to cosim*.c.
#ifndef SIM_COSIM_COSIM_LAYER_H
#define SIM_COSIM_COSIM_LAYER_H

#include "sim/cosim/cosim.h"

// `input`: by operand. `output`: room for the layer's output tensor, filled with what the core computed where it ran.
struct mp_cosim_job {
    const struct mp_result *result;
    const struct mp_cosim_options *options;
    size_t layer; // of the workload
    bool replays; // if it disagrees
    const struct mp_values *input[2];
    struct mp_values *output;
};

// Seeded by the options' seed, the kind of thing and its number.
enum mp_cosim_stream { MP_COSIM_TENSOR, MP_COSIM_LAYER };
struct mp_random mp_cosim_random(uint64_t seed, enum mp_cosim_stream s, size_t number);
// What a tensor's elements can be. All that is put into one is clamped to it: the core and the reference would read anything
// beyond differently.
struct mp_range mp_cosim_range(const struct mp_result *r, size_t tensor);
// A tensor's values: integer inference's, or random.
void mp_cosim_fill(const struct mp_result *r, const struct mp_cosim_options *o, size_t tensor, struct mp_values *v);

// The inputs, and ranges of inputs and outputs. Allocates nothing.
void mp_cosim_layer_ranges(const struct mp_cosim_job *job, const struct mp_layer *l, struct mp_layer_values *v);
// All other values of a layer, output channels (and groups of a grouped layer's input) in the order of the runs
// (mp_mapping_channels). Random ones lack requantisation on the array: that comes when the run's sums are known.
void mp_cosim_layer_values(const struct mp_cosim_job *job, const struct mp_layer_result *lr, const uint64_t *order,
                           struct mp_random *random, struct mp_arena *a, struct mp_layer_values *v);
// Random numbers only: chooses it for the run's channels by ref->sum, and sets ref->output.
void mp_cosim_requantise(const struct mp_reference_run *r, struct mp_random *random, struct mp_reference *ref);

// Says that it was not run because of an interruption. False.
bool mp_cosim_interrupt(struct mp_cosim_layer *out);
// Runs the layer; out->layer is set. Runs and texts live in `a`. False after an interruption.
bool mp_cosim_layer_run(const struct mp_cosim_job *job, struct mp_arena *a, struct mp_cosim_layer *out);

#endif
