// SPDX-License-Identifier: Apache-2.0
// FNV-1a, by words with the multiplier of Knuth's multiplicative hashing, and SplitMix64's finaliser.
#include "sim/base/hash.h"

#include <string.h>

static uint64_t finish(uint64_t h) {
    h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
    h = (h ^ h >> 27) * 0x94d049bb133111ebu;
    return h ^ h >> 31;
}

uint64_t mp_hash(uint64_t seed, const void *bytes, size_t len) {
    const unsigned char *p = bytes;
    uint64_t h = 0xcbf29ce484222325u ^ seed;
    for (size_t i = 0; i < len; i++)
        h = (h ^ p[i]) * 0x100000001b3u;
    return finish(h);
}

uint64_t mp_hash_words(const void *bytes, size_t len) {
    const unsigned char *p = bytes;
    uint64_t h = 0xcbf29ce484222325u ^ len;
    for (uint64_t word; len > 0; p += sizeof word) {
        size_t n = len < sizeof word ? len : sizeof word;
        word = 0;
        memcpy(&word, p, n);
        h = (h ^ word) * 0x9e3779b97f4a7c15u; // the high bits come down, or a word's high bits would stay there
        h ^= h >> 32, len -= n;
    }
    return finish(h);
}

uint64_t mp_hash_text(uint64_t seed, const char *text) {
    return mp_hash(seed, text, strlen(text) + 1);
}
