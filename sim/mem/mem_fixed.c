// SPDX-License-Identifier: Apache-2.0
// One channel of fixed width and latency: the first beat comes `latency_cycles` after issue, requests are
// pipelined behind it, reads and writes share the bus in order. Leaves out banks, rows, refresh, turnaround.
#include "sim/mem/mem.h"

#include <stdlib.h>

static const struct mp_field fields[] = {
    {.key = "bits_per_cycle", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_dram, bits_per_cycle),
     .required = true, .min = 1, .max = 1 << 20, .unit = "bits", .help = "data bus, in bits a core cycle"},
    {.key = "latency_cycles", .type = MP_FIELD_UINT, .offset = offsetof(struct mp_dram, latency_cycles), .def = 0,
     .min = 0, .max = 1 << 16, .unit = "cycles", .help = "from issue to the first beat"},
    {.key = NULL},
};

static struct mp_phase_cost phase(const struct mp_dram *d, const struct mp_phase *p, uint64_t busy) {
    (void)busy;
    uint64_t bits = mp_phase_bursts(p) * MP_BURST_BITS;
    if (bits == 0)
        return (struct mp_phase_cost){0};
    return (struct mp_phase_cost){.cycles = d->latency_cycles + (bits + d->bits_per_cycle - 1) / d->bits_per_cycle};
}

static struct mp_mem_floor floor_of(const struct mp_dram *d) {
    return (struct mp_mem_floor){.latency = (double)d->latency_cycles, .cycles_per_bit = 1 / (double)d->bits_per_cycle};
}

struct mp_memory {
    uint64_t free_at; // when the data bus is free, in bits: cycle * bits_per_cycle + bit within the cycle
};

static struct mp_memory *create(const struct mp_dram *d) {
    (void)d;
    struct mp_memory *m = calloc(1, sizeof *m);
    if (!m)
        mp_out_of_memory();
    return m;
}

static void destroy(struct mp_memory *m) {
    free(m);
}

static uint64_t run(const struct mp_dram *d, struct mp_memory *m, uint64_t cycle, struct mp_transfer *t, size_t count) {
    uint64_t ready = (cycle + d->latency_cycles) * d->bits_per_cycle, end = cycle;
    for (size_t i = 0; i < count; i++) {
        m->free_at = (m->free_at > ready ? m->free_at : ready) + t[i].bytes * 8;
        end = t[i].done = (m->free_at + d->bits_per_cycle - 1) / d->bits_per_cycle;
    }
    return end;
}

const struct mp_mem_ops mp_mem_fixed = {
    .name = "fixed", .help = "one channel of fixed width and latency", .fields = fields,
    .phase = phase, .floor = floor_of, .create = create, .destroy = destroy, .run = run,
};
