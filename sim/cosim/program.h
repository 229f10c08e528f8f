// SPDX-License-Identifier: Apache-2.0
// A run of a layer as the core takes it: an image of DRAM and a descriptor for each tile, in the order in which the
// mapping walks them. docs/core.md says what lies where.
#ifndef SIM_COSIM_PROGRAM_H
#define SIM_COSIM_PROGRAM_H

#include "sim/base/err.h"
#include "sim/cosim/abi.h"
#include "sim/cosim/reference.h"

// Bytes that the core is to write, or not to look at: an output that was never written does not pass for a 0.
#define MP_PROGRAM_BLANK 0xa5

struct mp_program {
    struct mp_desc *tiles;   // with the turn in front, if there is one
    size_t tile_count;
    size_t image_bytes;      // of DRAM, a multiple of 64
    uint8_t *image;          // inputs, weights, parameters filled in; all else MP_PROGRAM_BLANK
};

// Where an output lies: which tile (index in tiles[]) drains it, from which bit of the image.
struct mp_place {
    uint64_t tile, bit;
    uint64_t group, pixel_fold, channel_fold; // of the tile
    unsigned row, col;                        // PE that accumulates it; 0, 0 off the array
};

// Whether the core can run this layer on this architecture; the error says why not (an operation that it lacks, a stride,
// a size). Architecture rules are in model.h.
bool mp_program_possible(const struct mp_arch *arch, const struct mp_layer *layer, struct mp_err *err);

// Also fails when this run cannot be: a padded mapping, a tensor on chip, activations of more than 8 bits, more than 16384
// channels (groups included), 2^22 tiles or 1 GiB of DRAM. Of the values only widths, signs and the output's range are looked
// at: numbers need not be there.
bool mp_program_fits(const struct mp_reference_run *r, struct mp_err *err);

// Fails where mp_program_fits does. Everything lives in `a`. `r` as for the reference: the same run.
bool mp_program_build(const struct mp_reference_run *r, size_t layer_index, struct mp_arena *a, struct mp_program *p,
                      struct mp_err *err);

// Outputs of the run, taken from the image after the core has run, into their places in the layer's outputs (struct
// mp_reference).
void mp_program_outputs(const struct mp_reference_run *r, const struct mp_program *p, const uint8_t *image,
                        int32_t *output);

// Where output `index` of the layer's outputs, one of the run's, is computed.
struct mp_place mp_program_place(const struct mp_reference_run *r, const struct mp_program *p, uint64_t index);

#endif
