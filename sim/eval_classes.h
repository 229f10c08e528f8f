// SPDX-License-Identifier: Apache-2.0
// Layers of a workload under a plan that are the same to every evaluation, whatever the architecture; internal to eval.
#ifndef SIM_EVAL_CLASSES_H
#define SIM_EVAL_CLASSES_H

#include "sim/eval.h"

struct mp_layer_classes {
    size_t *first;  // by class: its first layer, ascending
    size_t *size;   // by class: how many
    size_t *of;     // by layer: its class
    size_t count;
};
// `constraints` may be NULL. The lists live in `a`.
void mp_layer_classes_make(struct mp_layer_classes *c, struct mp_arena *a, const struct mp_workload *w,
                           const struct mp_plan *plan, const struct mp_constraint_set *constraints);

#endif
