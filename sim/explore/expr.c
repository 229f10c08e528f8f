// SPDX-License-Identifier: Apache-2.0
// An expression is a prepared statement on a database in memory: its text in a SELECT whose names are parameters. It was compiled
// over a table of the names first (expr_check.c), which tells what is wrong with it and which names it reads.
#include "sim/explore/expr.h"

#include "sim/base/arena.h"
#include "sim/base/str.h"
#include "sim/explore/expr_check.h"

#include <math.h>
#include <sqlite3.h>
#include <string.h>

struct mp_expr {
    struct mp_arena arena;
    sqlite3 *db;
    sqlite3_stmt *value;
    const char *text;
    bool *uses;
    size_t *used; // parameter i + 1 is name used[i]
    size_t used_count;
};

static void prepare(struct mp_expr *e, const char *const *names) {
    struct mp_buf sql = {0};
    mp_buf_addf(&sql, "SELECT (%s\n) FROM (SELECT 0", e->text);
    for (size_t i = 0; i < e->used_count; i++)
        mp_buf_addf(&sql, ", ?%zu AS \"%s\"", i + 1, names[e->used[i]]);
    mp_buf_add(&sql, ") AS mp_names");
    if (sqlite3_prepare_v3(e->db, sql.text, -1, SQLITE_PREPARE_PERSISTENT, &e->value, NULL) != SQLITE_OK)
        mp_out_of_memory(); // it compiled before
    mp_buf_finish(&sql);
}

bool mp_expr_create(struct mp_expr **out, const char *text, const char *const *names, struct mp_err *err) {
    struct mp_arena arena = {0};
    size_t count = 0;
    while (names[count])
        count++;
    bool *uses = mp_arena_alloc(&arena, count, sizeof *uses);
    if (!mp_expr_check(text, names, uses, err)) {
        mp_arena_finish(&arena);
        return false;
    }
    struct mp_expr *e = mp_arena_alloc(&arena, 1, sizeof *e);
    e->text = mp_arena_strdup(&arena, text);
    e->uses = uses;
    e->used = mp_arena_alloc(&arena, count, sizeof *e->used);
    for (size_t i = 0; i < count; i++)
        if (uses[i])
            e->used[e->used_count++] = i;
    if (sqlite3_open_v2(":memory:", &e->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        mp_out_of_memory();
    sqlite3_db_config(e->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    prepare(e, names);
    e->arena = arena;
    *out = e;
    return true;
}

void mp_expr_destroy(struct mp_expr *e) {
    if (!e)
        return;
    sqlite3_finalize(e->value);
    sqlite3_close(e->db);
    struct mp_arena arena = e->arena; // holds *e
    mp_arena_finish(&arena);
}

bool mp_expr_value(struct mp_expr *e, const double *values, double *out, struct mp_err *err) {
    for (size_t i = 0; i < e->used_count; i++)
        sqlite3_bind_double(e->value, (int)i + 1, values[e->used[i]]); // NaN is NULL
    const bool ok = sqlite3_step(e->value) == SQLITE_ROW;
    if (ok) {
        const int type = sqlite3_column_type(e->value, 0);
        *out = type == SQLITE_INTEGER || type == SQLITE_FLOAT ? sqlite3_column_double(e->value, 0) : NAN;
    } else {
        mp_fail(err, "expression \"%s\": %s", e->text, sqlite3_errmsg(e->db)); // integer overflow, a bad argument
    }
    sqlite3_reset(e->value);
    return ok;
}

bool mp_expr_uses(const struct mp_expr *e, size_t name) {
    return e->uses[name];
}
