// SPDX-License-Identifier: Apache-2.0
// The sampler is read from the space that the store keeps as JSON.
#include "sim/explore/sweep_about.h"

#include "sim/explore/store_file.h"

#include <inttypes.h>

static const char sampler_sql[] =
    "SELECT space ->> '$.sampler.kind', space ->> '$.sampler.points', space ->> '$.sampler.seed',\n"
    "  space ->> '$.sampler.population', space ->> '$.prune' FROM sweep WHERE sweep = ?1";

const char *mp_store_network_name(struct mp_store *s, int64_t network, struct mp_arena *a, struct mp_err *err) {
    sqlite3_stmt *q = NULL;
    const char *name = NULL;
    if (!mp_store_statement(s, &q, "SELECT name FROM network WHERE network = ?1", err))
        return NULL;
    sqlite3_bind_int64(q, 1, network);
    if (sqlite3_step(q) == SQLITE_ROW)
        name = mp_arena_strdup(a, (const char *)sqlite3_column_text(q, 0));
    else
        mp_fail(err, "%s: is damaged (a sweep without its network)", s->path);
    sqlite3_finalize(q);
    return name;
}

static int64_t number(sqlite3_stmt *q, int column) {
    return sqlite3_column_type(q, column) == SQLITE_INTEGER ? sqlite3_column_int64(q, column) : -1;
}

static bool read_sampler(struct mp_store *s, int64_t sweep, struct mp_arena *a, struct mp_sweep_about *out, struct mp_err *err) {
    sqlite3_stmt *q = NULL;
    if (!mp_store_statement(s, &q, sampler_sql, err))
        return false;
    sqlite3_bind_int64(q, 1, sweep);
    const int code = sqlite3_step(q);
    if (code == SQLITE_ROW && sqlite3_column_type(q, 0) == SQLITE_TEXT)
        *out = (struct mp_sweep_about){.sampler = mp_arena_strdup(a, (const char *)sqlite3_column_text(q, 0)),
                                       .points = number(q, 1), .seed = number(q, 2), .population = number(q, 3),
                                       .prune = sqlite3_column_int(q, 4) != 0};
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        mp_store_fail(s, err);
    sqlite3_finalize(q);
    return code == SQLITE_ROW || code == SQLITE_DONE;
}

bool mp_sweep_about(struct mp_store *s, const struct mp_store_sweep *w, struct mp_arena *a, struct mp_sweep_about *out,
                    struct mp_err *err) {
    const char **names = mp_arena_alloc(a, w->network_count, sizeof *names);
    *out = (struct mp_sweep_about){.points = -1, .seed = -1, .population = -1};
    if (!read_sampler(s, w->sweep, a, out, err))
        return false;
    for (size_t i = 0; i < w->network_count; i++)
        if (!(names[i] = mp_store_network_name(s, w->networks[i], a, err)))
            return false;
    out->networks = names;
    out->network_count = w->network_count;
    return true;
}

void mp_sweep_about_sampler(const struct mp_sweep_about *b, struct mp_buf *out) {
    mp_buf_add(out, b->sampler ? b->sampler : "unknown");
    if (b->points >= 0)
        mp_buf_addf(out, " %" PRId64, b->points);
    if (b->seed >= 0)
        mp_buf_addf(out, " seed %" PRId64, b->seed);
    if (b->population >= 0)
        mp_buf_addf(out, " population %" PRId64, b->population);
    mp_buf_add(out, b->prune ? " pruned" : "");
}

void mp_sweep_about_put(const struct mp_sweep_about *b, struct mp_jsonw *w) {
    mp_jsonw_key(w, "sampler");
    mp_jsonw_open(w, '{', true);
    if (b->sampler)
        mp_jsonw_put_string(w, "kind", b->sampler);
    if (b->points >= 0)
        mp_jsonw_put_uint(w, "points", (uint64_t)b->points);
    if (b->seed >= 0)
        mp_jsonw_put_uint(w, "seed", (uint64_t)b->seed);
    if (b->population >= 0)
        mp_jsonw_put_uint(w, "population", (uint64_t)b->population);
    mp_jsonw_close(w, '}');
    mp_jsonw_put_bool(w, "prune", b->prune);
    mp_jsonw_key(w, "network_names");
    mp_jsonw_open(w, '[', true);
    for (size_t i = 0; i < b->network_count; i++)
        mp_jsonw_string(w, b->networks[i]);
    mp_jsonw_close(w, ']');
}
