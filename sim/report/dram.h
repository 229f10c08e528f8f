// SPDX-License-Identifier: Apache-2.0
// What a stream of accesses cost a memory alone, and the memories and streams that there are.
#ifndef SIM_REPORT_DRAM_H
#define SIM_REPORT_DRAM_H

#include "sim/mem/stream.h"
#include "sim/report/table.h"

#define MP_DRAM_SCHEMA "mpsim.dram/1"
#define MP_DRAM_LIST_SCHEMA "mpsim.dram-list/1"

struct mp_dram_run {
    const struct mp_dram_preset *preset;
    const char *mapping;
    unsigned channels;
    bool refresh, single;           // single: one access outstanding
    const struct mp_stream *stream; // or NULL
    const char *trace;              // file, or NULL
    double trace_mhz;               // of the file's cycles; 0: the memory's
    uint64_t cycles, bytes;
    struct mp_dram_counts counts;
};

void mp_dram_run_text(const struct mp_dram_run *r, const struct mp_style *s, struct mp_buf *out);
void mp_dram_run_json(const struct mp_dram_run *r, struct mp_buf *out);
void mp_dram_run_csv(const struct mp_dram_run *r, struct mp_buf *out); // one row

// All presets with timings, energies, sources; all streams with their parameters.
void mp_dram_list_text(const struct mp_style *s, struct mp_buf *out);
void mp_dram_list_json(struct mp_buf *out);
void mp_dram_list_csv(struct mp_buf *out); // a row a timing or energy of a preset: {preset, key, value, unit}

#endif
