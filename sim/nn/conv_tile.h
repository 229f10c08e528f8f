// SPDX-License-Identifier: Apache-2.0
// One tile: TILE_VECTORS vectors of outputs for TILE_ROWS channels, as function TILE. Included by conv_body.h for each size:
// with numbers for bounds every compiler keeps the sums in registers.
static void TILE(const struct mp_conv_tile *t) {
    VECTOR sum[TILE_ROWS][TILE_VECTORS];
    const float *in[TILE_VECTORS];
    const float *weights = t->weights;
    float sums[TILE_ROWS][TILE_VECTORS][LANES];
    UNROLL
    for (unsigned v = 0; v < TILE_VECTORS; v++) {
        in[v] = t->in + t->vectors[v].in;
        UNROLL
        for (unsigned r = 0; r < TILE_ROWS; r++)
            sum[r][v] = SPREAD(0);
    }
    for (size_t k = 0; k < t->tap_count; k++, weights += TILE_ROWS) {
        size_t tap = t->taps[k];
        VECTOR x[TILE_VECTORS];
        UNROLL
        for (unsigned v = 0; v < TILE_VECTORS; v++)
            x[v] = LOAD(in[v] + tap);
        UNROLL
        for (unsigned r = 0; r < TILE_ROWS; r++) {
            VECTOR w = SPREAD(weights[r]);
            UNROLL
            for (unsigned v = 0; v < TILE_VECTORS; v++)
                sum[r][v] = FMA(x[v], w, sum[r][v]);
        }
    }
    UNROLL
    for (unsigned r = 0; r < TILE_ROWS; r++)
        UNROLL
        for (unsigned v = 0; v < TILE_VECTORS; v++)
            STORE(sums[r][v], sum[r][v]);
    for (unsigned r = 0; r < t->rows; r++)
        for (unsigned v = 0; v < TILE_VECTORS; v++)
            if (t->vectors[v].pieces->count == LANES)
                store_full(t, &t->vectors[v], r, sums[r][v]);
            else
                store_row(t, &t->vectors[v], r, sums[r][v]);
}

#undef TILE
#undef TILE_ROWS
#undef TILE_VECTORS
