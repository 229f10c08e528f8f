// SPDX-License-Identifier: Apache-2.0
// One-dimensional sub-word parallel, sum-together: a multiplier splits into 8 / max(c(a), c(w)) products of
// the wider operand's container (surveyed by Camus et al., JETCAS 9(4), 2019).
#include "sim/pe/pe.h"

static struct mp_pe_step step(const struct mp_pe *pe, unsigned a_bits, unsigned w_bits) {
    (void)pe;
    unsigned a = mp_container_bits(a_bits), w = mp_container_bits(w_bits);
    return (struct mp_pe_step){.cycles = 1, .products = 8 / (a > w ? a : w)};
}

const struct mp_pe_ops mp_pe_subword = {
    .name = "subword", .help = "sub-word SIMD: 8 / max(c(a), c(w)) products a lane and cycle",
    .fields = mp_pe_no_fields, .step = step,
};
