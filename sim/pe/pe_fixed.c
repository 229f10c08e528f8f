// SPDX-License-Identifier: Apache-2.0
// 8x8 multipliers: a cycle a step at any width, so that narrow data save memory only. As in a TPU's int8
// array (Jouppi et al., ISCA 2017).
#include "sim/pe/pe.h"

static struct mp_pe_step step(const struct mp_pe *pe, unsigned a_bits, unsigned w_bits) {
    (void)pe, (void)a_bits, (void)w_bits;
    return (struct mp_pe_step){.cycles = 1, .products = 1};
}

const struct mp_pe_ops mp_pe_fixed = {
    .name = "fixed", .help = "8x8 multipliers, a cycle a step at any width", .fields = mp_pe_no_fields, .step = step,
};
