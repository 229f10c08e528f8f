// SPDX-License-Identifier: Apache-2.0
// Dense arrays of up to eight dimensions, row-major, of float or of 64-bit integers: what flows through a graph. ONNX's other
// element types become one of the two (bool and integers: whole; double, float16, bfloat16: float).
#ifndef SIM_NN_ARRAY_H
#define SIM_NN_ARRAY_H

#include "sim/base/arena.h"
#include "sim/base/str.h"

#include <stdbool.h>
#include <stdint.h>

#define MP_MAX_RANK 8
#define MP_MAX_ARRAY ((uint64_t)1 << 31) // elements

struct mp_shape {
    unsigned rank; // 0: a scalar
    uint64_t dim[MP_MAX_RANK];
};

// One of f and i is set, by `whole`; neither for an array of which only the shape is known.
struct mp_array {
    struct mp_shape shape;
    bool whole;
    float *f;
    int64_t *i;
};

uint64_t mp_shape_count(const struct mp_shape *s); // elements; shapes hold at most MP_MAX_ARRAY
bool mp_shape_equal(const struct mp_shape *a, const struct mp_shape *b);
// "1x3x32x32", "scalar". Returns `out`.
const char *mp_shape_text(const struct mp_shape *s, char out[200]);
// False when there are more than MP_MAX_ARRAY elements.
bool mp_shape_fits(const struct mp_shape *s);

// Room for the elements, zeroed.
struct mp_array mp_array_make(struct mp_arena *a, const struct mp_shape *s, bool whole);

#endif
