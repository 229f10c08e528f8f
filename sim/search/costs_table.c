// SPDX-License-Identifier: Apache-2.0
// Rows by task (the bytes of a task are its key, as in eval), and their mappings over threads.
#include "sim/search/costs_table.h"

#include "sim/base/pool.h"

#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static uint64_t hash_of(const struct mp_task *t) {
    uint64_t words[sizeof *t / 8 + 1] = {0}, h = 0x9e3779b97f4a7c15u;
    memcpy(words, t, sizeof *t);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        h = (h ^ words[i]) * 0xff51afd7ed558ccdu;
        h ^= h >> 32;
    }
    return h;
}

static size_t slot_of(const struct mp_cost_table *t, const struct mp_task *task) {
    size_t at = (size_t)hash_of(task) & (t->slot_count - 1);
    while (t->slots[at] && memcmp(&t->rows[t->slots[at] - 1]->task, task, sizeof *task) != 0)
        at = (at + 1) & (t->slot_count - 1);
    return at;
}

static void grow(struct mp_cost_table *t) {
    t->cap = t->cap ? 2 * t->cap : 256;
    t->rows = mp_arena_grow(t->arena, t->rows, t->count, t->cap, sizeof *t->rows);
    t->slot_count = 2 * t->cap;
    t->slots = mp_arena_alloc(t->arena, t->slot_count, sizeof *t->slots);
    for (size_t i = 0; i < t->count; i++)
        t->slots[slot_of(t, &t->rows[i]->task)] = i + 1;
}

struct mp_cost_row *mp_cost_table_row(struct mp_cost_table *t, const struct mp_task *task) {
    if (t->count == t->cap)
        grow(t);
    size_t at = slot_of(t, task);
    if (t->slots[at])
        return t->rows[t->slots[at] - 1];
    struct mp_cost_row *r = mp_arena_alloc(t->arena, 1, sizeof *r);
    memcpy(&r->task, task, sizeof *task); // padding too
    t->rows[t->count++] = r;
    t->slots[at] = t->count;
    return r;
}

struct work {
    const struct mp_cost_job *job;
    struct mp_cost_row **open;
    atomic_bool over;
};

static bool map_row(const struct mp_cost_job *job, struct mp_cost_row *r, struct mp_err *err) {
    const struct mp_map_request q = {.task = &r->task, .array = &job->arch->array, .prices = r->prices,
                                     .objective = job->objective};
    struct mp_mapping best;
    struct mp_counts c;
    if (!mp_map(&q, &best, &c, NULL, err))
        return false;
    r->cost = (struct mp_run_cost){.cycles = mp_counts_cycles(&c),
                                   .traffic_bits = c.events[MP_EV_DRAM_READ] + c.events[MP_EV_DRAM_WRITE],
                                   .energy_pj = mp_counts_energy_pj(&c, r->prices, NULL)};
    return r->known = true;
}

static void map_open(void *user, unsigned thread, size_t i) {
    struct work *k = user;
    struct mp_err err;
    (void)thread;
    if (k->over || (k->job->stopped && k->job->stopped())) {
        k->over = true;
        return;
    }
    k->open[i]->failed = !map_row(k->job, k->open[i], &err);
}

// The first row that failed once more, for its message.
static bool fail_row(const struct mp_cost_job *job, const struct mp_workload *w, struct mp_cost_row *r, struct mp_err *err) {
    char where[600];
    map_row(job, r, err);
    snprintf(where, sizeof where, "arch \"%s\", layer \"%s\"", job->arch->name, w->layers[r->layer].name);
    return mp_fail_in(err, where);
}

bool mp_cost_table_map(struct mp_cost_table *t, const struct mp_cost_job *job, const struct mp_workload *w,
                       struct mp_cost_stats *stats, struct mp_err *err) {
    struct work k = {.job = job, .open = mp_arena_alloc(t->arena, t->count, sizeof *k.open)};
    size_t open = 0;
    for (size_t i = 0; i < t->count; i++)
        if (!t->rows[i]->known)
            k.open[open++] = t->rows[i];
    mp_pool_run(job->threads, open, map_open, &k);
    if (k.over)
        return mp_fail(err, "interrupted");
    for (size_t i = 0; i < open; i++)
        if (k.open[i]->failed)
            return fail_row(job, w, k.open[i], err);
    stats->mapped = open;
    stats->cached = t->count - open;
    return true;
}
