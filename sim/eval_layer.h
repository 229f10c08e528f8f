// SPDX-License-Identifier: Apache-2.0
// One layer of an evaluation; internal to eval.
#ifndef SIM_EVAL_LAYER_H
#define SIM_EVAL_LAYER_H

#include "sim/eval.h"
#include "sim/eval_memo.h"
#include "sim/eval_split.h"

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
    struct mp_sources *sources;       // NULL: not asked for
    struct mp_eval_asker *asker;      // of mappings found for designs before; may be NULL
    struct mp_arena *scratch;         // of the mapper
    struct mp_found *found;           // in the order in which they were found
    uint32_t *slots;                  // hash table of them: index + 1, or 0
    size_t found_count, found_cap, slot_count;
    struct mp_counts counts[MP_SPLIT_WIDTHS]; // of the runs that were mapped
    uint64_t cycle;                   // of the network so far, for traces
};

// The rules that names in options follow, whatever the architecture.
bool mp_eval_check_names(const struct mp_eval *e, struct mp_err *err);
// Area by part, summed in their order.
bool mp_eval_area(struct mp_eval *e, double by[MP_AREAS], double *total, struct mp_err *err);
// Adds `b`; the total becomes the sum of its parts only by the second.
void mp_figures_add(struct mp_figures *a, const struct mp_figures *b);
void mp_figures_sum_parts(struct mp_figures *f);

bool mp_eval_prices(struct mp_eval *e, unsigned a_bits, unsigned w_bits, const struct mp_prices **out, struct mp_err *err);

bool mp_eval_layer(struct mp_eval *e, size_t layer, const struct mp_residency *res, struct mp_layer_result *out,
                   struct mp_err *err);

#endif
