// SPDX-License-Identifier: Apache-2.0
// The error of rounding: root of the mean square of what a tensor changes by on its grid, beside its largest magnitude.
#include "sim/search/metric_parts.h"

#include <math.h>

static bool run(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out,
                struct mp_err *err) {
    struct mp_arena scratch = {0};
    const struct mp_parts parts = mp_parts_make(job, s, &scratch);
    struct mp_on_grid *at;
    const bool ok = mp_parts_on_grids(job, s, &parts, &scratch, &at, err);
    mp_harm_make(out, s, "1", NULL, a);
    for (size_t i = 0; ok && i < parts.count; i++) {
        const struct mp_unit_part *p = &parts.of[i];
        for (unsigned b = 1; p->most > 0 && b < MP_WIDTHS; b++)
            *mp_harm_at(out, p->unit, b) +=
                p->share * sqrt(at[i * MP_WIDTHS + b].error / (double)p->count) / p->most;
    }
    mp_arena_finish(&scratch);
    return ok;
}

const struct mp_search_metric mp_metric_error = {
    .name = "error",
    .help = "root mean square of the error of rounding, by the largest magnitude; slices by their share of the channels",
    .source = "Sensitivity-guided post-training search, arXiv 2302.01382",
    .run = run,
};
