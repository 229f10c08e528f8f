// SPDX-License-Identifier: Apache-2.0
// The body of a set of inner loops, for the including file's VECTOR, LANES, ROWS, VECTORS, LOAD, STORE, SPREAD and FMA.
#include "sim/nn/conv_kernel.h"

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

// `rows` and `vectors` are constants where this is called, so that the sums stay in registers.
INLINE void run_tile(const struct mp_conv_tile *t, const unsigned rows, const unsigned vectors) {
    VECTOR sum[ROWS][MP_CONV_MAX_VECTORS];
    const float *in[MP_CONV_MAX_VECTORS];
    const float *weights = t->weights;
    float sums[ROWS][MP_CONV_MAX_VECTORS][LANES];
#pragma GCC unroll 8
    for (unsigned v = 0; v < vectors; v++) {
        in[v] = t->in + t->vectors[v].in;
#pragma GCC unroll 8
        for (unsigned r = 0; r < rows; r++)
            sum[r][v] = SPREAD(0);
    }
    for (size_t k = 0; k < t->tap_count; k++, weights += rows) {
        size_t tap = t->taps[k];
        VECTOR x[MP_CONV_MAX_VECTORS];
#pragma GCC unroll 8
        for (unsigned v = 0; v < vectors; v++)
            x[v] = LOAD(in[v] + tap);
#pragma GCC unroll 8
        for (unsigned r = 0; r < rows; r++) {
            VECTOR w = SPREAD(weights[r]);
#pragma GCC unroll 8
            for (unsigned v = 0; v < vectors; v++)
                sum[r][v] = FMA(x[v], w, sum[r][v]);
        }
    }
#pragma GCC unroll 8
    for (unsigned r = 0; r < rows; r++)
#pragma GCC unroll 8
        for (unsigned v = 0; v < vectors; v++)
            STORE(sums[r][v], sum[r][v]);
    for (unsigned r = 0; r < t->rows; r++)
        for (unsigned v = 0; v < vectors; v++)
            if (t->vectors[v].pieces->count == LANES)
                store_full(t, &t->vectors[v], r, sums[r][v]);
            else
                store_row(t, &t->vectors[v], r, sums[r][v]);
}

static void tile(const struct mp_conv_tile *t, unsigned vectors) {
    if (vectors == 3)
        run_tile(t, ROWS, 3);
    else if (vectors == 2)
        run_tile(t, ROWS, 2);
    else
        run_tile(t, ROWS, 1);
}

static void thin(const struct mp_conv_tile *t, unsigned vectors) {
    struct mp_conv_tile rest = *t;
    for (; vectors >= 6; vectors -= 6, rest.vectors += 6)
        run_tile(&rest, 1, 6);
    for (; vectors >= 2; vectors -= 2, rest.vectors += 2)
        run_tile(&rest, 1, 2);
    if (vectors == 1)
        run_tile(&rest, 1, 1);
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
