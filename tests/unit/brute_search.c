// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/brute_search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool take(void *user, const uint8_t *option, const double sum[MP_QUANTITIES]) {
    struct brute *b = user;
    (void)option;
    memcpy(b->sum[b->count++], sum, sizeof b->sum[0]);
    return true;
}

void brute_list(struct brute *b, const struct mp_problem *p, struct mp_arena *a) {
    *b = (struct brute){.p = p};
    b->sum = mp_arena_alloc(a, mp_combinations(p), sizeof *b->sum);
    mp_enumerate(p, take, b);
}

bool brute_keeps(const struct brute *b, size_t at, const double bound[MP_QUANTITIES]) {
    for (size_t q = 0; q <= b->p->cost_count; q++)
        if (b->sum[at][q] > bound[q] + b->tolerance[q])
            return false;
    return true;
}

double brute_least(const struct brute *b, size_t quantity, const double bound[MP_QUANTITIES]) {
    double least = INFINITY;
    for (size_t i = 0; i < b->count; i++)
        if (b->sum[i][quantity] < least && brute_keeps(b, i, bound))
            least = b->sum[i][quantity];
    return least;
}

static size_t tie_quantity(const struct brute *b, const struct mp_solve_request *r) {
    if (r->objective != MP_HARM)
        return MP_HARM;
    for (size_t q = 1; q <= b->p->cost_count; q++)
        if (r->bound[q] < INFINITY)
            return q;
    return SIZE_MAX;
}

struct brute_optimum brute_solve(const struct brute *b, const struct mp_solve_request *r) {
    struct brute_optimum o = {.best = brute_least(b, r->objective, r->bound), .tie_by = tie_quantity(b, r), .tie = INFINITY};
    struct mp_solve_request optimal = *r;
    if (o.best < INFINITY && o.tie_by != SIZE_MAX) {
        optimal.bound[r->objective] = o.best;
        o.tie = brute_least(b, o.tie_by, optimal.bound);
    }
    return o;
}

static int by_cost(const void *x, const void *y) {
    const struct brute_point *a = x, *b = y;
    if (a->cost < b->cost || a->cost > b->cost)
        return a->cost < b->cost ? -1 : 1;
    return a->harm < b->harm ? -1 : a->harm > b->harm;
}

size_t brute_thin(const struct brute *b, size_t cost, struct brute_point *points, size_t count) {
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (n > 0 && points[i].harm >= points[n - 1].harm - b->tolerance[MP_HARM])
            continue;
        n -= n > 0 && points[i].cost <= points[n - 1].cost + b->tolerance[MP_COST_AT(cost)];
        points[n++] = points[i];
    }
    return n;
}

size_t brute_front(const struct brute *b, size_t cost, struct brute_point *out) {
    for (size_t i = 0; i < b->count; i++)
        out[i] = (struct brute_point){b->sum[i][MP_COST_AT(cost)], b->sum[i][MP_HARM]};
    qsort(out, b->count, sizeof *out, by_cost);
    return brute_thin(b, cost, out, b->count);
}
