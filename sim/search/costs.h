// SPDX-License-Identifier: Apache-2.0
// What each layer costs at each combination of the widths that it sees, by the simulator's best mapping: a term for each
// layer over the decisions of its input (or inputs), its weights and its output. Sums of terms are what mp_evaluate gives
// for the plan, to the last digit for integers, where arch.keep_on_chip is off (with it, tensors that stay on chip depend
// on all layers; terms are of none that stay).
#ifndef SIM_SEARCH_COSTS_H
#define SIM_SEARCH_COSTS_H

#include "sim/eval.h"
#include "sim/search/problem.h"
#include "sim/search/space.h"

enum mp_cost { MP_COST_LATENCY, MP_COST_ENERGY, MP_COST_SIZE, MP_COST_BOPS, MP_COST_TRAFFIC, MP_COSTS };
// latency in cycles, energy in pJ, size in bits of weights as stored, BOPs, traffic in bits of DRAM.
extern const char *const mp_cost_names[]; // "latency", "energy", "size", "bops", "traffic"; NULL-terminated

struct mp_cost_job {
    const struct mp_arch *arch;
    const struct mp_tech *tech;
    enum mp_objective objective; // of mappings
    unsigned threads;
    const char *cache;           // folder where costs of tasks are kept, made when it is missing; NULL: none
    const char *version;         // of the program: costs that another one kept are not taken
    const char *file;            // CSV of measured costs that replace the simulator's; NULL: none
    bool (*stopped)(void);
};

struct mp_cost_stats {
    uint64_t entries, mapped, cached; // entries of all terms; tasks that were mapped; that were taken from the cache
    double seconds, cpu_seconds;
    const char *warning;              // a cache that could not be read or written; NULL. In the arena
};

// Measured costs, job->file: a header that names the columns "layer", "a_bits", "w_bits", and "latency_ms" or "cycles",
// "energy_uj", in any order; then a row for each layer and pair of widths, for the plan's whole batch. w_bits of a matmul is
// its second operand's; off the array it is left empty. Latency, energy or both replace the simulator's, whatever the width
// of the output. Rows must be there for all widths that the space has for a layer on the array; another layer may be left
// out, and then keeps the simulator's costs. Layers whose weights have slices cannot be measured.

// Terms of the workload's layers, in their order (layers that move nothing: no variables, cost 0).
bool mp_costs_make(const struct mp_cost_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_term **terms,
                   struct mp_cost_stats *stats, struct mp_err *err);

#endif
