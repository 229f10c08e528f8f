// SPDX-License-Identifier: Apache-2.0
// A result that was written as JSON (schema mpsim.result/1), read back to be compared.
#ifndef SIM_REPORT_RESULT_FILE_H
#define SIM_REPORT_RESULT_FILE_H

#include "sim/report/metric.h"

// Integers are exact: the reader takes none beyond 2^53.
struct mp_saved_figures {
    double metric[MP_METRICS];
    double cycles_by[MP_CAUSES], energy_pj_by[MP_PARTS];
    double dram_activates; // rows opened; 0 in older results, too
};

struct mp_saved_layer {
    const char *name, *type, *bound;
    uint64_t a_bits;
    const char *w_bits; // as mp_layer_w_bits_text writes it; "0" off the array
    struct mp_saved_figures figures;
};

struct mp_saved {
    const char *path;
    const char *arch, *plan, *workload, *engine, *objective, *tech;
    struct mp_dram dram; // its keys alone; no ops: not known
    struct mp_saved_figures totals;
    double area_mm2;
    struct mp_saved_layer *layers; // names are distinct
    size_t layer_count;
};

// Everything lies in the arena. Errors: another schema, unknown and missing keys, wrong types, cycles that are not
// the sum of their causes, a layer that stands twice.
bool mp_saved_load(struct mp_saved *s, struct mp_arena *a, const char *path, struct mp_err *err);
bool mp_saved_read(struct mp_saved *s, struct mp_arena *a, const struct mp_node *root, struct mp_err *err);

#endif
