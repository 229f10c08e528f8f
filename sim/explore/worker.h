// SPDX-License-Identifier: Apache-2.0
// One thread's part of a sweep: a design made from its number, its figures on each network, its lower bounds. Results depend
// on the design alone. Internal to explore.
#ifndef SIM_EXPLORE_WORKER_H
#define SIM_EXPLORE_WORKER_H

#include "sim/eval_memo.h"
#include "sim/explore/designer.h"

struct mp_worker;

// One design of a batch, all strings in its own arena.
struct mp_slot {
    struct mp_arena arena;
    struct mp_design design;
    int64_t base;
    union mp_store_value (*rows)[MP_STORE_COLUMNS]; // by network
    bool *known;                                    // by network: the store has the row
    const char **plans;                             // by network: of a search
    enum mp_point_status status;
    const char *reason;
};

// The memo is shared by the threads and outlives them.
bool mp_worker_create(struct mp_worker **w, const struct mp_sweep *s, struct mp_eval_memo *memo, bool (*stopped)(void),
                      struct mp_err *err);
void mp_worker_destroy(struct mp_worker *w); // takes NULL

void mp_worker_make(struct mp_worker *w, uint64_t design, struct mp_slot *slot);
// Rows that are not known, then the constraints on figures. `design`: the number that made the slot.
void mp_worker_evaluate(struct mp_worker *w, uint64_t design, struct mp_slot *slot);
// No mapping gives less: of each objective, infinite for a design that cannot be evaluated.
void mp_worker_bound(struct mp_worker *w, uint64_t design, double out[MP_OBJECTIVES_MAX]);
// Sums over the networks.
void mp_slot_sum(const struct mp_sweep *s, const struct mp_slot *slot, double sum[MP_STORE_COLUMNS]);

#endif
