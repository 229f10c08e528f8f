// SPDX-License-Identifier: Apache-2.0
// Axes of pictures: where a number lies, and which round ones are written.
#ifndef SIM_REPORT_AXIS_H
#define SIM_REPORT_AXIS_H

#include "sim/report/quantity.h"

#include <stdbool.h>

#define MP_AXIS_TICKS 24 // at most

// From `low` at pixel `from` to `high` at pixel `to`.
struct mp_axis {
    double low, high, from, to;
    double step; // between ticks; 0: the axis is logarithmic
};

// Round ends around the numbers from `low` to `high`, which may be equal. On a log scale where `may_be_log` and all are above 0
// and span more than a factor of 30.
struct mp_axis mp_axis_around(double low, double high, bool may_be_log, double from, double to);
// On a log scale in any case; the ends are 1, 2 or 5 times a power of ten. `low` is above 0 and below `high`.
struct mp_axis mp_axis_log(double low, double high, double from, double to);
double mp_axis_at(const struct mp_axis *a, double v); // its pixel; beyond the ends those
size_t mp_axis_ticks(const struct mp_axis *a, double ticks[MP_AXIS_TICKS]);
const char *mp_axis_label(const struct mp_axis *a, double tick, char out[MP_QTY_BYTES]);

// The SI prefix that numbers up to `largest` are read with; `*factor`: times it.
const char *mp_axis_prefix(double largest, double *factor);

#endif
