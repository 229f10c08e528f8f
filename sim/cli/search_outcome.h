// SPDX-License-Identifier: Apache-2.0
// What comes of a search: the uniform plans beside it, the found one priced and tested, the report and the files.
#ifndef SIM_CLI_SEARCH_OUTCOME_H
#define SIM_CLI_SEARCH_OUTCOME_H

#include "sim/cli/search_inputs.h"
#include "sim/report/search.h"

struct mp_outcome_options {
    const char *save_plan, *plans, *output;
    struct mp_texts front;
    bool json;
};

#define MP_OUTCOME_ROWS 4 // uniform 8, 4, 2, and the found plan

struct mp_outcome {
    const struct mp_search_inputs *in;
    const struct mp_arch *arch;
    const struct mp_tech *tech;
    const struct mp_search_job *job;
    const struct mp_search_result *result;
    const struct mp_outcome_options *o;
    struct mp_arena *arena;
    struct mp_search_row rows[MP_OUTCOME_ROWS];
    const struct mp_plan *plans[MP_OUTCOME_ROWS]; // by row
    unsigned widths[MP_OUTCOME_ROWS];             // by row, of uniform ones
    size_t row_count;
};

// The files have different names, and none that `inputs` has (NULLs are left out).
int mp_outcome_usage(const struct mp_command *c, const struct mp_outcome_options *o, const char *const *inputs, size_t count);
// Whether all files can be written, asked before the work.
bool mp_outcome_possible(const struct mp_outcome_options *o, struct mp_err *err);

// What mappings are chosen for, by the search's objective.
enum mp_objective mp_outcome_objective(const struct mp_search_job *job);
void mp_outcome_costs(const struct mp_result *r, double cost[MP_COSTS]);

// The rows of uniform widths, priced; then their harms, where the metric has them.
bool mp_outcome_uniform(struct mp_outcome *k, struct mp_err *err);
void mp_outcome_harms(struct mp_outcome *k);

// Prices and tests what was found, writes all files and the report. An exit status.
int mp_outcome_report(struct mp_outcome *k, const struct mp_search_report *what, struct mp_err *err);

// Of all weights, and of all images.
uint64_t mp_outcome_network_hash(const struct mp_network *n);
uint64_t mp_outcome_data_hash(const struct mp_dataset *d);

#endif
