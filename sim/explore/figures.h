// SPDX-License-Identifier: Apache-2.0
// Figures of a design: of one network as the store has them, over several networks, and as a vector of objectives.
#ifndef SIM_EXPLORE_FIGURES_H
#define SIM_EXPLORE_FIGURES_H

#include "sim/explore/store.h"
#include "sim/spec/result.h"

// `harm`: of a searched plan, else NaN. `weight_bytes`: of the network on this accelerator.
void mp_figures_row(const struct mp_figures *f, const struct mp_arch *arch, uint64_t weight_bytes, double harm,
                    union mp_store_value row[MP_STORE_COLUMNS]);

// Index into mp_store_columns, or MP_STORE_COLUMNS when there is no such figure.
size_t mp_store_column_find(const char *name);

// Over networks that run `weight` times each: what adds up is summed; power, utilization, TOPS, TOPS/W and the energy-delay
// product follow from the sums. One network of weight 1 is itself. Sums are doubles.
void mp_figures_sum(const union mp_store_value *const *rows, const double *weights, size_t count, double out[MP_STORE_COLUMNS]);

// The sweep's objectives, all to be minimised ("-" ones with their sign changed); NaN where there is none.
void mp_figures_objectives(const double sum[MP_STORE_COLUMNS], double area_mm2, const char *const *objectives, size_t count,
                           double *out);

#endif
