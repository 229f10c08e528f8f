// SPDX-License-Identifier: Apache-2.0
// Samples of a space without repetition: the n-th design of a seeded permutation, of a Halton sequence, or of the grid.
#ifndef SIM_EXPLORE_SAMPLE_H
#define SIM_EXPLORE_SAMPLE_H

#include "sim/explore/sweep.h"

// A permutation of the numbers below `count`: four Feistel rounds over the next power of four, walked until it is below
// `count` (Black and Rogaway, Ciphers with arbitrary finite domains, 2002).
uint64_t mp_sample_permuted(uint64_t i, uint64_t count, uint64_t seed);

// `count` different designs, low-discrepancy over the axes: Halton 1960, digits permuted by the seed. What a full cycle
// of tries leaves open is filled in the order of the designs.
#define MP_HALTON_MAX 10000000
uint64_t *mp_sample_halton(const struct mp_sweep *s, uint64_t count, uint64_t seed, struct mp_arena *a);

// The whole space, designs that differ in the sizes of buffers alone one after another and the largest first: mappings of a
// larger buffer are often the best in a smaller one too (sim/eval_memo.h).
struct mp_grid {
    const struct mp_sweep *sweep;
    size_t axes[MP_SWEEP_AXES];          // the fastest first
    const uint32_t *down[MP_SWEEP_AXES]; // by axis: indices of its values, the largest first; NULL: as they are
};
void mp_grid_init(struct mp_grid *g, const struct mp_sweep *s, struct mp_arena *a);
uint64_t mp_grid_at(const struct mp_grid *g, uint64_t n); // each design once for n below the sweep's points

#endif
