// SPDX-License-Identifier: Apache-2.0
// What is in a trained model: as text, as JSON (schema mpsim.inspect/1), as CSV, and histograms as SVG. All append to `out`.
#ifndef SIM_REPORT_INSPECT_H
#define SIM_REPORT_INSPECT_H

#include "sim/nn/calibrate.h"
#include "sim/nn/weight_stats.h"
#include "sim/report/quantity.h"
#include "sim/report/table.h"

#define MP_INSPECT_SCHEMA "mpsim.inspect/1"
#define MP_INSPECT_PERCENTILE 99.9 // of the magnitudes of activations

struct mp_inspect_report {
    const struct mp_network *net;
    const struct mp_weight_stats *weights;    // by layer
    const struct mp_calibration *activations; // NULL: not measured
    const char *measured_on;                  // with activations: on which images, in words
    size_t only;                              // a layer, in detail; MP_NO_LAYER: all
};

void mp_inspect_text(const struct mp_inspect_report *r, const struct mp_style *s, struct mp_buf *out);
void mp_inspect_json(const struct mp_inspect_report *r, struct mp_buf *out);
// A row a layer; of one layer, a row an output channel.
void mp_inspect_csv(const struct mp_inspect_report *r, struct mp_buf *out);
// A histogram of the weights of each layer, and with activations one of what each layer puts out. For light and dark pages.
void mp_inspect_svg(const struct mp_inspect_report *r, struct mp_buf *out);

// Shared by the four (inspect.c).

const char *mp_inspect_number(double v, char out[MP_QTY_BYTES]); // four digits that count
bool mp_inspect_shows(const struct mp_inspect_report *r, size_t layer);
// "[batch=1, 3, 16, 16]".
void mp_inspect_shape(const struct mp_value *v, struct mp_buf *out);
// What the model says of a layer's quantisation: of its weights, of its output; bits 0: nothing.
struct mp_quant_hint mp_inspect_weight_hint(const struct mp_inspect_report *r, size_t layer);
struct mp_quant_hint mp_inspect_output_hint(const struct mp_inspect_report *r, size_t layer);
// "int8"
const char *mp_inspect_hint_type(const struct mp_quant_hint *h, char out[16]);
// Whether a tensor holds numbers of its own: it is an input, or made by a layer that computes.
bool mp_inspect_own(const struct mp_inspect_report *r, size_t tensor);
// What people call a tensor: the layer that makes it, or the input.
const char *mp_inspect_tensor(const struct mp_inspect_report *r, size_t tensor);

#endif
