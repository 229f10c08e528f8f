// SPDX-License-Identifier: Apache-2.0
// Random layers that the core can run, with values, for the tests of co-simulation: every operation, odd sizes, widths,
// strides, padding, dilation, groups, batch, narrow accumulators, packed and container storage.
#ifndef TESTS_UNIT_RANDOM_LAYER_H
#define TESTS_UNIT_RANDOM_LAYER_H

#include "sim/cosim/reference.h"
#include "tests/unit/random_task.h"

#define MAX_RUNS 2

struct random_layer {
    struct mp_arch arch;
    struct mp_workload workload;
    struct mp_layer layer;
    struct mp_tensor tensors[3];
    size_t inputs[2];
    struct mp_plan plan;
    struct mp_layer_bits bits;
    unsigned tensor_bits[3];
    struct mp_layer_values values;
    uint64_t outputs;                // elements, of the batch
    // Channels in one run, or cut in two at different widths.
    struct mp_reference_run runs[MAX_RUNS];
    struct mp_task tasks[MAX_RUNS];
    struct mp_mapping maps[MAX_RUNS];
    size_t run_count;
};

// `l` must stay where it is: the runs point into it.
void random_layer(struct rng *r, struct mp_arena *a, struct random_layer *l);

#endif
