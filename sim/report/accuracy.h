// SPDX-License-Identifier: Apache-2.0
// How a run of `mpsim accuracy` is shown.
#ifndef SIM_REPORT_ACCURACY_H
#define SIM_REPORT_ACCURACY_H

#include "sim/nn/accuracy.h"
#include "sim/nn/quantise.h"
#include "sim/report/table.h"
#include "sim/spec/result.h"

#define MP_ACCURACY_SCHEMA "mpsim.accuracy/1"

struct mp_accuracy_report {
    const struct mp_network *net;
    const struct mp_dataset *data;
    const struct mp_accuracy *found;
    // With a plan; else NULL.
    const struct mp_plan *plan;
    const struct mp_quantise_options *how;
    const struct mp_qnet *q;        // NULL with weights_only
    const char *calibrated_on;
    uint64_t calibration_images;
    uint64_t bias_images;           // of them, those that biases are corrected on; 0 without that, and with weights_only
    bool own_images;                // the images measured are among those that scales were chosen on
    size_t pairs;                   // equalised
    bool weights_only;
    struct mp_accumulator accumulator;
    const struct mp_result *result; // with an accelerator; else NULL
};

void mp_accuracy_text(const struct mp_accuracy_report *r, const struct mp_style *s, struct mp_buf *out);
void mp_accuracy_json(const struct mp_accuracy_report *r, struct mp_buf *out);

#endif
