// SPDX-License-Identifier: Apache-2.0
// The elements of an .npy file, in the file's order to where they belong.
#include "sim/nn/npy.h"

#include <assert.h>
#include <float.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

#define PIECE 65536 // bytes read at once; a multiple of every element's size

// A place in the array, moved on in the file's order.
struct walk {
    unsigned axis[MP_MAX_RANK]; // the one that moves fastest first
    uint64_t index[MP_MAX_RANK], at;
};

static void start(struct walk *w, const struct mp_npy *n) {
    *w = (struct walk){.at = 0};
    for (unsigned i = 0; i < n->shape.rank; i++)
        w->axis[i] = n->fortran ? i : n->shape.rank - 1 - i;
}

static void step(struct walk *w, const struct mp_npy *n, const uint64_t stride[]) {
    for (unsigned i = 0; i < n->shape.rank; i++) {
        unsigned x = w->axis[i];
        w->at += stride[x];
        if (++w->index[x] < n->shape.dim[x])
            return;
        w->at -= n->shape.dim[x] * stride[x];
        w->index[x] = 0;
    }
}

static uint64_t bits_of(const struct mp_npy *n, const uint8_t *p) {
    uint64_t v = 0;
    for (unsigned i = 0; i < n->item; i++)
        v |= (uint64_t)p[n->big ? n->item - 1 - i : i] << 8 * i;
    return v;
}

// IEEE 754 binary16.
static double half(uint64_t v) {
    int exponent = (int)(v >> 10 & 31);
    double fraction = (double)(v & 1023);
    double size = exponent == 31  ? (v & 1023 ? NAN : INFINITY)
                  : exponent == 0 ? ldexp(fraction, -24)
                                  : ldexp(fraction + 1024, exponent - 25);
    return v >> 15 ? -size : size;
}

static double value(const struct mp_npy *n, const uint8_t *p) {
    uint64_t v = bits_of(n, p);
    uint32_t low = (uint32_t)v;
    float f;
    double d;
    if (n->kind == 'u')
        return (double)v;
    if (n->kind == 'i') // the sign moves to the top and back
        return (double)((int64_t)(v << (64 - 8 * n->item)) >> (64 - 8 * n->item));
    if (n->item == 2)
        return half(v);
    if (n->item == 4)
        return memcpy(&f, &low, sizeof f), (double)f;
    return memcpy(&d, &v, sizeof d), d;
}

static bool put(const struct mp_npy *n, const struct walk *w, const uint8_t *p, uint8_t *bytes, float *reals,
                struct mp_err *err) {
    if (bytes) {
        bytes[w->at] = *p;
        return true;
    }
    double v = value(n, p);
    if (!(fabs(v) <= (double)FLT_MAX))
        return mp_fail(err, "%s: element %" PRIu64 " of the first axis has a value that no float holds (%g)", n->name,
                       w->index[0], v);
    reals[w->at] = (float)v;
    return true;
}

// In C order, nothing behind the last one that is kept is read.
static bool read_elements(struct mp_npy *n, uint64_t keep, const uint64_t stride[], uint8_t *bytes, float *reals,
                          struct mp_err *err) {
    uint8_t piece[PIECE];
    struct walk w;
    uint64_t left = n->item;
    keep = keep < n->shape.dim[0] ? keep : n->shape.dim[0];
    for (unsigned i = 0; i < n->shape.rank; i++)
        left *= i == 0 && !n->fortran ? keep : n->shape.dim[i];
    start(&w, n);
    while (left > 0) {
        size_t take = left < PIECE ? (size_t)left : PIECE;
        if (!n->from.read(n->from.from, piece, take, err))
            return false;
        left -= take;
        for (size_t k = 0; k < take; k += n->item) {
            if (w.index[0] < keep && !put(n, &w, piece + k, bytes, reals, err))
                return false;
            step(&w, n, stride);
        }
    }
    return true;
}

bool mp_npy_bytes(struct mp_npy *n, uint64_t keep, const uint64_t stride[], uint8_t *bytes, struct mp_err *err) {
    assert(n->kind == 'u' && n->item == 1);
    return read_elements(n, keep, stride, bytes, NULL, err);
}

bool mp_npy_reals(struct mp_npy *n, uint64_t keep, const uint64_t stride[], float *reals, struct mp_err *err) {
    return read_elements(n, keep, stride, NULL, reals, err);
}
