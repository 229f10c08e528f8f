// SPDX-License-Identifier: Apache-2.0
#include "sim/explore/design_arch.h"

#include "sim/base/say.h"
#include "sim/explore/store_file.h"
#include "sim/spec/arch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

// Path and value of each axis as JSON; then the base's document.
static const char values_sql[] = "SELECT '$' || replace(key, '/', '.'), axis_values -> ('$.\"' || key || '\"')\n"
                                 "  FROM design, json_each(axis_values) WHERE design = ?1 ORDER BY id";
static const char base_sql[] = "SELECT json_set(arch, '$.name', name || ?2) FROM design JOIN base USING (base) WHERE design = ?1";
static const char set_sql[] = "SELECT json_set(?1, ?2, json(?3))";

static bool is_key(const char *text, int64_t *key) {
    char *end;
    if (strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
        return false;
    *key = (int64_t)strtoull(text, &end, 16);
    return true;
}

static bool set_value(struct mp_store *s, sqlite3_stmt *set, sqlite3_stmt *value, struct mp_arena *a, const char **arch,
                      struct mp_err *err) {
    sqlite3_reset(set);
    sqlite3_bind_text(set, 1, *arch, -1, SQLITE_STATIC);
    sqlite3_bind_value(set, 2, sqlite3_column_value(value, 0));
    sqlite3_bind_value(set, 3, sqlite3_column_value(value, 1));
    if (sqlite3_step(set) != SQLITE_ROW)
        return mp_store_fail(s, err);
    *arch = mp_arena_strdup(a, (const char *)sqlite3_column_text(set, 0));
    return true;
}

static bool patch(struct mp_store *s, int64_t design, struct mp_arena *a, const char **arch, struct mp_err *err) {
    sqlite3_stmt *values = NULL, *set = NULL;
    bool ok = mp_store_statement(s, &values, values_sql, err) && mp_store_statement(s, &set, set_sql, err);
    int code = SQLITE_ROW;
    if (ok)
        sqlite3_bind_int64(values, 1, design);
    while (ok && (code = sqlite3_step(values)) == SQLITE_ROW)
        ok = set_value(s, set, values, a, arch, err);
    if (ok && code != SQLITE_DONE)
        ok = mp_store_fail(s, err);
    sqlite3_finalize(values);
    sqlite3_finalize(set);
    return ok;
}

static bool find_base(struct mp_store *s, int64_t design, const char *key, struct mp_arena *a, const char **arch,
                      struct mp_err *err) {
    sqlite3_stmt *q = NULL;
    if (!mp_store_statement(s, &q, base_sql, err))
        return false;
    sqlite3_bind_int64(q, 1, design);
    sqlite3_bind_text(q, 2, mp_arena_printf(a, "_%s", key), -1, SQLITE_STATIC);
    const int code = sqlite3_step(q);
    if (code == SQLITE_ROW)
        *arch = mp_arena_strdup(a, (const char *)sqlite3_column_text(q, 0));
    else if (code == SQLITE_DONE)
        mp_fail(err, "%s: has no design %s", s->path, key);
    else
        mp_store_fail(s, err);
    sqlite3_finalize(q);
    return code == SQLITE_ROW;
}

bool mp_design_arch(struct mp_store *s, const char *key, struct mp_buf *out, struct mp_err *err) {
    struct mp_arena a = {0};
    struct mp_json *doc = NULL;
    struct mp_arch arch;
    struct mp_jsonw w;
    const char *text = NULL;
    char shown[MP_SAY_BYTES];
    int64_t design;
    if (!is_key(key, &design))
        return mp_fail(err, "design \"%s\": must be a key of 16 hexadecimal digits", mp_say_text(key, strlen(key), shown));
    bool ok = find_base(s, design, key, &a, &text, err) && patch(s, design, &a, &text, err) &&
              mp_json_parse(&doc, key, text, strlen(text), err);
    if (ok) {
        const struct mp_node root = mp_json_root(doc);
        ok = mp_arch_read(&arch, &a, &root, err); // an invalid design says why
    }
    if (ok) {
        mp_jsonw_init(&w, out);
        mp_arch_write(&arch, &w);
    }
    mp_json_destroy(doc);
    mp_arena_finish(&a);
    return ok;
}
