// SPDX-License-Identifier: Apache-2.0
// Stores made of numbers: a sweep "small" of one base over rows, columns and the DRAM's kind, two networks.
#ifndef TESTS_UNIT_STORE_FIXTURE_H
#define TESTS_UNIT_STORE_FIXTURE_H

#include "sim/explore/store.h"

#define STORE_BASE INT64_C(0x0123456789abcdef)
#define STORE_SWEEP INT64_C(0x5eed5eed5eed5eed)
#define STORE_NETWORKS 2

int64_t store_network(size_t i);
int64_t store_design(uint64_t i); // spread over all 64 bits, as hashes are

// The rows that a sweep of `points` designs has.
bool store_add_sweep(struct mp_store *s, uint64_t points, struct mp_err *err);
// Designs, results and points `from` to `to`. Each tenth is invalid, each tenth pruned, each tenth excluded.
bool store_add_points(struct mp_store *s, uint64_t from, uint64_t to, struct mp_err *err);
// The results of a design on a network.
void store_figures(uint64_t i, size_t network, union mp_store_value values[MP_STORE_COLUMNS]);

// The whole sweep in one store, in transactions of `batch` points, done as shard 0 of 1.
void store_make(const char *path, uint64_t points, uint64_t batch);
// The content as text.
char *store_dump(struct mp_arena *a, const char *path);

#endif
