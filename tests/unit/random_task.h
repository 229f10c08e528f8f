// SPDX-License-Identifier: Apache-2.0
// Seeded random tasks and mappings for the tests of engines and mapper: odd sizes, strides, padding, dilation, every
// dataflow, buffers with and without double buffering.
#ifndef TESTS_UNIT_RANDOM_TASK_H
#define TESTS_UNIT_RANDOM_TASK_H

#include "sim/engine/task.h"

struct rng {
    uint64_t state;
};

uint64_t rng_next(struct rng *r);
uint64_t rng_range(struct rng *r, uint64_t lo, uint64_t hi); // inclusive

// `largest` bounds each size of the layer.
void random_task(struct rng *r, uint64_t largest, struct mp_task *t);
// Banked DRAM in the place of a task's own: any preset, any number of channels, with and without refresh.
void random_banked(struct rng *r, struct mp_arena *a, struct mp_dram *d);
// What the task's array lets rows, columns and lanes carry.
void random_roles(struct rng *r, const struct mp_task *t, struct mp_pe_array *a);
// A legal mapping of the task, tile sizes and order at random. Buffers are taken to be large enough.
void random_mapping(struct rng *r, const struct mp_task *t, struct mp_mapping *m);

#endif
