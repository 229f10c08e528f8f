// SPDX-License-Identifier: Apache-2.0
// Several architectures side by side, on one plan or several: each figure and its ratio to the first architecture's.
#ifndef SIM_REPORT_COMPARE_H
#define SIM_REPORT_COMPARE_H

#include "sim/report/table.h"
#include "sim/spec/result.h"

#define MP_COMPARE_SCHEMA "mpsim.compare/1"

struct mp_compare_arch {
    const struct mp_arch *given, *used; // different when scaled to equal area
    double given_area_mm2, used_area_mm2;
};

struct mp_compare {
    const struct mp_compare_arch *archs;
    const struct mp_result *results; // [plan * arch_count + arch]
    size_t arch_count, plan_count;
    bool equal_area;
};

void mp_compare_text(const struct mp_compare *c, const struct mp_style *s, struct mp_buf *out);
void mp_compare_json(const struct mp_compare *c, struct mp_buf *out);
void mp_compare_csv(const struct mp_compare *c, struct mp_buf *out); // a row for each plan and architecture

// The figures compared: one table for the three forms.
struct mp_compare_figure {
    const char *key;  // as in a result's totals
    const char *head; // of the text's column, with its unit
    double unit;      // the text shows value * unit
    int digits;       // that the text shows; 0: an integer
    double (*of)(const struct mp_result *r);
};
#define MP_COMPARE_FIGURES 9
extern const struct mp_compare_figure mp_compare_figures[MP_COMPARE_FIGURES];

#endif
