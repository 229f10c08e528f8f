// SPDX-License-Identifier: Apache-2.0
// Rows as a table, CSV and JSON.
#include "sim/explore/query.h"
#include "sim/report/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DIGITS 5 // that count, in texts for people

void mp_cell_text(const struct mp_cell *c, int digits, struct mp_buf *out) {
    char number[MP_QTY_BYTES];
    switch (c->kind) {
    case MP_CELL_NONE:
        mp_buf_add(out, "");
        break;
    case MP_CELL_INTEGER:
        mp_buf_addf(out, "%" PRId64, c->integer);
        break;
    case MP_CELL_REAL:
        if (digits == 0 && isfinite(c->real))
            mp_format_double(c->real, number);
        else
            snprintf(number, sizeof number, "%.*g", digits ? digits : 17, c->real);
        mp_buf_add(out, number);
        break;
    case MP_CELL_TEXT:
        mp_buf_add(out, c->text);
        break;
    }
}

void mp_cell_json(const struct mp_cell *c, struct mp_jsonw *w) {
    if (c->kind == MP_CELL_INTEGER)
        mp_jsonw_int(w, c->integer);
    else if (c->kind == MP_CELL_REAL && isfinite(c->real))
        mp_jsonw_real(w, c->real);
    else if (c->kind == MP_CELL_TEXT)
        mp_jsonw_string(w, c->text);
    else
        mp_jsonw_null(w);
}

// Numbers stand right.
static enum mp_column_kind kind_of(const struct mp_query_rows *r, size_t column) {
    for (size_t i = 0; i < r->count; i++)
        if (r->cells[i * r->column_count + column].kind == MP_CELL_TEXT)
            return MP_LEFT;
    return MP_RIGHT;
}

static struct mp_table table_of(const struct mp_query_rows *r, const bool *leave_out, const char *const *heads, int digits,
                                struct mp_arena *a) {
    struct mp_column *columns = mp_arena_alloc(a, r->column_count, sizeof *columns);
    struct mp_table t = {.arena = a, .columns = columns};
    struct mp_buf text = {0};
    for (size_t c = 0; c < r->column_count; c++)
        if (!leave_out[c])
            columns[t.column_count++] = (struct mp_column){heads[c], kind_of(r, c)};
    for (size_t i = 0; i < r->count * r->column_count; i++) {
        if (leave_out[i % r->column_count])
            continue;
        text.len = 0;
        mp_cell_text(&r->cells[i], digits, &text);
        mp_table_add(&t, text.text);
    }
    mp_buf_finish(&text);
    return t;
}

// Whether a key, the first column aside, has one value in several rows.
static bool is_constant(const struct mp_query_rows *r, size_t column) {
    struct mp_buf first = {0}, text = {0};
    bool same = r->count > 1 && column > 0;
    if (same)
        mp_cell_text(&r->cells[column], 0, &first);
    for (size_t i = 1; i < r->count && same; i++) {
        text.len = 0;
        mp_cell_text(&r->cells[i * r->column_count + column], 0, &text);
        same = strcmp(first.text, text.text) == 0;
    }
    mp_buf_finish(&first);
    mp_buf_finish(&text);
    return same;
}

// The part of a key's name that tells it from the other columns: "rows" for array_rows.
static const char *head_of(const struct mp_query_rows *r, size_t column) {
    static const char *const sections[] = {"array_pe_", "array_", "buffers_"};
    const char *name = r->columns[column];
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        size_t len = strlen(sections[i]);
        bool alone = strncmp(name, sections[i], len) == 0;
        for (size_t c = 0; c < r->column_count && alone; c++) {
            const char *other = r->columns[c];
            size_t n = strlen(other), m = strlen(name + len);
            alone = c == column || n < m || strcmp(other + n - m, name + len) != 0;
        }
        if (alone)
            return name + len;
    }
    return name;
}

// What all rows share stands in a line above them.
void mp_query_rows_text(const struct mp_query_rows *r, const struct mp_style *s, struct mp_buf *out) {
    struct mp_arena a = {0};
    bool *leave_out = mp_arena_alloc(&a, r->column_count, sizeof *leave_out);
    const char **heads = mp_arena_alloc(&a, r->column_count, sizeof *heads);
    size_t shared = 0;
    for (size_t c = 0; c < r->column_count; c++) {
        heads[c] = head_of(r, c);
        if ((leave_out[c] = is_constant(r, c))) {
            mp_buf_addf(out, "%s%s ", shared++ ? ", " : "in all rows: ", r->columns[c]);
            if (r->cells[c].kind == MP_CELL_NONE)
                mp_buf_add(out, "none");
            mp_cell_text(&r->cells[c], DIGITS, out);
        }
    }
    mp_buf_add(out, shared ? "\n\n" : "");
    const struct mp_table t = table_of(r, leave_out, heads, DIGITS, &a);
    mp_table_text(&t, s, 0, out);
    mp_arena_finish(&a);
}

void mp_query_text(const struct mp_query *q, const struct mp_query_rows *r, const struct mp_style *s, struct mp_buf *out) {
    char shown[MP_QTY_BYTES], all[MP_QTY_BYTES];
    mp_style_bold(s, q->sweep->name, out);
    mp_buf_addf(out, ": %s of %s %s%s%s%s%s\n\n", mp_qty_count(r->count, shown), mp_qty_count(r->matched, all),
                q->networks->summed ? "design" : "row", r->matched == 1 ? "" : "s",
                q->networks->summed ? ", summed over the networks" : "", q->by ? q->descending ? ", most " : ", least " : "", q->by ? q->by : "");
    mp_query_rows_text(r, s, out);
}

void mp_query_csv(const struct mp_query_rows *r, struct mp_buf *out) {
    struct mp_arena a = {0};
    const bool *all = mp_arena_alloc(&a, r->column_count, sizeof *all);
    const struct mp_table t = table_of(r, all, r->columns, 0, &a);
    mp_table_csv(&t, out);
    mp_arena_finish(&a);
}

void mp_query_rows_put(const struct mp_query_rows *r, const char *key, struct mp_jsonw *w) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < r->count; i++) {
        mp_jsonw_open(w, '{', true);
        for (size_t c = 0; c < r->column_count; c++) {
            mp_jsonw_key(w, r->columns[c]);
            mp_cell_json(&r->cells[i * r->column_count + c], w);
        }
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

void mp_query_json(const struct mp_query *q, const struct mp_query_rows *r, struct mp_buf *out) {
    struct mp_jsonw w;
    char key[17];
    snprintf(key, sizeof key, "%016" PRIx64, (uint64_t)q->sweep->sweep);
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    mp_jsonw_put_string(&w, "schema", MP_QUERY_SCHEMA);
    mp_jsonw_put_string(&w, "sweep", q->sweep->name);
    mp_jsonw_put_string(&w, "sweep_key", key);
    mp_jsonw_put_uint(&w, "matched", r->matched);
    mp_query_rows_put(r, "rows", &w);
    mp_jsonw_close(&w, '}');
}
