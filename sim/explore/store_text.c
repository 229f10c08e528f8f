// SPDX-License-Identifier: Apache-2.0
// The content of a store as text that does not depend on the order in which rows came.
#include "sim/explore/store_file.h"

#include <inttypes.h>

static void add_quoted(struct mp_buf *out, const char *text) {
    mp_buf_add(out, "'");
    for (; *text; text++)
        mp_buf_addn(out, *text == '\'' ? "''" : text, *text == '\'' ? 2 : 1);
    mp_buf_add(out, "'");
}

static void add_value(struct mp_buf *out, sqlite3_stmt *q, int column) {
    char number[32];
    switch (sqlite3_column_type(q, column)) {
    case SQLITE_INTEGER:
        mp_buf_addf(out, "%" PRId64, (int64_t)sqlite3_column_int64(q, column));
        break;
    case SQLITE_FLOAT:
        mp_format_double(sqlite3_column_double(q, column), number);
        mp_buf_add(out, number);
        break;
    case SQLITE_NULL:
        mp_buf_add(out, "NULL");
        break;
    default:
        add_quoted(out, (const char *)sqlite3_column_text(q, column));
        break;
    }
}

static void add_row(struct mp_buf *out, const struct mp_store_table *t, sqlite3_stmt *q) {
    mp_buf_addf(out, "INSERT INTO %s VALUES(", t->name);
    for (int i = 0; i < sqlite3_column_count(q); i++) {
        mp_buf_add(out, i > 0 ? "," : "");
        add_value(out, q, i);
    }
    mp_buf_add(out, ");\n");
}

static bool add_table(struct mp_store *s, const struct mp_store_table *t, struct mp_buf *out, struct mp_err *err) {
    struct mp_buf sql = {0};
    sqlite3_stmt *q = NULL;
    int code;
    mp_buf_addf(&sql, "SELECT * FROM %s ORDER BY 1", t->name);
    for (size_t i = 1; i < t->keys; i++)
        mp_buf_addf(&sql, ", %zu", i + 1);
    const bool made = mp_store_statement(s, &q, sql.text, err) != NULL;
    mp_buf_finish(&sql);
    if (!made)
        return false;
    while ((code = sqlite3_step(q)) == SQLITE_ROW)
        add_row(out, t, q);
    if (code != SQLITE_DONE)
        mp_store_fail(s, err);
    sqlite3_finalize(q);
    return code == SQLITE_DONE;
}

bool mp_store_text(struct mp_store *s, struct mp_buf *out, struct mp_err *err) {
    for (size_t t = 0; t < MP_TABLES; t++)
        if (!add_table(s, &mp_store_tables[t], out, err))
            return false;
    return true;
}
