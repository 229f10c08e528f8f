// SPDX-License-Identifier: Apache-2.0
// One network on many architectures: totals as mp_evaluate gives them, to the last bit, and bounds of them at a fraction
// of the time. An evaluator keeps which layers are the same and memory to work in, so that it is one thread's; mappings found
// before are in a memo, which evaluators may share. What it answers does not depend on what it was asked before.
//
// Asked for latency, designs that differ in buffers alone are best asked for with the largest buffers first.
#ifndef SIM_EVAL_MANY_H
#define SIM_EVAL_MANY_H

#include "sim/eval.h"
#include "sim/eval_memo.h"

struct mp_evaluator; // opaque

// The inputs and the memo must outlive it, and constraints the memo; without a memo (NULL) it has its own. Options: no sink.
// Fails as mp_evaluate does on names in the options.
struct mp_evaluator *mp_evaluator_create(const struct mp_workload *w, const struct mp_plan *plan, const struct mp_options *o,
                                         struct mp_eval_memo *memo, struct mp_err *err);
void mp_evaluator_destroy(struct mp_evaluator *e); // takes NULL

// The totals and the area of mp_evaluate's result; fails with its error.
bool mp_evaluator_totals(struct mp_evaluator *e, const struct mp_arch *arch, const struct mp_tech *tech,
                         struct mp_figures *totals, double *area_mm2, struct mp_err *err);

// No mapping of the network's layers takes fewer cycles or less energy, whatever the objective is; the area is exact.
struct mp_design_bound {
    double cycles, energy_pj, area_mm2;
};
// Fails where prices are missing; a design that has no mapping may still have a bound.
bool mp_evaluator_bound(struct mp_evaluator *e, const struct mp_arch *arch, const struct mp_tech *tech,
                        struct mp_design_bound *out, struct mp_err *err);

// What was saved: mappings asked for, and those that were known from designs before.
struct mp_evaluator_stats {
    uint64_t designs, mappings, known;
};
struct mp_evaluator_stats mp_evaluator_stats(const struct mp_evaluator *e);

#endif
