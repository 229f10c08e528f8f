// SPDX-License-Identifier: Apache-2.0
// Scales into multipliers and shifts.
#include "sim/nn/arith.h"

#include <math.h>

struct mp_requant mp_requant_of(uint64_t num, uint64_t den) {
    typedef unsigned __int128 wide;
    struct mp_requant q = {.mul = (1u << MP_MUL_BITS) - 1, .shift = 1};
    assert(num > 0 && den > 0);
    for (unsigned shift = MP_MAX_SHIFT; shift > 0; shift--) {
        wide mul = (((wide)num << shift) + den / 2) / den;
        if (mul < (wide)1 << MP_MUL_BITS)
            return (struct mp_requant){.mul = mul > 0 ? (uint32_t)mul : 1, .shift = shift};
    }
    return q;
}

struct mp_requant mp_requant_of_real(double scale) {
    assert(scale > 0 && scale < (double)(1 << (MP_MUL_BITS - 1)));
    int exponent;
    double fraction = frexp(scale, &exponent); // scale = fraction 2^exponent, fraction in [1/2, 1)
    int64_t mul = llround(ldexp(fraction, MP_MUL_BITS));
    int shift = MP_MUL_BITS - exponent;
    if (mul == INT64_C(1) << MP_MUL_BITS) { // rounded up to the next power of two, of which 2^30 would have no shift
        if (shift == 1)
            return (struct mp_requant){.mul = (1u << MP_MUL_BITS) - 1, .shift = 1};
        mul /= 2, shift--;
    }
    while (shift > MP_MAX_SHIFT) // tiny: bits of the multiplier go
        mul = (mul + 1) / 2, shift--;
    return (struct mp_requant){.mul = mul > 0 ? (uint32_t)mul : 1, .shift = (unsigned)shift};
}
