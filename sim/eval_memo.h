// SPDX-License-Identifier: Apache-2.0
// Mappings of designs before, of the very same task at the same prices. Internal to eval. Bounded: a later mapping takes the
// place of an earlier one. No hints are given: on a random sweep they cost the mapper more than they save it.
#ifndef SIM_EVAL_MEMO_H
#define SIM_EVAL_MEMO_H

#include "sim/eval_layer.h"

struct mp_eval_memo; // opaque

// Room for `places` mappings, a power of two.
struct mp_eval_memo *mp_eval_memo_create(size_t places);
void mp_eval_memo_destroy(struct mp_eval_memo *m); // takes NULL
struct mp_eval_memory mp_eval_memo_memory(struct mp_eval_memo *m);

struct mp_eval_memo_stats {
    uint64_t asked, found; // requests, and those whose mapping was known
};
struct mp_eval_memo_stats mp_eval_memo_stats(const struct mp_eval_memo *m);

#endif
