// SPDX-License-Identifier: Apache-2.0
// The sweeps of a store: how they were sampled, over which networks, how many of their points are there, by status, and which
// shards.
#ifndef SIM_EXPLORE_SWEEP_LIST_H
#define SIM_EXPLORE_SWEEP_LIST_H

#include "sim/explore/merge.h"
#include "sim/explore/sweep_about.h"
#include "sim/report/table.h"

#define MP_SWEEP_LIST_SCHEMA "mpsim.sweeps/1"

struct mp_sweep_row {
    const struct mp_store_sweep *sweep;
    struct mp_sweep_about about;
    uint64_t by_status[MP_POINT_INVALID + 1];
    struct mp_store_missing missing;
};
struct mp_sweep_list {
    struct mp_sweep_row *rows;
    size_t count;
};

bool mp_sweep_list_make(struct mp_store *s, struct mp_arena *a, struct mp_sweep_list *out, struct mp_err *err);
bool mp_sweep_is_complete(const struct mp_sweep_row *r); // all shards of it are there

void mp_sweep_list_text(const struct mp_sweep_list *l, const struct mp_style *s, struct mp_buf *out);
void mp_sweep_list_csv(const struct mp_sweep_list *l, struct mp_buf *out);
void mp_sweep_list_json(const struct mp_sweep_list *l, struct mp_buf *out);

#endif
