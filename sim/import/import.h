// SPDX-License-Identifier: Apache-2.0
// Opening a workload of whatever format, and a plan with the workload that it names; other tools' files into
// ours.
#ifndef SIM_IMPORT_IMPORT_H
#define SIM_IMPORT_IMPORT_H

#include "sim/spec/arch.h"
#include "sim/spec/plan.h"

// By the path's ending: .json, .onnx, or .csv for a SCALE-Sim topology.
bool mp_workload_open(struct mp_workload *w, struct mp_arena *a, const char *path, struct mp_err *err);

// The plan alone, not resolved.
bool mp_plan_load(struct mp_plan *p, struct mp_arena *a, const char *path, struct mp_err *err);

// The workload of a plan that was read from `path`: a file, named from the plan's folder, and no shipped name.
bool mp_plan_workload(const struct mp_plan *p, struct mp_workload *w, struct mp_arena *a, const char *path, struct mp_err *err);

// Loads the plan and its workload, and resolves the one against the other.
bool mp_plan_open(struct mp_plan *p, struct mp_workload *w, struct mp_arena *a, const char *path,
                  struct mp_err *err);

// A SCALE-Sim topology: convolutions or matrix products, one a row, each a layer with an input of its own.
// Output sizes are rounded up as there, by padding at bottom and right, with a warning. `name` is what errors
// call the text.
bool mp_scalesim_topology(struct mp_workload *w, struct mp_arena *a, const char *name, const char *text,
                          size_t len, struct mp_err *err);

// A SCALE-Sim configuration (.cfg, versions 2 and 3): a systolic array of 8-bit multipliers, one lane a PE,
// with ports that never stall it; cmos45_hp and 1000 MHz, which SCALE-Sim does not know. The source text
// names what was not used.
bool mp_scalesim_arch(struct mp_arch *arch, struct mp_arena *a, const char *path, struct mp_err *err);
bool mp_scalesim_arch_parse(struct mp_arch *arch, struct mp_arena *a, const char *name, const char *text,
                            size_t len, struct mp_err *err);

#endif
