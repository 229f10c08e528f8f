// SPDX-License-Identifier: Apache-2.0
// The whole front as CSV and as JSON: a row a point, in ascending order of its cost.
#include "sim/report/search_parts.h"

#include <inttypes.h>

static void add_real(struct mp_table *t, double v) {
    char text[32];
    mp_format_double(v, text);
    mp_table_add(t, text);
}

static void add_measured(struct mp_table *t, const struct mp_point *p) {
    if (!p->measured) {
        for (int i = 0; i < 4; i++)
            mp_table_add(t, "");
        return;
    }
    mp_table_addf(t, "%" PRIu64, p->at.agree);
    mp_table_addf(t, "%" PRIu64, p->at.right);
    mp_table_addf(t, "%" PRIu64, p->at.images);
    add_real(t, p->at.loss);
}

static void add_point(struct mp_table *t, const struct mp_search_report *r, const struct mp_point *p) {
    const struct mp_space *s = r->job->space;
    for (size_t c = 0; c < MP_COSTS; c++) {
        add_real(t, p->sum[MP_COST_AT(c)] * mp_costs_shown[c].key_factor);
        if (c == MP_COST_LATENCY)
            add_real(t, mp_cost_ms(r->arch, p->sum[MP_COST_AT(c)]));
    }
    add_real(t, p->sum[MP_HARM]);
    add_measured(t, p);
    mp_table_add(t, mp_search_is_found(r, p) ? "true" : "false");
    for (size_t u = 0; u < s->unit_count; u++)
        mp_table_addf(t, "%u", mp_space_bits(s, u, p->option));
}

void mp_search_front_csv(const struct mp_search_report *r, struct mp_buf *out) {
    static const char *const after[] = {"harm", "agree", "right", "images", "loss", "found"};
    const struct mp_space *s = r->job->space;
    struct mp_arena arena = {0};
    const size_t named = MP_COSTS + 1 + sizeof after / sizeof *after;
    struct mp_column *columns = mp_arena_alloc(&arena, named + s->unit_count, sizeof *columns);
    size_t n = 0;
    for (size_t c = 0; c < MP_COSTS; c++) {
        columns[n++].head = mp_costs_shown[c].key;
        if (c == MP_COST_LATENCY)
            columns[n++].head = "latency_ms";
    }
    for (size_t i = 0; i < sizeof after / sizeof *after; i++)
        columns[n++].head = after[i];
    for (size_t u = 0; u < s->unit_count; u++)
        columns[n++].head = s->units[u].name;
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = n};
    for (size_t i = 0; i < r->result->front_count; i++)
        add_point(&t, r, &r->result->front[i]);
    mp_table_csv(&t, out);
    mp_arena_finish(&arena);
}

void mp_put_front_head(struct mp_jsonw *w, const struct mp_search_report *r) {
    mp_jsonw_put_string(w, "cost", mp_cost_names[mp_search_front_cost(r->job) - MP_COST_AT(0)]);
    mp_jsonw_put_uint(w, "count", r->result->front_count);
    mp_jsonw_put_bool(w, "exact", r->result->front_exact);
}

void mp_search_front_json(const struct mp_search_report *r, struct mp_buf *out) {
    struct mp_jsonw writer, *w = &writer;
    mp_jsonw_init(w, out);
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "schema", MP_FRONT_SCHEMA);
    mp_jsonw_put_string(w, "network", r->job->space->workload->name);
    mp_jsonw_put_string(w, "arch", r->arch->name);
    mp_put_front_head(w, r);
    mp_put_unit_names(w, r->job->space);
    mp_jsonw_key(w, "points");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < r->result->front_count; i++)
        mp_put_point(w, r, &r->result->front[i]);
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}
