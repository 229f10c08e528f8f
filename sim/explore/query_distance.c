// SPDX-License-Identifier: Apache-2.0
// Distances come into SQL as a function of a design's number in the sweep, which looks it up.
#include "sim/explore/query_distance.h"

#include "sim/explore/design_front.h"
#include "sim/explore/store_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COLUMN "distance"

struct distances {
    const uint64_t *points; // ascending
    double *of;
    size_t count;
};

// Of one objective, at most: by how much x is worse than f.
static double ratio(double x, double f) {
    const bool most = x < 0 || f < 0; // negated
    const double worse = fabs(most ? f : x), better = fabs(most ? x : f);
    return better > 0 ? worse / better : worse > 0 ? INFINITY : 1;
}

double mp_front_distance(const double *x, const double (*front)[MP_OBJECTIVES_MAX], size_t count, size_t n) {
    double most = 1;
    for (size_t i = 0; i < count; i++) {
        double least = INFINITY;
        for (size_t k = 0; k < n && least > most; k++)
            least = fmin(least, ratio(x[k], front[i][k]));
        most = fmax(most, least);
    }
    return most - 1;
}

static bool make(struct mp_store *s, const struct mp_query *q, struct mp_arena *a, struct distances *out, struct mp_err *err) {
    struct mp_query_networks networks = *q->networks;
    struct mp_query_names names;
    struct mp_design_front f;
    networks.summed = true;
    if (!mp_query_names(s, q->sweep, &networks, a, &names, err))
        return false;
    const struct mp_design_front_job job = {.sweep = q->sweep, .networks = &networks, .names = &names,
                                            .objectives = q->sweep->objectives, .objective_count = q->sweep->objective_count};
    if (!mp_design_front_make(s, &job, a, &f, err))
        return false;
    *out = (struct distances){f.all_points, mp_arena_alloc(a, f.all_count, sizeof *out->of), f.all_count};
    for (size_t i = 0; i < f.all_count; i++)
        out->of[i] = mp_front_distance(f.all[i], f.at, f.rows.count, job.objective_count);
    return true;
}

static int by_number(const void *a, const void *b) {
    const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void look_up(sqlite3_context *c, int count, sqlite3_value **values) {
    const struct distances *d = sqlite3_user_data(c);
    const uint64_t point = (uint64_t)sqlite3_value_int64(values[0]);
    const uint64_t *at = d->count ? bsearch(&point, d->points, d->count, sizeof point, by_number) : NULL;
    (void)count;
    if (at)
        sqlite3_result_double(c, d->of[at - d->points]);
}

void mp_query_add_distance(struct mp_query_names *n, const struct mp_store_sweep *w, struct mp_arena *a) {
    if (w->objective_count == 0 || w->objective_count > MP_OBJECTIVES_MAX)
        return;
    struct mp_query_name *list = mp_arena_alloc(a, n->count + 1, sizeof *list);
    const char **names = mp_arena_alloc(a, n->count + 2, sizeof *names);
    memcpy(list, n->list, n->count * sizeof *list);
    memcpy(names, n->names, n->count * sizeof *names);
    list[n->count] = (struct mp_query_name){.name = COLUMN, .sql = "mp_distance(point.position)"};
    names[n->count] = COLUMN;
    *n = (struct mp_query_names){list, names, n->count + 1};
}

bool mp_query_distances(struct mp_store *s, const struct mp_query *q, struct mp_arena *a, struct mp_err *err) {
    bool uses;
    size_t at = 0;
    while (at < q->names->count && strcmp(q->names->names[at], COLUMN) != 0)
        at++;
    if (at == q->names->count) // a sweep without objectives has no such column
        return true;
    if (!mp_query_uses(q, at, &uses, err))
        return false;
    if (!uses)
        return true;
    struct distances *d = mp_arena_alloc(a, 1, sizeof *d);
    if (!make(s, q, a, d, err))
        return false;
    const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC;
    return sqlite3_create_function(s->db, "mp_distance", 1, flags, d, look_up, NULL, NULL) == SQLITE_OK || mp_store_fail(s, err);
}
