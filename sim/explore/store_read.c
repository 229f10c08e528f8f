// SPDX-License-Identifier: Apache-2.0
// Reading rows by key, and in order.
#include "sim/explore/store_file.h"

#include "sim/base/json.h"

#include <math.h>
#include <string.h>

static const char *const statements[MP_READS] = {
    [MP_READ_DESIGN] = "SELECT base, axis_values, area_mm2 FROM design WHERE design = ?1",
    [MP_READ_POINTS] = "SELECT position, design, status, reason FROM point WHERE sweep = ?1 AND position >= ?2 ORDER BY position",
    [MP_READ_SWEEPS] = "SELECT sweep, name, space, objectives, points FROM sweep ORDER BY name, sweep",
    [MP_READ_SWEEP_NETWORKS] = "SELECT network, weight FROM sweep_network WHERE sweep = ?1 ORDER BY position",
    [MP_READ_SHARDS] = "SELECT i, n FROM shard WHERE sweep = ?1 ORDER BY i, n",
    [MP_READ_RESULT] = "SELECT * FROM result WHERE design = ?1 AND network = ?2",
};

static sqlite3_stmt *reading(struct mp_store *s, enum mp_store_read which, struct mp_err *err) {
    return mp_store_statement(s, &s->read[which], statements[which], err);
}

// Resets the statement, so that no lock is held; false when reading ended in an error.
static bool ended(struct mp_store *s, sqlite3_stmt *q, int code, struct mp_err *err) {
    const bool ok = code == SQLITE_DONE || code == SQLITE_ROW;
    if (!ok)
        mp_store_fail(s, err);
    sqlite3_reset(q);
    return ok;
}

static double real(sqlite3_stmt *q, int column) {
    return sqlite3_column_type(q, column) == SQLITE_NULL ? NAN : sqlite3_column_double(q, column);
}

static const char *text(sqlite3_stmt *q, int column) {
    return (const char *)sqlite3_column_text(q, column);
}

bool mp_store_find_result(struct mp_store *s, int64_t design, int64_t network, union mp_store_value values[MP_STORE_COLUMNS],
                          bool *found, struct mp_err *err) {
    sqlite3_stmt *q = reading(s, MP_READ_RESULT, err);
    if (!q)
        return false;
    sqlite3_bind_int64(q, 1, design);
    sqlite3_bind_int64(q, 2, network);
    const int code = sqlite3_step(q);
    *found = code == SQLITE_ROW;
    for (int i = 0; *found && i < MP_STORE_COLUMNS; i++)
        if (mp_store_columns[i].integer)
            values[i].u = (uint64_t)sqlite3_column_int64(q, i + 2);
        else
            values[i].d = real(q, i + 2);
    return ended(s, q, code, err);
}

bool mp_store_find_design(struct mp_store *s, int64_t design, struct mp_arena *a, struct mp_store_design *out, bool *found,
                          struct mp_err *err) {
    sqlite3_stmt *q = reading(s, MP_READ_DESIGN, err);
    if (!q)
        return false;
    sqlite3_bind_int64(q, 1, design);
    const int code = sqlite3_step(q);
    *found = code == SQLITE_ROW;
    if (*found)
        *out = (struct mp_store_design){design, sqlite3_column_int64(q, 0), mp_arena_strdup(a, text(q, 1)), real(q, 2)};
    return ended(s, q, code, err);
}

static enum mp_point_status status_of(const char *name) {
    int i = MP_POINT_EVALUATED;
    while (i < MP_POINT_INVALID && strcmp(mp_point_status_names[i], name) != 0) // the table's check leaves no other
        i++;
    return (enum mp_point_status)i;
}

bool mp_store_points(struct mp_store *s, int64_t sweep, uint64_t from, bool (*visit)(void *user, const struct mp_store_point *p),
                     void *user, struct mp_err *err) {
    sqlite3_stmt *q = reading(s, MP_READ_POINTS, err);
    int code = SQLITE_ROW;
    bool more = true;
    if (!q)
        return false;
    sqlite3_bind_int64(q, 1, sweep);
    sqlite3_bind_int64(q, 2, from > INT64_MAX ? INT64_MAX : (sqlite3_int64)from);
    while (more && (code = sqlite3_step(q)) == SQLITE_ROW)
        more = visit(user, &(struct mp_store_point){sweep, (uint64_t)sqlite3_column_int64(q, 0), sqlite3_column_int64(q, 1),
                                                    status_of(text(q, 2)), text(q, 3)});
    return ended(s, q, code, err);
}

// Sweeps

static bool read_objectives(const char *json, struct mp_arena *a, struct mp_store_sweep *w, struct mp_err *err) {
    struct mp_json *doc;
    struct mp_node n;
    const char **names, *name;
    if (!mp_json_parse(&doc, "objectives", json, strlen(json), err))
        return false;
    const struct mp_node root = mp_json_root(doc);
    bool ok = mp_node_array(&root, err);
    names = mp_arena_alloc(a, ok ? mp_node_count(&root) : 0, sizeof *names);
    for (bool more = ok && mp_node_first(&root, &n); ok && more; more = mp_node_next(&n))
        if ((ok = mp_node_string(&n, &name, err)))
            names[w->objective_count++] = mp_arena_strdup(a, name);
    w->objectives = names;
    mp_json_destroy(doc);
    return ok;
}

static bool read_networks(struct mp_store *s, struct mp_arena *a, struct mp_store_sweep *w, struct mp_err *err) {
    sqlite3_stmt *q = reading(s, MP_READ_SWEEP_NETWORKS, err);
    int64_t *networks = NULL;
    double *weights = NULL;
    int code;
    if (!q)
        return false;
    sqlite3_bind_int64(q, 1, w->sweep);
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        const size_t n = w->network_count++;
        networks = mp_arena_grow(a, networks, n, n + 1, sizeof *networks);
        weights = mp_arena_grow(a, weights, n, n + 1, sizeof *weights);
        networks[n] = sqlite3_column_int64(q, 0);
        weights[n] = sqlite3_column_double(q, 1);
    }
    w->networks = networks;
    w->weights = weights;
    return ended(s, q, code, err);
}

static bool read_sweep(struct mp_store *s, sqlite3_stmt *q, struct mp_arena *a, struct mp_store_sweep *w, struct mp_err *err) {
    *w = (struct mp_store_sweep){.sweep = sqlite3_column_int64(q, 0),
                                 .name = mp_arena_strdup(a, text(q, 1)),
                                 .space = mp_arena_strdup(a, text(q, 2)),
                                 .points = (uint64_t)sqlite3_column_int64(q, 4)};
    if (!read_objectives(text(q, 3), a, w, err))
        return mp_fail_in(err, s->path);
    return read_networks(s, a, w, err);
}

bool mp_store_sweeps(struct mp_store *s, struct mp_arena *a, struct mp_store_sweep **out, size_t *count, struct mp_err *err) {
    sqlite3_stmt *q = reading(s, MP_READ_SWEEPS, err);
    int code = SQLITE_ROW;
    bool ok = q;
    *out = NULL;
    *count = 0;
    while (ok && (code = sqlite3_step(q)) == SQLITE_ROW) {
        *out = mp_arena_grow(a, *out, *count, *count + 1, sizeof **out);
        ok = read_sweep(s, q, a, &(*out)[(*count)++], err);
    }
    return ok ? ended(s, q, code, err) : (sqlite3_reset(q), false);
}

bool mp_store_done(struct mp_store *s, int64_t sweep, struct mp_arena *a, struct mp_store_shard **out, size_t *count,
                   struct mp_err *err) {
    sqlite3_stmt *q = reading(s, MP_READ_SHARDS, err);
    int code;
    *out = NULL;
    *count = 0;
    if (!q)
        return false;
    sqlite3_bind_int64(q, 1, sweep);
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        *out = mp_arena_grow(a, *out, *count, *count + 1, sizeof **out);
        (*out)[(*count)++] = (struct mp_store_shard){(unsigned)sqlite3_column_int64(q, 0), (unsigned)sqlite3_column_int64(q, 1)};
    }
    return ended(s, q, code, err);
}
