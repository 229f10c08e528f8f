// SPDX-License-Identifier: Apache-2.0
// The sweep itself: walks a space, evaluates its designs on all networks over threads, and keeps what it finds in a store, from
// which it goes on. What is in the store at the end depends on the space and the shard alone: not on threads, interruptions,
// or what other sweeps left there.
//
// Order: grid, random and halton visit their designs in generations of MP_GENERATION, a grid as mp_grid_at says; with pruning,
// by the designs' lower bounds, the most promising first (within windows of MP_WINDOW designs). A generation's designs are
// judged by the front that the generations before it left. nsga2 has its own.
#ifndef SIM_EXPLORE_EXPLORE_H
#define SIM_EXPLORE_EXPLORE_H

#include "sim/explore/sweep.h"

#define MP_GENERATION 256
#define MP_TRIED_MAX 100000 // designs that a dry run makes
#define MP_WINDOW ((uint64_t)1 << 20)

struct mp_explore_stats {
    uint64_t visited, evaluated, pruned, excluded, invalid; // visited: sum of the others
    uint64_t reused;             // of the evaluated: the store had all results, from another sweep
    uint64_t resumed;            // of the visited: points that the store had
    uint64_t *excluded_by;       // of the excluded: by constraint, resumed ones too
    double seconds;
    uint64_t invalid_point;      // the lowest that this run found
    struct mp_err why_invalid;   // and why; empty: none
};

struct mp_explore_job {
    const struct mp_sweep *sweep;
    struct mp_store *store;      // open for writing
    unsigned threads;
    unsigned shard, shards;      // 0 of 1: all
    bool resume;                 // points of the shard in the store are taken; else there may be none
    bool (*stopped)(void);       // may be NULL
    // May be NULL. what: "bounds" of a window of a sweep that prunes, "designs".
    void (*progress)(void *user, const char *what, uint64_t done, uint64_t all, const struct mp_explore_stats *s);
    void *user;
};

// What a sweep of so many shards cannot do, and expressions that are wrong: before there is a store.
bool mp_explore_check(const struct mp_sweep *s, unsigned shards, struct mp_err *err);

// What is known of designs before any is evaluated: makes those of the shard, counts the invalid ones and those that constraints
// over keys and area exclude; none counts as visited. Without a store. *tried: how many; 0 where they are more than MP_TRIED_MAX,
// or nsga2's, which follow from figures.
bool mp_explore_try(const struct mp_explore_job *job, struct mp_arena *a, struct mp_explore_stats *stats, uint64_t *tried,
                    struct mp_err *err);

// *complete: false when it was stopped; what was finished is in the store. False on errors, likewise.
bool mp_explore_run(const struct mp_explore_job *job, struct mp_arena *a, struct mp_explore_stats *stats, bool *complete,
                    struct mp_err *err);

#endif
