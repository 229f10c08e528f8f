// SPDX-License-Identifier: Apache-2.0
// A query is one SELECT from a SELECT that has the columns to be shown and, as real numbers or texts, the names that expressions
// use; these were checked to be expressions over the names and nothing else.
#include "sim/explore/query.h"

#include "sim/explore/expr_check.h"
#include "sim/explore/store_file.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static void add_inner(const struct mp_query *q, const bool *used, struct mp_buf *sql) {
    mp_buf_addf(sql, "SELECT point.position AS \"order 0\", %s AS \"order 1\", point.design AS \"of\"",
                q->networks->summed ? "0" : "n.position");
    for (size_t i = 0; i < q->column_count; i++)
        mp_buf_addf(sql, ",\n  %s AS \"out %zu\"", q->names->list[q->columns[i]].sql, i);
    for (size_t i = 0; i < q->names->count; i++) {
        const struct mp_query_name *n = &q->names->list[i];
        if (used[i])
            mp_buf_addf(sql, ",\n  CASE typeof(%s) WHEN 'integer' THEN CAST(%s AS REAL) ELSE %s END AS \"%s\"", n->sql, n->sql,
                        n->sql, n->name);
    }
    mp_buf_add(sql, "\n");
    mp_query_from(q->sweep, q->networks, sql);
}

// Without columns: how many rows there are.
static void add_statement(const struct mp_query *q, const bool *used, bool count, struct mp_buf *sql) {
    mp_buf_add(sql, count ? "SELECT count(*)" : "SELECT \"of\"");
    for (size_t i = 0; !count && i < q->column_count; i++)
        mp_buf_addf(sql, ", \"out %zu\"", i);
    mp_buf_add(sql, " FROM (\n");
    add_inner(q, used, sql);
    mp_buf_add(sql, ") AS mp_names\n");
    if (q->where)
        mp_buf_addf(sql, "WHERE (%s\n)\n", q->where);
    if (count)
        return;
    mp_buf_add(sql, "ORDER BY ");
    if (q->by)
        mp_buf_addf(sql, "(%s\n) %s NULLS LAST, ", q->by, q->descending ? "DESC" : "ASC");
    mp_buf_add(sql, "\"order 0\", \"order 1\"");
    if (q->top > 0)
        mp_buf_addf(sql, " LIMIT %" PRIu64, q->top);
}

static struct mp_cell read_cell(sqlite3_stmt *s, int column, struct mp_arena *a) {
    switch (sqlite3_column_type(s, column)) {
    case SQLITE_INTEGER:
        return (struct mp_cell){.kind = MP_CELL_INTEGER, .integer = sqlite3_column_int64(s, column)};
    case SQLITE_FLOAT:
        return (struct mp_cell){.kind = MP_CELL_REAL, .real = sqlite3_column_double(s, column)};
    case SQLITE_NULL:
        return (struct mp_cell){.kind = MP_CELL_NONE};
    default:
        return (struct mp_cell){.kind = MP_CELL_TEXT, .text = mp_arena_strdup(a, (const char *)sqlite3_column_text(s, column))};
    }
}

static void add_row(sqlite3_stmt *q, size_t *room, struct mp_arena *a, struct mp_query_rows *out) {
    const size_t columns = out->column_count;
    if (out->count == *room) {
        const size_t more = 2 * *room + 64;
        out->cells = mp_arena_grow(a, out->cells, *room * columns, more * columns, sizeof *out->cells);
        out->designs = mp_arena_grow(a, out->designs, *room, more, sizeof *out->designs);
        *room = more;
    }
    out->designs[out->count] = sqlite3_column_int64(q, 0);
    for (size_t c = 0; c < columns; c++)
        out->cells[out->count * columns + c] = read_cell(q, (int)c + 1, a);
    out->count++;
}

static bool read_rows(struct mp_store *s, const char *sql, struct mp_arena *a, struct mp_query_rows *out, struct mp_err *err) {
    sqlite3_stmt *q = NULL;
    size_t room = 0;
    int code;
    if (!mp_store_statement(s, &q, sql, err))
        return false;
    while ((code = sqlite3_step(q)) == SQLITE_ROW)
        add_row(q, &room, a, out);
    if (code != SQLITE_DONE)
        mp_store_fail(s, err);
    sqlite3_finalize(q);
    return code == SQLITE_DONE;
}

static bool check(const struct mp_query *q, struct mp_arena *a, bool *used, struct mp_err *err) {
    bool *by = mp_arena_alloc(a, q->names->count, sizeof *by);
    if ((q->where && !mp_expr_check(q->where, q->names->names, used, err)) ||
        (q->by && !mp_expr_check(q->by, q->names->names, by, err)))
        return false;
    for (size_t i = 0; i < q->names->count; i++)
        used[i] = used[i] || by[i];
    return true;
}

static bool count_rows(struct mp_store *s, const struct mp_query *q, const bool *used, struct mp_query_rows *out,
                       struct mp_err *err) {
    struct mp_buf sql = {0};
    struct mp_arena a = {0};
    struct mp_query_rows number = {0};
    out->matched = out->count;
    if (q->top == 0 || out->count < q->top)
        return true;
    add_statement(q, used, true, &sql);
    const bool ok = read_rows(s, sql.text, &a, &number, err);
    if (ok)
        out->matched = (uint64_t)number.designs[0];
    mp_buf_finish(&sql);
    mp_arena_finish(&a);
    return ok;
}

bool mp_query_uses(const struct mp_query *q, size_t column, bool *uses, struct mp_err *err) {
    struct mp_arena a = {0};
    bool *used = mp_arena_alloc(&a, q->names->count, sizeof *used);
    const bool ok = check(q, &a, used, err);
    *uses = ok && used[column];
    for (size_t i = 0; i < q->column_count; i++)
        *uses = *uses || q->columns[i] == column;
    mp_arena_finish(&a);
    return ok;
}

bool mp_query_run(struct mp_store *s, const struct mp_query *q, struct mp_arena *a, struct mp_query_rows *out, struct mp_err *err) {
    bool *used = mp_arena_alloc(a, q->names->count, sizeof *used);
    const char **columns = mp_arena_alloc(a, q->column_count, sizeof *columns);
    struct mp_buf sql = {0};
    if (!check(q, a, used, err))
        return false;
    for (size_t i = 0; i < q->column_count; i++)
        columns[i] = q->names->names[q->columns[i]];
    *out = (struct mp_query_rows){.columns = columns, .column_count = q->column_count};
    add_statement(q, used, false, &sql);
    const bool ok = read_rows(s, sql.text, a, out, err) && count_rows(s, q, used, out, err);
    mp_buf_finish(&sql);
    return ok;
}

double mp_cell_value(const struct mp_cell *c) {
    return c->kind == MP_CELL_INTEGER ? (double)c->integer : c->kind == MP_CELL_REAL ? c->real : NAN;
}
