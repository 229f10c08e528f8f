// SPDX-License-Identifier: Apache-2.0
// A model as CSV. What a layer has not is an empty field.
#include "sim/report/inspect.h"

#include <inttypes.h>

static void add_real(struct mp_table *t, double v) {
    char text[32];
    mp_format_double(v, text);
    mp_table_add(t, text);
}

static void add_uint(struct mp_table *t, uint64_t v) {
    mp_table_addf(t, "%" PRIu64, v);
}

static void add_moments(struct mp_table *t, const struct mp_moments *m) {
    add_uint(t, m->count);
    add_real(t, m->low);
    add_real(t, m->high);
    add_real(t, mp_moments_magnitude(m));
    add_real(t, m->mean);
    add_real(t, m->std);
    add_uint(t, m->zeros);
}

static void add_ratio(struct mp_table *t, double v) {
    if (v > 0)
        add_real(t, v);
    else
        mp_table_add(t, "");
}

static void add_weights(struct mp_table *t, const struct mp_weight_stats *s) {
    for (int i = 0; i < 10 && s->all.count == 0; i++)
        mp_table_add(t, "");
    if (s->all.count == 0)
        return;
    add_moments(t, &s->all);
    add_ratio(t, s->spread);
    add_ratio(t, s->spread_median);
    add_uint(t, s->empty_channels);
}

static void add_hint(struct mp_table *t, struct mp_quant_hint h) {
    char type[16];
    mp_table_add(t, h.bits ? mp_inspect_hint_type(&h, type) : "");
}

static void add_layer(struct mp_table *t, const struct mp_inspect_report *r, size_t i) {
    const struct mp_layer *l = &r->net->workload.layers[i];
    const struct mp_tensor *out = &r->net->workload.tensors[l->output];
    mp_table_add(t, l->name);
    mp_table_add(t, mp_layer_type_names[l->type]);
    add_uint(t, out->c);
    add_uint(t, out->h);
    add_uint(t, out->w);
    add_uint(t, mp_layer_parameters(l));
    add_uint(t, mp_layer_macs(l));
    add_weights(t, &r->weights[i]);
    add_hint(t, mp_inspect_weight_hint(r, i));
    add_hint(t, mp_inspect_output_hint(r, i));
    mp_table_add(t, r->net->params[i].float_only ? r->net->params[i].float_only : "");
    if (r->activations) {
        const struct mp_histogram *h = r->activations->tensors[l->output];
        add_uint(t, h->count);
        add_real(t, (double)h->low);
        add_real(t, (double)h->high);
        add_real(t, mp_histogram_magnitude(h, MP_INSPECT_PERCENTILE / 100));
        add_uint(t, h->zeros);
    }
}

static void layers(const struct mp_inspect_report *r, struct mp_arena *a, struct mp_buf *out) {
    static const struct mp_column columns[] = {
        {"layer", MP_LEFT},        {"type", MP_LEFT},          {"channels", MP_LEFT},    {"height", MP_LEFT},
        {"width", MP_LEFT},        {"params", MP_LEFT},        {"macs", MP_LEFT},        {"weights", MP_LEFT},
        {"min", MP_LEFT},          {"max", MP_LEFT},           {"max_abs", MP_LEFT},     {"mean", MP_LEFT},
        {"std", MP_LEFT},          {"zeros", MP_LEFT},         {"channel_spread", MP_LEFT}, {"channel_spread_median", MP_LEFT},
        {"empty_channels", MP_LEFT}, {"weight_hint", MP_LEFT},  {"output_hint", MP_LEFT},   {"float_only", MP_LEFT},  {"outputs", MP_LEFT},
        {"output_min", MP_LEFT},   {"output_max", MP_LEFT},    {"output_max_abs_p999", MP_LEFT}, {"output_zeros", MP_LEFT}};
    struct mp_table t = {.arena = a, .columns = columns, .column_count = r->activations ? 25 : 20};
    for (size_t i = 0; i < r->net->workload.layer_count; i++)
        add_layer(&t, r, i);
    mp_table_csv(&t, out);
}

static void channels(const struct mp_inspect_report *r, struct mp_arena *a, struct mp_buf *out) {
    static const struct mp_column columns[] = {{"channel", MP_LEFT}, {"weights", MP_LEFT}, {"min", MP_LEFT},
                                               {"max", MP_LEFT},     {"max_abs", MP_LEFT}, {"mean", MP_LEFT},
                                               {"std", MP_LEFT},     {"zeros", MP_LEFT},   {"bias", MP_LEFT}};
    struct mp_table t = {.arena = a, .columns = columns, .column_count = 9};
    const struct mp_weight_stats *s = &r->weights[r->only];
    for (uint64_t c = 0; c < s->channel_count; c++) {
        add_uint(&t, c);
        add_moments(&t, &s->channels[c]);
        add_real(&t, (double)r->net->params[r->only].bias[c]);
    }
    mp_table_csv(&t, out);
}

void mp_inspect_csv(const struct mp_inspect_report *r, struct mp_buf *out) {
    struct mp_arena a = {0};
    if (r->only == MP_NO_LAYER)
        layers(r, &a, out);
    else
        channels(r, &a, out);
    mp_arena_finish(&a);
}
