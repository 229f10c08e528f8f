// SPDX-License-Identifier: Apache-2.0
// The order in which a space is walked, shard by shard and generation by generation, and the front that pruning holds
// designs against.
#include "sim/explore/explore.h"

#include "sim/base/clock.h"
#include "sim/explore/batch.h"
#include "sim/explore/evolve.h"
#include "sim/explore/sample.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct walk {
    const struct mp_explore_job *job;
    struct mp_batch batch;
    struct mp_pareto front;
    const uint64_t *halton; // designs in their order
    struct mp_grid grid;
};

static void begin_sample(struct walk *k, struct mp_arena *a) {
    const struct mp_sweep *s = k->job->sweep;
    if (s->sampler.kind == MP_SAMPLE_HALTON)
        k->halton = mp_sample_halton(s, mp_sweep_visits(s), s->sampler.seed, a);
    if (s->sampler.kind == MP_SAMPLE_GRID)
        mp_grid_init(&k->grid, s, a);
}

// The i-th design of the sample.
static void visit_of(const struct walk *k, uint64_t i, struct mp_visit *v) {
    const struct mp_sweep *s = k->job->sweep;
    *v = (struct mp_visit){.point = i, .design = i};
    if (s->sampler.kind == MP_SAMPLE_RANDOM)
        v->design = mp_sample_permuted(i, s->points, s->sampler.seed);
    else if (s->sampler.kind == MP_SAMPLE_HALTON)
        v->design = k->halton[i];
}

// The n-th of this shard: it has every shards-th of the sample.
static uint64_t point_of(const struct walk *k, uint64_t n) {
    return n * k->job->shards + k->job->shard;
}

static uint64_t shard_size(const struct mp_explore_job *job) {
    const uint64_t all = mp_sweep_visits(job->sweep);
    return all / job->shards + (job->shard < all % job->shards);
}

// Of equal vectors one is enough to hold others against: the front stays small where many designs tie.
static bool has_equal(const struct mp_pareto *p, const double *v) {
    bool found = false;
    for (size_t i = 0; i < p->count && !found; i++)
        found = memcmp(p->at[i], v, p->n * sizeof *v) == 0;
    return found;
}

static bool run_generation(struct walk *k, struct mp_visit *visits, size_t count, struct mp_err *err) {
    if (!mp_batch_run(&k->batch, visits, count, err))
        return false;
    for (size_t i = 0; i < count && k->job->sweep->prune && !k->batch.stopped; i++)
        if (visits[i].status == MP_POINT_EVALUATED && !has_equal(&k->front, visits[i].objectives))
            mp_pareto_add(&k->front, visits[i].objectives, visits[i].point);
    return true;
}

static bool walk_plain(struct walk *k, struct mp_err *err) {
    const uint64_t all = mp_sweep_visits(k->job->sweep);
    const bool grid = k->job->sweep->sampler.kind == MP_SAMPLE_GRID;
    struct mp_visit visits[MP_GENERATION];
    for (uint64_t n = 0; n < all && !k->batch.stopped;) {
        size_t count = 0;
        for (; count < MP_GENERATION && n < all; n++) {
            uint64_t i = grid ? mp_grid_at(&k->grid, n) : n;
            if (i % k->job->shards == k->job->shard)
                visit_of(k, i, &visits[count++]);
        }
        if (!run_generation(k, visits, count, err))
            return false;
    }
    return true;
}

// Pruning: by bound

struct promise {
    double rank; // log of the product of the bounds: the lower, the more promising
    uint64_t n;
    double bound[MP_OBJECTIVES_MAX];
};

static int by_rank(const void *x, const void *y) {
    const struct promise *a = x, *b = y;
    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    return a->n < b->n ? -1 : a->n > b->n;
}

static void bound_window(struct walk *k, uint64_t from, size_t count, struct promise *out) {
    const size_t objectives = k->job->sweep->objective_count;
    for (size_t at = 0; at < count; at += MP_GENERATION) {
        uint64_t designs[MP_GENERATION];
        double bounds[MP_GENERATION][MP_OBJECTIVES_MAX];
        size_t n = count - at < MP_GENERATION ? count - at : MP_GENERATION;
        for (size_t i = 0; i < n; i++) {
            struct mp_visit v;
            visit_of(k, point_of(k, from + at + i), &v);
            designs[i] = v.design;
        }
        mp_batch_bounds(&k->batch, designs, n, bounds);
        for (size_t i = 0; i < n; i++) {
            struct promise *p = &out[at + i];
            *p = (struct promise){.n = from + at + i};
            for (size_t o = 0; o < objectives; o++)
                p->bound[o] = bounds[i][o], p->rank += log(bounds[i][o]);
        }
        if (k->job->progress)
            k->job->progress(k->job->user, "bounds", at + n, count, k->batch.stats);
        if (k->job->stopped && k->job->stopped())
            k->batch.stopped = true;
        if (k->batch.stopped)
            return;
    }
}

static bool walk_window(struct walk *k, uint64_t from, size_t count, struct promise *p, struct mp_err *err) {
    struct mp_visit visits[MP_GENERATION];
    bound_window(k, from, count, p);
    qsort(p, count, sizeof *p, by_rank);
    for (size_t at = 0; at < count && !k->batch.stopped;) {
        size_t n = 0;
        for (; n < MP_GENERATION && at < count; at++, n++) {
            visit_of(k, point_of(k, p[at].n), &visits[n]);
            visits[n].pruned = mp_pareto_beats(&k->front, p[at].bound);
        }
        if (!run_generation(k, visits, n, err))
            return false;
    }
    return true;
}

static bool walk_pruned(struct walk *k, struct mp_err *err) {
    const uint64_t size = shard_size(k->job);
    const size_t room = size < MP_WINDOW ? (size_t)size : (size_t)MP_WINDOW;
    struct promise *p = malloc((room ? room : 1) * sizeof *p);
    bool ok = true;
    if (!p)
        mp_out_of_memory();
    for (uint64_t from = 0; ok && from < size && !k->batch.stopped; from += room)
        ok = walk_window(k, from, size - from < room ? (size_t)(size - from) : room, p, err);
    free(p);
    return ok;
}

static bool walk(struct walk *k, struct mp_arena *a, struct mp_err *err) {
    const struct mp_sweep *s = k->job->sweep;
    k->batch.all = shard_size(k->job);
    if (mp_batch_complete(&k->batch))
        return true;
    if (s->sampler.kind == MP_SAMPLE_NSGA2)
        return mp_evolve(&k->batch, err);
    begin_sample(k, a);
    return s->prune ? walk_pruned(k, err) : walk_plain(k, err);
}

bool mp_explore_check(const struct mp_sweep *s, unsigned shards, struct mp_err *err) {
    if (shards > 1 && s->sampler.kind == MP_SAMPLE_NSGA2)
        return mp_fail(err, "%s: /sampler/kind, --shard: nsga2 cannot be cut into shards: a generation needs the one before",
                       s->path);
    if (s->sampler.kind == MP_SAMPLE_NSGA2 && s->sampler.points < s->sampler.population && s->sampler.points < s->points)
        return mp_fail(err, "%s: /sampler/points, --points: must be at least the population, %" PRIu64 " (got %" PRIu64 ")",
                       s->path, s->sampler.population, s->sampler.points);
    if (s->sampler.kind == MP_SAMPLE_HALTON && mp_sweep_visits(s) > MP_HALTON_MAX)
        return mp_fail(err, "%s: /sampler/points, --points: halton takes at most %d designs", s->path, MP_HALTON_MAX);
    return mp_sweep_check(s, err);
}

static void begin_stats(struct mp_explore_stats *stats, const struct mp_sweep *s, struct mp_arena *a) {
    *stats = (struct mp_explore_stats){.excluded_by = mp_arena_alloc(a, s->constraint_count, sizeof *stats->excluded_by)};
}

bool mp_explore_try(const struct mp_explore_job *job, struct mp_arena *a, struct mp_explore_stats *stats, uint64_t *tried,
                    struct mp_err *err) {
    const struct mp_sweep *s = job->sweep;
    const uint64_t size = shard_size(job);
    struct walk k = {.job = job};
    begin_stats(stats, s, a);
    *tried = 0;
    if (s->sampler.kind == MP_SAMPLE_NSGA2 || size > MP_TRIED_MAX)
        return true;
    begin_sample(&k, a);
    const bool ok = mp_batch_init(&k.batch, job, a, stats, err);
    while (ok && *tried < size) {
        struct mp_visit visits[MP_GENERATION];
        size_t n = 0;
        for (; n < MP_GENERATION && *tried < size; ++*tried)
            visit_of(&k, point_of(&k, *tried), &visits[n++]);
        mp_batch_try(&k.batch, visits, n);
    }
    stats->visited = 0;
    mp_batch_finish(&k.batch);
    return ok;
}

static bool finish(const struct mp_explore_job *job, struct mp_err *err) {
    return mp_store_begin(job->store, err) &&
           mp_store_add_done(job->store, job->sweep->key, job->shard, job->shards, err) && mp_store_commit(job->store, err);
}

bool mp_explore_run(const struct mp_explore_job *job, struct mp_arena *a, struct mp_explore_stats *stats, bool *complete,
                    struct mp_err *err) {
    struct walk k = {.job = job};
    const double began = mp_seconds();
    begin_stats(stats, job->sweep, a);
    *complete = false;
    bool ok = mp_batch_init(&k.batch, job, a, stats, err);
    mp_pareto_init(&k.front, job->sweep->objective_count);
    ok = ok && walk(&k, a, err) && (k.batch.stopped || finish(job, err));
    *complete = ok && !k.batch.stopped;
    mp_batch_finish(&k.batch);
    mp_pareto_finish(&k.front);
    stats->seconds = mp_seconds() - began;
    return ok;
}
