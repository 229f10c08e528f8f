// SPDX-License-Identifier: Apache-2.0
// The part of a sweep that works: designs made, priced and evaluated over threads, results taken from the store where it has
// them and written to it piece by piece. Internal to explore.
#ifndef SIM_EXPLORE_BATCH_H
#define SIM_EXPLORE_BATCH_H

#include "sim/explore/explore.h"
#include "sim/explore/worker.h"

struct mp_resumed { // a point that the store had
    uint64_t index;
    int64_t design;
    uint32_t constraint; // that excluded it
    enum mp_point_status status;
};

struct mp_batch {
    const struct mp_explore_job *job;
    struct mp_arena *arena;
    struct mp_eval_memo *memo;  // of mappings
    struct mp_worker **workers; // by thread
    struct mp_resumed *resumed; // the shard's, ascending
    size_t resumed_count, resumed_room;
    struct mp_explore_stats *stats;
    uint64_t all;               // designs that will be visited
    struct mp_slot *slots;      // MP_GENERATION
    size_t piece;               // designs between two commits: about half a second's work
    bool stopped;
};

// A design to visit.
struct mp_visit {
    uint64_t point, design;               // index of the point in the sweep; number of the design
    bool pruned;
    enum mp_point_status status;          // set by a run
    double objectives[MP_OBJECTIVES_MAX]; // set where it was evaluated, all to be minimised
};

// A job without a store can only try.
bool mp_batch_init(struct mp_batch *b, const struct mp_explore_job *job, struct mp_arena *a, struct mp_explore_stats *stats,
                   struct mp_err *err);
void mp_batch_finish(struct mp_batch *b);
// Whether the store had all points from the beginning: they are counted then, and nothing is left to visit.
bool mp_batch_complete(struct mp_batch *b);
// Visits up to MP_GENERATION designs. When it is stopped, b->stopped is set, and what was finished is in the store.
bool mp_batch_run(struct mp_batch *b, struct mp_visit *visits, size_t count, struct mp_err *err);
// Makes up to MP_GENERATION designs, and counts those that are invalid or excluded already.
void mp_batch_try(struct mp_batch *b, struct mp_visit *visits, size_t count);
// Lower bounds of `count` designs' objectives; infinite where a design cannot be evaluated.
void mp_batch_bounds(struct mp_batch *b, const uint64_t *designs, size_t count, double (*out)[MP_OBJECTIVES_MAX]);

#endif
