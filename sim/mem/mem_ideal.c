// SPDX-License-Identifier: Apache-2.0
// Memory that answers at once: what the array and the buffers' ports alone allow. Traffic is still counted.
#include "sim/mem/mem.h"

static const struct mp_field no_fields[] = {{.key = NULL}};

static uint64_t phase_cycles(const struct mp_dram *d, uint64_t bursts) {
    (void)d, (void)bursts;
    return 0;
}

static struct mp_mem_floor floor_of(const struct mp_dram *d) {
    (void)d;
    return (struct mp_mem_floor){0};
}

static void begin(const struct mp_dram *d, struct mp_channel *c, uint64_t cycle) {
    (void)d;
    c->issued = cycle;
}

static void burst(const struct mp_dram *d, struct mp_channel *c, bool write) {
    (void)d, (void)write;
    c->bursts++;
}

static uint64_t end(const struct mp_dram *d, const struct mp_channel *c) {
    (void)d;
    return c->issued;
}

const struct mp_mem_ops mp_mem_ideal = {
    .name = "ideal", .help = "no latency, no limit", .fields = no_fields,
    .phase_cycles = phase_cycles, .floor = floor_of, .begin = begin, .burst = burst, .end = end,
};
