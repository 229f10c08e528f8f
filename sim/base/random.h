// SPDX-License-Identifier: Apache-2.0
// Random numbers from a seed, the same ones on every machine: SplitMix64 (Steele, Lea and Flood, Fast splittable
// pseudorandom number generators, OOPSLA 2014).
#ifndef SIM_BASE_RANDOM_H
#define SIM_BASE_RANDOM_H

#include <stdint.h>

struct mp_random {
    uint64_t state; // any value
};
uint64_t mp_random_next(struct mp_random *r);
int64_t mp_random_range(struct mp_random *r, int64_t lo, int64_t hi); // inclusive

#endif
