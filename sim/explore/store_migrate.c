// SPDX-License-Identifier: Apache-2.0
// Whether a file is a store, and of which version; from version to version; what SQLite's errors mean.
#include "sim/explore/store_schema.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *meaning(sqlite3 *db, char text[256]) {
    const int code = sqlite3_extended_errcode(db), number = sqlite3_system_errno(db);
    const char *reason = number ? strerror(number) : sqlite3_errmsg(db);
    switch (code & 0xff) {
    case SQLITE_FULL:
        return "no space left on the disk";
    case SQLITE_NOTADB:
        return "is no store of an exploration (not an SQLite file)";
    case SQLITE_CORRUPT:
        return "is damaged (SQLite: database disk image is malformed)";
    case SQLITE_BUSY:
        return "another process has been writing to it for a minute";
    case SQLITE_READONLY:
        return code == SQLITE_READONLY_DIRECTORY || code == SQLITE_READONLY_CANTINIT || code == SQLITE_READONLY_ROLLBACK
                   ? "its folder cannot be written"
                   : "cannot be written (read-only)";
    case SQLITE_CANTOPEN:
        snprintf(text, 256, "cannot be opened (%s)", reason);
        return text;
    case SQLITE_IOERR:
        if (code == SQLITE_IOERR_WRITE)
            return "cannot be written (an error of the disk, or a limit on the size of files)";
        snprintf(text, 256, "reading or writing failed (%s)", reason);
        return text;
    case SQLITE_NOMEM:
        return "not enough memory";
    case SQLITE_CONSTRAINT:
        snprintf(text, 256, "a row breaks a rule of the store (%s)", sqlite3_errmsg(db));
        return text;
    default:
        return sqlite3_errmsg(db);
    }
}

bool mp_sqlite_fail(sqlite3 *db, const char *path, struct mp_err *err) {
    char text[256];
    mp_fail(err, "%s: %s", path, meaning(db, text));
    if (!sqlite3_get_autocommit(db))
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return false;
}

// One integer that a query gives.
static bool number(sqlite3 *db, const char *path, const char *sql, sqlite3_int64 *out, struct mp_err *err) {
    sqlite3_stmt *s = NULL;
    const bool ok = sqlite3_prepare_v2(db, sql, -1, &s, NULL) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
    *out = ok ? sqlite3_column_int64(s, 0) : 0;
    if (!ok)
        mp_sqlite_fail(db, path, err);
    sqlite3_finalize(s);
    return ok;
}

bool mp_store_state(sqlite3 *db, const char *path, size_t latest, enum mp_store_state *state, struct mp_err *err) {
    sqlite3_int64 application, version, things;
    // As of one moment: another process may be making the store.
    const bool own = sqlite3_get_autocommit(db);
    if (own && sqlite3_exec(db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
        return mp_sqlite_fail(db, path, err);
    if (!number(db, path, "SELECT count(*) FROM sqlite_schema", &things, err) ||
        !number(db, path, "PRAGMA application_id", &application, err) || !number(db, path, "PRAGMA user_version", &version, err))
        return false;
    if (own && sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) != SQLITE_OK)
        return mp_sqlite_fail(db, path, err);
    *state = MP_STORE_EMPTY;
    if (application == 0 && version == 0 && things == 0)
        return true;
    if (application != MP_STORE_APPLICATION)
        return mp_fail(err, "%s: is no store of an exploration (an SQLite file of another program, application_id %lld)", path,
                       (long long)application);
    if (version > (sqlite3_int64)latest)
        return mp_fail(err, "%s: has version %lld of the store, this program reads up to version %zu", path, (long long)version,
                       latest);
    if (version < 1)
        return mp_fail(err, "%s: is damaged (version %lld of the store)", path, (long long)version);
    *state = version < (sqlite3_int64)latest ? MP_STORE_EARLIER : MP_STORE_CURRENT;
    return true;
}

static bool take_steps(sqlite3 *db, const char *path, const char *const *steps, size_t count, struct mp_err *err) {
    enum mp_store_state state;
    sqlite3_int64 version;
    char end[96];
    if (!mp_store_state(db, path, count, &state, err) || !number(db, path, "PRAGMA user_version", &version, err))
        return false;
    for (size_t v = (size_t)version; v < count; v++)
        if (sqlite3_exec(db, steps[v], NULL, NULL, NULL) != SQLITE_OK)
            return mp_sqlite_fail(db, path, err);
    snprintf(end, sizeof end, "PRAGMA application_id = %d; PRAGMA user_version = %zu", MP_STORE_APPLICATION, count);
    return sqlite3_exec(db, end, NULL, NULL, NULL) == SQLITE_OK || mp_sqlite_fail(db, path, err);
}

bool mp_store_migrate(sqlite3 *db, const char *path, const char *const *steps, size_t count, struct mp_err *err) {
    assert(sqlite3_get_autocommit(db));
    if (sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL) != SQLITE_OK)
        return mp_sqlite_fail(db, path, err);
    if (!take_steps(db, path, steps, count, err)) {
        if (!sqlite3_get_autocommit(db))
            sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        return false;
    }
    return sqlite3_exec(db, "COMMIT", NULL, NULL, NULL) == SQLITE_OK || mp_sqlite_fail(db, path, err);
}
