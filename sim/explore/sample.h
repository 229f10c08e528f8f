// SPDX-License-Identifier: Apache-2.0
// Samples of a space without repetition: the n-th design of a seeded permutation, or of a Halton sequence.
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

#endif
