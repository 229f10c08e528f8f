// SPDX-License-Identifier: Apache-2.0
// An open store and its prepared statements. Internal to store_*.c, merge.c and query*.c.
#ifndef SIM_EXPLORE_STORE_FILE_H
#define SIM_EXPLORE_STORE_FILE_H

#include "sim/explore/store.h"
#include "sim/explore/store_schema.h"

enum mp_store_read {
    MP_READ_DESIGN,
    MP_READ_POINTS,
    MP_READ_SWEEPS,
    MP_READ_SWEEP_NETWORKS,
    MP_READ_SHARDS,
    MP_READ_RESULT,
    MP_READS
};

struct mp_store {
    sqlite3 *db;
    struct mp_arena arena;
    const char *path;
    bool write, begun;
    sqlite3_stmt *insert[MP_TABLES], *other[MP_TABLES], *read[MP_READS]; // made when first used
};

// The statement in *slot, reset, made from `sql` when it is not there yet; NULL: error.
sqlite3_stmt *mp_store_statement(struct mp_store *s, sqlite3_stmt **slot, const char *sql, struct mp_err *err);
bool mp_store_exec(struct mp_store *s, const char *sql, struct mp_err *err);
bool mp_store_fail(struct mp_store *s, struct mp_err *err); // what SQLite says; rolls back

// Binds a row of a table to a statement whose parameters are the table's columns.
typedef void mp_store_bind(sqlite3_stmt *to, const void *row);
// *column: the first in which the row that is there with the same key is another; NULL: none is there, or an equal one.
bool mp_store_other(struct mp_store *s, enum mp_store_table_id table, mp_store_bind *bind, const void *row, const char **column,
                    struct mp_err *err);
// Adds a row, unless one is there with the same key: then *other is as above.
bool mp_store_try(struct mp_store *s, enum mp_store_table_id table, mp_store_bind *bind, const void *row, const char **other,
                  struct mp_err *err);

// Sweeps of which all shards of some n are complete get 0 of 1 for them.
bool mp_store_join_shards(struct mp_store *s, struct mp_err *err);

#endif
