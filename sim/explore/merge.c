// SPDX-License-Identifier: Apache-2.0
// Rows are copied table by table in one transaction. A new store is written beside its name and renamed.
#include "sim/explore/merge.h"

#include "sim/explore/store_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ROWS_BETWEEN 1024 // asking whether to stop

struct merge {
    const char *out, *const *in;
    size_t count, at;     // the input that is copied
    struct mp_store *to;
    bool (*stopped)(void);
    bool interrupted, is_new;
    uint64_t rows;
};

static void bind_row(sqlite3_stmt *to, const void *row) {
    sqlite3_stmt *from = (sqlite3_stmt *)(uintptr_t)row; // SQLite's calls take no const
    for (int i = 0; i < sqlite3_column_count(from); i++)
        sqlite3_bind_value(to, i + 1, sqlite3_column_value(from, i));
}

// Which file brought the row that is another: an earlier input, or what was there.
static const char *holder(const struct merge *m, enum mp_store_table_id table, sqlite3_stmt *row) {
    for (size_t i = 0; i < m->at; i++) {
        struct mp_store *s;
        struct mp_err err;
        const char *column = NULL;
        if (!mp_store_open(&s, m->in[i], false, &err))
            continue;
        const bool found = mp_store_other(s, table, bind_row, row, &column, &err) && column;
        mp_store_close(s);
        if (found)
            return m->in[i];
    }
    return m->out;
}

static bool copy_row(struct merge *m, enum mp_store_table_id table, sqlite3_stmt *row, struct mp_err *err) {
    const char *other;
    if (!mp_store_try(m->to, table, bind_row, row, &other, err))
        return false;
    m->interrupted = ++m->rows % ROWS_BETWEEN == 0 && m->stopped && m->stopped();
    return !other || mp_fail(err, "%s: table %s has another %s than %s for the same key", m->in[m->at], mp_store_tables[table].name,
                             other, holder(m, table, row));
}

static bool copy_table(struct merge *m, struct mp_store *from, enum mp_store_table_id table, struct mp_err *err) {
    char sql[64];
    sqlite3_stmt *q = NULL;
    int code = SQLITE_ROW;
    bool ok = true;
    snprintf(sql, sizeof sql, "SELECT * FROM %s", mp_store_tables[table].name);
    if (!mp_store_statement(from, &q, sql, err))
        return false;
    while (ok && !m->interrupted && (code = sqlite3_step(q)) == SQLITE_ROW)
        ok = copy_row(m, table, q, err);
    if (ok && code != SQLITE_DONE && code != SQLITE_ROW)
        ok = mp_store_fail(from, err);
    sqlite3_finalize(q);
    return ok;
}

static bool copy_file(struct merge *m, struct mp_err *err) {
    struct mp_store *from;
    if (!mp_store_open(&from, m->in[m->at], false, err))
        return false;
    bool ok = mp_store_exec(from, "BEGIN", err); // one state of it, whoever writes meanwhile
    for (int t = 0; ok && !m->interrupted && t < MP_TABLES; t++)
        ok = copy_table(m, from, (enum mp_store_table_id)t, err);
    mp_store_close(from);
    return ok;
}

static bool copy_all(struct merge *m, const char *path, struct mp_err *err) {
    if (!mp_store_open(&m->to, path, true, err))
        return false;
    bool ok = mp_store_begin(m->to, err);
    for (m->at = 0; ok && !m->interrupted && m->at < m->count; m->at++)
        ok = copy_file(m, err);
    ok = ok && (m->interrupted || (mp_store_join_shards(m->to, err) && mp_store_commit(m->to, err)));
    mp_store_close(m->to); // what is not committed is gone
    return ok;
}

static bool same_file(const char *a, const char *b) {
    struct stat x, y;
    return stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static bool copy_new(struct merge *m, struct mp_err *err) {
    char path[4096], journal[4096 + 8];
    if ((size_t)snprintf(path, sizeof path, "%s.tmp.%d", m->out, (int)getpid()) >= sizeof path)
        return mp_fail(err, "%s: %s", m->out, strerror(ENAMETOOLONG));
    snprintf(journal, sizeof journal, "%s-journal", path);
    bool ok = copy_all(m, path, err);
    if (!ok && strncmp(err->text, path, strlen(path)) == 0) // the user knows it by the other name
        mp_fail(err, "%s%s", m->out, err->text + strlen(path));
    if (ok && !m->interrupted && rename(path, m->out) != 0)
        ok = mp_fail(err, "%s: cannot write: %s", m->out, strerror(errno));
    if (!ok || m->interrupted) {
        unlink(path);
        unlink(journal);
    }
    return ok;
}

bool mp_store_merge(const char *out, const char *const *in, size_t count, bool (*stopped)(void), bool *interrupted,
                    struct mp_err *err) {
    struct merge m = {.out = out, .in = in, .count = count, .stopped = stopped};
    for (size_t i = 0; i < count; i++)
        if (same_file(out, in[i]))
            return mp_fail(err, "%s: is among the stores that are merged into it", out);
    const bool ok = access(out, F_OK) == 0 ? copy_all(&m, out, err) : copy_new(&m, err);
    *interrupted = ok && m.interrupted;
    return ok;
}

// Shards

static unsigned shards_of(const struct mp_store_shard *done, size_t count) {
    unsigned n = 0;
    size_t most = 0;
    for (size_t i = 0; i < count; i++) {
        size_t same = 0;
        for (size_t k = 0; k < count; k++)
            same += done[k].n == done[i].n;
        if (same > most)
            most = same, n = done[i].n;
    }
    return n;
}

bool mp_store_find_missing(struct mp_store *s, int64_t sweep, struct mp_arena *a, struct mp_store_missing *out, struct mp_err *err) {
    struct mp_store_shard *done;
    size_t count;
    if (!mp_store_done(s, sweep, a, &done, &count, err))
        return false;
    *out = (struct mp_store_missing){.n = shards_of(done, count)};
    bool *there = mp_arena_alloc(a, out->n, sizeof *there);
    unsigned *missing = mp_arena_alloc(a, out->n, sizeof *missing);
    for (size_t i = 0; i < count; i++)
        if (done[i].n == out->n)
            there[done[i].i] = true;
    for (unsigned i = 0; i < out->n; i++)
        if (!there[i])
            missing[out->count++] = i;
    out->at = missing;
    return true;
}

void mp_store_missing_text(const struct mp_store_missing *m, struct mp_buf *out) {
    for (size_t i = 0, end; i < m->count; i = end) {
        for (end = i + 1; end < m->count && m->at[end] == m->at[end - 1] + 1;)
            end++;
        mp_buf_addf(out, "%s%u", i > 0 ? "," : "", m->at[i]);
        if (end - i > 1)
            mp_buf_addf(out, "-%u", m->at[end - 1]);
    }
}
