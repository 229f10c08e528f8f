// SPDX-License-Identifier: Apache-2.0
// Loading what the command line names: accelerators, plans with their workloads, technologies.
#ifndef SIM_CLI_INPUTS_H
#define SIM_CLI_INPUTS_H

#include "costmodel/tech.h"
#include "sim/import/import.h"
#include "sim/nn/dataset.h"

// arch.json, a SCALE-Sim .cfg, or a shipped name.
bool mp_input_arch(const char *name, struct mp_arena *a, struct mp_arch *arch, struct mp_err *err);

// plan.json or a shipped name. `batch` 0: the plan's.
bool mp_input_plan(const char *name, uint64_t batch, struct mp_arena *a, struct mp_plan *plan, struct mp_workload *w,
                   struct mp_err *err);

// A workload at one width for weights and one for activations. The plan is called "WORKLOAD_wNaN".
bool mp_input_uniform(const char *workload, uint64_t w_bits, uint64_t a_bits, uint64_t batch, struct mp_arena *a,
                      struct mp_plan *plan, struct mp_workload *w, struct mp_err *err);

// The same for a workload that is there already, which came from `path`.
bool mp_input_uniform_plan(const char *path, const struct mp_workload *w, uint64_t w_bits, uint64_t a_bits, uint64_t batch,
                           struct mp_arena *a, struct mp_plan *plan, struct mp_err *err);

// The technology of the architecture, or `name` (a path or a shipped name) instead of it when that is not NULL;
// then arch->tech becomes its name.
bool mp_input_tech(struct mp_arch *arch, const char *name, struct mp_arena *a, struct mp_tech **tech,
                   struct mp_err *err);

// preprocess.json or a shipped name; NULL: what changes nothing.
bool mp_input_preprocess(const char *name, struct mp_arena *a, struct mp_preprocess *p, struct mp_err *err);

#endif
