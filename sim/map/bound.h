// SPDX-License-Identifier: Apache-2.0
// Lower bounds of cycles and energy, for a choice of tile sizes with any order, and for a given order. A bound keeps the
// array's cycles, what each port moves in all, the least fill of each tile, the traffic, the first load and the last
// drain. It leaves out exposed drains, rounding to words and bursts, and how work is spread over steps and stages.
#ifndef SIM_MAP_BOUND_H
#define SIM_MAP_BOUND_H

#include "sim/map/space.h"

// Sums over batch, oh, ow tiles.
struct mp_pixel_sums {
    double pixels, folds, tiles, extent; // output pixels; pixel folds (os, is); tiles; touched input pixels
    double rest;                         // pixels of the tiles' last folds
    double first_extent, last_pixels;    // of the first and the last tile
};
void mp_pixel_sums(const struct mp_task *t, const struct mp_spatial *s, const struct mp_cut *b, const struct mp_cut *oh,
                   const struct mp_cut *ow, struct mp_pixel_sums *out);

// Bits through the buffers' ports, and accumulator updates, for one group.
struct mp_port_sums {
    double in_bits, w_bits, out_written, out_read, updates;
};

// What does not depend on the order.
struct mp_tile_bound {
    double busy, vector, tiles;                // cycles of the array (or vector layer); of requantisation
    double in_bits, w_bits, kernel_bits, out_bits, partial_bits; // one pass over each operand
    double first_in, first_w, last_out;        // bits
    struct mp_port_sums port;
    double active, energy;                     // PE cycles; pJ of all that is not traffic, idling or leakage
};
// Cycles and traffic; then the energy, which latency alone does not ask for.
void mp_tile_bound(const struct mp_map_request *q, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                   const struct mp_cut *const cut[MP_DIMS], struct mp_tile_bound *out);
void mp_tile_bound_energy(const struct mp_map_request *q, const struct mp_pixel_sums *px, struct mp_tile_bound *b);

// How often each operand passes under an order: `in`, `w` times; `spills` extra writes and reads of partial sums.
struct mp_reuse {
    double in, w, spills;
};
// Which of them are more than once (1) under an order, `tiled` being the set of blocks of more than one tile: inputs pass
// once for each oc tile, weights once for each pixel tile, and sums spill between ic tiles, unless that loop is innermost.
struct mp_reuse mp_reuse_of(const unsigned char order[MP_BLOCKS], unsigned tiled);

double mp_bound_cycles(const struct mp_map_request *q, const struct mp_tile_bound *b, struct mp_reuse r);
struct mp_score mp_bound(const struct mp_map_request *q, const struct mp_tile_bound *b, struct mp_reuse r);

#endif
