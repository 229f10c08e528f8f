// SPDX-License-Identifier: Apache-2.0
// Names and the SQL behind them. A figure over several networks is a sum over one join a network, in the networks' order, so that
// it has the bits of mp_figures_sum. A key of the accelerator is the axis' value where the design has one, else the base's.
#include "sim/explore/query_names.h"

#include "sim/base/say.h"
#include "sim/explore/store_file.h"
#include "sim/report/metric.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>
#include <strings.h>

struct maker {
    struct mp_store *store;
    const struct mp_store_sweep *sweep;
    const struct mp_query_networks *networks;
    struct mp_arena *a;
    struct mp_query_name *list;
    size_t count, room;
};

static void add(struct maker *m, const char *name, const char *sql, bool integer, bool axis) {
    for (size_t i = 0; i < m->count; i++)
        if (strcasecmp(m->list[i].name, name) == 0) // as SQL takes them
            return;
    if (m->count == m->room) {
        m->list = mp_arena_grow(m->a, m->list, m->count, 2 * m->room + 64, sizeof *m->list);
        m->room = 2 * m->room + 64;
    }
    m->list[m->count++] = (struct mp_query_name){name, sql, integer, axis};
}

// Figures

static double weight(const struct maker *m, size_t i) {
    return m->networks->alone ? 1 : m->sweep->weights[m->networks->at[i]];
}

// Where the figures are a network's own.
static bool is_plain(const struct maker *m) {
    return !m->networks->summed || (m->networks->count == 1 && weight(m, 0) == 1);
}

// The weighted sum of `term`, in which each '@' stands for a network's result.
static const char *sum_of(struct maker *m, const char *term) {
    struct mp_buf out = {0};
    char number[32];
    for (size_t i = 0; i < m->networks->count; i++) {
        mp_format_double(weight(m, i), number);
        mp_buf_addf(&out, "%s%s%s * ", i > 0 ? " + " : "(", number, strpbrk(number, ".e") ? "" : ".0");
        for (const char *c = term; *c; c++)
            if (*c == '@')
                mp_buf_addf(&out, "r%zu", i);
            else
                mp_buf_addn(&out, c, 1);
    }
    mp_buf_add(&out, ")");
    const char *kept = mp_arena_strdup(m->a, out.text);
    mp_buf_finish(&out);
    return kept;
}

// Networks with a plan of their own have no harm; when all do there is no sum.
static const char *sum_of_harms(struct maker *m) {
    struct mp_buf any = {0};
    for (size_t i = 0; i < m->networks->count; i++)
        mp_buf_addf(&any, "r%zu.harm, ", i);
    const char *kept = mp_arena_printf(m->a, "CASE WHEN coalesce(%sNULL) IS NOT NULL THEN %s END", any.text,
                                       sum_of(m, "coalesce(@.harm, 0)"));
    mp_buf_finish(&any);
    return kept;
}

static const char *figure(struct maker *m, size_t c) {
    const char *name = mp_store_columns[c].name;
    if (is_plain(m))
        return mp_arena_printf(m->a, "r0.%s", name);
    if (c == MP_METRIC_UTILIZATION)
        return mp_arena_printf(m->a, "%s / %s", sum_of(m, "@.utilization * @.cycles"), sum_of(m, "@.cycles"));
    if (c == MP_METRIC_POWER)
        return mp_arena_printf(m->a, "%s / %s * 1e-6", sum_of(m, "@.energy_pj"), sum_of(m, "@.latency_ms"));
    if (c == MP_METRIC_TOPS)
        return mp_arena_printf(m->a, "2 * %s / %s * 1e-9", sum_of(m, "@.macs"), sum_of(m, "@.latency_ms"));
    if (c == MP_METRIC_TOPS_PER_W)
        return mp_arena_printf(m->a, "2 * %s / %s", sum_of(m, "@.macs"), sum_of(m, "@.energy_pj"));
    if (c == MP_METRIC_EDP)
        return mp_arena_printf(m->a, "%s * %s", sum_of(m, "@.energy_pj"), sum_of(m, "@.latency_ms"));
    if (strcmp(name, "harm") == 0)
        return sum_of_harms(m);
    return sum_of(m, mp_arena_printf(m->a, "@.%s", name));
}

static void add_fixed(struct maker *m) {
    add(m, "key", "printf('%016x', point.design)", false, false);
    add(m, "base", "base.name", false, false);
    if (!m->networks->summed) {
        add(m, "network", "CASE WHEN r0.design IS NOT NULL THEN network.name END", false, false);
        add(m, "plan", "r0.plan", false, false);
    }
    add(m, "status", "point.status", false, false);
    add(m, "reason", "point.reason", false, false);
    add(m, "point", "point.position", true, false);
    for (size_t c = 0; c < MP_STORE_COLUMNS; c++)
        add(m, mp_store_columns[c].name, figure(m, c), mp_store_columns[c].integer, false);
    add(m, "area_mm2", "design.area_mm2", false, false);
}

// Accelerators

// Letters, digits, "_" and what parts a path: such may stand in SQL's strings.
static bool is_tame(const char *path) {
    for (const char *c = path; *c; c++)
        if (!isalnum((unsigned char)*c) && *c != '_' && *c != '/')
            return false;
    return *path != '\0';
}

struct paths {
    const char **list;
    size_t count;
};

static bool read_paths(struct maker *m, const char *sql, struct paths *out, struct mp_err *err) {
    sqlite3_stmt *q = NULL;
    int code;
    *out = (struct paths){0};
    if (!mp_store_statement(m->store, &q, sql, err))
        return false;
    if (sqlite3_bind_parameter_count(q) > 0)
        sqlite3_bind_int64(q, 1, m->sweep->sweep);
    while ((code = sqlite3_step(q)) == SQLITE_ROW) {
        const char *path = (const char *)sqlite3_column_text(q, 0);
        if (!is_tame(path))
            continue;
        out->list = mp_arena_grow(m->a, out->list, out->count, out->count + 1, sizeof *out->list);
        out->list[out->count++] = mp_arena_strdup(m->a, path);
    }
    if (code != SQLITE_DONE)
        mp_store_fail(m->store, err);
    sqlite3_finalize(q);
    return code == SQLITE_DONE;
}

// "$.array.pe" of /array/pe.
static void add_json_path(struct mp_buf *out, const char *path) {
    mp_buf_add(out, "$");
    for (const char *c = path; *c; c++)
        mp_buf_addn(out, *c == '/' ? "." : c, 1);
}

// /array/pe/lanes may be set as it is, or within /array/pe.
static const char *key_of(struct maker *m, const char *path, const struct paths *axes) {
    struct mp_buf out = {0};
    for (size_t i = 0; i < axes->count; i++) {
        const size_t n = strlen(axes->list[i]);
        if (strncmp(path, axes->list[i], n) != 0 || (path[n] != '\0' && path[n] != '/'))
            continue;
        mp_buf_addf(&out, "%sjson_extract(design.axis_values, '$.\"%s\"", out.len == 0 ? "coalesce(" : "", axes->list[i]);
        for (const char *c = path + n; *c; c++)
            mp_buf_addn(&out, *c == '/' ? "." : c, 1);
        mp_buf_add(&out, "'), ");
    }
    const bool set = out.len > 0;
    mp_buf_add(&out, "json_extract(base.arch, '");
    add_json_path(&out, path);
    mp_buf_add(&out, set ? "'))" : "')");
    const char *kept = mp_arena_strdup(m->a, out.text);
    mp_buf_finish(&out);
    return kept;
}

static void add_path(struct maker *m, const char *path, const struct paths *axes, bool axis) {
    char *name = mp_arena_strdup(m->a, path + (path[0] == '/'));
    for (char *c = name; *c; c++)
        *c = *c == '/' ? '_' : *c;
    add(m, name, key_of(m, path, axes), false, axis);
}

// All paths in the designs' values, in the order in which the designs with most have them; then leaves and lists of the bases, and
// of values that are objects.
static const char axes_sql[] = "SELECT key FROM point CROSS JOIN design USING (design), json_each(axis_values)\n"
                               "  WHERE point.sweep = ?1 GROUP BY key ORDER BY max(id), key";
static const char keys_sql[] = "SELECT replace(replace(substr(fullkey, 2), '\"', ''), '.', '/') FROM base, json_tree(arch)\n"
                               "  WHERE type <> 'object' AND fullkey NOT LIKE '%[%' GROUP BY 1 ORDER BY min(id), 1";
static const char nested_sql[] =
    "SELECT e.key || replace(replace(substr(t.fullkey, 2), '\"', ''), '.', '/')\n"
    "  FROM point CROSS JOIN design USING (design), json_each(axis_values) e, json_tree(e.value) t\n"
    "  WHERE point.sweep = ?1 AND e.type = 'object' AND t.type <> 'object' AND t.fullkey NOT LIKE '%[%'\n"
    "  GROUP BY 1 ORDER BY min(t.id), 1";

static bool add_keys(struct maker *m, struct mp_err *err) {
    struct paths axes, keys, nested;
    if (!read_paths(m, axes_sql, &axes, err) || !read_paths(m, keys_sql, &keys, err) || !read_paths(m, nested_sql, &nested, err))
        return false;
    for (size_t i = 0; i < axes.count; i++)
        add_path(m, axes.list[i], &axes, true);
    for (size_t i = 0; i < keys.count; i++)
        add_path(m, keys.list[i], &axes, false);
    for (size_t i = 0; i < nested.count; i++)
        add_path(m, nested.list[i], &axes, false);
    return true;
}

bool mp_query_names(struct mp_store *s, const struct mp_store_sweep *w, const struct mp_query_networks *n, struct mp_arena *a,
                    struct mp_query_names *out, struct mp_err *err) {
    struct maker m = {.store = s, .sweep = w, .networks = n, .a = a};
    add_fixed(&m);
    if (!add_keys(&m, err))
        return false;
    const char **names = mp_arena_alloc(a, m.count + 1, sizeof *names);
    for (size_t i = 0; i < m.count; i++)
        names[i] = m.list[i].name;
    *out = (struct mp_query_names){m.list, names, m.count};
    return true;
}

bool mp_query_find(const struct mp_query_names *n, const char *path, const char *name, size_t *at, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    for (*at = 0; *at < n->count; ++*at)
        if (strcmp(n->names[*at], name) == 0)
            return true;
    const char *near = mp_nearest(name, n->names, n->count);
    return mp_fail(err, "%s: unknown column \"%s\"%s%s%s", path, mp_say_text(name, strlen(name), shown),
                   near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

void mp_query_from(const struct mp_store_sweep *w, const struct mp_query_networks *n, struct mp_buf *out) {
    mp_buf_add(out, "FROM point CROSS JOIN design ON design.design = point.design CROSS JOIN base ON base.base = design.base\n");
    if (!n->summed)
        mp_buf_addf(out, "CROSS JOIN sweep_network AS n ON n.sweep = point.sweep CROSS JOIN network ON network.network = n.network\n"
                         "LEFT JOIN result AS r0 ON r0.design = point.design AND r0.network = n.network\n");
    for (size_t i = 0; n->summed && i < n->count; i++)
        mp_buf_addf(out, "LEFT JOIN result AS r%zu ON r%zu.design = point.design AND r%zu.network = %" PRId64 "\n", i, i, i,
                    w->networks[n->at[i]]);
    mp_buf_addf(out, "WHERE point.sweep = %" PRId64 "\n", w->sweep);
    if (n->summed)
        return;
    // A design without results has one row.
    mp_buf_addf(out, "AND (n.position = %zu OR (r0.design IS NOT NULL AND n.position IN (", n->count ? n->at[0] : 0);
    for (size_t i = 0; i < n->count; i++)
        mp_buf_addf(out, "%s%zu", i > 0 ? ", " : "", n->at[i]);
    mp_buf_add(out, ")))\n");
}
