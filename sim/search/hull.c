// SPDX-License-Identifier: Apache-2.0
// From the ends inwards: the slope between two vertices, as weight, finds the one that lies farthest below their line.
#include "sim/search/hull.h"

#include <math.h>
#include <string.h>

#define NOISE 1e-12 // relative: sums in another order

struct point {
    double cost, harm;
};

struct finder {
    const struct mp_stages *s;
    size_t cost;
    struct mp_arena *arena, scratch;
    double *least;
    uint8_t *option;
    struct point at[MP_HULL_EDGES + 1]; // vertices so far, ascending costs
    bool done[MP_HULL_EDGES + 1];       // nothing lies below the edge behind the vertex
    size_t count;
};

static double least_of(struct finder *f, double harm, double cost) {
    double weight[MP_QUANTITIES] = {0};
    weight[MP_HARM] = harm;
    weight[MP_COST_AT(f->cost)] = cost;
    return mp_stages_least(f->s, weight, f->least);
}

static struct point solve(struct finder *f, double harm, double cost) {
    double weight[MP_QUANTITIES] = {0};
    weight[MP_HARM] = harm;
    weight[MP_COST_AT(f->cost)] = cost;
    mp_stages_least(f->s, weight, f->least);
    mp_stages_trace(f->s, weight, f->least, f->option);
    return (struct point){mp_problem_cost(f->s->p, f->cost, f->option), mp_problem_harm(f->s->p, f->option)};
}

static double slope_of(const struct point *a, const struct point *b) {
    return (a->harm - b->harm) / (b->cost - a->cost);
}

// The edge that is not done yet whose triangle is the largest; SIZE_MAX when there is none.
static size_t widest(const struct finder *f) {
    size_t at = SIZE_MAX;
    double most = -1;
    for (size_t i = 0; i + 1 < f->count; i++) {
        double area = (f->at[i + 1].cost - f->at[i].cost) * (f->at[i].harm - f->at[i + 1].harm);
        if (!f->done[i] && area > most)
            most = area, at = i;
    }
    return at;
}

static void insert(struct finder *f, size_t behind, struct point p) {
    memmove(&f->at[behind + 2], &f->at[behind + 1], (f->count - behind - 1) * sizeof *f->at);
    memmove(&f->done[behind + 2], &f->done[behind + 1], (f->count - behind - 1) * sizeof *f->done);
    f->at[behind + 1] = p;
    f->done[behind + 1] = false;
    f->count++;
}

static void split(struct finder *f, size_t edge) {
    const struct point *a = &f->at[edge], *b = &f->at[edge + 1];
    const double slope = slope_of(a, b), line = a->harm + slope * a->cost;
    const struct point p = solve(f, 1, slope);
    const double noise = NOISE * (fabs(a->harm) + slope * a->cost);
    if (p.harm + slope * p.cost >= line - noise || p.cost <= a->cost || p.cost >= b->cost || p.harm >= a->harm ||
        p.harm <= b->harm)
        f->done[edge] = true;
    else
        insert(f, edge, p);
}

// The two ends: of equal costs the least harm, of equal harms the least cost.
static void find_ends(struct finder *f) {
    const struct point free = solve(f, 1, 0), cheap = solve(f, 0, 1);
    const double cost_scale = fabs(free.cost) + 1, harm_scale = fabs(cheap.harm - free.harm) + 1;
    const struct point left = solve(f, 1e-9 / harm_scale, 1), right = solve(f, 1, 1e-9 / cost_scale);
    f->at[f->count++] = left.cost <= cheap.cost && left.harm <= cheap.harm ? left : cheap;
    const struct point end = right.harm <= free.harm && right.cost <= free.cost ? right : free;
    if (end.cost > f->at[0].cost && end.harm < f->at[0].harm)
        f->at[f->count++] = end;
    else if (end.cost <= f->at[0].cost)
        f->at[0] = end;
}

void mp_hull_make(struct mp_hull *h, const struct mp_stages *s, size_t cost, struct mp_arena *a) {
    struct finder f = {.s = s, .cost = cost, .arena = a};
    f.least = mp_arena_alloc(&f.scratch, s->state_count, sizeof *f.least);
    f.option = mp_arena_alloc(&f.scratch, s->p->var_count, sizeof *f.option);
    find_ends(&f);
    for (size_t edge; f.count <= MP_HULL_EDGES && (edge = widest(&f)) != SIZE_MAX;)
        split(&f, edge);
    *h = (struct mp_hull){.count = f.count, .edges = f.count - 1};
    h->cost = mp_arena_alloc(a, f.count, sizeof *h->cost);
    h->harm = mp_arena_alloc(a, f.count, sizeof *h->harm);
    h->slope = mp_arena_alloc(a, f.count, sizeof *h->slope);
    h->value = mp_arena_alloc(a, f.count, sizeof *h->value);
    h->least = mp_arena_alloc(a, s->state_count * h->edges, sizeof *h->least);
    for (size_t i = 0; i < f.count; i++)
        h->cost[i] = f.at[i].cost, h->harm[i] = f.at[i].harm;
    for (size_t i = 0; i < h->edges; i++) {
        h->slope[i] = slope_of(&f.at[i], &f.at[i + 1]);
        h->value[i] = least_of(&f, 1, h->slope[i]);
        for (size_t k = 0; k < s->state_count; k++)
            h->least[k * h->edges + i] = f.least[k];
    }
    mp_arena_finish(&f.scratch);
}
