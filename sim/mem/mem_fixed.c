// SPDX-License-Identifier: Apache-2.0
// One channel of fixed width and latency: the first beat comes `latency_cycles` after issue, requests are
// pipelined behind it, reads and writes share the bus in order. Leaves out banks, rows, refresh, turnaround.
#include "sim/mem/mem.h"

static const struct mp_field fields[] = {
    {.key = "bits_per_cycle", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_dram, bits_per_cycle),
     .required = true, .min = 1, .max = 1 << 20, .unit = "bits", .help = "data bus, in bits a core cycle"},
    {.key = "latency_cycles", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_dram, latency_cycles), .def = 0,
     .min = 0, .max = 1 << 16, .unit = "cycles", .help = "from issue to the first beat"},
    {.key = NULL},
};

static uint64_t phase_cycles(const struct mp_dram *d, uint64_t bursts) {
    if (bursts == 0)
        return 0;
    return d->latency_cycles + (bursts * MP_BURST_BITS + d->bits_per_cycle - 1) / d->bits_per_cycle;
}

static struct mp_mem_floor floor_of(const struct mp_dram *d) {
    return (struct mp_mem_floor){.latency = (double)d->latency_cycles, .cycles_per_bit = 1 / (double)d->bits_per_cycle};
}

static void begin(const struct mp_dram *d, struct mp_channel *c, uint64_t cycle) {
    (void)d;
    c->issued = cycle;
}

static void burst(const struct mp_dram *d, struct mp_channel *c, bool write) {
    (void)write;
    uint64_t ready = (c->issued + d->latency_cycles) * d->bits_per_cycle;
    c->free_at = (c->free_at > ready ? c->free_at : ready) + MP_BURST_BITS;
    c->bursts++;
}

static uint64_t end(const struct mp_dram *d, const struct mp_channel *c) {
    uint64_t at = (c->free_at + d->bits_per_cycle - 1) / d->bits_per_cycle;
    return at > c->issued ? at : c->issued;
}

const struct mp_mem_ops mp_mem_fixed = {
    .name = "fixed", .help = "one channel of fixed width and latency", .fields = fields,
    .phase_cycles = phase_cycles, .floor = floor_of, .begin = begin, .burst = burst, .end = end,
};
