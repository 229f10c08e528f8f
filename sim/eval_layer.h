// SPDX-License-Identifier: Apache-2.0
// One layer of an evaluation; internal to eval.
#ifndef SIM_EVAL_LAYER_H
#define SIM_EVAL_LAYER_H

#include "sim/eval.h"

// A mapping that was found, kept for layers that are the same to the mapper.
struct mp_found {
    struct mp_task task;
    const struct mp_constraint *constraint;
    struct mp_mapping mapping;
    struct mp_counts counts;
};

struct mp_eval {
    const struct mp_arch *arch;
    const struct mp_workload *workload;
    const struct mp_plan *plan;
    const struct mp_tech *tech;
    const struct mp_options *options;
    struct mp_arena *arena;
    uint64_t *reserved;               // by layer: bits of the input buffer held by tensors that stay
    bool *kept;                       // by tensor
    bool priced[9][9];                // by a_bits, w_bits; 0, 0 off the array
    struct mp_prices prices[9][9];
    struct mp_sources sources;
    struct mp_found *found;
    size_t found_count, found_cap;
    uint64_t cycle;                   // of the network so far, for traces
};

bool mp_eval_layer(struct mp_eval *e, size_t layer, const struct mp_residency *res, struct mp_layer_result *out,
                   struct mp_err *err);

#endif
