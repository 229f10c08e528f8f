// SPDX-License-Identifier: Apache-2.0
// For any machine: vectors of the compiler's.
#include "sim/nn/kernel_sets.h"

#include <string.h>

typedef int32_t vector __attribute__((vector_size(16)));

static inline vector load(const void *p) {
    vector v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void store(void *p, vector v) {
    memcpy(p, &v, sizeof v);
}

static inline vector spread(const int16_t *p) {
    int32_t pair;
    memcpy(&pair, p, sizeof pair);
    return pair - (vector){0};
}

// Of each pair the lower and the upper half, with their signs.
static inline vector pairs(vector s, vector x, vector w) {
    return s + (x << 16 >> 16) * (w << 16 >> 16) + (x >> 16) * (w >> 16);
}

#define VECTOR vector
#define WIDTH 4
#define ZERO() ((vector){0})
#define LOAD load
#define STORE store
#define SPREAD spread
#define PAIRS pairs
#define PIXELS 2
#define NAME mp_kernel_plain
#define STRING "plain"
#define SUPPORTED true
#include "sim/nn/kernel_body.h"
