// SPDX-License-Identifier: Apache-2.0
// Lower bounds of cycles and energy, for a choice of tile sizes with any order, and for a given order. A bound keeps the
// array's cycles, what each port moves in all, the least fill of each tile, the vector unit's work, the traffic, the first
// load and the last drain. It leaves out exposed drains, rounding to words and bursts, and how work is spread over steps
// and stages. Tile sizes that are still open are bounded by the `low` cuts of space.h.
#ifndef SIM_MAP_BOUND_H
#define SIM_MAP_BOUND_H

#include "sim/map/space.h"

// Sums over batch, oh, ow tiles.
struct mp_pixel_sums {
    double folds, tiles, extent;         // pixel folds (os, is); tiles; touched input pixels
    double full, rest;                   // folds but for the tiles' last ones; pixels of these
    double first_extent, last_pixels;    // of the first and the last tile
    double first_pixels, first_batch, most_inputs; // of the largest tile: output pixels, batch, input pixels it may touch
};
void mp_pixel_sums(const struct mp_task *t, const struct mp_spatial *s, const struct mp_cut *b, const struct mp_cut *oh,
                   const struct mp_cut *ow, struct mp_pixel_sums *out);
// No more than for any cuts that these low ones stand for.
void mp_pixel_sums_low(const struct mp_task *t, const struct mp_spatial *s, const struct mp_cut *b, const struct mp_cut *oh,
                       const struct mp_cut *ow, struct mp_pixel_sums *out);

// What all bounds of a request share: sizes, what a bit or a cycle costs.
struct mp_bounder {
    const struct mp_map_request *q;
    struct mp_mem_floor mem;
    double groups, batch, pixels, oc, reduction, kernel; // reduction: operands an output; kernel: bits of a weight column
    double step, skew, still;                           // cycles: of a step; added to a fold; to a stationary fold
    double in_step, w_step;                             // port cycles of an operand of a step, a pixel or channel
    double port[MP_BUFFERS], vector, turned;            // cycles a bit; cycles of the vector unit
    double load_bits, w_bits, out_bits, partial_bits;   // an input pixel; weights with parameters; outputs; sums, once
    double beside[MP_BUFFERS], single[MP_BUFFERS];      // DRAM cycles a bit: behind the array, or before a tile computes
    double tile_latency, pes;                           // DRAM cycles a tile waits for its load
    double in_pj, w_pj, partial_pj;                     // a bit of input; all weights; all sums out and back: traffic
    double port_in_pj, port_w_pj, write_pj, read_pj;    // a bit through the array's ports
    double update_pj, active_pj, idle_pj, cycle_pj, fixed_pj;
    double most_cycles;                                 // what takes more is no good: its energy is left out (0)
};
void mp_bounder_init(struct mp_bounder *b, const struct mp_map_request *q);

// What does not depend on the order.
struct mp_tile_bound {
    double busy, first, last, vector;    // cycles: of the array (or vector layer); before and behind it; of requantisation
    double fills, joint;                 // of `busy`, what is a tile's; busy and first together, where that is more; or 0
    double in_bits, beside, single;      // input, once; DRAM cycles but for operands and sums that pass
    double active, active_most, energy;  // PE cycles; pJ of all that is not operands' traffic, PEs or leakage
};
void mp_tile_bound(const struct mp_bounder *b, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                   const struct mp_cut *g, const struct mp_cut *oc, const struct mp_cut *ic, struct mp_tile_bound *out);

// How often each operand passes under an order: `in`, `w` times; `spills` extra writes and reads of partial sums.
struct mp_reuse {
    double in, w, spills;
};
// Which of them are more than once (1) under an order, `tiled` being the set of blocks of more than one tile: inputs pass
// once for each oc tile, weights once for each pixel tile, and sums spill between ic tiles, unless that loop is innermost.
struct mp_reuse mp_reuse_of(const unsigned char order[MP_BLOCKS], unsigned tiled);

// The largest tiles that low cuts stand for.
struct mp_largest {
    double g, oc, ic;
};
// Small tiles are many, large ones are long to load first: `joint` of tiles of which oc and ic, or the group off the array,
// are open, no smaller than the cuts that were bounded and up to the largest.
void mp_tile_bound_joint(const struct mp_bounder *b, const struct mp_pixel_sums *px, const struct mp_cut *g,
                         const struct mp_cut *oc, const struct mp_cut *ic, const struct mp_largest *most,
                         struct mp_tile_bound *out);

// What only tiles that are all chosen say: how work and traffic spread over the stages.
struct mp_point_bound {
    struct mp_tile_bound tile;       // its `beside` counts that the first and the last tile compute beside less than others
    double work, tile_work;          // cycles of steps: of all tiles, of the largest
    double in_tiles, w_tiles;        // loads when none passes again
    double first_in, first_w;        // DRAM cycles
};
// `out->tile` has been bounded.
void mp_point_bound(const struct mp_bounder *b, const struct mp_spatial *s, const struct mp_pixel_sums *px,
                    const struct mp_cut *g, const struct mp_cut *oc, const struct mp_cut *ic, struct mp_point_bound *out);
struct mp_score mp_point_bound_of(const struct mp_bounder *b, const struct mp_point_bound *p, struct mp_reuse r);

double mp_bound_cycles(const struct mp_bounder *b, const struct mp_tile_bound *t, struct mp_reuse r);
// pJ of the mapping if it takes `cycles`.
double mp_bound_energy(const struct mp_bounder *b, const struct mp_tile_bound *t, struct mp_reuse r, double cycles);

// The reuses that no order does better than, for so many tiles of each block or more. At most three.
unsigned mp_reuse_best(double pixel, double oc, double ic, struct mp_reuse out[3]);
// The bound for any order, the blocks being cut into so many tiles or more.
struct mp_score mp_bound_free(const struct mp_bounder *b, const struct mp_tile_bound *t, double pixel, double oc, double ic);

#endif
