// SPDX-License-Identifier: Apache-2.0
// Stores into one, and which shards of its sweeps are missing.
#ifndef SIM_EXPLORE_MERGE_H
#define SIM_EXPLORE_MERGE_H

#include "sim/explore/store.h"

// Adds all rows of `in` to the store at `out`, all or none. A store that is not there yet appears under its name when it is
// complete. Rows with the same key must be equal, else the error names both files. `stopped`, which may be NULL, is asked now
// and then: true ends with *interrupted and nothing changed.
bool mp_store_merge(const char *out, const char *const *in, size_t count, bool (*stopped)(void), bool *interrupted,
                    struct mp_err *err);

// What is missing of the sweep's shards. Of several numbers of shards the one counts of which most are complete.
struct mp_store_missing {
    unsigned n;         // shards of the sweep; 0: not one is complete, and how many there are is not known
    const unsigned *at; // ascending
    size_t count;
};
bool mp_store_find_missing(struct mp_store *s, int64_t sweep, struct mp_arena *a, struct mp_store_missing *out, struct mp_err *err);
// "3,7,12-14", as schedulers of jobs take it.
void mp_store_missing_text(const struct mp_store_missing *m, struct mp_buf *out);

#endif
