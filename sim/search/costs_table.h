// SPDX-License-Identifier: Apache-2.0
// Tasks that a table of costs needs, each once, and what the best mapping of each costs; the folder where such results are
// kept, and measured costs. Internal to costs.
#ifndef SIM_SEARCH_COSTS_TABLE_H
#define SIM_SEARCH_COSTS_TABLE_H

#include "sim/search/costs.h"

// Of a run, or of a layer's runs.
struct mp_run_cost {
    uint64_t cycles, traffic_bits;
    double energy_pj;
};

struct mp_cost_row {
    struct mp_task task;
    const struct mp_prices *prices;
    size_t layer;  // the first one that has this task
    bool known, kept, failed; // kept: the cache has it
    struct mp_run_cost cost; // zeros until it is known
};

// A zeroed table but for `arena` is empty.
struct mp_cost_table {
    struct mp_arena *arena;
    struct mp_cost_row **rows; // in the order in which they were asked for
    size_t count, cap;
    size_t *slots, slot_count; // open addressing, index + 1; a power of two
};

// The task's row, made when there is none.
struct mp_cost_row *mp_cost_table_row(struct mp_cost_table *t, const struct mp_task *task);
// Maps the rows that are not known.
bool mp_cost_table_map(struct mp_cost_table *t, const struct mp_cost_job *job, const struct mp_workload *w,
                       struct mp_cost_stats *stats, struct mp_err *err);

// A file in job->cache. Where there is none, all of it does nothing.
struct mp_cost_cache {
    const char *folder, *path;
    const char *context; // all that costs of a task depend on but the task
    const char *rows;    // as read: lines
    bool bad;            // there is a file, but not one of these costs
};
// Rows that were kept become known.
void mp_cost_cache_begin(struct mp_cost_cache *c, const struct mp_cost_job *job, struct mp_cost_table *t, struct mp_arena *a);
// Keeps the others. A warning, in the arena, or NULL.
const char *mp_cost_cache_end(const struct mp_cost_cache *c, const struct mp_cost_table *t, struct mp_arena *a);

// Measured costs of one layer, by a_bits and w_bits (0 off the array).
struct mp_measured_cost {
    size_t line[9][9]; // of the file; 0: there is none
    double cycles[9][9], energy_pj[9][9];
};
struct mp_measured_costs {
    const char *path;
    bool has_cycles, has_energy;
    struct mp_measured_cost **of; // by layer; NULL: no row names it
};
bool mp_measured_costs_read(struct mp_measured_costs *m, const char *path, const struct mp_workload *w, double clock_mhz,
                            struct mp_arena *a, struct mp_err *err);

#endif
