// SPDX-License-Identifier: Apache-2.0
// A generation, piece by piece: designs are made over threads, the store is asked for results, what is missing is evaluated
// over threads, and the piece is committed. Pieces are sized by time; what is stored does not depend on them.
#include "sim/explore/batch.h"

#include "sim/base/clock.h"
#include "sim/base/pool.h"
#include "sim/explore/figures.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define PIECE_SECONDS 0.5

// Points that are there

// By its text, which is the reason of what it excludes. Equal ones are the first.
static uint32_t constraint_of(const struct mp_sweep *s, enum mp_point_status status, const char *reason) {
    uint32_t i = 0;
    while (status == MP_POINT_EXCLUDED && i + 1 < s->constraint_count && strcmp(s->constraints[i], reason) != 0)
        i++;
    return i;
}

static bool keep_resumed(void *user, const struct mp_store_point *p) {
    struct mp_batch *b = user;
    if (p->index % b->job->shards != b->job->shard)
        return true; // another shard's
    if (b->resumed_count == b->resumed_room) {
        size_t room = b->resumed_room ? 2 * b->resumed_room : 1024;
        b->resumed = mp_arena_grow(b->arena, b->resumed, b->resumed_count, room, sizeof *b->resumed);
        b->resumed_room = room;
    }
    b->resumed[b->resumed_count++] = (struct mp_resumed){p->index, p->design, constraint_of(b->job->sweep, p->status, p->reason),
                                                            p->status};
    return true;
}

static const struct mp_resumed *find_resumed(const struct mp_batch *b, uint64_t index) {
    size_t lo = 0, hi = b->resumed_count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (b->resumed[mid].index < index)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo < b->resumed_count && b->resumed[lo].index == index ? &b->resumed[lo] : NULL;
}

// Begin and end

static bool add_heads(struct mp_batch *b, struct mp_err *err) {
    const struct mp_sweep *s = b->job->sweep;
    struct mp_store *store = b->job->store;
    int64_t networks[MP_SWEEP_NETWORKS];
    double weights[MP_SWEEP_NETWORKS];
    for (size_t i = 0; i < s->base_count; i++) {
        const struct mp_store_base base = {s->bases[i].key, s->bases[i].name, s->bases[i].arch, s->bases[i].tech};
        if (!mp_store_add_base(store, &base, err))
            return false;
    }
    for (size_t i = 0; i < s->network_count; i++) {
        const struct mp_sweep_network *n = &s->networks[i];
        const struct mp_store_network network = {n->key, n->name, n->workload->name, n->text};
        networks[i] = n->key, weights[i] = n->weight;
        if (!mp_store_add_network(store, &network, err))
            return false;
    }
    const struct mp_store_sweep sweep = {.sweep = s->key, .name = s->name, .space = s->text,
                                         .objectives = (const char *const *)s->objectives,
                                         .objective_count = s->objective_count, .networks = networks,
                                          .weights = weights,
                                         .network_count = s->network_count, .points = mp_sweep_visits(s)};
    return mp_store_add_sweep(store, &sweep, err);
}

static bool begin_store(struct mp_batch *b, struct mp_err *err) {
    const struct mp_explore_job *job = b->job;
    if (!mp_store_points(job->store, job->sweep->key, 0, keep_resumed, b, err))
        return false;
    if (b->resumed_count > 0 && !job->resume)
        return mp_fail(err, "%s: has %zu designs of this sweep already: --resume goes on with it", mp_store_path(job->store),
                       b->resumed_count);
    return mp_store_begin(job->store, err) && add_heads(b, err) && mp_store_commit(job->store, err);
}

bool mp_batch_init(struct mp_batch *b, const struct mp_explore_job *job, struct mp_arena *a, struct mp_explore_stats *stats,
                   struct mp_err *err) {
    *b = (struct mp_batch){.job = job, .arena = a, .stats = stats, .piece = 4 * job->threads};
    b->memo = mp_eval_memo_create(job->sweep->sampler.kind == MP_SAMPLE_GRID && !job->sweep->prune);
    b->workers = mp_arena_alloc(a, job->threads, sizeof *b->workers);
    b->slots = mp_arena_alloc(a, MP_GENERATION, sizeof *b->slots);
    for (unsigned i = 0; i < job->threads; i++)
        if (!mp_worker_create(&b->workers[i], job->sweep, b->memo, job->stopped, err))
            return false;
    return !job->store || begin_store(b, err);
}

void mp_batch_finish(struct mp_batch *b) {
    for (unsigned i = 0; b->workers && i < b->job->threads; i++)
        mp_worker_destroy(b->workers[i]);
    mp_eval_memo_destroy(b->memo);
    for (size_t i = 0; b->slots && i < MP_GENERATION; i++)
        mp_arena_finish(&b->slots[i].arena);
}

// A piece

struct piece {
    struct mp_batch *b;
    struct mp_visit *visits;
    struct mp_slot *slots;
};

static bool over(const struct mp_batch *b) {
    return b->job->stopped && b->job->stopped();
}

static void make_one(void *user, unsigned thread, size_t i) {
    const struct piece *p = user;
    mp_worker_make(p->b->workers[thread], p->visits[i].design, &p->slots[i]);
    if (p->slots[i].status == MP_POINT_EVALUATED && p->visits[i].pruned)
        p->slots[i].status = MP_POINT_PRUNED, p->slots[i].reason = "its lower bounds are dominated";
}

// Not begun once the sweep is to end: the piece is then given up.
static void evaluate_one(void *user, unsigned thread, size_t i) {
    const struct piece *p = user;
    if (p->slots[i].status == MP_POINT_EVALUATED && !over(p->b))
        mp_worker_evaluate(p->b->workers[thread], p->visits[i].design, &p->slots[i]);
}

static bool recall(struct piece *p, size_t count, struct mp_err *err) {
    const struct mp_sweep *s = p->b->job->sweep;
    for (size_t i = 0; i < count; i++) {
        struct mp_slot *slot = &p->slots[i];
        for (size_t n = 0; n < s->network_count && slot->status == MP_POINT_EVALUATED; n++)
            if (!mp_store_find_result(p->b->job->store, slot->design.key, s->networks[n].key, slot->rows[n], &slot->known[n], err))
                return false;
    }
    return true;
}

static bool write_one(struct piece *p, size_t i, struct mp_err *err) {
    const struct mp_sweep *s = p->b->job->sweep;
    struct mp_store *store = p->b->job->store;
    const struct mp_slot *slot = &p->slots[i];
    const struct mp_store_design design = {slot->design.key, slot->base, slot->design.values, slot->design.area_mm2};
    const struct mp_store_point point = {.sweep = s->key, .index = p->visits[i].point, .design = slot->design.key,
                                         .status = slot->status, .reason = slot->reason};
    if (!mp_store_add_design(store, &design, err))
        return false;
    const bool has_rows = slot->status == MP_POINT_EVALUATED ||
                          (slot->status == MP_POINT_EXCLUDED && slot->design.status == MP_POINT_EVALUATED);
    for (size_t n = 0; n < s->network_count && has_rows; n++) {
        const struct mp_store_result r = {slot->design.key, s->networks[n].key, slot->rows[n], slot->plans[n]};
        if (!slot->known[n] && !mp_store_add_result(store, &r, err))
            return false;
    }
    return mp_store_add_point(store, &point, err);
}

static void count_one(struct mp_batch *b, enum mp_point_status status, uint32_t constraint) {
    struct mp_explore_stats *s = b->stats;
    if (status == MP_POINT_EXCLUDED)
        s->excluded_by[constraint]++;
    s->visited++;
    s->evaluated += status == MP_POINT_EVALUATED, s->pruned += status == MP_POINT_PRUNED;
    s->excluded += status == MP_POINT_EXCLUDED, s->invalid += status == MP_POINT_INVALID;
}

static void count_slot(struct mp_batch *b, const struct mp_slot *slot) {
    count_one(b, slot->status, constraint_of(b->job->sweep, slot->status, slot->reason));
}

static void note_invalid(struct mp_batch *b, uint64_t point, const char *reason) {
    struct mp_explore_stats *s = b->stats;
    if (!s->why_invalid.text[0] || point < s->invalid_point) {
        snprintf(s->why_invalid.text, sizeof s->why_invalid.text, "%s", reason);
        s->invalid_point = point;
    }
}

static bool all_known(const struct mp_sweep *s, const struct mp_slot *slot) {
    bool all = true;
    for (size_t n = 0; n < s->network_count; n++)
        all &= slot->known[n];
    return all;
}

static void set_objectives(const struct mp_sweep *s, const struct mp_slot *slot, struct mp_visit *v) {
    double sum[MP_STORE_COLUMNS];
    v->status = slot->status;
    if (v->status != MP_POINT_EVALUATED)
        return;
    mp_slot_sum(s, slot, sum);
    mp_figures_objectives(sum, slot->design.area_mm2, (const char *const *)s->objectives, s->objective_count, v->objectives);
}

static bool run_piece(struct piece *p, size_t count, struct mp_err *err) {
    struct mp_batch *b = p->b;
    const struct mp_explore_job *job = b->job;
    mp_pool_run(job->threads, count, make_one, p);
    if (!recall(p, count, err))
        return false;
    mp_pool_run(job->threads, count, evaluate_one, p);
    if (over(b))
        return b->stopped = true;
    if (!mp_store_begin(job->store, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!write_one(p, i, err))
            return false;
    if (!mp_store_commit(job->store, err))
        return false;
    for (size_t i = 0; i < count; i++) {
        set_objectives(job->sweep, &p->slots[i], &p->visits[i]);
        count_slot(b, &p->slots[i]);
        if (p->slots[i].status == MP_POINT_INVALID)
            note_invalid(b, p->visits[i].point, p->slots[i].reason);
        b->stats->reused += p->slots[i].status == MP_POINT_EVALUATED && all_known(job->sweep, &p->slots[i]);
    }
    return true;
}

// A point that the store has: its status, and its figures where somebody will ask for them.
static bool take_resumed(struct mp_batch *b, struct mp_visit *v, const struct mp_resumed *r, struct mp_err *err) {
    const struct mp_sweep *s = b->job->sweep;
    struct mp_slot slot = {.status = r->status};
    struct mp_store_design design;
    bool found = true;
    v->status = r->status;
    if (r->status == MP_POINT_EVALUATED && (s->prune || s->sampler.kind == MP_SAMPLE_NSGA2)) {
        slot.rows = mp_arena_alloc(&slot.arena, s->network_count, sizeof *slot.rows);
        bool ok = mp_store_find_design(b->job->store, r->design, &slot.arena, &design, &found, err);
        for (size_t n = 0; ok && found && n < s->network_count; n++)
            ok = mp_store_find_result(b->job->store, r->design, s->networks[n].key, slot.rows[n], &found, err);
        if (ok && !found)
            ok = mp_fail(err, "%s: design %016" PRIx64 " has a point but no result: the store is damaged",
                         mp_store_path(b->job->store), (uint64_t)r->design);
        if (ok)
            slot.design.area_mm2 = design.area_mm2, set_objectives(s, &slot, v);
        mp_arena_finish(&slot.arena);
        if (!ok)
            return false;
    }
    b->stats->resumed++;
    count_one(b, r->status, r->constraint);
    return true;
}

bool mp_batch_complete(struct mp_batch *b) {
    if (b->resumed_count < b->all)
        return false;
    for (size_t i = 0; i < b->resumed_count; i++)
        count_one(b, b->resumed[i].status, b->resumed[i].constraint);
    b->stats->resumed = b->resumed_count;
    return true;
}

static void resize_piece(struct mp_batch *b, size_t count, double seconds) {
    double fits = (double)count * PIECE_SECONDS / (seconds > 1e-4 ? seconds : 1e-4);
    size_t least = b->job->threads, most = fits > 2.0 * (double)count ? 2 * count : (size_t)fits;
    b->piece = most < least ? least : most > MP_GENERATION ? MP_GENERATION : most;
}

bool mp_batch_run(struct mp_batch *b, struct mp_visit *visits, size_t count, struct mp_err *err) {
    struct mp_visit missing[MP_GENERATION]; // in the store
    size_t from[MP_GENERATION], n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct mp_resumed *r = find_resumed(b, visits[i].point);
        if (r && !take_resumed(b, &visits[i], r, err))
            return false;
        if (!r)
            from[n] = i, missing[n++] = visits[i];
    }
    for (size_t at = 0; at < n && !b->stopped;) {
        double began = mp_seconds();
        size_t size = n - at < b->piece ? n - at : b->piece;
        struct piece p = {b, &missing[at], &b->slots[at]};
        if (!run_piece(&p, size, err))
            return false;
        at += size;
        resize_piece(b, size, mp_seconds() - began);
        if (b->job->progress)
            b->job->progress(b->job->user, "designs", b->stats->visited, b->all, b->stats);
    }
    for (size_t i = 0; i < n; i++)
        visits[from[i]] = missing[i];
    b->stopped |= over(b);
    return true;
}

void mp_batch_try(struct mp_batch *b, struct mp_visit *visits, size_t count) {
    struct piece p = {b, visits, b->slots};
    mp_pool_run(b->job->threads, count, make_one, &p);
    for (size_t i = 0; i < count; i++) {
        if (b->slots[i].status == MP_POINT_EVALUATED)
            continue;
        count_slot(b, &b->slots[i]);
        if (b->slots[i].status == MP_POINT_INVALID)
            note_invalid(b, visits[i].point, b->slots[i].reason);
    }
}

// Bounds

struct bounding {
    struct mp_batch *b;
    const uint64_t *designs;
    double (*out)[MP_OBJECTIVES_MAX];
};

static void bound_one(void *user, unsigned thread, size_t i) {
    const struct bounding *k = user;
    mp_worker_bound(k->b->workers[thread], k->designs[i], k->out[i]);
}

void mp_batch_bounds(struct mp_batch *b, const uint64_t *designs, size_t count, double (*out)[MP_OBJECTIVES_MAX]) {
    struct bounding k = {b, designs, out};
    mp_pool_run(b->job->threads, count, bound_one, &k);
}
