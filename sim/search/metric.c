// SPDX-License-Identifier: Apache-2.0
// The table of metrics.
#include "sim/search/metric_parts.h"

const struct mp_search_metric *const mp_search_metrics[] = {
    &mp_metric_eagl, &mp_metric_error, &mp_metric_noise, &mp_metric_hessian,  &mp_metric_hawq,
    &mp_metric_fit,  &mp_metric_sqnr,  &mp_metric_loss,  &mp_metric_accuracy, NULL,
};

const char *const mp_search_metric_names[] = {
    "eagl", "error", "noise", "hessian", "hawq", "fit", "sqnr", "loss", "accuracy", NULL,
};
