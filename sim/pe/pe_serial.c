// SPDX-License-Identifier: Apache-2.0
// Bit-serial PEs. serial_w: weights serial, activations parallel (Stripes, MICRO 2016, with the serial side
// swapped; UNPU, JSSC 2019). serial_aw: both serial (Loom, DAC 2018; BISMO, FPL 2018). A cycle consumes
// `serial_bits` of each serial operand; a width that this does not divide pays for a whole last cycle.
#include "sim/pe/pe.h"

const struct mp_field mp_pe_serial_fields[] = {
    {.key = "serial_bits", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_pe, serial_bits), .def = 1, .min = 1,
     .max = 4, .unit = "bits", .help = "bits of a serial operand that one cycle consumes: 1, 2 or 4"},
    {.key = NULL},
};

static uint64_t serial_cycles(const struct mp_pe *pe, unsigned bits) {
    return (bits + pe->serial_bits - 1) / pe->serial_bits;
}

static struct mp_pe_step step_w(const struct mp_pe *pe, unsigned a_bits, unsigned w_bits) {
    (void)a_bits;
    return (struct mp_pe_step){.cycles = serial_cycles(pe, w_bits), .products = 1};
}

static struct mp_pe_step step_aw(const struct mp_pe *pe, unsigned a_bits, unsigned w_bits) {
    return (struct mp_pe_step){.cycles = serial_cycles(pe, a_bits) * serial_cycles(pe, w_bits), .products = 1};
}

const struct mp_pe_ops mp_pe_serial_w = {
    .name = "serial_w", .help = "weights bit-serial: ceil(w / serial_bits) cycles a step",
    .fields = mp_pe_serial_fields, .weight_planes = true, .step = step_w,
};

const struct mp_pe_ops mp_pe_serial_aw = {
    .name = "serial_aw",
    .help = "both operands bit-serial: ceil(a / serial_bits) * ceil(w / serial_bits) cycles a step",
    .fields = mp_pe_serial_fields, .weight_planes = true, .act_planes = true, .step = step_aw,
};
