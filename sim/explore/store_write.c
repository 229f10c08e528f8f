// SPDX-License-Identifier: Apache-2.0
// Adding rows. A row whose key is there already must be equal in all its columns.
#include "sim/explore/store_file.h"

#include "sim/base/jsonw.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

// Statements from a table's columns

static size_t count_columns(const struct mp_store_table *t) {
    size_t n = 0;
    while (t->columns[n])
        n++;
    return n;
}

static sqlite3_stmt *insert_of(struct mp_store *s, enum mp_store_table_id table, struct mp_err *err) {
    const struct mp_store_table *t = &mp_store_tables[table];
    struct mp_buf sql = {0};
    if (s->insert[table])
        return mp_store_statement(s, &s->insert[table], NULL, err);
    mp_buf_addf(&sql, "INSERT INTO %s VALUES (?1", t->name);
    for (size_t i = 1; i < count_columns(t); i++)
        mp_buf_addf(&sql, ", ?%zu", i + 1);
    mp_buf_add(&sql, ") ON CONFLICT DO NOTHING");
    sqlite3_stmt *made = mp_store_statement(s, &s->insert[table], sql.text, err);
    mp_buf_finish(&sql);
    return made;
}

// The name of the first column that is other than what is bound; NULL: none.
static sqlite3_stmt *other_of(struct mp_store *s, enum mp_store_table_id table, struct mp_err *err) {
    const struct mp_store_table *t = &mp_store_tables[table];
    struct mp_buf sql = {0};
    if (s->other[table])
        return mp_store_statement(s, &s->other[table], NULL, err);
    mp_buf_add(&sql, "SELECT CASE WHEN 0 THEN ''");
    for (size_t i = t->keys; i < count_columns(t); i++)
        mp_buf_addf(&sql, " WHEN %s IS NOT ?%zu THEN '%s'", t->columns[i], i + 1, t->columns[i]);
    mp_buf_addf(&sql, " END FROM %s WHERE %s = ?1", t->name, t->columns[0]);
    for (size_t i = 1; i < t->keys; i++)
        mp_buf_addf(&sql, " AND %s = ?%zu", t->columns[i], i + 1);
    sqlite3_stmt *made = mp_store_statement(s, &s->other[table], sql.text, err);
    mp_buf_finish(&sql);
    return made;
}

static void roll_back(struct mp_store *s) {
    sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
    s->begun = false;
}

bool mp_store_other(struct mp_store *s, enum mp_store_table_id table, mp_store_bind *bind, const void *row, const char **column,
                    struct mp_err *err) {
    sqlite3_stmt *other = other_of(s, table, err);
    *column = NULL;
    if (!other)
        return false;
    bind(other, row);
    const int code = sqlite3_step(other);
    const char *name = code == SQLITE_ROW ? (const char *)sqlite3_column_text(other, 0) : NULL;
    for (size_t i = 0; name && mp_store_tables[table].columns[i]; i++)
        if (strcmp(mp_store_tables[table].columns[i], name) == 0)
            *column = mp_store_tables[table].columns[i];
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        mp_store_fail(s, err);
    sqlite3_reset(other);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

bool mp_store_try(struct mp_store *s, enum mp_store_table_id table, mp_store_bind *bind, const void *row, const char **other,
                  struct mp_err *err) {
    assert(s->begun);
    sqlite3_stmt *insert = insert_of(s, table, err);
    *other = NULL;
    if (!insert)
        return false;
    bind(insert, row);
    const bool done = sqlite3_step(insert) == SQLITE_DONE;
    if (!done)
        mp_store_fail(s, err);
    sqlite3_reset(insert);
    return done && (sqlite3_changes(s->db) > 0 || mp_store_other(s, table, bind, row, other, err));
}

static bool put(struct mp_store *s, enum mp_store_table_id table, mp_store_bind *bind, const void *row, struct mp_err *err) {
    const char *other;
    if (!mp_store_try(s, table, bind, row, &other, err))
        return false;
    if (!other)
        return true;
    roll_back(s);
    return mp_fail(err, "%s: table %s holds another %s for the same key: a damaged file, or a collision of hashes", s->path,
                   mp_store_tables[table].name, other);
}

// Rows

static void text(sqlite3_stmt *to, int at, const char *value) {
    sqlite3_bind_text(to, at, value, -1, SQLITE_STATIC); // NULL for NULL
}

static void bind_base(sqlite3_stmt *to, const void *row) {
    const struct mp_store_base *b = row;
    sqlite3_bind_int64(to, 1, b->base);
    text(to, 2, b->name);
    text(to, 3, b->tech);
    text(to, 4, b->arch);
}

bool mp_store_add_base(struct mp_store *s, const struct mp_store_base *b, struct mp_err *err) {
    return put(s, MP_TABLE_BASE, bind_base, b, err);
}

static void bind_network(sqlite3_stmt *to, const void *row) {
    const struct mp_store_network *n = row;
    sqlite3_bind_int64(to, 1, n->network);
    text(to, 2, n->name);
    text(to, 3, n->workload);
    text(to, 4, n->plan);
}

bool mp_store_add_network(struct mp_store *s, const struct mp_store_network *n, struct mp_err *err) {
    return put(s, MP_TABLE_NETWORK, bind_network, n, err);
}

struct sweep_row {
    const struct mp_store_sweep *sweep;
    const char *objectives;
};

static void bind_sweep(sqlite3_stmt *to, const void *row) {
    const struct sweep_row *r = row;
    sqlite3_bind_int64(to, 1, r->sweep->sweep);
    text(to, 2, r->sweep->name);
    text(to, 3, r->sweep->space);
    text(to, 4, r->objectives);
    sqlite3_bind_int64(to, 5, (sqlite3_int64)r->sweep->points);
}

struct sweep_network_row {
    const struct mp_store_sweep *sweep;
    size_t i;
};

static void bind_sweep_network(sqlite3_stmt *to, const void *row) {
    const struct sweep_network_row *r = row;
    sqlite3_bind_int64(to, 1, r->sweep->sweep);
    sqlite3_bind_int64(to, 2, (sqlite3_int64)r->i);
    sqlite3_bind_int64(to, 3, r->sweep->networks[r->i]);
    sqlite3_bind_double(to, 4, r->sweep->weights ? r->sweep->weights[r->i] : 1);
}

static char *objectives_of(const struct mp_store_sweep *w, struct mp_buf *out) {
    struct mp_jsonw json;
    mp_jsonw_init(&json, out);
    mp_jsonw_open(&json, '[', true);
    for (size_t i = 0; i < w->objective_count; i++)
        mp_jsonw_string(&json, w->objectives[i]);
    mp_jsonw_close(&json, ']');
    out->text[strcspn(out->text, "\n")] = '\0';
    return out->text;
}

bool mp_store_add_sweep(struct mp_store *s, const struct mp_store_sweep *w, struct mp_err *err) {
    struct mp_buf objectives = {0};
    bool ok = put(s, MP_TABLE_SWEEP, bind_sweep, &(struct sweep_row){w, objectives_of(w, &objectives)}, err);
    for (size_t i = 0; ok && i < w->network_count; i++)
        ok = put(s, MP_TABLE_SWEEP_NETWORK, bind_sweep_network, &(struct sweep_network_row){w, i}, err);
    mp_buf_finish(&objectives);
    return ok;
}

static void bind_design(sqlite3_stmt *to, const void *row) {
    const struct mp_store_design *d = row;
    sqlite3_bind_int64(to, 1, d->design);
    sqlite3_bind_int64(to, 2, d->base);
    text(to, 3, d->values);
    sqlite3_bind_double(to, 4, d->area_mm2); // NaN becomes NULL
}

bool mp_store_add_design(struct mp_store *s, const struct mp_store_design *d, struct mp_err *err) {
    return put(s, MP_TABLE_DESIGN, bind_design, d, err);
}

static void bind_result(sqlite3_stmt *to, const void *row) {
    const struct mp_store_result *r = row;
    sqlite3_bind_int64(to, 1, r->design);
    sqlite3_bind_int64(to, 2, r->network);
    for (int i = 0; i < MP_STORE_COLUMNS; i++)
        if (mp_store_columns[i].integer)
            sqlite3_bind_int64(to, i + 3, (sqlite3_int64)r->values[i].u);
        else
            sqlite3_bind_double(to, i + 3, r->values[i].d);
    text(to, MP_STORE_COLUMNS + 3, r->plan);
}

bool mp_store_add_result(struct mp_store *s, const struct mp_store_result *r, struct mp_err *err) {
    for (size_t i = 0; i < MP_STORE_COLUMNS; i++)
        if (mp_store_columns[i].integer && r->values[i].u > INT64_MAX) {
            roll_back(s);
            return mp_fail(err, "%s: %s must be below 2^63 (got %" PRIu64 ")", s->path, mp_store_columns[i].name, r->values[i].u);
        }
    return put(s, MP_TABLE_RESULT, bind_result, r, err);
}

static void bind_point(sqlite3_stmt *to, const void *row) {
    const struct mp_store_point *p = row;
    sqlite3_bind_int64(to, 1, p->sweep);
    sqlite3_bind_int64(to, 2, (sqlite3_int64)p->index);
    sqlite3_bind_int64(to, 3, p->design);
    text(to, 4, mp_point_status_names[p->status]);
    text(to, 5, p->reason);
}

bool mp_store_add_point(struct mp_store *s, const struct mp_store_point *p, struct mp_err *err) {
    assert((p->reason == NULL) == (p->status == MP_POINT_EVALUATED));
    return put(s, MP_TABLE_POINT, bind_point, p, err);
}

// Shards

static const char drop_others[] = // once one is 0 of 1
    "DELETE FROM shard WHERE n > 1 AND sweep IN (SELECT sweep FROM shard WHERE n = 1)";
static const char join_all[] =
    "INSERT INTO shard SELECT sweep, 1, 0 FROM shard GROUP BY sweep, n HAVING count(*) = n ON CONFLICT DO NOTHING";

struct shard_row {
    int64_t sweep;
    unsigned i, n;
};

static void bind_shard(sqlite3_stmt *to, const void *row) {
    const struct shard_row *r = row;
    sqlite3_bind_int64(to, 1, r->sweep);
    sqlite3_bind_int64(to, 2, r->n);
    sqlite3_bind_int64(to, 3, r->i);
}

bool mp_store_join_shards(struct mp_store *s, struct mp_err *err) {
    return mp_store_exec(s, join_all, err) && mp_store_exec(s, drop_others, err);
}

bool mp_store_add_done(struct mp_store *s, int64_t sweep, unsigned i, unsigned n, struct mp_err *err) {
    assert(i < n);
    return put(s, MP_TABLE_SHARD, bind_shard, &(struct shard_row){sweep, i, n}, err) && mp_store_join_shards(s, err);
}
