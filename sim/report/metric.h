// SPDX-License-Identifier: Apache-2.0
// The figures of a result by key: one table for JSON, CSV and the reader of results, so that they agree.
#ifndef SIM_REPORT_METRIC_H
#define SIM_REPORT_METRIC_H

#include "sim/spec/result.h"

// A layer's figures, or the totals.
struct mp_subject {
    const struct mp_figures *figures;
    const struct mp_arch *arch;
    uint64_t weight_bytes;
};

enum mp_metric_id {
    MP_METRIC_MACS,
    MP_METRIC_CYCLES,
    MP_METRIC_LATENCY,
    MP_METRIC_ENERGY,
    MP_METRIC_POWER,
    MP_METRIC_UTILIZATION,
    MP_METRIC_TOPS,
    MP_METRIC_TOPS_PER_W,
    MP_METRIC_EDP,
    MP_METRIC_WEIGHT_BYTES,
    MP_METRIC_DRAM_READ,
    MP_METRIC_DRAM_WRITE,
    MP_METRIC_BOPS,
    MP_METRICS
};

struct mp_metric {
    const char *key;
    uint64_t (*count)(const struct mp_subject *s); // an integer; NULL: `real` is set
    double (*real)(const struct mp_subject *s);
};
extern const struct mp_metric mp_metrics[MP_METRICS];

// Weights of a layer as they lie in memory, each layer's from a new byte on.
uint64_t mp_layer_weight_bytes(const struct mp_layer_result *r);
struct mp_subject mp_subject_of_layer(const struct mp_result *r, size_t layer);
struct mp_subject mp_subject_of_totals(const struct mp_result *r); // weight bytes: the sum over the layers

// "4", "64:2+192:4" (channels:bits) or "" off the array.
void mp_layer_w_bits_text(const struct mp_layer_bits *b, struct mp_buf *out);
// Member "w_bits": a number, 0 off the array, or [{"channels": 64, "bits": 2}, ...].
void mp_layer_w_bits_put(const struct mp_layer_bits *b, struct mp_jsonw *w);
// Input and weights, widths of these from the narrowest: "8/2+4", "8" off the array.
void mp_layer_bits_text(const struct mp_layer_bits *b, const struct mp_layer *l, struct mp_buf *out);

#endif
