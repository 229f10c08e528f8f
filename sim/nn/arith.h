// SPDX-License-Identifier: Apache-2.0
// The arithmetic of a network in integers, as the core has it (docs/core.md): accumulation, requantisation, the vector unit's
// operations on one element. Integer inference and the co-simulation's reference both compute with these.
#ifndef SIM_NN_ARITH_H
#define SIM_NN_ARITH_H

#include "sim/spec/arch.h"

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#define MP_MUL_BITS 31  // of a multiplier: 0 < mul < 2^31
#define MP_MAX_SHIFT 62 // 1 <= shift

typedef __int128 mp_wide;

// Smallest and largest value.
struct mp_range {
    int32_t low, high;
};

// y = clamp(((acc + bias) mul + 2^(shift-1)) >> shift)
struct mp_requant {
    int32_t bias;
    uint32_t mul;
    unsigned shift;
};

// Of `bits` (1 to 32) bits. Unsigned ones of 32 bits end at INT32_MAX.
static inline struct mp_range mp_range_of(unsigned bits, bool is_signed) {
    assert(bits >= 1 && bits <= 32);
    int64_t half = INT64_C(1) << (bits - 1);
    if (is_signed)
        return (struct mp_range){(int32_t)-half, (int32_t)(half - 1)};
    return (struct mp_range){0, bits < 32 ? (int32_t)(2 * half - 1) : INT32_MAX};
}

static inline int32_t mp_clamp(mp_wide x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : (int32_t)x;
}

// Halves go up; the intermediate is exact.
static inline mp_wide mp_scale(int64_t x, uint32_t mul, unsigned shift) {
    return ((mp_wide)x * mul + ((mp_wide)1 << (shift - 1))) >> shift;
}

static inline int32_t mp_requantise(int64_t x, uint32_t mul, unsigned shift, int32_t low, int32_t high) {
    return mp_clamp(mp_scale(x, mul, shift), low, high);
}

// An addition: each operand scaled and rounded on its own, then added and clamped.
static inline int32_t mp_add_scaled(int64_t a, int64_t b, const struct mp_requant op[2], int32_t low, int32_t high) {
    return mp_clamp(mp_scale(a, op[0].mul, op[0].shift) + mp_scale(b, op[1].mul, op[1].shift), low, high);
}

// Nearest mul / 2^shift to num / den, mul as long as its 31 bits allow. Both at least 1. The bias is 0.
struct mp_requant mp_requant_of(uint64_t num, uint64_t den);
// The same for a scale in (0, 2^30); what is below 2^-62 is 1 / 2^62.
struct mp_requant mp_requant_of_real(double scale);

static inline int64_t mp_accumulator_high(const struct mp_accumulator *a) {
    return (int64_t)((UINT64_C(1) << (a->bits - 1)) - 1);
}

// a + b as the accumulator keeps it. What leaves its range counts as an overflow, and saturates or wraps.
static inline int64_t mp_accumulate(const struct mp_accumulator *acc, int64_t a, int64_t b, uint64_t *overflows) {
    int64_t sum = a + b, high = mp_accumulator_high(acc);
    if (sum >= -high - 1 && sum <= high)
        return sum;
    ++*overflows;
    if (acc->on_overflow == MP_SATURATE)
        return sum < 0 ? -high - 1 : high;
    unsigned unused = 64 - (unsigned)acc->bits;
    return (int64_t)((uint64_t)sum << unused) >> unused;
}

#endif
