// SPDX-License-Identifier: Apache-2.0
// Opening and closing a store, transactions, prepared statements. The journal is SQLite's rollback journal: it needs no memory
// that processes share, which file systems over a network lack, and it is gone between transactions, so that a store is one file.
// Each commit is flushed to the disk before it counts.
#include "sim/explore/store_file.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WAIT_MS 60000 // for another process's transaction

static const char settings[] = "PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                               "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -131072; PRAGMA secure_delete = OFF;";

bool mp_store_fail(struct mp_store *s, struct mp_err *err) {
    mp_sqlite_fail(s->db, s->path, err);
    s->begun = false;
    return false;
}

bool mp_store_exec(struct mp_store *s, const char *sql, struct mp_err *err) {
    return sqlite3_exec(s->db, sql, NULL, NULL, NULL) == SQLITE_OK || mp_store_fail(s, err);
}

sqlite3_stmt *mp_store_statement(struct mp_store *s, sqlite3_stmt **slot, const char *sql, struct mp_err *err) {
    if (*slot) {
        sqlite3_reset(*slot);
    } else if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, slot, NULL) != SQLITE_OK) {
        mp_store_fail(s, err);
        *slot = NULL;
    }
    return *slot;
}

// The journal lies beside the file.
static bool check_folder(const char *path, struct mp_err *err) {
    const char *slash = strrchr(path, '/');
    struct mp_arena a = {0};
    const char *folder = slash ? mp_arena_printf(&a, "%.*s", (int)(slash - path) + (slash == path), path) : ".";
    const bool ok = access(folder, W_OK | X_OK) == 0;
    if (!ok)
        mp_fail(err, "%s: its folder cannot be written (%s)", path, strerror(errno));
    mp_arena_finish(&a);
    return ok;
}

// What the file system says, in its own words; SQLite only knows that it could not open the file.
static bool check_path(const char *path, bool write, struct mp_err *err) {
    struct stat st;
    if (stat(path, &st) != 0)
        return write && errno == ENOENT ? check_folder(path, err) : mp_fail(err, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return mp_fail(err, "%s: is no store of an exploration (%s)", path,
                       S_ISDIR(st.st_mode) ? "a directory" : "not a regular file");
    if (access(path, write ? R_OK | W_OK : R_OK) != 0)
        return mp_fail(err, "%s: cannot be %s (%s)", path, write ? "written" : "read", strerror(errno));
    if (write)
        return check_folder(path, err);
    return st.st_size > 0 || mp_fail(err, "%s: is no store of an exploration (empty)", path);
}

static bool open_file(struct mp_store *s, bool write, struct mp_err *err) {
    const int flags = (write ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
    sqlite3_close(s->db);
    s->write = write;
    if (sqlite3_open_v2(s->path, &s->db, flags, NULL) != SQLITE_OK) {
        if (!s->db)
            mp_out_of_memory();
        return mp_sqlite_fail(s->db, s->path, err);
    }
    sqlite3_busy_timeout(s->db, WAIT_MS);
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    return true;
}

static bool prepare_file(struct mp_store *s, enum mp_store_state *state, struct mp_err *err) {
    if (!mp_store_state(s->db, s->path, mp_store_step_count, state, err))
        return false;
    return !s->write || *state == MP_STORE_CURRENT || mp_store_migrate(s->db, s->path, mp_store_steps, mp_store_step_count, err);
}

// A reader can neither roll back what a killed process left nor migrate: then the file is opened for writing first.
static bool open_reading(struct mp_store *s, struct mp_err *err) {
    enum mp_store_state state = MP_STORE_CURRENT;
    if (!open_file(s, false, err))
        return false;
    const bool ok = prepare_file(s, &state, err);
    if (!ok && (sqlite3_extended_errcode(s->db) & 0xff) != SQLITE_READONLY && sqlite3_errcode(s->db) != SQLITE_CANTOPEN)
        return false;
    if (ok && state == MP_STORE_EMPTY)
        return mp_fail(err, "%s: is no store of an exploration (empty)", s->path);
    return (ok && state == MP_STORE_CURRENT) ||
           (open_file(s, true, err) && prepare_file(s, &state, err) && open_file(s, false, err));
}

bool mp_store_open(struct mp_store **out, const char *path, bool write, struct mp_err *err) {
    enum mp_store_state state;
    if (!check_path(path, write, err))
        return false;
    struct mp_arena arena = {0};
    struct mp_store *s = mp_arena_alloc(&arena, 1, sizeof *s);
    s->path = mp_arena_strdup(&arena, path);
    s->arena = arena;
    if (!(write ? open_file(s, true, err) && prepare_file(s, &state, err) : open_reading(s, err)) ||
        !mp_store_exec(s, settings, err)) {
        mp_store_close(s);
        return false;
    }
    *out = s;
    return true;
}

static void finalize(sqlite3_stmt **list, size_t count) {
    for (size_t i = 0; i < count; i++)
        sqlite3_finalize(list[i]);
}

void mp_store_close(struct mp_store *s) {
    if (!s)
        return;
    finalize(s->insert, MP_TABLES);
    finalize(s->other, MP_TABLES);
    finalize(s->read, MP_READS);
    sqlite3_close(s->db); // rolls back
    struct mp_arena arena = s->arena; // holds *s
    mp_arena_finish(&arena);
}

const char *mp_store_path(const struct mp_store *s) {
    return s->path;
}

bool mp_store_begin(struct mp_store *s, struct mp_err *err) {
    assert(s->write && !s->begun);
    if (!mp_store_exec(s, "BEGIN IMMEDIATE", err))
        return false;
    s->begun = true;
    return true;
}

bool mp_store_commit(struct mp_store *s, struct mp_err *err) {
    assert(s->begun);
    if (!mp_store_exec(s, "COMMIT", err))
        return false;
    s->begun = false;
    return true;
}
