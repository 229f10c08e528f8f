// SPDX-License-Identifier: Apache-2.0
// The generator. Integer arithmetic only: the same bytes everywhere.
#include "sim/base/random.h"

uint64_t mp_random_next(struct mp_random *r) { // splitmix64 (Steele, Lea, Flood, OOPSLA 2014)
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

int64_t mp_random_range(struct mp_random *r, int64_t lo, int64_t hi) {
    return lo + (int64_t)(mp_random_next(r) % ((uint64_t)(hi - lo) + 1));
}
