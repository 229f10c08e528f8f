// SPDX-License-Identifier: Apache-2.0
// Sums of counts, and counts times prices. Energy is summed by part and the parts in order, so that the total
// is the sum of its parts to the last bit.
#include "sim/spec/counts.h"

#include <stddef.h>

const char *const mp_event_names[] = {
    "pe_active",    "pe_idle",     "acc_update",   "input_read",  "input_write", "weight_read",
    "weight_write", "output_read", "output_write", "dram_read",   "dram_write",  "net_bit",
    "vec_requant",  "vec_alu",     "vec_mul",      "vec_special", "cycle",       "dram_activate",
    "dram_standby", NULL,
};
_Static_assert(sizeof mp_event_names / sizeof *mp_event_names == MP_EVENTS + 1, "a name an event");

const char *const mp_cause_names[] = {
    "compute", "fill_drain", "stall_weight", "stall_input", "stall_output", "stall_dram", "vector", NULL,
};
_Static_assert(sizeof mp_cause_names / sizeof *mp_cause_names == MP_CAUSES + 1, "a name a cause");

const char *const mp_part_names[] = {
    "pe",   "accumulator",  "input_buffer", "weight_buffer", "output_buffer",
    "dram", "interconnect", "vector",       "leakage",       NULL,
};
_Static_assert(sizeof mp_part_names / sizeof *mp_part_names == MP_PARTS + 1, "a name a part");

uint64_t mp_counts_cycles(const struct mp_counts *c) {
    uint64_t sum = 0;
    for (int i = 0; i < MP_CAUSES; i++)
        sum += c->cycles[i];
    return sum;
}

static bool add(uint64_t *a, uint64_t b, uint64_t n) {
    uint64_t product;
    return !__builtin_mul_overflow(b, n, &product) && !__builtin_add_overflow(*a, product, a);
}

bool mp_counts_add(struct mp_counts *a, const struct mp_counts *b, uint64_t n) {
    bool ok = add(&a->macs, b->macs, n);
    for (int i = 0; i < MP_CAUSES; i++)
        ok = add(&a->cycles[i], b->cycles[i], n) && ok;
    for (int i = 0; i < MP_EVENTS; i++)
        ok = add(&a->events[i], b->events[i], n) && ok;
    return ok;
}

enum mp_part mp_event_part(enum mp_event e) {
    static const enum mp_part part[MP_EVENTS] = {
        [MP_EV_PE_ACTIVE] = MP_PART_PE,
        [MP_EV_PE_IDLE] = MP_PART_PE,
        [MP_EV_ACC_UPDATE] = MP_PART_ACCUMULATOR,
        [MP_EV_INPUT_READ] = MP_PART_INPUT_BUFFER,
        [MP_EV_INPUT_WRITE] = MP_PART_INPUT_BUFFER,
        [MP_EV_WEIGHT_READ] = MP_PART_WEIGHT_BUFFER,
        [MP_EV_WEIGHT_WRITE] = MP_PART_WEIGHT_BUFFER,
        [MP_EV_OUTPUT_READ] = MP_PART_OUTPUT_BUFFER,
        [MP_EV_OUTPUT_WRITE] = MP_PART_OUTPUT_BUFFER,
        [MP_EV_DRAM_READ] = MP_PART_DRAM,
        [MP_EV_DRAM_WRITE] = MP_PART_DRAM,
        [MP_EV_NET_BIT] = MP_PART_INTERCONNECT,
        [MP_EV_VEC_REQUANT] = MP_PART_VECTOR,
        [MP_EV_VEC_ALU] = MP_PART_VECTOR,
        [MP_EV_VEC_MUL] = MP_PART_VECTOR,
        [MP_EV_VEC_SPECIAL] = MP_PART_VECTOR,
        [MP_EV_CYCLE] = MP_PART_LEAKAGE,
        [MP_EV_DRAM_ACT] = MP_PART_DRAM,
        [MP_EV_DRAM_STANDBY] = MP_PART_DRAM,
    };
    return part[e];
}

double mp_counts_energy_pj(const struct mp_counts *c, const struct mp_prices *p, double by[MP_PARTS]) {
    double parts[MP_PARTS] = {0}, sum = 0;
    for (int i = 0; i < MP_EVENTS; i++)
        parts[mp_event_part((enum mp_event)i)] += (double)c->events[i] * p->pj[i];
    for (int i = 0; i < MP_PARTS; i++)
        sum += parts[i];
    for (int i = 0; by && i < MP_PARTS; i++)
        by[i] = parts[i];
    return sum;
}
