// SPDX-License-Identifier: Apache-2.0
// The figures for the page's script: lists in the order of names that stand once at the head.
#include "sim/report/html.h"

#include "sim/base/jsonw.h"

#include <math.h>
#include <string.h>

static void put_names(struct mp_jsonw *w, const char *key, const char *const *names) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; names[i]; i++)
        mp_jsonw_string(w, names[i]);
    mp_jsonw_close(w, ']');
}

static void put_reals(struct mp_jsonw *w, const char *key, const double *values, size_t count) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < count; i++)
        mp_jsonw_real(w, values[i]);
    mp_jsonw_close(w, ']');
}

static void put_counts(struct mp_jsonw *w, const char *key, const uint64_t *values, size_t count) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < count; i++)
        mp_jsonw_uint(w, values[i]);
    mp_jsonw_close(w, ']');
}

static void put_real(struct mp_jsonw *w, const char *key, double v) {
    mp_jsonw_key(w, key);
    mp_jsonw_real(w, v);
}

static void put_figures(struct mp_jsonw *w, const struct mp_saved_figures *f) {
    put_reals(w, "metrics", f->metric, MP_METRICS);
    put_reals(w, "cycles", f->cycles_by, MP_CAUSES);
    put_reals(w, "energy", f->energy_pj_by, MP_PARTS);
}

static void put_role(struct mp_jsonw *w, const char *key, unsigned role) {
    if (role < MP_ROLES)
        mp_jsonw_put_string(w, key, mp_role_names[role]);
}

static void put_run(struct mp_jsonw *w, const struct mp_run *r, const struct mp_run_shape *s) {
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_uint(w, "channels", r->channels);
    mp_jsonw_put_uint(w, "w_bits", r->w_bits);
    put_role(w, "rows", r->map.rows);
    put_role(w, "cols", r->map.cols);
    put_role(w, "lanes", r->map.lanes);
    put_counts(w, "tile", r->map.tile, MP_DIMS);
    mp_jsonw_key(w, "order");
    mp_jsonw_open(w, '[', false);
    for (int d = 0; d < MP_DIMS; d++)
        mp_jsonw_uint(w, r->map.order[d]);
    mp_jsonw_close(w, ']');
    mp_jsonw_put_bool(w, "padded", r->map.padded);
    if (s) {
        put_counts(w, "size", s->size, MP_DIMS);
        put_counts(w, "kernel", s->kernel, 2);
        put_counts(w, "used", s->tile_bits, MP_BUFFERS);
        put_counts(w, "room", s->room_bits, MP_BUFFERS);
    }
    mp_jsonw_close(w, '}');
}

static void put_slices(struct mp_jsonw *w, const struct mp_detail_layer *d) {
    mp_jsonw_key(w, "slices");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < d->slice_count; i++) {
        mp_jsonw_open(w, '[', false);
        mp_jsonw_uint(w, d->slices[i].channels);
        mp_jsonw_uint(w, d->slices[i].w_bits);
        mp_jsonw_close(w, ']');
    }
    mp_jsonw_close(w, ']');
}

static void put_layer(struct mp_jsonw *w, const struct mp_saved_layer *l, const struct mp_detail_layer *d) {
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "name", l->name);
    mp_jsonw_put_string(w, "type", l->type);
    mp_jsonw_put_string(w, "bound", l->bound);
    mp_jsonw_put_uint(w, "a_bits", l->a_bits);
    put_slices(w, d);
    put_figures(w, &l->figures);
    put_real(w, "peak", d->peak_ops_per_cycle);
    mp_jsonw_put_uint(w, "accumulator", d->accumulator_bits);
    mp_jsonw_put_bool(w, "overflow", d->may_overflow);
    mp_jsonw_put_bool(w, "input_kept", d->input_on_chip);
    mp_jsonw_put_bool(w, "output_kept", d->output_on_chip);
    mp_jsonw_key(w, "runs");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < d->mapping.run_count; i++)
        put_run(w, &d->mapping.runs[i], d->shapes ? &d->shapes[i] : NULL);
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

static void put_result(struct mp_jsonw *w, const struct mp_html_result *r) {
    const struct mp_saved *s = r->saved;
    const struct mp_detail *d = r->detail;
    const uint64_t array[] = {d->rows, d->cols, d->lanes};
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "label", r->label);
    mp_jsonw_put_string(w, "arch", s->arch);
    mp_jsonw_put_string(w, "plan", s->plan);
    mp_jsonw_put_string(w, "workload", s->workload);
    put_real(w, "clock_mhz", d->clock_mhz);
    put_real(w, "dram_bits", d->dram_bits_per_cycle);
    mp_jsonw_put_uint(w, "batch", d->batch);
    put_counts(w, "array", array, d->rows ? 3 : 0);
    put_real(w, "area", s->area_mm2);
    put_figures(w, &s->totals);
    mp_jsonw_key(w, "layers");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < s->layer_count; i++)
        put_layer(w, &s->layers[i], &d->layers[i]);
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

static void put_column(struct mp_jsonw *w, const struct mp_html_column *c, size_t count) {
    static const char *const better[] = {
        [MP_BETTER_NEITHER] = "neither", [MP_BETTER_LOWER] = "lower", [MP_BETTER_HIGHER] = "higher"};
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "name", c->name);
    mp_jsonw_put_bool(w, "number", c->numbers != NULL);
    mp_jsonw_put_string(w, "better", better[c->better]);
    mp_jsonw_key(w, "values");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < count; i++)
        if (c->numbers && !isnan(c->numbers[i]))
            mp_jsonw_real(w, c->numbers[i]);
        else
            mp_jsonw_string(w, c->texts[i]);
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

static void put_front(struct mp_jsonw *w, const struct mp_html_front *f) {
    mp_jsonw_key(w, "front");
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "name", f->name);
    mp_jsonw_key(w, "columns");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < f->column_count; i++)
        put_column(w, &f->columns[i], f->count);
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

static void put_all(const struct mp_html *h, struct mp_jsonw *w) {
    const char *metrics[MP_METRICS + 1] = {NULL};
    for (size_t i = 0; i < MP_METRICS; i++)
        metrics[i] = mp_metrics[i].key;
    mp_jsonw_open(w, '{', true);
    put_names(w, "metrics", metrics);
    put_names(w, "causes", mp_cause_names);
    put_names(w, "parts", mp_part_names);
    put_names(w, "dims", mp_dim_names);
    put_names(w, "buffers", mp_buffer_names);
    mp_jsonw_key(w, "results");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < h->result_count; i++)
        put_result(w, &h->results[i]);
    mp_jsonw_close(w, ']');
    if (h->front)
        put_front(w, h->front);
    mp_jsonw_close(w, '}');
}

// These characters stand only in strings of JSON.
static void add_safe(struct mp_buf *out, const char *text, size_t len) {
    for (size_t at = 0, from = 0; at <= len; at++) {
        const bool separator = at + 2 < len && memcmp(text + at, "\xe2\x80", 2) == 0 && (text[at + 2] & ~1) == (char)0xa8;
        if (at < len && !separator && text[at] != '<' && text[at] != '>' && text[at] != '&')
            continue;
        mp_buf_addn(out, text + from, at - from);
        if (separator)
            mp_buf_add(out, (unsigned char)text[at + 2] == 0xa8 ? "\\u2028" : "\\u2029");
        else if (at < len)
            mp_buf_addf(out, "\\u%04x", (unsigned)(unsigned char)text[at]);
        at += separator ? 2 : 0;
        from = at + 1;
    }
}

void mp_html_data(const struct mp_html *h, struct mp_buf *out) {
    struct mp_buf text = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &text);
    put_all(h, &w);
    add_safe(out, text.text, text.len);
    mp_buf_finish(&text);
}
