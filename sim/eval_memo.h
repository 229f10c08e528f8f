// SPDX-License-Identifier: Apache-2.0
// Mappings of designs before, shared by threads. A search for latency answers for all designs that differ in prices alone or
// have smaller buffers in which one of its mappings fits (map/bests.h); one for another objective, for the very same task at the
// same prices. What it answers is what a search would find. Internal to eval. Bounded, to 100 MB where every set is full: later
// sets take the place of earlier ones.
#ifndef SIM_EVAL_MEMO_H
#define SIM_EVAL_MEMO_H

#include "sim/map/map.h"

struct mp_eval_memo; // opaque

struct mp_eval_memo *mp_eval_memo_create(void);
void mp_eval_memo_destroy(struct mp_eval_memo *m); // takes NULL

// What asks of a memo, one for each thread.
struct mp_eval_asker {
    struct mp_eval_memo *memo;
    struct mp_bests bests;
    uint64_t asked, found; // requests, and those whose mapping was known
};

// mp_map by way of the memo.
bool mp_eval_memo_map(struct mp_eval_asker *k, const struct mp_map_request *q, struct mp_mapping *best, struct mp_counts *counts,
                      struct mp_err *err);

#endif
