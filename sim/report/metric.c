// SPDX-License-Identifier: Apache-2.0
// The figures of a result by key.
#include "sim/report/metric.h"

#include <inttypes.h>

static uint64_t macs(const struct mp_subject *s) {
    return s->figures->counts.macs;
}
static uint64_t cycles(const struct mp_subject *s) {
    return mp_counts_cycles(&s->figures->counts);
}
static double latency_ms(const struct mp_subject *s) {
    return mp_latency_ms(s->figures, s->arch);
}
static double energy_pj(const struct mp_subject *s) {
    return s->figures->energy_pj;
}
static double power_mw(const struct mp_subject *s) {
    return mp_power_mw(s->figures, s->arch);
}
static double utilization(const struct mp_subject *s) {
    return mp_utilization(s->figures);
}
static double effective_tops(const struct mp_subject *s) {
    return mp_effective_tops(s->figures, s->arch);
}
static double tops_per_w(const struct mp_subject *s) {
    return mp_tops_per_w(s->figures);
}
static double edp_pj_ms(const struct mp_subject *s) {
    return mp_edp_pj_ms(s->figures, s->arch);
}
static uint64_t weight_bytes(const struct mp_subject *s) {
    return s->weight_bytes;
}
static uint64_t dram_read_bits(const struct mp_subject *s) {
    return s->figures->counts.events[MP_EV_DRAM_READ];
}
static uint64_t dram_write_bits(const struct mp_subject *s) {
    return s->figures->counts.events[MP_EV_DRAM_WRITE];
}
static uint64_t bops(const struct mp_subject *s) {
    return s->figures->bops;
}

const struct mp_metric mp_metrics[MP_METRICS] = {
    [MP_METRIC_MACS] = {"macs", macs, NULL},
    [MP_METRIC_CYCLES] = {"cycles", cycles, NULL},
    [MP_METRIC_LATENCY] = {"latency_ms", NULL, latency_ms},
    [MP_METRIC_ENERGY] = {"energy_pj", NULL, energy_pj},
    [MP_METRIC_POWER] = {"power_mw", NULL, power_mw},
    [MP_METRIC_UTILIZATION] = {"utilization", NULL, utilization},
    [MP_METRIC_TOPS] = {"effective_tops", NULL, effective_tops},
    [MP_METRIC_TOPS_PER_W] = {"tops_per_w", NULL, tops_per_w},
    [MP_METRIC_EDP] = {"edp_pj_ms", NULL, edp_pj_ms},
    [MP_METRIC_WEIGHT_BYTES] = {"weight_bytes", weight_bytes, NULL},
    [MP_METRIC_DRAM_READ] = {"dram_read_bits", dram_read_bits, NULL},
    [MP_METRIC_DRAM_WRITE] = {"dram_write_bits", dram_write_bits, NULL},
    [MP_METRIC_BOPS] = {"bops", bops, NULL},
};

uint64_t mp_layer_weight_bytes(const struct mp_layer_result *r) {
    return r->figures.weight_bits / 8 + (r->figures.weight_bits % 8 != 0);
}

struct mp_subject mp_subject_of_layer(const struct mp_result *r, size_t layer) {
    const struct mp_layer_result *l = &r->layers[layer];
    return (struct mp_subject){&l->figures, r->arch, mp_layer_weight_bytes(l)};
}

struct mp_subject mp_subject_of_totals(const struct mp_result *r) {
    uint64_t bytes = 0;
    for (size_t i = 0; i < r->layer_count; i++)
        bytes += mp_layer_weight_bytes(&r->layers[i]);
    return (struct mp_subject){&r->totals, r->arch, bytes};
}

void mp_layer_w_bits_text(const struct mp_layer_bits *b, struct mp_buf *out) {
    mp_buf_add(out, "");
    if (b->slice_count == 1)
        mp_buf_addf(out, "%u", b->slices[0].w_bits);
    for (size_t i = 0; b->slice_count > 1 && i < b->slice_count; i++)
        mp_buf_addf(out, "%s%" PRIu64 ":%u", i > 0 ? "+" : "", b->slices[i].channels, b->slices[i].w_bits);
}

void mp_layer_w_bits_put(const struct mp_layer_bits *b, struct mp_jsonw *w) {
    mp_jsonw_key(w, "w_bits");
    if (b->slice_count < 2) {
        mp_jsonw_uint(w, b->slice_count ? b->slices[0].w_bits : 0);
        return;
    }
    mp_jsonw_open(w, '[', true);
    for (size_t i = 0; i < b->slice_count; i++) {
        mp_jsonw_open(w, '{', true);
        mp_jsonw_put_uint(w, "channels", b->slices[i].channels);
        mp_jsonw_put_uint(w, "bits", b->slices[i].w_bits);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

void mp_layer_bits_text(const struct mp_layer_bits *b, const struct mp_layer *l, struct mp_buf *out) {
    char sign = '/';
    mp_buf_addf(out, "%u", b->a_bits);
    for (unsigned bits = 1; mp_layer_on_array(l) && bits <= 8; bits++)
        for (size_t i = 0, found = 0; i < b->slice_count && !found; i++)
            if (b->slices[i].w_bits == bits) {
                mp_buf_addf(out, "%c%u", sign, bits);
                sign = '+', found = 1;
            }
}
