// SPDX-License-Identifier: Apache-2.0
// Memory that answers at once: what the array and the buffers' ports alone allow. Traffic is still counted.
#include "sim/mem/mem.h"

static const struct mp_field no_fields[] = {{.key = NULL}};

static struct mp_phase_cost phase(const struct mp_dram *d, const struct mp_phase *p, uint64_t busy) {
    (void)d, (void)p, (void)busy;
    return (struct mp_phase_cost){0};
}

static struct mp_mem_floor floor_of(const struct mp_dram *d) {
    (void)d;
    return (struct mp_mem_floor){0};
}

static struct mp_memory *create(const struct mp_dram *d) {
    (void)d;
    return NULL;
}

static void destroy(struct mp_memory *m) {
    (void)m;
}

static uint64_t run(const struct mp_dram *d, struct mp_memory *m, uint64_t cycle, struct mp_transfer *t, size_t count) {
    (void)d, (void)m;
    for (size_t i = 0; i < count; i++)
        t[i].done = cycle;
    return cycle;
}

const struct mp_mem_ops mp_mem_ideal = {
    .name = "ideal", .help = "no latency, no limit", .fields = no_fields,
    .phase = phase, .floor = floor_of, .create = create, .destroy = destroy, .run = run,
};
