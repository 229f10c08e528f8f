// SPDX-License-Identifier: Apache-2.0
// Matching the layers of two results by name, and the differences as JSON and CSV.
#include "sim/report/diff.h"

#include "sim/spec/names.h"
#include "traces/csv.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double change(const struct mp_diff_layer *l, enum mp_metric_id m) {
    return fabs(l->b->figures.metric[m] - l->a->figures.metric[m]);
}

static int by_change(const void *x, const void *y) {
    const struct mp_diff_layer *p = x, *q = y;
    double pc = change(p, MP_METRIC_CYCLES), qc = change(q, MP_METRIC_CYCLES);
    double pe = change(p, MP_METRIC_ENERGY), qe = change(q, MP_METRIC_ENERGY);
    if (pc != qc)
        return pc < qc ? 1 : -1;
    if (pe != qe)
        return pe < qe ? 1 : -1;
    return (p->a > q->a) - (p->a < q->a); // layers of one array: equals stay in order
}

static bool differs(const struct mp_saved_layer *a, const struct mp_saved_layer *b) {
    const struct mp_saved_figures *f = &a->figures, *g = &b->figures;
    if (f->metric[MP_METRIC_ENERGY] != g->metric[MP_METRIC_ENERGY])
        return true;
    for (size_t i = 0; i < MP_CAUSES; i++)
        if (f->cycles_by[i] != g->cycles_by[i])
            return true;
    return false;
}

static void index_names(struct mp_names *names, struct mp_arena *arena, const struct mp_saved *s) {
    mp_names_init(names, arena, s->layer_count);
    for (size_t i = 0; i < s->layer_count; i++)
        mp_names_add(names, s->layers[i].name);
}

void mp_diff_make(struct mp_diff *d, struct mp_arena *arena, const struct mp_saved *a, const struct mp_saved *b) {
    struct mp_names in_a, in_b;
    *d = (struct mp_diff){.a = a, .b = b};
    d->layers = mp_arena_alloc(arena, a->layer_count, sizeof *d->layers);
    d->only_a = mp_arena_alloc(arena, a->layer_count, sizeof *d->only_a);
    d->only_b = mp_arena_alloc(arena, b->layer_count, sizeof *d->only_b);
    index_names(&in_a, arena, a);
    index_names(&in_b, arena, b);
    for (size_t i = 0; i < a->layer_count; i++) {
        size_t at = mp_names_find(&in_b, a->layers[i].name);
        if (at == MP_NO_NAME)
            d->only_a[d->only_a_count++] = &a->layers[i];
        else if (differs(&a->layers[i], &b->layers[at]))
            d->layers[d->layer_count++] = (struct mp_diff_layer){&a->layers[i], &b->layers[at]};
        else
            d->same_count++;
    }
    for (size_t i = 0; i < b->layer_count; i++)
        if (mp_names_find(&in_a, b->layers[i].name) == MP_NO_NAME)
            d->only_b[d->only_b_count++] = &b->layers[i];
    if (d->layer_count > 0)
        qsort(d->layers, d->layer_count, sizeof *d->layers, by_change);
}

static void put_pair(struct mp_jsonw *w, const char *key, double a, double b) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    mp_jsonw_key(w, "a");
    mp_jsonw_real(w, a);
    mp_jsonw_key(w, "b");
    mp_jsonw_real(w, b);
    mp_jsonw_key(w, "change");
    mp_jsonw_real(w, b - a);
    mp_jsonw_close(w, '}');
}

// Those that changed.
static void put_list(struct mp_jsonw *w, const char *key, const char *const *names, const double *a,
                     const double *b) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', false);
    for (size_t i = 0; names[i]; i++)
        if (a[i] != b[i])
            put_pair(w, names[i], a[i], b[i]);
    mp_jsonw_close(w, '}');
}

static void put_lists(struct mp_jsonw *w, const struct mp_saved_figures *a, const struct mp_saved_figures *b) {
    put_list(w, "cycles_by", mp_cause_names, a->cycles_by, b->cycles_by);
    put_list(w, "energy_pj_by", mp_part_names, a->energy_pj_by, b->energy_pj_by);
}

static void put_texts(struct mp_jsonw *w, const char *key, const char *a, const char *b) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    mp_jsonw_key(w, "a");
    mp_jsonw_string(w, a);
    mp_jsonw_key(w, "b");
    mp_jsonw_string(w, b);
    mp_jsonw_close(w, '}');
}

static void put_layer(struct mp_jsonw *w, const struct mp_diff_layer *l) {
    mp_jsonw_open(w, '{', false);
    mp_jsonw_key(w, "name");
    mp_jsonw_string(w, l->a->name);
    if (l->a->a_bits != l->b->a_bits)
        put_pair(w, "a_bits", (double)l->a->a_bits, (double)l->b->a_bits);
    if (strcmp(l->a->w_bits, l->b->w_bits) != 0)
        put_texts(w, "w_bits", l->a->w_bits, l->b->w_bits);
    put_pair(w, "cycles", l->a->figures.metric[MP_METRIC_CYCLES], l->b->figures.metric[MP_METRIC_CYCLES]);
    put_pair(w, "energy_pj", l->a->figures.metric[MP_METRIC_ENERGY], l->b->figures.metric[MP_METRIC_ENERGY]);
    put_lists(w, &l->a->figures, &l->b->figures);
    mp_jsonw_close(w, '}');
}

static void put_only(struct mp_jsonw *w, const char *key, const struct mp_saved_layer *const *layers, size_t count) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < count; i++) {
        mp_jsonw_open(w, '{', true);
        mp_jsonw_key(w, "name");
        mp_jsonw_string(w, layers[i]->name);
        mp_jsonw_key(w, "cycles");
        mp_jsonw_real(w, layers[i]->figures.metric[MP_METRIC_CYCLES]);
        mp_jsonw_key(w, "energy_pj");
        mp_jsonw_real(w, layers[i]->figures.metric[MP_METRIC_ENERGY]);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

static void put_drams(struct mp_jsonw *w, const struct mp_saved *a, const struct mp_saved *b) {
    mp_jsonw_key(w, "dram");
    mp_jsonw_open(w, '{', false);
    mp_jsonw_key(w, "a");
    mp_dram_write(&a->dram, w);
    mp_jsonw_key(w, "b");
    mp_dram_write(&b->dram, w);
    mp_jsonw_close(w, '}');
}

static void put_head(struct mp_jsonw *w, const struct mp_saved *a, const struct mp_saved *b) {
    mp_jsonw_key(w, "schema");
    mp_jsonw_string(w, MP_DIFF_SCHEMA);
    put_texts(w, "arch", a->arch, b->arch);
    put_texts(w, "plan", a->plan, b->plan);
    put_texts(w, "workload", a->workload, b->workload);
    put_texts(w, "engine", a->engine, b->engine);
    put_texts(w, "objective", a->objective, b->objective);
    put_texts(w, "tech", a->tech, b->tech);
    if (a->dram.ops && b->dram.ops)
        put_drams(w, a, b);
}

void mp_diff_json(const struct mp_diff *d, struct mp_buf *out) {
    const struct mp_saved_figures *a = &d->a->totals, *b = &d->b->totals;
    struct mp_jsonw w;
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    put_head(&w, d->a, d->b);
    mp_jsonw_key(&w, "totals");
    mp_jsonw_open(&w, '{', false);
    for (size_t i = 0; i < MP_METRICS; i++)
        put_pair(&w, mp_metrics[i].key, a->metric[i], b->metric[i]);
    put_pair(&w, "dram_activate", a->dram_activates, b->dram_activates);
    put_pair(&w, "area_mm2", d->a->area_mm2, d->b->area_mm2);
    put_lists(&w, a, b);
    mp_jsonw_close(&w, '}');
    mp_jsonw_key(&w, "layers");
    mp_jsonw_open(&w, '[', false);
    for (size_t i = 0; i < d->layer_count; i++)
        put_layer(&w, &d->layers[i]);
    mp_jsonw_close(&w, ']');
    put_only(&w, "only_a", d->only_a, d->only_a_count);
    put_only(&w, "only_b", d->only_b, d->only_b_count);
    mp_jsonw_key(&w, "same_layers");
    mp_jsonw_uint(&w, d->same_count);
    mp_jsonw_close(&w, '}');
}

static void add_numbers(struct mp_buf *out, double a, double b) {
    char from[32], to[32], by[32];
    mp_format_double(a, from);
    mp_format_double(b, to);
    mp_format_double(b - a, by);
    mp_buf_addf(out, ",%s,%s,%s", from, to, by);
}

// `a` or `b` NULL: the layer is not in that result, and its figures count as 0.
static void add_row(struct mp_buf *out, const char *name, const struct mp_saved_figures *a,
                    const struct mp_saved_figures *b) {
    static const struct mp_saved_figures none;
    const char *in = !a ? "b" : !b ? "a" : "both";
    a = a ? a : &none, b = b ? b : &none;
    mp_csv_field(out, name);
    mp_buf_addf(out, ",%s", in);
    add_numbers(out, a->metric[MP_METRIC_CYCLES], b->metric[MP_METRIC_CYCLES]);
    add_numbers(out, a->metric[MP_METRIC_ENERGY], b->metric[MP_METRIC_ENERGY]);
    for (size_t i = 0; i < MP_CAUSES; i++)
        add_numbers(out, a->cycles_by[i], b->cycles_by[i]);
    for (size_t i = 0; i < MP_PARTS; i++)
        add_numbers(out, a->energy_pj_by[i], b->energy_pj_by[i]);
    add_numbers(out, a->dram_activates, b->dram_activates);
    mp_buf_add(out, "\n");
}

static void add_heads(struct mp_buf *out, const char *prefix, const char *name) {
    mp_buf_addf(out, ",%s%s_a,%s%s_b,%s%s_change", prefix, name, prefix, name, prefix, name);
}

void mp_diff_csv(const struct mp_diff *d, struct mp_buf *out) {
    mp_buf_add(out, "layer,in");
    add_heads(out, "", "cycles");
    add_heads(out, "", "energy_pj");
    for (size_t i = 0; i < MP_CAUSES; i++)
        add_heads(out, "cycles_", mp_cause_names[i]);
    for (size_t i = 0; i < MP_PARTS; i++)
        add_heads(out, "energy_pj_", mp_part_names[i]);
    add_heads(out, "", "dram_activate");
    mp_buf_add(out, "\n");
    for (size_t i = 0; i < d->layer_count; i++)
        add_row(out, d->layers[i].a->name, &d->layers[i].a->figures, &d->layers[i].b->figures);
    for (size_t i = 0; i < d->only_a_count; i++)
        add_row(out, d->only_a[i]->name, &d->only_a[i]->figures, NULL);
    for (size_t i = 0; i < d->only_b_count; i++)
        add_row(out, d->only_b[i]->name, NULL, &d->only_b[i]->figures);
    add_row(out, "total", &d->a->totals, &d->b->totals);
}
