// SPDX-License-Identifier: Apache-2.0
// First the objectives of all designs, then the rows of those on the front.
#include "sim/explore/design_front.h"

#include "sim/explore/expr_check.h"
#include "sim/explore/store_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct maker {
    struct mp_store *store;
    const struct mp_design_front_job *job;
    struct mp_arena *a;
    struct mp_design_front *out;
    uint64_t *points; // by design: its number in the sweep
    struct mp_pareto front;
};

bool mp_store_count_points(struct mp_store *s, int64_t sweep, uint64_t by_status[MP_POINT_INVALID + 1], struct mp_err *err) {
    sqlite3_stmt *q = NULL;
    int code;
    memset(by_status, 0, (MP_POINT_INVALID + 1) * sizeof *by_status);
    if (!mp_store_statement(s, &q, "SELECT status, count(*) FROM point WHERE sweep = ?1 GROUP BY status", err))
        return false;
    sqlite3_bind_int64(q, 1, sweep);
    while ((code = sqlite3_step(q)) == SQLITE_ROW)
        for (size_t i = 0; mp_point_status_names[i]; i++)
            if (strcmp(mp_point_status_names[i], (const char *)sqlite3_column_text(q, 0)) == 0)
                by_status[i] = (uint64_t)sqlite3_column_int64(q, 1);
    if (code != SQLITE_DONE)
        mp_store_fail(s, err);
    sqlite3_finalize(q);
    return code == SQLITE_DONE;
}

// Bases of designs that were evaluated, with their technologies, unless an axis is over these.
static bool read_techs(struct mp_store *s, int64_t sweep, struct mp_arena *a, const char **techs, struct mp_err *err) {
    static const char sql[] =
        "SELECT group_concat(name || ' ' || tech, ', '), count(DISTINCT tech) FROM (SELECT name, tech FROM base "
        "WHERE base IN (SELECT DISTINCT d.base FROM point p JOIN design d USING (design) "
        "  WHERE p.sweep = ?1 AND p.status = 'evaluated') "
        "AND NOT EXISTS (SELECT 1 FROM sweep s, json_each(s.space, '$.axes') x, json_each(x.value, '$.paths') p "
        "  WHERE s.sweep = ?1 AND p.value = '/tech') ORDER BY name)";
    sqlite3_stmt *q = NULL;
    *techs = NULL;
    if (!mp_store_statement(s, &q, sql, err))
        return false;
    sqlite3_bind_int64(q, 1, sweep);
    const int code = sqlite3_step(q);
    if (code == SQLITE_ROW && sqlite3_column_int64(q, 1) > 1)
        *techs = mp_arena_strdup(a, (const char *)sqlite3_column_text(q, 0));
    else if (code != SQLITE_ROW)
        mp_store_fail(s, err);
    sqlite3_finalize(q);
    return code == SQLITE_ROW;
}

static bool is_most(const struct maker *m, size_t k) {
    return m->job->objectives[k][0] == '-';
}

static bool objective_columns(const struct maker *m, size_t *at, struct mp_err *err) {
    for (size_t k = 0; k < m->job->objective_count; k++) {
        const char *name = m->job->objectives[k] + is_most(m, k);
        if (!mp_query_find(m->job->names, mp_store_path(m->store), name, &at[k], err))
            return false;
        for (size_t i = 0; i < k; i++)
            if (at[i] == at[k])
                return mp_fail(err, "%s: objective %s stands twice", mp_store_path(m->store), name);
    }
    return true;
}

// All designs

static const char *evaluated(const struct maker *m) {
    return m->job->where ? mp_arena_printf(m->a, "status = 'evaluated' AND (%s\n)", m->job->where) : "status = 'evaluated'";
}

static bool take(struct maker *m, const struct mp_query_rows *r, struct mp_err *err) {
    const size_t n = m->job->objective_count;
    double (*all)[MP_OBJECTIVES_MAX] = mp_arena_alloc(m->a, r->count, sizeof *all);
    m->points = mp_arena_alloc(m->a, r->count, sizeof *m->points);
    m->out->all = (const double(*)[MP_OBJECTIVES_MAX])all;
    m->out->all_points = m->points;
    bool has[MP_OBJECTIVES_MAX] = {false};
    for (size_t i = 0; i < r->count; i++) {
        const struct mp_cell *row = &r->cells[i * r->column_count];
        bool whole = true;
        for (size_t k = 0; k < n; k++) {
            const double v = mp_cell_value(&row[k]);
            if (row[k].kind == MP_CELL_TEXT)
                return mp_fail(err, "%s: objective %s must be a number (got \"%s\")", mp_store_path(m->store),
                               m->job->objectives[k], row[k].text);
            all[m->out->all_count][k] = is_most(m, k) ? -v : v;
            whole = whole && isfinite(v);
            has[k] |= isfinite(v);
        }
        m->points[m->out->all_count] = (uint64_t)row[n].integer;
        m->out->all_count += whole; // one without a figure can be on no front
    }
    for (size_t k = 0; k < n && r->count > 0; k++)
        if (!has[k])
            return mp_fail(err, "%s: sweep %s: no design has a figure for objective %s", mp_store_path(m->store),
                           m->job->sweep->name, m->job->objectives[k]);
    return true;
}

static bool read_all(struct maker *m, struct mp_err *err) {
    struct mp_arena rows_arena = {0};
    struct mp_query_rows rows;
    size_t columns[MP_OBJECTIVES_MAX + 1];
    const size_t n = m->job->objective_count;
    if (m->job->where) { // alone, so that errors quote what the user wrote
        bool *uses = mp_arena_alloc(m->a, m->job->names->count, sizeof *uses);
        if (!mp_expr_check(m->job->where, m->job->names->names, uses, err))
            return false;
    }
    if (!objective_columns(m, columns, err) || !mp_query_find(m->job->names, "", "point", &columns[n], err))
        return false;
    const struct mp_query q = {.sweep = m->job->sweep, .networks = m->job->networks, .names = m->job->names,
                               .where = evaluated(m), .columns = columns, .column_count = n + 1};
    const bool ok = mp_query_run(m->store, &q, &rows_arena, &rows, err) && take(m, &rows, err);
    mp_arena_finish(&rows_arena);
    return ok;
}

static void set_box(struct maker *m) {
    struct mp_design_front *f = m->out;
    for (size_t k = 0; k < m->job->objective_count; k++) {
        f->ideal[k] = INFINITY;
        f->nadir[k] = -INFINITY;
        for (size_t i = 0; i < f->all_count; i++) {
            f->ideal[k] = fmin(f->ideal[k], f->all[i][k]);
            f->nadir[k] = fmax(f->nadir[k], f->all[i][k]);
        }
    }
}

// An objective in which all designs are equal does not count.
static double volume(const struct maker *m) {
    double nadir[MP_OBJECTIVES_MAX];
    const struct mp_design_front *f = m->out;
    for (size_t k = 0; k < m->job->objective_count; k++)
        nadir[k] = f->nadir[k] > f->ideal[k] ? f->nadir[k] : f->ideal[k] + 1 + fabs(f->ideal[k]);
    return mp_hypervolume((const double(*)[MP_OBJECTIVES_MAX])m->front.at, m->front.count, m->job->objective_count, f->ideal, nadir);
}

// The front

static int by_objectives(const void *a, const void *b, void *user) {
    const struct mp_pareto *p = user;
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    for (size_t k = 0; k < p->n; k++)
        if (p->at[x][k] != p->at[y][k])
            return p->at[x][k] < p->at[y][k] ? -1 : 1;
    return (p->id[x] > p->id[y]) - (p->id[x] < p->id[y]);
}

// No column stands twice: an axis may be an objective.
static bool set_columns(const struct maker *m, size_t *columns, size_t *count, struct mp_err *err) {
    size_t objectives[MP_OBJECTIVES_MAX];
    if (!objective_columns(m, objectives, err))
        return false;
    for (size_t i = 0; i < m->job->names->count; i++) {
        const struct mp_query_name *n = &m->job->names->list[i];
        bool shown = n->axis || strcmp(n->name, "key") == 0 || strcmp(n->name, "base") == 0;
        for (size_t k = 0; k < m->job->objective_count; k++)
            shown = shown && i != objectives[k];
        if (shown && *count < MP_QUERY_COLUMNS - MP_OBJECTIVES_MAX)
            columns[(*count)++] = i;
    }
    memcpy(columns + *count, objectives, m->job->objective_count * sizeof *objectives);
    *count += m->job->objective_count;
    return true;
}

// Rows of the front's points, in the sweep's order: as the front is, since designs were added in it.
static bool read_front(struct maker *m, struct mp_query_rows *rows, struct mp_err *err) {
    size_t columns[MP_QUERY_COLUMNS], count = 0;
    struct mp_buf where = {0};
    if (!set_columns(m, columns, &count, err))
        return false;
    mp_buf_add(&where, "point IN (");
    for (size_t i = 0; i < m->front.count; i++)
        mp_buf_addf(&where, "%s%" PRIu64, i > 0 ? ", " : "", m->front.id[i]);
    mp_buf_add(&where, ")");
    const struct mp_query q = {.sweep = m->job->sweep, .networks = m->job->networks, .names = m->job->names, .where = where.text,
                               .columns = columns, .column_count = count};
    const bool ok = mp_query_run(m->store, &q, m->a, rows, err);
    mp_buf_finish(&where);
    return ok && (rows->count == m->front.count || mp_fail(err, "%s: changes while it is read", mp_store_path(m->store)));
}

static bool make_rows(struct maker *m, struct mp_err *err) {
    struct mp_query_rows rows;
    if (!read_front(m, &rows, err))
        return false;
    size_t *order = mp_arena_alloc(m->a, rows.count, sizeof *order);
    struct mp_cell *cells = mp_arena_alloc(m->a, rows.count * rows.column_count, sizeof *cells);
    int64_t *designs = mp_arena_alloc(m->a, rows.count, sizeof *designs);
    double (*at)[MP_OBJECTIVES_MAX] = mp_arena_alloc(m->a, rows.count, sizeof *at);
    for (size_t i = 0; i < rows.count; i++)
        order[i] = i;
    qsort_r(order, rows.count, sizeof *order, by_objectives, &m->front);
    for (size_t i = 0; i < rows.count; i++) {
        memcpy(&cells[i * rows.column_count], &rows.cells[order[i] * rows.column_count], rows.column_count * sizeof *cells);
        memcpy(at[i], m->front.at[order[i]], sizeof *at);
        designs[i] = rows.designs[order[i]];
    }
    rows.cells = cells;
    rows.designs = designs;
    m->out->rows = rows;
    m->out->at = (const double(*)[MP_OBJECTIVES_MAX])at;
    return true;
}

bool mp_design_front_make(struct mp_store *s, const struct mp_design_front_job *job, struct mp_arena *a,
                          struct mp_design_front *out, struct mp_err *err) {
    struct maker m = {.store = s, .job = job, .a = a, .out = out};
    *out = (struct mp_design_front){.job = job};
    if (!mp_store_exec(s, "BEGIN", err)) // one state of the file
        return false;
    mp_pareto_init(&m.front, job->objective_count);
    bool ok = read_all(&m, err) && mp_store_count_points(s, job->sweep->sweep, out->by_status, err) &&
              read_techs(s, job->sweep->sweep, a, &out->techs, err);
    for (size_t i = 0; ok && i < out->all_count; i++)
        mp_pareto_add(&m.front, out->all[i], m.points[i]);
    set_box(&m);
    if (ok)
        out->hypervolume = volume(&m);
    ok = ok && make_rows(&m, err);
    mp_pareto_finish(&m.front);
    if (!ok)
        return false;
    return mp_store_exec(s, "COMMIT", err);
}
