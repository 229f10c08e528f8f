// SPDX-License-Identifier: Apache-2.0
// EAGL: a layer keeps its wider grid where the integers on it have much entropy. The paper chooses between two widths, and the
// gain of the wider one is the entropy on its grid; down a ladder of widths each step costs that entropy, weighed by the noise
// power 4^-b of the grid that it leads to, which is ours. Of two widths the weight is one for all, and the choice the paper's.
#include "sim/search/metric_parts.h"

#include <math.h>

static void add_part(const struct mp_metric_job *job, const struct mp_space *s, const struct mp_unit_part *p,
                     const struct mp_on_grid *at, struct mp_harm *out) {
    const uint32_t set = mp_unit_widths(job, s, p->unit);
    unsigned above = mp_widest(set);
    double harm = 0;
    for (unsigned b = above; b-- > 1;) {
        if (!(set >> b & 1))
            continue;
        harm += at[above].entropy * ldexp(1, -2 * (int)b);
        *mp_harm_at(out, p->unit, b) += p->share * harm;
        above = b;
    }
}

static bool run(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out,
                struct mp_err *err) {
    struct mp_arena scratch = {0};
    const struct mp_parts parts = mp_parts_make(job, s, &scratch);
    struct mp_on_grid *at;
    size_t *count = mp_arena_alloc(&scratch, s->unit_count, sizeof *count);
    const bool ok = mp_parts_on_grids(job, s, &parts, &scratch, &at, err);
    mp_harm_make(out, s, "bits", "entropy", a);
    for (size_t i = 0; ok && i < parts.count; i++)
        count[parts.of[i].unit]++;
    for (size_t i = 0; ok && i < parts.count; i++) {
        const size_t u = parts.of[i].unit;
        add_part(job, s, &parts.of[i], &at[i * MP_WIDTHS], out);
        out->score[u] += at[i * MP_WIDTHS + mp_widest(mp_unit_asked(job, s, u))].entropy / (double)count[u];
    }
    mp_arena_finish(&scratch);
    return ok;
}

const struct mp_search_metric mp_metric_eagl = {
    .name = "eagl",
    .help = "entropy of the integers on the wider grid, lost with each step down; slices by their share of the channels",
    .source = "EAGL, arXiv 2301.13330; the weight 4^-bits of more than two widths is ours",
    .run = run,
};
