// SPDX-License-Identifier: Apache-2.0
// The analytic engine with its dimensions already cut into tiles, as the mapper has them.
#ifndef SIM_ENGINE_ANALYTIC_H
#define SIM_ENGINE_ANALYTIC_H

#include "sim/engine/axis.h"
#include "sim/engine/engine.h"

// `t` must not need padding: give it mp_task_padded(). The axes are of the mapping's tile sizes.
void mp_analytic_axes(const struct mp_task *t, const struct mp_mapping *m, const struct mp_axis *const axis[MP_DIMS],
                      struct mp_counts *out);

// The cycles alone, in less time.
uint64_t mp_analytic_cycles(const struct mp_task *t, const struct mp_mapping *m, const struct mp_axis *const axis[MP_DIMS]);

#endif
