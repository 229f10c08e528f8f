// SPDX-License-Identifier: Apache-2.0
// Scaling an array to a given area, so that architectures can be compared silicon for silicon.
#ifndef SIM_REPORT_EQUAL_AREA_H
#define SIM_REPORT_EQUAL_AREA_H

#include "costmodel/cost.h"

// Rows and columns from 1 to 4096 that bring the total area nearest `target_mm2`; for each number of rows the
// columns tried are the nearest to the architecture's ratio and one to either side. Among equals the ratio nearest to
// the architecture's is taken, then the smaller. Sizes of buffers, vector unit and DRAM stay; port widths follow the
// rows and columns that they serve (mp_arch_resize).
bool mp_arch_fit_area(const struct mp_arch *arch, const struct mp_tech *t, double target_mm2, struct mp_arch *out,
                      double *area_mm2, struct mp_err *err);

// The architecture with another number of rows and columns. A port widens by the ratio of what it serves, rounded up
// to a multiple of its banks: os: input by the side that carries pixels, weight by the side that carries output
// channels, output by both; ws: input by rows, weight and output by columns; is: weight by rows, input and output by
// columns.
struct mp_arch mp_arch_resize(const struct mp_arch *arch, uint64_t rows, uint64_t cols);

#endif
