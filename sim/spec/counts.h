// SPDX-License-Identifier: Apache-2.0
// What the engines count: events and cycles by cause, never joules. One order for counts and prices, so that
// energy is a dot product.
#ifndef SIM_SPEC_COUNTS_H
#define SIM_SPEC_COUNTS_H

#include <stdbool.h>
#include <stdint.h>

enum mp_event {
    MP_EV_PE_ACTIVE,    // PE cycles in which a PE works on a step
    MP_EV_PE_IDLE,      // the other PE cycles of layers that run on the array: clock, no data
    MP_EV_ACC_UPDATE,   // additions into an accumulator
    MP_EV_INPUT_READ,   // buffer accesses in words of one bank; DMA and array alike
    MP_EV_INPUT_WRITE,
    MP_EV_WEIGHT_READ,
    MP_EV_WEIGHT_WRITE,
    MP_EV_OUTPUT_READ,
    MP_EV_OUTPUT_WRITE,
    MP_EV_DRAM_READ,    // bits, exact (not rounded up to bursts)
    MP_EV_DRAM_WRITE,
    MP_EV_NET_BIT,      // operand and result bits moved between buffers and array
    MP_EV_VEC_REQUANT,  // 32-bit multiply, add and shift
    MP_EV_VEC_ALU,      // add, compare, move
    MP_EV_VEC_MUL,
    MP_EV_VEC_SPECIAL,  // exponential, reciprocal, square root, error function
    MP_EV_CYCLE,        // every cycle of the layer: leakage
    MP_EV_DRAM_ACT,     // row activations, of DRAM with rows; the core of rtl/ counts the events before this one only
    MP_EV_DRAM_STANDBY, // cycles of the layer times channels, of DRAM with rows: standby and refresh
    MP_EVENTS
};

enum mp_cause {
    MP_COMPUTE,      // at least one PE consumes a step
    MP_FILL_DRAIN,   // skew, preload or shift-out that is not hidden; a tile's fill
    MP_STALL_WEIGHT, // the buffer's port
    MP_STALL_INPUT,
    MP_STALL_OUTPUT,
    MP_STALL_DRAM,   // a tile not yet loaded, or not yet drained
    MP_VECTOR,       // only the vector unit advances
    MP_CAUSES
};

struct mp_counts {
    uint64_t macs;
    uint64_t cycles[MP_CAUSES];
    uint64_t events[MP_EVENTS];
};

extern const char *const mp_event_names[], *const mp_cause_names[];

uint64_t mp_counts_cycles(const struct mp_counts *c); // sum over the causes
// Adds `n` times `b`; false when a sum leaves 64 bits.
bool mp_counts_add(struct mp_counts *a, const struct mp_counts *b, uint64_t n);

// Parts that energy is booked on.
enum mp_part {
    MP_PART_PE, MP_PART_ACCUMULATOR, MP_PART_INPUT_BUFFER, MP_PART_WEIGHT_BUFFER, MP_PART_OUTPUT_BUFFER,
    MP_PART_DRAM, MP_PART_INTERCONNECT, MP_PART_VECTOR, MP_PART_LEAKAGE, MP_PARTS
};
extern const char *const mp_part_names[];
enum mp_part mp_event_part(enum mp_event e);

// pJ an event; for PE_ACTIVE and ACC_UPDATE at given widths.
struct mp_prices {
    double pj[MP_EVENTS];
};
double mp_counts_energy_pj(const struct mp_counts *c, const struct mp_prices *p, double by[MP_PARTS]); // by may be NULL

#endif
