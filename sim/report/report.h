// SPDX-License-Identifier: Apache-2.0
// A result as text for people, as JSON (schema mpsim.result/1: docs/files.md) and as CSV. All append to `out`.
#ifndef SIM_REPORT_REPORT_H
#define SIM_REPORT_REPORT_H

#include "sim/report/table.h"
#include "sim/spec/result.h"

#define MP_RESULT_SCHEMA "mpsim.result/1"

struct mp_text_options {
    struct mp_style style;
    uint64_t top; // only the layers that take most cycles; 0: all
};

// What was run; a row a layer; totals by cause and part; warnings; sources, with estimates marked.
void mp_report_text(const struct mp_result *r, const struct mp_text_options *o, struct mp_buf *out);
void mp_report_json(const struct mp_result *r, struct mp_buf *out);
void mp_report_csv(const struct mp_result *r, struct mp_buf *out);

// Parts of the text, each in a file of its own (text_*.c).
void mp_text_layers(const struct mp_result *r, const struct mp_text_options *o, struct mp_buf *out);
void mp_text_totals(const struct mp_result *r, const struct mp_style *s, struct mp_buf *out);
void mp_text_sources(const struct mp_result *r, const struct mp_style *s, struct mp_buf *out);

// A run's loops over buffer tiles, outermost first, each with its tile size; dimensions held whole are left out:
// "oc64 oh7", "whole". One of several runs begins with its channels and width: "64ch@2b: oc32".
void mp_text_tiles(const struct mp_result *r, const struct mp_layer_result *l, const struct mp_run *run,
                   struct mp_buf *out);
// What rows, columns and lanes carry in a run on the array: "px oc ic".
void mp_text_roles(const struct mp_run *run, struct mp_buf *out);

#endif
