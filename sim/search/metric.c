// SPDX-License-Identifier: Apache-2.0
// The table of metrics, and one of them run.
#include "sim/search/metric_parts.h"

#include <math.h>

const struct mp_search_metric *const mp_search_metrics[] = {
    &mp_metric_eagl, &mp_metric_error, &mp_metric_noise, &mp_metric_hessian,  &mp_metric_hawq,
    &mp_metric_fit,  &mp_metric_sqnr,  &mp_metric_loss,  &mp_metric_accuracy, NULL,
};

const char *const mp_search_metric_names[] = {
    "eagl", "error", "noise", "hessian", "hawq", "fit", "sqnr", "loss", "accuracy", NULL,
};

static bool check(const struct mp_search_metric *m, const struct mp_space *s, const struct mp_harm *h, struct mp_err *err) {
    for (size_t i = 0; i < s->unit_count * MP_WIDTHS; i++)
        if (!isfinite(h->of[i]))
            return mp_fail(err, "metric %s: the harm of unit \"%s\" at %zu bits is not finite", m->name,
                           s->units[i / MP_WIDTHS].name, i % MP_WIDTHS);
    return true;
}

bool mp_metric_run(const struct mp_search_metric *m, const struct mp_metric_job *job, const struct mp_space *s,
                   struct mp_arena *a, struct mp_harm *out, struct mp_err *err) {
    return m->run(job, s, a, out, err) && check(m, s, out, err);
}
