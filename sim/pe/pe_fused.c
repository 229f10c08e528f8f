// SPDX-License-Identifier: Apache-2.0
// Two-dimensional composable bricks: (8 / c(a)) * (8 / c(w)) products a lane and cycle (Sharma et al., "Bit
// Fusion", ISCA 2018). Containers as in its published simulator: 3 bits run as 4, and 5 to 7 as 8.
#include "sim/pe/pe.h"

static struct mp_pe_step step(const struct mp_pe *pe, unsigned a_bits, unsigned w_bits) {
    (void)pe;
    return (struct mp_pe_step){
        .cycles = 1, .products = (8 / mp_container_bits(a_bits)) * (8 / mp_container_bits(w_bits))};
}

const struct mp_pe_ops mp_pe_fused = {
    .name = "fused", .help = "composable bricks: (8 / c(a)) * (8 / c(w)) products a lane and cycle",
    .fields = mp_pe_no_fields, .step = step,
};
