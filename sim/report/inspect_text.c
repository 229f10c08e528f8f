// SPDX-License-Identifier: Apache-2.0
// A model as text: what it takes, a row a layer, a row a tensor; or one layer, a row an output channel.
#include "sim/report/inspect.h"

#include "sim/report/quantity.h"

#include <inttypes.h>
#include <math.h>

static void add_number(struct mp_table *t, double v) {
    char text[MP_QTY_BYTES];
    mp_table_add(t, mp_inspect_number(v, text));
}

static void add_count(struct mp_table *t, uint64_t v) {
    char text[MP_QTY_BYTES];
    mp_table_add(t, v > 0 ? mp_qty_count(v, text) : "");
}

static void add_share(struct mp_table *t, uint64_t part, uint64_t whole) {
    char text[MP_QTY_BYTES];
    mp_table_add(t, mp_qty_hundredths((double)part, (double)whole, text));
}

static void add_blanks(struct mp_table *t, size_t count) {
    while (count-- > 0)
        mp_table_add(t, "");
}

static void add_shape(struct mp_table *t, const struct mp_tensor *x) {
    mp_table_addf(t, "%" PRIu64 "x%" PRIu64 "x%" PRIu64, x->c, x->h, x->w);
}

// Head

static void values(const char *what, const struct mp_graph *g, const size_t *list, size_t count, struct mp_buf *out) {
    for (size_t i = 0; i < count; i++) {
        mp_buf_addf(out, "  %-9s%s ", what, g->values[list[i]].name);
        mp_inspect_shape(&g->values[list[i]], out);
        mp_buf_add(out, "\n");
    }
}

static void head(const struct mp_inspect_report *r, const struct mp_style *s, struct mp_buf *out) {
    const struct mp_graph *g = &r->net->graph;
    mp_style_bold(s, r->net->workload.name, out);
    mp_buf_addf(out, ": ONNX, opset %u, %zu layer%s\n", g->opset, r->net->workload.layer_count,
                r->net->workload.layer_count == 1 ? "" : "s");
    values("input", g, g->inputs, g->input_count, out);
    values("output", g, g->outputs, g->output_count, out);
}

static void images(const struct mp_inspect_report *r, struct mp_buf *out) {
    const uint64_t count = r->activations ? r->activations->images : 0;
    if (count > 0)
        mp_buf_addf(out, "  %-9s%" PRIu64 " image%s of %s\n", "measured", count, count == 1 ? "" : "s", r->measured_on);
    mp_buf_add(out, "\n");
}

// Layers

static void part(struct mp_buf *b, const char *text) {
    mp_buf_add(b, b->len ? ", " : "");
    mp_buf_add(b, text);
}

static void note(const struct mp_inspect_report *r, size_t i, struct mp_buf *b) {
    struct mp_quant_hint w = mp_inspect_weight_hint(r, i), o = mp_inspect_output_hint(r, i);
    char type[16];
    if (w.bits) {
        part(b, mp_inspect_hint_type(&w, type));
        mp_buf_add(b, w.scale > 0 ? " weights" : " weights by channel");
    }
    if (o.bits) {
        part(b, mp_inspect_hint_type(&o, type));
        mp_buf_addf(b, " output, scale %.4g, zero %" PRId64, (double)o.scale, o.zero);
    }
    if (r->net->params[i].float_only) {
        part(b, "float only: ");
        mp_buf_add(b, r->net->params[i].float_only);
    }
}

static bool has_notes(const struct mp_inspect_report *r) {
    struct mp_buf b = {0};
    for (size_t i = 0; i < r->net->workload.layer_count && b.len == 0; i++)
        note(r, i, &b);
    bool any = b.len > 0;
    mp_buf_finish(&b);
    return any;
}

static void add_ratio(struct mp_table *t, double v) {
    char text[MP_QTY_BYTES];
    if (v > 0 && v < 99.95)
        mp_table_addf(t, "%.1f", v);
    else
        mp_table_add(t, v > 0 ? mp_inspect_number(round(v), text) : "");
}

static void add_weights(struct mp_table *t, const struct mp_weight_stats *s) {
    if (s->all.count == 0) {
        add_blanks(t, 7);
        return;
    }
    add_number(t, s->all.low);
    add_number(t, s->all.high);
    add_number(t, mp_moments_magnitude(&s->all));
    add_number(t, s->all.std);
    add_share(t, s->all.zeros, s->all.count);
    add_ratio(t, s->spread);
    add_ratio(t, s->spread_median);
}

static void add_layer(struct mp_table *t, const struct mp_inspect_report *r, size_t i) {
    const struct mp_layer *l = &r->net->workload.layers[i];
    struct mp_buf b = {0};
    mp_table_add(t, l->name);
    mp_table_add(t, mp_layer_type_names[l->type]);
    add_shape(t, &r->net->workload.tensors[l->output]);
    add_count(t, mp_layer_parameters(l));
    add_count(t, mp_layer_macs(l));
    add_weights(t, &r->weights[i]);
    note(r, i, &b);
    mp_table_add(t, b.text ? b.text : "");
    mp_buf_finish(&b);
}

static void add_total(struct mp_table *t, const struct mp_inspect_report *r) {
    mp_table_rule(t);
    mp_table_add(t, "total");
    add_blanks(t, 2);
    add_count(t, mp_workload_params(&r->net->workload));
    add_count(t, mp_workload_macs(&r->net->workload));
    add_blanks(t, 8);
}

static void layers(const struct mp_inspect_report *r, const struct mp_style *s, struct mp_buf *out) {
    const struct mp_column columns[] = {
        {"layer", MP_LEFT}, {"type", MP_LEFT}, {"output", MP_LEFT},  {"params", MP_RIGHT}, {"MACs", MP_RIGHT},
        {"min", MP_RIGHT},  {"max", MP_RIGHT}, {"|max|", MP_RIGHT},  {"std", MP_RIGHT},    {"0 %", MP_RIGHT},
        {"c/min", MP_RIGHT}, {"c/med", MP_RIGHT}, {has_notes(r) ? "notes" : "", MP_LEFT}};
    struct mp_arena arena = {0};
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = 13};
    for (size_t i = 0; i < r->net->workload.layer_count; i++)
        if (mp_inspect_shows(r, i))
            add_layer(&t, r, i);
    if (r->only == MP_NO_LAYER)
        add_total(&t, r);
    mp_table_text(&t, s, 0, out);
    mp_arena_finish(&arena);
    mp_buf_add(out, "min to 0 %: of the weights, batch norm folded in. c/min, c/med: the largest of the output channels' |max| by\n"
                    "the smallest and by the median.\n");
}

static void empty_channels(const struct mp_inspect_report *r, struct mp_buf *out) {
    for (size_t i = 0; i < r->net->workload.layer_count; i++) {
        const struct mp_weight_stats *s = &r->weights[i];
        if (mp_inspect_shows(r, i) && s->empty_channels > 0)
            mp_buf_addf(out, "layer \"%s\": %" PRIu64 " of %" PRIu64 " output channels have no weight but 0\n",
                        r->net->workload.layers[i].name, s->empty_channels, s->channel_count);
    }
}

// Tensors

static bool shows_tensor(const struct mp_inspect_report *r, size_t tensor) {
    if (r->only == MP_NO_LAYER)
        return mp_inspect_own(r, tensor);
    const struct mp_layer *l = &r->net->workload.layers[r->only];
    bool shown = l->output == tensor;
    for (size_t i = 0; i < l->input_count; i++)
        shown = shown || l->inputs[i] == tensor;
    return shown;
}

static void add_tensor(struct mp_table *t, const struct mp_inspect_report *r, size_t i) {
    const struct mp_histogram *h = r->activations->tensors[i];
    double most = fmax(-(double)h->low, (double)h->high);
    double percentile = mp_histogram_magnitude(h, MP_INSPECT_PERCENTILE / 100);
    char text[MP_QTY_BYTES];
    mp_table_add(t, mp_inspect_tensor(r, i));
    add_shape(t, &r->net->workload.tensors[i]);
    add_number(t, (double)h->low);
    add_number(t, (double)h->high);
    add_number(t, percentile);
    mp_table_add(t, percentile > 0 ? mp_qty_fixed(most / percentile, 2, text) : "");
    add_share(t, h->zeros, h->count);
}

static void tensors(const struct mp_inspect_report *r, const struct mp_style *s, struct mp_buf *out) {
    static const struct mp_column columns[] = {{"activations of", MP_LEFT}, {"shape", MP_LEFT},   {"min", MP_RIGHT}, {"max", MP_RIGHT},
                                               {"99.9 %", MP_RIGHT},        {"tail", MP_RIGHT}, {"0 %", MP_RIGHT}};
    struct mp_arena arena = {0};
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = 7};
    mp_buf_add(out, "\n");
    for (size_t i = 0; i < r->net->workload.tensor_count; i++)
        if (shows_tensor(r, i))
            add_tensor(&t, r, i);
    mp_table_text(&t, s, 0, out);
    mp_arena_finish(&arena);
    mp_buf_add(out, "99.9 %: of the magnitudes are at most this. tail: the largest magnitude by it.\n");
}

// One layer

static void layer_head(const struct mp_inspect_report *r, const struct mp_style *s, struct mp_buf *out) {
    const struct mp_workload *w = &r->net->workload;
    const struct mp_layer *l = &w->layers[r->only];
    const struct mp_geometry *g = &l->geo;
    mp_style_bold(s, l->name, out);
    mp_buf_addf(out, ": layer %zu of %zu of %s\n", r->only + 1, w->layer_count, w->name);
    for (size_t i = 0; i < l->input_count; i++) {
        const struct mp_tensor *t = &w->tensors[l->inputs[i]];
        mp_buf_addf(out, "  reads    %s %" PRIu64 "x%" PRIu64 "x%" PRIu64 "\n", mp_inspect_tensor(r, l->inputs[i]), t->c, t->h,
                    t->w);
    }
    if (l->type == MP_CONV2D)
        mp_buf_addf(out,
                    "  kernel   %" PRIu64 "x%" PRIu64 ", stride %" PRIu64 "x%" PRIu64 ", dilation %" PRIu64 "x%" PRIu64
                    ", %" PRIu64 " group%s\n",
                    g->kh, g->kw, g->sh, g->sw, g->dh, g->dw, g->groups, g->groups == 1 ? "" : "s");
    if (l->act != MP_ACT_NONE)
        mp_buf_addf(out, "  function %s\n", mp_act_names[l->act]);
}

static void channels(const struct mp_inspect_report *r, const struct mp_style *s, struct mp_buf *out) {
    static const struct mp_column columns[] = {{"channel", MP_RIGHT}, {"min", MP_RIGHT}, {"max", MP_RIGHT}, {"|max|", MP_RIGHT},
                                               {"mean", MP_RIGHT},    {"std", MP_RIGHT}, {"0 %", MP_RIGHT}, {"bias", MP_RIGHT}};
    const struct mp_weight_stats *w = &r->weights[r->only];
    struct mp_arena arena = {0};
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = 8};
    for (uint64_t c = 0; c < w->channel_count; c++) {
        const struct mp_moments *m = &w->channels[c];
        mp_table_addf(&t, "%" PRIu64, c);
        add_number(&t, m->low);
        add_number(&t, m->high);
        add_number(&t, mp_moments_magnitude(m));
        add_number(&t, m->mean);
        add_number(&t, m->std);
        add_share(&t, m->zeros, m->count);
        add_number(&t, (double)r->net->params[r->only].bias[c]);
    }
    mp_buf_add(out, w->channel_count > 0 ? "\n" : "");
    if (w->channel_count > 0)
        mp_table_text(&t, s, 0, out);
    mp_arena_finish(&arena);
}

void mp_inspect_text(const struct mp_inspect_report *r, const struct mp_style *s, struct mp_buf *out) {
    if (r->only == MP_NO_LAYER)
        head(r, s, out);
    else
        layer_head(r, s, out);
    images(r, out);
    layers(r, s, out);
    empty_channels(r, out);
    if (r->only != MP_NO_LAYER)
        channels(r, s, out);
    if (r->activations)
        tensors(r, s, out);
    for (size_t i = 0; i < r->net->workload.warning_count; i++)
        mp_buf_addf(out, "%s\n", r->net->workload.warnings[i]);
}
