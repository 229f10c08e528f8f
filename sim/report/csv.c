// SPDX-License-Identifier: Apache-2.0
// The result as CSV: a row a layer, then the row "total". Columns are the same for every result.
#include "sim/report/metric.h"
#include "sim/report/report.h"
#include "traces/csv.h"

#include <inttypes.h>

static void add_heads(struct mp_buf *out, const char *prefix, const char *const *names) {
    for (size_t i = 0; names[i]; i++)
        mp_buf_addf(out, ",%s%s", prefix, names[i]);
}

static void add_head(struct mp_buf *out) {
    mp_buf_add(out, "layer,type,a_bits,w_bits");
    for (size_t i = 0; i < MP_METRICS; i++)
        mp_buf_addf(out, ",%s", mp_metrics[i].key);
    add_heads(out, "cycles_", mp_cause_names);
    add_heads(out, "energy_pj_", mp_part_names);
    mp_buf_add(out, ",bound,accumulator_bits_needed,area_mm2,dram_activate\n");
}

static void add_uint(struct mp_buf *out, uint64_t value) {
    mp_buf_addf(out, ",%" PRIu64, value);
}

static void add_real(struct mp_buf *out, double value) {
    char text[32];
    mp_format_double(value, text);
    mp_buf_addf(out, ",%s", text);
}

static void add_figures(struct mp_buf *out, const struct mp_subject *s) {
    for (size_t i = 0; i < MP_METRICS; i++) {
        if (mp_metrics[i].count)
            add_uint(out, mp_metrics[i].count(s));
        else
            add_real(out, mp_metrics[i].real(s));
    }
    for (size_t i = 0; i < MP_CAUSES; i++)
        add_uint(out, s->figures->counts.cycles[i]);
    for (size_t i = 0; i < MP_PARTS; i++)
        add_real(out, s->figures->energy_pj_by[i]);
    mp_buf_addf(out, ",%s", mp_bound_name(s->figures));
}

static void add_layer(struct mp_buf *out, const struct mp_result *r, size_t i) {
    const struct mp_layer_result *l = &r->layers[i];
    struct mp_subject s = mp_subject_of_layer(r, i);
    mp_csv_field(out, l->layer->name);
    mp_buf_addf(out, ",%s,%u,", mp_layer_type_names[l->layer->type], l->bits->a_bits);
    mp_layer_w_bits_text(l->bits, out);
    add_figures(out, &s);
    mp_buf_addf(out, ",%u,,%" PRIu64 "\n", l->accumulator_bits_needed, l->figures.counts.events[MP_EV_DRAM_ACT]);
}

void mp_report_csv(const struct mp_result *r, struct mp_buf *out) {
    struct mp_subject s = mp_subject_of_totals(r);
    add_head(out);
    for (size_t i = 0; i < r->layer_count; i++)
        add_layer(out, r, i);
    mp_buf_add(out, "total,,,");
    add_figures(out, &s);
    mp_buf_add(out, ",");
    add_real(out, r->area_mm2);
    add_uint(out, r->totals.counts.events[MP_EV_DRAM_ACT]);
    mp_buf_add(out, "\n");
}
