// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/array.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

uint64_t mp_shape_count(const struct mp_shape *s) {
    uint64_t n = 1;
    for (unsigned d = 0; d < s->rank; d++)
        n *= s->dim[d];
    return n;
}

bool mp_shape_equal(const struct mp_shape *a, const struct mp_shape *b) {
    bool same = a->rank == b->rank;
    for (unsigned d = 0; same && d < a->rank; d++)
        same = a->dim[d] == b->dim[d];
    return same;
}

const char *mp_shape_text(const struct mp_shape *s, char out[200]) {
    size_t at = (size_t)snprintf(out, 200, "%s", s->rank == 0 ? "scalar" : "");
    for (unsigned d = 0; d < s->rank; d++)
        at += (size_t)snprintf(out + at, 200 - at, "%s%" PRIu64, d ? "x" : "", s->dim[d]);
    return out;
}

// A dimension of 0 does not excuse the others: each stays below the limit by itself.
bool mp_shape_fits(const struct mp_shape *s) {
    uint64_t n = 1;
    for (unsigned d = 0; d < s->rank; d++)
        if (s->dim[d] > 0 && (__builtin_mul_overflow(n, s->dim[d], &n) || n > MP_MAX_ARRAY))
            return false;
    return true;
}

struct mp_array mp_array_make(struct mp_arena *a, const struct mp_shape *s, bool whole) {
    assert(s->rank <= MP_MAX_RANK && mp_shape_fits(s));
    struct mp_array array = {.shape = *s, .whole = whole};
    if (whole)
        array.i = mp_arena_alloc(a, mp_shape_count(s), sizeof *array.i);
    else
        array.f = mp_arena_alloc(a, mp_shape_count(s), sizeof *array.f);
    return array;
}
