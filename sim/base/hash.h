// SPDX-License-Identifier: Apache-2.0
// Keys of contents: FNV-1a of 64 bits (Fowler, Noll and Vo), mixed at the end as SplitMix64 does, so that texts which differ in
// their last letters alone have keys far apart. Not for contents that somebody wants to collide.
#ifndef SIM_BASE_HASH_H
#define SIM_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

// `seed`: 0, or the hash of what comes before.
uint64_t mp_hash(uint64_t seed, const void *bytes, size_t len);
// For tables in memory alone: eight bytes a step, values that differ between machines.
uint64_t mp_hash_words(const void *bytes, size_t len);
uint64_t mp_hash_text(uint64_t seed, const char *text); // with its end, so that "a", "bc" is not "ab", "c"

#endif
