// SPDX-License-Identifier: Apache-2.0
// The tables of a store, and how files of earlier versions become ones of today. Internal to store_*.c, merge.c and tests.
#ifndef SIM_EXPLORE_STORE_SCHEMA_H
#define SIM_EXPLORE_STORE_SCHEMA_H

#include "sim/base/err.h"

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

#define MP_STORE_APPLICATION 0x6d707374 // PRAGMA application_id: "mpst"
#define MP_STORE_TABLE_COLUMNS 34       // at most, NULL included

enum mp_store_table_id {
    MP_TABLE_BASE,
    MP_TABLE_NETWORK,
    MP_TABLE_SWEEP,
    MP_TABLE_SWEEP_NETWORK,
    MP_TABLE_DESIGN,
    MP_TABLE_RESULT,
    MP_TABLE_POINT,
    MP_TABLE_SHARD,
    MP_TABLES
};
// In an order in which rows refer to tables before theirs.
struct mp_store_table {
    const char *name;
    size_t keys;                                 // of the columns, the first
    const char *columns[MP_STORE_TABLE_COLUMNS]; // NULL-terminated
};
extern const struct mp_store_table mp_store_tables[MP_TABLES];

// steps[v]: SQL that makes a file of version v one of version v + 1. Version 0 is an empty file.
extern const char *const mp_store_steps[];
extern const size_t mp_store_step_count; // MP_STORE_VERSION

// What a file is.
enum mp_store_state {
    MP_STORE_EMPTY,   // no store, nothing else
    MP_STORE_EARLIER, // of a version below `latest`
    MP_STORE_CURRENT,
};
// Errors: no SQLite file, somebody else's, a later version.
bool mp_store_state(sqlite3 *db, const char *path, size_t latest, enum mp_store_state *state, struct mp_err *err);
// Brings the file to version `count` in one transaction. Two processes may try at once.
bool mp_store_migrate(sqlite3 *db, const char *path, const char *const *steps, size_t count, struct mp_err *err);

// "PATH: what SQLite's last error on `db` means"; rolls back an open transaction; returns false.
bool mp_sqlite_fail(sqlite3 *db, const char *path, struct mp_err *err);

#endif
