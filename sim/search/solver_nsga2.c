// SPDX-License-Identifier: Apache-2.0
// NSGA-II (Deb, Pratap, Agarwal and Meyarivan, IEEE Transactions on Evolutionary Computation 6(2), 2002) over the options: harm
// by the metric against the objective, each plan priced as a whole, so that costs need not add up. Bounds by constrained
// domination, as there. Uniform crossover; a gene mutates to a neighbouring option or to any. The front is the best of all
// generations.
#include "sim/search/seek.h"
#include "sim/search/solvers.h"

#include "sim/base/random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct member {
    struct mp_point p;
    double value, harm, excess; // excess: by how much bounds are broken, relative, summed
    size_t rank, number;        // rank: front; number: breaks ties
    double crowding;
};

struct evolution {
    struct mp_seek *s;
    struct mp_random random;
    struct member *all;          // parents, then children
    size_t population, number;
    struct member *archive;      // not dominated, keeping all bounds; ascending values
    size_t archived, archive_room;
    size_t *dominated_by;        // scratch of the sort
};

static double unit_random(struct mp_random *r) {
    return (double)(mp_random_next(r) >> 11) * 0x1p-53;
}

static bool dominates(const struct member *a, const struct member *b) {
    if (a->excess > 0 || b->excess > 0)
        return a->excess < b->excess;
    return a->value <= b->value && a->harm <= b->harm && (a->value < b->value || a->harm < b->harm);
}

static double excess_of(const struct mp_seek *s, const struct mp_point *p) {
    const struct mp_search_job *job = s->job;
    double sum = 0;
    for (size_t q = 0; q < MP_QUANTITIES; q++)
        if (p->sum[q] > job->bound[q] + s->slack[q])
            sum += (p->sum[q] - job->bound[q]) / (fabs(job->bound[q]) > 0 ? fabs(job->bound[q]) : 1);
    return sum;
}

static bool make_member(struct evolution *e, const uint8_t *option, struct member *m) {
    *m = (struct member){.number = e->number++};
    if (!mp_seek_price(e->s, option, &m->p))
        return false;
    m->value = mp_seek_front_value(e->s->job, &m->p);
    m->harm = m->p.sum[MP_HARM];
    m->excess = excess_of(e->s, &m->p);
    return true;
}

static int by_value(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    if (x->value < y->value || x->value > y->value)
        return x->value < y->value ? -1 : 1;
    if (x->harm < y->harm || x->harm > y->harm)
        return x->harm < y->harm ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

static int by_rank(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->crowding < y->crowding || x->crowding > y->crowding)
        return x->crowding > y->crowding ? -1 : 1;
    return x->number < y->number ? -1 : x->number > y->number;
}

// The archive with what is new in it.
static void archive(struct evolution *e, const struct member *from, size_t count) {
    if (e->archived + count > e->archive_room) {
        size_t room = 2 * (e->archived + count);
        e->archive = mp_arena_grow(e->s->arena, e->archive, e->archived, room, sizeof *e->archive);
        e->archive_room = room;
    }
    for (size_t i = 0; i < count; i++)
        if (!(from[i].excess > 0))
            e->archive[e->archived++] = from[i];
    qsort(e->archive, e->archived, sizeof *e->archive, by_value);
    size_t kept = 0;
    for (size_t i = 0; i < e->archived; i++)
        if (kept == 0 || e->archive[i].harm < e->archive[kept - 1].harm)
            e->archive[kept++] = e->archive[i];
    e->archived = kept;
}

// Ranks of the non-dominated sort. Few members: every pair is compared, front after front.
static void set_ranks(struct evolution *e, size_t count) {
    for (size_t i = 0; i < count; i++) {
        e->all[i].rank = SIZE_MAX;
        e->dominated_by[i] = 0;
        for (size_t k = 0; k < count; k++)
            e->dominated_by[i] += k != i && dominates(&e->all[k], &e->all[i]);
    }
    for (size_t rank = 0, left = count; left > 0; rank++) {
        for (size_t i = 0; i < count; i++)
            if (e->all[i].rank == SIZE_MAX && e->dominated_by[i] == 0)
                e->all[i].rank = rank, left--;
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; e->all[i].rank == rank && k < count; k++)
                if (e->all[k].rank == SIZE_MAX && dominates(&e->all[i], &e->all[k]))
                    e->dominated_by[k]--;
    }
}

// Members of one rank stand together, in order of their values: along a front harms then fall.
static int by_rank_value(const void *a, const void *b) {
    const struct member *x = a, *y = b;
    if (x->rank != y->rank)
        return x->rank < y->rank ? -1 : 1;
    return by_value(a, b);
}

static void set_crowding(struct evolution *e, size_t count) {
    qsort(e->all, count, sizeof *e->all, by_rank_value);
    for (size_t first = 0, last; first < count; first = last + 1) {
        for (last = first; last + 1 < count && e->all[last + 1].rank == e->all[first].rank; last++)
            ;
        const double width = e->all[last].value - e->all[first].value, height = fabs(e->all[first].harm - e->all[last].harm);
        e->all[first].crowding = e->all[last].crowding = INFINITY;
        for (size_t i = first + 1; i < last; i++)
            e->all[i].crowding = (width > 0 ? (e->all[i + 1].value - e->all[i - 1].value) / width : 0) +
                                 (height > 0 ? fabs(e->all[i - 1].harm - e->all[i + 1].harm) / height : 0);
    }
}

static void select_best(struct evolution *e, size_t count) {
    set_ranks(e, count);
    set_crowding(e, count);
    qsort(e->all, count, sizeof *e->all, by_rank);
}

static const struct member *tournament(struct evolution *e) {
    const struct member *a = &e->all[mp_random_range(&e->random, 0, (int64_t)e->population - 1)];
    const struct member *b = &e->all[mp_random_range(&e->random, 0, (int64_t)e->population - 1)];
    return by_rank(a, b) <= 0 ? a : b;
}

static void mutate(struct evolution *e, uint8_t *option) {
    const struct mp_problem *p = e->s->job->problem;
    for (size_t v = 0; v < p->var_count; v++) {
        const int64_t last = (int64_t)p->vars[v].options - 1;
        if (last == 0 || unit_random(&e->random) * (double)p->var_count >= 2) // two genes a child, about
            continue;
        const int64_t near = option[v] + (mp_random_next(&e->random) & 1 ? 1 : -1);
        const bool any = unit_random(&e->random) < 0.25 || near < 0 || near > last;
        option[v] = (uint8_t)(any ? mp_random_range(&e->random, 0, last) : near);
    }
}

static bool breed(struct evolution *e, uint8_t *option) {
    const size_t n = e->s->job->problem->var_count;
    for (size_t i = 0; i < e->population; i++) {
        const struct member *a = tournament(e), *b = tournament(e);
        for (size_t v = 0; v < n; v++)
            option[v] = mp_random_next(&e->random) & 1 ? a->p.option[v] : b->p.option[v];
        mutate(e, option);
        if (mp_seek_stopped(e->s) || !make_member(e, option, &e->all[e->population + i]))
            return false;
    }
    return true;
}

// Every uniform choice, then drawn ones between two options each.
static bool first_population(struct evolution *e, uint8_t *option) {
    const struct mp_problem *p = e->s->job->problem;
    size_t most = 1;
    for (size_t v = 0; v < p->var_count; v++)
        most = p->vars[v].options > most ? p->vars[v].options : most;
    for (size_t i = 0; i < e->population; i++) {
        const size_t narrowest = i < most ? i : (size_t)mp_random_range(&e->random, 0, (int64_t)most - 1);
        for (size_t v = 0; v < p->var_count; v++) {
            const size_t last = p->vars[v].options - 1, top = narrowest < last ? narrowest : last;
            option[v] = (uint8_t)(i < most ? top : (size_t)mp_random_range(&e->random, 0, (int64_t)top));
        }
        if (mp_seek_stopped(e->s) || !make_member(e, option, &e->all[i]))
            return false;
    }
    return true;
}

static void evolve(struct evolution *e, uint8_t *option) {
    if (!first_population(e, option))
        return;
    select_best(e, e->population);
    archive(e, e->all, e->population);
    for (uint64_t g = 0; g < e->s->job->generations && breed(e, option); g++) {
        archive(e, e->all + e->population, e->population);
        select_best(e, 2 * e->population);
    }
}

static bool run(const struct mp_search_job *job, struct mp_arena *a, struct mp_search_result *out, struct mp_err *err) {
    struct mp_seek s = mp_seek_begin(job, a, out, err);
    struct evolution e = {.s = &s, .random = {job->seed}, .population = job->population};
    size_t room = 0;
    e.all = mp_arena_alloc(a, 2 * e.population, sizeof *e.all);
    e.dominated_by = mp_arena_alloc(a, 2 * e.population, sizeof *e.dominated_by);
    evolve(&e, mp_seek_widest(&s));
    for (size_t i = 0; i < e.archived; i++)
        mp_seek_add_front(&s, &e.archive[i].p, &room);
    if (out->front_count == 0 && !mp_seek_over(&s))
        out->why = "no plan that was met keeps all bounds";
    return !s.failed && mp_seek_pick(&s);
}

const struct mp_solver mp_solver_nsga2 = {
    .name = "nsga2",
    .help = "evolution of a front, plans priced as a whole: for costs that do not add up",
    .source = "Deb et al., IEEE Transactions on Evolutionary Computation 6(2), 2002",
    .run = run,
};
