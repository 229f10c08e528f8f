// SPDX-License-Identifier: Apache-2.0
// What changed from one saved result to another: totals, causes, parts, and layer by layer.
#ifndef SIM_REPORT_DIFF_H
#define SIM_REPORT_DIFF_H

#include "sim/report/result_file.h"
#include "sim/report/table.h"

#define MP_DIFF_SCHEMA "mpsim.diff/1"

// A layer of both results whose cycles, by cause, or energy differ.
struct mp_diff_layer {
    const struct mp_saved_layer *a, *b;
};

struct mp_diff {
    const struct mp_saved *a, *b;
    struct mp_diff_layer *layers; // by the change in cycles, then in energy, largest first
    size_t layer_count, same_count;
    const struct mp_saved_layer **only_a, **only_b; // in the order of their results
    size_t only_a_count, only_b_count;
};

void mp_diff_make(struct mp_diff *d, struct mp_arena *arena, const struct mp_saved *a, const struct mp_saved *b);

void mp_diff_text(const struct mp_diff *d, const struct mp_style *s, struct mp_buf *out);
void mp_diff_json(const struct mp_diff *d, struct mp_buf *out);
void mp_diff_csv(const struct mp_diff *d,
                 struct mp_buf *out); // a row a layer that differs or is only in one, and "total"

#endif
