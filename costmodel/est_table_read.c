// SPDX-License-Identifier: Apache-2.0
// Reading a table of points into a grid. Rows may come in any order; a point may stand once; points that the
// grid lacks must have three measured neighbours.
#include "costmodel/est.h"

#include <stdlib.h>
#include <string.h>

#define MAX_ROWS 1024

struct rows {
    double *numbers; // count * width
    size_t count, width, axes;
};

static bool check_columns(const struct mp_node *n, const char *const *columns, size_t *width, struct mp_err *err) {
    struct mp_node list, item;
    size_t i = 0;
    if (!mp_node_need(n, "columns", &list, err) || !mp_node_array(&list, err))
        return false;
    for (bool more = mp_node_first(&list, &item); more; more = mp_node_next(&item), i++) {
        const char *name;
        if (!mp_node_string(&item, &name, err))
            return false;
        if (!columns[i])
            return mp_node_fail(&list, err, "must have %zu columns (got more)", i);
        if (strcmp(name, columns[i]) != 0)
            return mp_node_fail(&item, err, "must be \"%s\"", columns[i]);
    }
    if (columns[i])
        return mp_node_fail(&list, err, "the column \"%s\" is missing", columns[i]);
    *width = i;
    return true;
}

static bool read_row(const struct mp_node *row, size_t width, size_t axes, double *out, struct mp_err *err) {
    struct mp_node item;
    size_t i = 0;
    if (!mp_node_array(row, err))
        return false;
    if (mp_node_count(row) != width)
        return mp_node_fail(row, err, "must have %zu numbers (got %zu)", width, mp_node_count(row));
    for (bool more = mp_node_first(row, &item); more; more = mp_node_next(&item), i++) {
        if (!mp_node_real(&item, 0, MP_PRICE_MAX, &out[i], err))
            return false;
        double least = i < axes ? 1 : MP_EST_LEAST;
        if (out[i] < least && !(i >= axes && out[i] == 0))
            return mp_node_fail(&item, err, "must be at least %g%s (got %g)", least, i < axes ? "" : " or 0", out[i]);
    }
    return true;
}

static bool read_rows(const struct mp_reader *r, const struct mp_node *list, struct rows *out, struct mp_err *err) {
    struct mp_node row;
    if (!mp_node_array(list, err))
        return false;
    size_t count = mp_node_count(list), i = 0;
    if (count < 1 || count > MAX_ROWS)
        return mp_node_fail(list, err, "must have 1..%d rows (got %zu)", MAX_ROWS, count);
    out->numbers = mp_arena_alloc(r->a, count * out->width, sizeof *out->numbers);
    out->count = count;
    for (bool more = mp_node_first(list, &row); more; more = mp_node_next(&row), i++)
        if (!read_row(&row, out->width, out->axes, out->numbers + i * out->width, err))
            return false;
    return true;
}

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

// The distinct values of column `column`, ascending.
static double *collect(struct mp_arena *a, const struct rows *rows, size_t column, size_t *count) {
    double *axis = mp_arena_alloc(a, rows->count, sizeof *axis);
    size_t n = 0;
    for (size_t i = 0; i < rows->count; i++)
        axis[i] = rows->numbers[i * rows->width + column];
    qsort(axis, rows->count, sizeof *axis, by_value);
    for (size_t i = 0; i < rows->count; i++)
        if (n == 0 || axis[i] != axis[n - 1])
            axis[n++] = axis[i];
    *count = n;
    return axis;
}

static size_t index_of(const double *axis, double v) {
    size_t i = 0;
    while (axis[i] != v)
        i++;
    return i;
}

static bool place_rows(struct mp_est_table *t, const struct rows *rows, const struct mp_node *list,
                       struct mp_err *err) {
    for (size_t i = 0; i < rows->count; i++) {
        const double *row = rows->numbers + i * rows->width;
        size_t at = index_of(t->x, row[0]) * t->ny + (t->axes == 2 ? index_of(t->y, row[1]) : 0);
        if (!t->filled[at])
            return mp_node_fail(list, err, "row %zu repeats the point of an earlier row", i);
        t->filled[at] = false;
        memcpy(t->v + at * t->values, row + t->axes, t->values * sizeof *t->v);
    }
    return true;
}

// Closes the hole at (ix, iy) from the neighbours one step `dx`, `dy` away; false when one is not measured.
static bool close_from(struct mp_est_table *t, const bool *hole, size_t ix, size_t iy, int dx, int dy) {
    size_t jx = ix + (size_t)dx, jy = iy + (size_t)dy; // wraps below 0, which is then too large
    if (jx >= t->nx || jy >= t->ny)
        return false;
    size_t at = ix * t->ny + iy, side = jx * t->ny + iy, below = ix * t->ny + jy, across = jx * t->ny + jy;
    if (hole[side] || hole[below] || hole[across])
        return false;
    for (size_t k = 0; k < t->values; k++) {
        double a = t->v[side * t->values + k], b = t->v[below * t->values + k], c = t->v[across * t->values + k];
        t->v[at * t->values + k] = c > 0 ? a * (b / c) : 0;
    }
    return true;
}

static bool close_hole(struct mp_est_table *t, const bool *hole, size_t ix, size_t iy) {
    return close_from(t, hole, ix, iy, 1, -1) || close_from(t, hole, ix, iy, -1, 1) ||
           close_from(t, hole, ix, iy, 1, 1) || close_from(t, hole, ix, iy, -1, -1);
}

static bool close_holes(struct mp_est_table *t, const struct mp_node *list, struct mp_err *err) {
    for (size_t ix = 0; ix < t->nx; ix++)
        for (size_t iy = 0; iy < t->ny; iy++)
            if (t->filled[ix * t->ny + iy] && !close_hole(t, t->filled, ix, iy))
                return mp_node_fail(list, err,
                                    "the point %s %g, %s %g is missing and cannot be closed from its "
                                    "neighbours",
                                    t->columns[0], t->x[ix], t->columns[1], t->y[iy]);
    return true;
}

static bool build(struct mp_arena *a, struct mp_est_table *t, const struct rows *rows, const struct mp_node *list,
                  struct mp_err *err) {
    t->x = collect(a, rows, 0, &t->nx);
    t->y = collect(a, rows, 1, &t->ny);
    if (t->axes == 1) {
        t->y[0] = 1;
        t->ny = 1;
    }
    size_t points = t->nx * t->ny;
    if (points > 2 * rows->count)
        return mp_node_fail(list, err, "must fill at least half of the grid (got %zu of %zu points)", rows->count,
                            points);
    t->v = mp_arena_alloc(a, points * t->values, sizeof *t->v);
    t->filled = mp_arena_alloc(a, points, sizeof *t->filled);
    memset(t->filled, true, points * sizeof *t->filled);
    return place_rows(t, rows, list, err) && close_holes(t, list, err);
}

bool mp_est_table_read(const struct mp_reader *r, const struct mp_node *n, const char *const *columns, size_t axes,
                       const char *what, struct mp_est_table *out, struct mp_err *err) {
    static const char *const keys[] = {"source", "estimate", "columns", "rows"};
    struct mp_node list;
    struct rows rows = {.axes = axes};
    *out = (struct mp_est_table){.columns = columns, .axes = axes};
    if (!mp_node_keys(n, keys, 4, err) || !mp_cite_read(r, n, what, &out->cite, err) ||
        !check_columns(n, columns, &rows.width, err) || !mp_node_need(n, "rows", &list, err) ||
        !read_rows(r, &list, &rows, err))
        return false;
    out->values = rows.width - axes;
    return build(r->a, out, &rows, &list, err);
}
