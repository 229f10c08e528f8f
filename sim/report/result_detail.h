// SPDX-License-Identifier: Apache-2.0
// The rest of a saved result, for those who draw it: mappings, peaks, prices, sources. What older results do not have is zero.
#ifndef SIM_REPORT_RESULT_DETAIL_H
#define SIM_REPORT_RESULT_DETAIL_H

#include "sim/report/result_file.h"

struct mp_detail_layer {
    struct mp_layer_mapping mapping;
    struct mp_run_shape *shapes; // by run of the mapping; NULL when not known
    double peak_ops_per_cycle;   // 0: not known, or off the array
    struct mp_slice *slices;     // of the weights; none off the array
    size_t slice_count;
    uint64_t accumulator_bits;   // needed
    bool may_overflow, input_on_chip, output_on_chip;
};

struct mp_detail {
    double clock_mhz;
    double dram_bits_per_cycle;        // 0: not known, or without limit
    uint64_t batch, rows, cols, lanes; // rows 0: not known
    struct mp_buffer buffers[MP_BUFFERS]; // no bytes: not known
    double area_mm2_by[MP_AREAS];
    struct mp_detail_layer *layers;    // as in mp_saved
    struct mp_price_row *prices;
    size_t price_count;
    const char **sources, **warnings;
    size_t source_count, warning_count;
};

// Of a result that mp_saved_read took. Everything lies in the arena.
bool mp_detail_read(struct mp_detail *d, struct mp_arena *a, const struct mp_node *root, struct mp_err *err);

#endif
