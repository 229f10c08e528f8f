// SPDX-License-Identifier: Apache-2.0
// The first generation is a Halton sample. Children: tournament by rank and crowding, uniform crossover of the axes, mutation of
// an axis to a neighbouring value or to any. No design is visited twice; where a pair gives nothing new after some tries, the
// next design of a permutation of the space comes in. Designs that cannot be evaluated or break a constraint rank last.
#include "sim/explore/evolve.h"

#include "sim/base/hash.h"
#include "sim/base/random.h"
#include "sim/explore/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TRIES 32
#define UNRANKED SIZE_MAX

struct member {
    struct mp_choice choice;
    double at[MP_OBJECTIVES_MAX];
    bool bad;          // not evaluated: behind all that are
    size_t rank, betters; // betters: of those without a rank yet
    double crowding;
    uint64_t number;   // of its visit: breaks ties
};

struct evolution {
    struct mp_batch *b;
    const struct mp_sweep *s;
    struct mp_random random;
    struct member *all;       // parents, then children
    size_t parents, children, population;
    struct mp_arena *arena;
    uint64_t *seen, mask;     // designs visited: open addressing, design + 1
    uint64_t seen_count;
    uint64_t visited, budget, next; // next: of the permutation
};

static bool see_in(uint64_t *seen, uint64_t mask, uint64_t design) {
    uint64_t at = mp_hash(0, &design, sizeof design) & mask;
    for (; seen[at]; at = (at + 1) & mask)
        if (seen[at] == design + 1)
            return false;
    seen[at] = design + 1;
    return true;
}

// Half of the places are free at least: the budget alone says nothing about how many designs will be visited before somebody
// ends the sweep.
static void make_room(struct evolution *e) {
    if (2 * e->seen_count < e->mask)
        return;
    const uint64_t mask = 2 * e->mask + 1;
    uint64_t *seen = mp_arena_alloc(e->arena, mask + 1, sizeof *seen);
    for (uint64_t i = 0; i <= e->mask; i++)
        if (e->seen[i])
            see_in(seen, mask, e->seen[i] - 1);
    e->seen = seen, e->mask = mask;
}

static bool see(struct evolution *e, uint64_t design) {
    make_room(e);
    const bool is_new = see_in(e->seen, e->mask, design);
    e->seen_count += is_new;
    return is_new;
}

static double unit(struct evolution *e) {
    return (double)(mp_random_next(&e->random) >> 11) * 0x1p-53;
}

static size_t below(struct evolution *e, size_t n) {
    return (size_t)mp_random_range(&e->random, 0, (int64_t)n - 1);
}

// Visiting

static bool visit(struct evolution *e, struct member *m, size_t count, struct mp_err *err) {
    struct mp_visit v[MP_GENERATION];
    for (size_t at = 0; at < count && !e->b->stopped; at += MP_GENERATION) {
        size_t n = count - at < MP_GENERATION ? count - at : MP_GENERATION;
        for (size_t i = 0; i < n; i++)
            v[i] = (struct mp_visit){.point = e->visited + i, .design = mp_sweep_index(e->s, &m[at + i].choice)};
        if (!mp_batch_run(e->b, v, n, err))
            return false;
        for (size_t i = 0; i < n; i++) {
            m[at + i].number = e->visited + i;
            m[at + i].bad = v[i].status != MP_POINT_EVALUATED;
            memcpy(m[at + i].at, v[i].objectives, sizeof v[i].objectives);
        }
        e->visited += n;
    }
    return true;
}

// Ranks

static bool better(const struct evolution *e, const struct member *a, const struct member *b) {
    if (a->bad != b->bad)
        return b->bad;
    return !a->bad && mp_dominates(a->at, b->at, e->s->objective_count);
}

// Layer by layer: a member is free once all that are better have their rank.
static void set_ranks(struct evolution *e, struct member *m, size_t count) {
    size_t left = count;
    for (size_t i = 0; i < count; i++) {
        m[i].rank = UNRANKED, m[i].betters = 0;
        for (size_t k = 0; k < count; k++)
            m[i].betters += better(e, &m[k], &m[i]);
    }
    for (size_t rank = 0; left > 0; rank++) {
        for (size_t i = 0; i < count; i++)
            if (m[i].rank == UNRANKED && m[i].betters == 0)
                m[i].rank = rank, left--;
        for (size_t i = 0; i < count; i++)
            for (size_t k = 0; m[i].rank == rank && k < count; k++)
                m[k].betters -= better(e, &m[i], &m[k]);
    }
}

struct order {
    double value;
    size_t i;
};

static int by_value(const void *x, const void *y) {
    const struct order *a = x, *b = y;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    return a->i < b->i ? -1 : a->i > b->i;
}

// Distance to the neighbours of the same rank along each objective, over the rank's span.
static void set_crowding(struct evolution *e, struct member *m, size_t count, struct order *scratch) {
    size_t ranks = 0;
    for (size_t i = 0; i < count; i++) {
        m[i].crowding = 0;
        ranks = m[i].rank + 1 > ranks ? m[i].rank + 1 : ranks;
    }
    for (size_t rank = 0; rank < ranks; rank++)
        for (size_t o = 0; o < e->s->objective_count; o++) {
            size_t n = 0;
            for (size_t i = 0; i < count; i++)
                if (m[i].rank == rank)
                    scratch[n++] = (struct order){m[i].bad ? 0 : m[i].at[o], i};
            qsort(scratch, n, sizeof *scratch, by_value);
            double span = n > 0 ? scratch[n - 1].value - scratch[0].value : 0;
            for (size_t k = 0; k < n; k++)
                m[scratch[k].i].crowding += k == 0 || k + 1 == n ? INFINITY
                                            : span > 0 ? (scratch[k + 1].value - scratch[k - 1].value) / span : 0;
        }
}

static int by_fitness(const void *x, const void *y) {
    const struct member *a = x, *b = y;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (a->crowding != b->crowding)
        return a->crowding > b->crowding ? -1 : 1;
    return a->number < b->number ? -1 : a->number > b->number;
}

static void select_best(struct evolution *e, struct order *scratch) {
    size_t count = e->parents + e->children;
    set_ranks(e, e->all, count);
    set_crowding(e, e->all, count, scratch);
    qsort(e->all, count, sizeof *e->all, by_fitness);
    e->parents = count < e->population ? count : e->population;
    e->children = 0;
}

// Children

static const struct member *tournament(struct evolution *e) {
    size_t a = below(e, e->parents), b = below(e, e->parents);
    return &e->all[a < b ? a : b]; // they are sorted
}

static void mutate(struct evolution *e, struct mp_choice *c) {
    const double p = 1.0 / (double)(e->s->axis_count + 1);
    if (e->s->base_count > 1 && unit(e) < p)
        c->base = (uint32_t)below(e, e->s->base_count);
    for (size_t i = 0; i < e->s->axis_count; i++) {
        const size_t n = e->s->axes[i].value_count;
        if (n < 2 || unit(e) >= p)
            continue;
        if (unit(e) < 0.5)
            c->value[i] = (uint32_t)below(e, n);
        else if (unit(e) < 0.5)
            c->value[i] += c->value[i] + 1 < n;
        else
            c->value[i] -= c->value[i] > 0;
    }
}

static void cross(struct evolution *e, struct mp_choice *out) {
    const struct member *a = tournament(e), *b = tournament(e);
    *out = a->choice;
    if (unit(e) < 0.5)
        out->base = b->choice.base;
    for (size_t i = 0; i < e->s->axis_count; i++)
        if (unit(e) < 0.5)
            out->value[i] = b->choice.value[i];
    mutate(e, out);
    for (size_t i = 0; i < e->s->axis_count; i++)
        if (!mp_axis_applies(&e->s->axes[i], out->base))
            out->value[i] = 0;
}

static void make_child(struct evolution *e, struct mp_choice *out) {
    for (int i = 0; i < TRIES; i++) {
        cross(e, out);
        if (see(e, mp_sweep_index(e->s, out)))
            return;
    }
    uint64_t design;
    do
        design = mp_sample_permuted(e->next++, e->s->points, e->s->sampler.seed);
    while (!see(e, design));
    mp_sweep_choice(e->s, design, out);
}

static size_t room_for(const struct evolution *e) {
    uint64_t left = e->budget - e->visited;
    return left < e->population ? (size_t)left : e->population;
}

static void init(struct evolution *e, struct mp_batch *b, struct mp_arena *a) {
    e->b = b, e->s = b->job->sweep;
    e->random = (struct mp_random){e->s->sampler.seed};
    e->population = (size_t)e->s->sampler.population;
    e->budget = mp_sweep_visits(e->s);
    e->arena = a, e->mask = 1023;
    e->seen = mp_arena_alloc(a, e->mask + 1, sizeof *e->seen);
    e->all = mp_arena_alloc(a, 2 * e->population, sizeof *e->all);
    e->children = room_for(e);
    const uint64_t *first = mp_sample_halton(e->s, e->children, e->s->sampler.seed, a);
    for (size_t i = 0; i < e->children; i++) {
        see(e, first[i]);
        mp_sweep_choice(e->s, first[i], &e->all[i].choice);
    }
}

bool mp_evolve(struct mp_batch *b, struct mp_err *err) {
    struct evolution e = {0};
    struct mp_arena a = {0};
    init(&e, b, &a);
    struct order *scratch = mp_arena_alloc(&a, 2 * e.population, sizeof *scratch);
    bool ok = true;
    while (ok && e.children > 0 && !b->stopped) {
        ok = visit(&e, &e.all[e.parents], e.children, err);
        if (!ok || b->stopped)
            break;
        select_best(&e, scratch);
        size_t n = room_for(&e);
        for (size_t i = 0; i < n; i++)
            make_child(&e, &e.all[e.parents + i].choice);
        e.children = n;
    }
    mp_arena_finish(&a);
    return ok;
}
