// SPDX-License-Identifier: Apache-2.0
// The body of a set of inner loops, for the including file's VECTOR, LANES, ROWS, VECTORS, LOAD, STORE, SPREAD and FMA.
#include "sim/nn/conv_kernel.h"

#ifdef __clang__
#define UNROLL _Pragma("unroll")
#else
#define UNROLL _Pragma("GCC unroll 8")
#endif
#define INLINE static inline __attribute__((always_inline))

INLINE void store_row(const struct mp_conv_tile *t, const struct mp_conv_vector *v, unsigned row, const float *sum) {
    size_t at = row * t->plane;
    float bias = t->bias ? t->bias[row] : 0;
    for (size_t p = 0; p < v->piece_count; p++) {
        const struct mp_conv_piece *piece = &v->pieces[p];
        for (unsigned i = 0; i < piece->count; i++) {
            float x = sum[piece->lane + i] + bias;
            x = t->add ? x + t->add[at + piece->out + i] : x;
            x = x < t->low ? t->low : x;
            t->out[at + piece->out + i] = x > t->high ? t->high : x;
        }
    }
}

// The same for a full vector; the loop has a fixed length.
INLINE void store_full(const struct mp_conv_tile *t, const struct mp_conv_vector *v, unsigned row, const float *sum) {
    float *out = t->out + row * t->plane + v->pieces->out;
    float bias = t->bias ? t->bias[row] : 0;
    float x[LANES];
    for (unsigned i = 0; i < LANES; i++)
        x[i] = sum[i] + bias;
    if (t->add) {
        const float *add = t->add + row * t->plane + v->pieces->out;
        for (unsigned i = 0; i < LANES; i++)
            x[i] += add[i];
    }
    for (unsigned i = 0; i < LANES; i++) {
        x[i] = x[i] < t->low ? t->low : x[i];
        out[i] = x[i] > t->high ? t->high : x[i];
    }
}

#define TILE tile_3
#define TILE_ROWS ROWS
#define TILE_VECTORS 3
#include "sim/nn/conv_tile.h"

#define TILE tile_2
#define TILE_ROWS ROWS
#define TILE_VECTORS 2
#include "sim/nn/conv_tile.h"

#define TILE tile_1
#define TILE_ROWS ROWS
#define TILE_VECTORS 1
#include "sim/nn/conv_tile.h"

#define TILE thin_6
#define TILE_ROWS 1
#define TILE_VECTORS 6
#include "sim/nn/conv_tile.h"

#define TILE thin_2
#define TILE_ROWS 1
#define TILE_VECTORS 2
#include "sim/nn/conv_tile.h"

#define TILE thin_1
#define TILE_ROWS 1
#define TILE_VECTORS 1
#include "sim/nn/conv_tile.h"

static void tile(const struct mp_conv_tile *t, unsigned vectors) {
    if (vectors == 3)
        tile_3(t);
    else if (vectors == 2)
        tile_2(t);
    else
        tile_1(t);
}

static void thin(const struct mp_conv_tile *t, unsigned vectors) {
    struct mp_conv_tile rest = *t;
    for (; vectors >= 6; vectors -= 6, rest.vectors += 6)
        thin_6(&rest);
    for (; vectors >= 2; vectors -= 2, rest.vectors += 2)
        thin_2(&rest);
    if (vectors == 1)
        thin_1(&rest);
}

static bool supported(void) {
    return SUPPORTED;
}

const struct mp_conv_kernel NAME = {
    .name = STRING,
    .supported = supported,
    .lanes = LANES,
    .rows = ROWS,
    .vectors = 3,
    .thin_vectors = 6,
    .tile = tile,
    .thin = thin,
};
