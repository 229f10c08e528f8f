// SPDX-License-Identifier: Apache-2.0
// Processing elements: what one step (a dot product over the lanes) costs at given widths. A kind is one
// file pe_KIND.c with one mp_pe_ops, listed in pe.c. The table of kinds and its sources: docs/model.md.
#ifndef SIM_PE_PE_H
#define SIM_PE_PE_H

#include "sim/base/field.h"

#include <stdbool.h>
#include <stdint.h>

struct mp_pe_ops;

struct mp_pe {
    const struct mp_pe_ops *ops;
    uint64_t lanes;       // products a step at full width
    uint64_t serial_bits; // bits of a serial operand that one cycle consumes; 0 for parallel kinds
};

// A step takes `cycles`; a lane makes `products` along the reduction in it. Widths are 1 to 8 bits.
struct mp_pe_step {
    uint64_t cycles, products;
};

struct mp_pe_ops {
    const char *name, *help;
    const struct mp_field *fields; // keys of this kind beside kind and lanes; ends with a NULL key
    bool weight_planes;            // weights lie in bit planes
    bool act_planes;               // activations too
    struct mp_pe_step (*step)(const struct mp_pe *pe, unsigned a_bits, unsigned w_bits);
};

// All kinds, NULL-terminated.
extern const struct mp_pe_ops *const mp_pe_kinds[];

extern const struct mp_pe_ops mp_pe_fixed, mp_pe_subword, mp_pe_fused, mp_pe_serial_w, mp_pe_serial_aw;
extern const struct mp_field mp_pe_no_fields[], mp_pe_serial_fields[];

const struct mp_pe_ops *mp_pe_find(const char *name); // NULL when there is none

// The container of b bits (1 to 8): 2, 4 or 8.
unsigned mp_container_bits(unsigned bits);

// Reads {kind, lanes, ...}; the kind decides which keys there may be.
bool mp_pe_read(const struct mp_node *n, struct mp_arena *a, struct mp_pe *pe, struct mp_err *err);
void mp_pe_write(const struct mp_pe *pe, struct mp_jsonw *w);

#endif
