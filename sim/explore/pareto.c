// SPDX-License-Identifier: Apache-2.0
// Domination, the set of those not dominated, and the volume that it dominates: a sweep over the first objective in two
// dimensions; in more, slices along the last objective, each the volume of one dimension less (While, Hingston, Barone,
// Huband 2006: hypervolume by slicing objectives). In three dimensions the slice's front is kept sorted as points come in
// (Fonseca, Paquete, Lopez-Ibanez 2006), so that each costs a search and a move of memory.
#include "sim/explore/pareto.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

bool mp_dominates(const double *a, const double *b, size_t n) {
    bool better = false;
    for (size_t i = 0; i < n; i++) {
        if (!(a[i] <= b[i]))
            return false;
        better = better || a[i] < b[i];
    }
    return better;
}

void mp_pareto_init(struct mp_pareto *p, size_t n) {
    assert(n >= 1 && n <= MP_OBJECTIVES_MAX);
    *p = (struct mp_pareto){.n = n};
}

void mp_pareto_finish(struct mp_pareto *p) {
    free(p->at);
    free(p->id);
    *p = (struct mp_pareto){.n = p->n};
}

bool mp_pareto_beats(const struct mp_pareto *p, const double *v) {
    for (size_t i = 0; i < p->count; i++)
        if (mp_dominates(p->at[i], v, p->n))
            return true;
    return false;
}

static void make_room(struct mp_pareto *p) {
    if (p->count < p->room)
        return;
    p->room = p->room ? 2 * p->room : 64;
    p->at = reallocarray(p->at, p->room, sizeof *p->at);
    p->id = reallocarray(p->id, p->room, sizeof *p->id);
    if (!p->at || !p->id)
        mp_out_of_memory();
}

void mp_pareto_add(struct mp_pareto *p, const double *v, uint64_t id) {
    size_t kept = 0;
    if (mp_pareto_beats(p, v))
        return;
    for (size_t i = 0; i < p->count; i++) {
        if (mp_dominates(v, p->at[i], p->n))
            continue;
        if (kept < i) {
            memcpy(p->at[kept], p->at[i], sizeof *p->at);
            p->id[kept] = p->id[i];
        }
        kept++;
    }
    p->count = kept;
    make_room(p);
    memset(p->at[p->count], 0, sizeof *p->at);
    memcpy(p->at[p->count], v, p->n * sizeof *v);
    p->id[p->count++] = id;
}

// Hypervolume. All points lie in the unit box, 0 the best; the volume is up to 1 in each objective.

typedef double point[MP_OBJECTIVES_MAX];

// A front of two objectives, by the first ascending and so the second descending, and the area that it dominates.
struct stairs {
    point *at;
    size_t count;
    double area;
};

static size_t first_above(const struct stairs *s, double x) { // the first point whose x is above
    size_t low = 0, high = s->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (s->at[middle][0] <= x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

// Area between the stairs' steps and a new one at (x, y) that drops points `from` to `to`.
static double gained(const struct stairs *s, size_t from, size_t to, double x, double y) {
    double area = 0, left = x, height = from > 0 ? s->at[from - 1][1] : 1;
    for (size_t i = from; i <= to; i++) {
        const double right = i < s->count ? s->at[i][0] : 1;
        if (right > left)
            area += (right - left) * (height - y), left = right;
        height = i < s->count ? s->at[i][1] : 0;
    }
    return area;
}

static void stairs_add(struct stairs *s, const double *v) {
    const size_t above = first_above(s, v[0]);
    if (above > 0 && s->at[above - 1][1] <= v[1])
        return;
    size_t from = above, to = above;
    while (from > 0 && s->at[from - 1][0] >= v[0]) // equal in the first, worse in the second
        from--;
    while (to < s->count && s->at[to][1] >= v[1])
        to++;
    s->area += gained(s, from, to, v[0], v[1]);
    memmove(s->at + from + 1, s->at + to, (s->count - to) * sizeof *s->at);
    s->count += 1 - (to - from);
    memcpy(s->at[from], v, sizeof *s->at);
}

static int by_last(const void *a, const void *b, void *user) {
    const size_t last = *(const size_t *)user - 1;
    const double x = ((const double *)a)[last], y = ((const double *)b)[last];
    return (x > y) - (x < y);
}

// How far a slice reaches: to the next point's value, or to the nadir.
static double depth(const point *at, size_t count, size_t i, size_t k) {
    return (i + 1 < count ? at[i + 1][k] : 1) - at[i][k];
}

// Each of these takes points in ascending order of their last objective.

static double area_of(const point *at, size_t count) {
    double sum = 0, least = 1;
    for (size_t i = 0; i < count; i++) {
        least = fmin(least, at[i][0]);
        sum += depth(at, count, i, 1) * (1 - least);
    }
    return sum;
}

static double volume_of(const point *at, size_t count, point *room) {
    struct stairs stairs = {.at = room};
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        stairs_add(&stairs, at[i]);
        sum += depth(at, count, i, 2) * stairs.area;
    }
    return sum;
}

// Into the points of a slice, by the third objective, those that others dominate in the first three left out.
static size_t slice_add(point *slice, size_t count, const double *v) {
    size_t kept = 0, at = 0;
    for (size_t i = 0; i < count; i++)
        if (mp_dominates(slice[i], v, 3) || memcmp(slice[i], v, 3 * sizeof *v) == 0)
            return count;
    for (size_t i = 0; i < count; i++)
        if (!mp_dominates(v, slice[i], 3))
            memmove(slice[kept++], slice[i], sizeof *slice);
    while (at < kept && slice[at][2] <= v[2])
        at++;
    memmove(slice + at + 1, slice + at, (kept - at) * sizeof *slice);
    memcpy(slice[at], v, sizeof *slice);
    return kept + 1;
}

static double volume4_of(const point *at, size_t count, point *room, point *slice) {
    double sum = 0;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        n = slice_add(slice, n, at[i]);
        if (depth(at, count, i, 3) > 0)
            sum += depth(at, count, i, 3) * volume_of(slice, n, room);
    }
    return sum;
}

static point *make_points(size_t count) {
    point *at = reallocarray(NULL, count + 1, sizeof *at);
    if (!at)
        mp_out_of_memory();
    return at;
}

static double volume(point *unit, size_t count, size_t n) {
    point *room = make_points(count), *slice = make_points(count);
    qsort_r(unit, count, sizeof *unit, by_last, &n);
    const double v = n == 1   ? (count > 0 ? 1 - unit[0][0] : 0)
                     : n == 2 ? area_of(unit, count)
                     : n == 3 ? volume_of(unit, count, room)
                              : volume4_of(unit, count, room, slice);
    free(room);
    free(slice);
    return v;
}

double mp_hypervolume(const double (*at)[MP_OBJECTIVES_MAX], size_t count, size_t n, const double *ideal, const double *nadir) {
    assert(n >= 1 && n <= MP_OBJECTIVES_MAX);
    point *unit = make_points(count);
    size_t inside = 0;
    for (size_t i = 0; i < count; i++) {
        bool in = true;
        for (size_t k = 0; k < n; k++) {
            const double x = (at[i][k] - ideal[k]) / (nadir[k] - ideal[k]);
            unit[inside][k] = fmax(0, x);
            in = in && x < 1;
        }
        inside += in;
    }
    const double v = volume(unit, inside, n);
    free(unit);
    return v;
}
