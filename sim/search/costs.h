// SPDX-License-Identifier: Apache-2.0
// What each layer costs at each combination of the widths that it sees, by the simulator's best mapping: a term for each layer
// over the decisions of its input (or inputs), its weights and its output. Sums of terms are what mp_evaluate gives for the plan,
// to the last digit for integers, where arch.keep_on_chip is off (with it, tensors that stay on chip depend on all layers).
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
    const char *cache;           // folder where tables are kept; NULL: none
    const char *file;            // CSV of measured costs that replace the simulator's; NULL: none
    bool (*stopped)(void);
};

struct mp_cost_stats {
    uint64_t entries, mapped, cached; // entries of all terms; mappings searched; taken from the cache
    double seconds, cpu_seconds;
    const char *warning;              // a cache that could not be read or written; NULL
};

// Terms of the workload's layers, in their order (layers that move nothing: no variables, cost 0).
bool mp_costs_make(const struct mp_cost_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_term **terms,
                   struct mp_cost_stats *stats, struct mp_err *err);

#endif
