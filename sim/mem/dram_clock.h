// SPDX-License-Identifier: Apache-2.0
// Another clock's cycles in those of a DRAM and back, in whole numbers: clocks are taken to the Hz and the fs.
#ifndef SIM_MEM_DRAM_CLOCK_H
#define SIM_MEM_DRAM_CLOCK_H

#include "sim/base/gcd.h"
#include "sim/mem/controller.h"

#include <math.h>

// DRAM cycles are the other clock's times num / den.
struct mp_dram_clock {
    uint64_t num, den;
};

static inline struct mp_dram_clock mp_dram_clock_of(const struct mp_dram_preset *p, double mhz) {
    const uint64_t hz = (uint64_t)llround(mhz * 1e6), fs = (uint64_t)llround(p->tck_ns * 1e6);
    const uint64_t num = UINT64_C(1000000000000000), den = hz * fs, common = mp_gcd(num, den);
    return (struct mp_dram_clock){num / common, den / common};
}

// The first cycle that is not before the other clock's.
static inline uint64_t mp_dram_clock_to(struct mp_dram_clock c, uint64_t cycle) {
    return (uint64_t)(((unsigned __int128)cycle * c.num + c.den - 1) / c.den);
}

static inline uint64_t mp_dram_clock_from(struct mp_dram_clock c, uint64_t cycle) {
    return mp_dram_clock_to((struct mp_dram_clock){c.den, c.num}, cycle);
}

#endif
