// SPDX-License-Identifier: Apache-2.0
// Which sweep of a store is meant, and which of its networks.
#include "sim/explore/query_names.h"

#include "sim/base/say.h"
#include "sim/explore/store_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_called(const struct mp_store_sweep *w, const char *name) {
    char key[17];
    snprintf(key, sizeof key, "%016" PRIx64, (uint64_t)w->sweep);
    return strcmp(name, w->name) == 0 || strcmp(name, key) == 0;
}

static void add_sweeps(struct mp_buf *out, const struct mp_store_sweep *list, size_t count) {
    for (size_t i = 0; i < count && i < 20; i++)
        mp_buf_addf(out, "%s%s (%016" PRIx64 ")", i > 0 ? ", " : "", list[i].name, (uint64_t)list[i].sweep);
    if (count > 20)
        mp_buf_add(out, ", ...");
}

static bool which(const struct mp_store *s, const char *why, const struct mp_store_sweep *list, size_t count, struct mp_err *err) {
    struct mp_buf all = {0};
    add_sweeps(&all, list, count);
    mp_fail(err, "%s: %s: %s", s->path, why, all.text);
    mp_buf_finish(&all);
    return false;
}

bool mp_query_sweep(struct mp_store *s, const char *name, struct mp_arena *a, const struct mp_store_sweep **out,
                    struct mp_err *err) {
    struct mp_store_sweep *list;
    size_t count, found = 0;
    char shown[MP_SAY_BYTES], why[MP_SAY_BYTES + 64];
    if (!mp_store_sweeps(s, a, &list, &count, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!name || is_called(&list[i], name)) {
            *out = &list[i];
            found++;
        }
    if (count == 0)
        return mp_fail(err, "%s: holds no sweep", s->path);
    if (found == 1)
        return true;
    if (!name)
        return which(s, "holds several sweeps, --sweep must name one", list, count, err);
    snprintf(why, sizeof why, found ? "several sweeps are called \"%s\", a key tells them apart" : "has no sweep \"%s\", but",
             mp_say_text(name, strlen(name), shown));
    return which(s, why, list, count, err);
}

static const char *network_name(struct mp_store *s, int64_t network, struct mp_arena *a, struct mp_err *err) {
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

static bool all_known(const char *path, const char *const *asked, size_t asked_count, const char *const *names, size_t count,
                      struct mp_err *err) {
    char shown[MP_SAY_BYTES], list[MP_SAY_BYTES];
    for (size_t k = 0; k < asked_count; k++) {
        bool known = false;
        for (size_t i = 0; i < count; i++)
            known = known || strcmp(names[i], asked[k]) == 0;
        if (!known)
            return mp_fail(err, "%s: the sweep has no network \"%s\" (known: %s)", path,
                           mp_say_text(asked[k], strlen(asked[k]), shown), mp_say_names(names, count, list));
    }
    return true;
}

bool mp_query_networks(struct mp_store *s, const struct mp_store_sweep *w, const char *const *asked, size_t asked_count, bool summed,
                       struct mp_arena *a, struct mp_query_networks *out, struct mp_err *err) {
    const char **names = mp_arena_alloc(a, w->network_count, sizeof *names);
    size_t *at = mp_arena_alloc(a, w->network_count, sizeof *at);
    *out = (struct mp_query_networks){.at = at, .summed = summed};
    for (size_t i = 0; i < w->network_count; i++) {
        bool chosen = asked_count == 0;
        if (!(names[i] = network_name(s, w->networks[i], a, err)))
            return false;
        for (size_t k = 0; k < asked_count; k++)
            chosen = chosen || strcmp(names[i], asked[k]) == 0;
        if (chosen)
            at[out->count++] = i;
    }
    out->alone = asked_count > 0 && out->count == 1;
    return all_known(s->path, asked, asked_count, names, w->network_count, err);
}
