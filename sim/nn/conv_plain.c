// SPDX-License-Identifier: Apache-2.0
// For any machine: vectors of four as the compiler makes them; products are rounded.
#include <string.h>

typedef float vector __attribute__((vector_size(16)));

static inline vector load(const float *p) {
    vector v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void store(float *p, vector v) {
    memcpy(p, &v, sizeof v);
}

static inline vector spread(float x) {
    return (vector){x, x, x, x};
}

static inline vector multiply_add(vector a, vector b, vector c) {
    return a * b + c;
}

#define VECTOR vector
#define LANES 4
#define ROWS 4
#define LOAD load
#define STORE store
#define SPREAD spread
#define FMA multiply_add
#define NAME mp_conv_plain
#define STRING "plain"
#define SUPPORTED true
#include "sim/nn/conv_body.h"
