// SPDX-License-Identifier: Apache-2.0
// Objectives and constraints of a search as people write them.
#ifndef SIM_CLI_SEARCH_BOUNDS_H
#define SIM_CLI_SEARCH_BOUNDS_H

#include "sim/cli/command.h"
#include "sim/search/search.h"

extern const char *const mp_objective_texts[]; // latency, energy, size, bops, traffic, edp, harm, drop
size_t mp_search_objective(unsigned choice);   // as struct mp_search_job has it

struct mp_bound_options {
    const char *max[MP_COSTS]; // by cost: "0.5x" (of uniform 8), or a number with a unit
    const char *max_drop;      // "1%"; of loss a number
    const char *max_harm;      // a number
};

// Checks how they are written. MP_EXIT_OK, or the error was told.
int mp_bounds_usage(const struct mp_command *c, const struct mp_bound_options *o, enum mp_drop drop);
bool mp_bounds_any(const struct mp_bound_options *o);
// Into the job's bounds; `uniform`: what the network costs at 8 bits throughout.
void mp_bounds_read(const struct mp_bound_options *o, enum mp_drop drop, const double uniform[MP_COSTS], double clock_mhz,
                    struct mp_search_job *job);

#endif
