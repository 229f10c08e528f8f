// SPDX-License-Identifier: Apache-2.0
// Greatest common divisor; of 0 and b it is b.
#ifndef SIM_BASE_GCD_H
#define SIM_BASE_GCD_H

#include <stdint.h>

static inline uint64_t mp_gcd(uint64_t a, uint64_t b) {
    while (b) {
        uint64_t rest = a % b;
        a = b, b = rest;
    }
    return a;
}

#endif
