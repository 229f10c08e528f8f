// SPDX-License-Identifier: Apache-2.0
// DRAM channels. A kind is one file mem_KIND.c with one mp_mem_ops, listed in mem.c. All kinds move bursts
// of 64 bytes over one channel that reads and writes share in order. A *phase* is a set of requests that
// are issued together; `phase_cycles` is its length in closed form, `floor` a bound of it, and `begin`, `burst` and `end`
// walk it burst by burst.
#ifndef SIM_MEM_MEM_H
#define SIM_MEM_MEM_H

#include "sim/base/field.h"

#include <stdbool.h>
#include <stdint.h>

#define MP_BURST_BITS 512u

struct mp_mem_ops;

struct mp_dram {
    const struct mp_mem_ops *ops;
    uint64_t bits_per_cycle;
    uint64_t latency_cycles; // issue to first beat
};

// The state of a channel during a run. Zeroed is idle at cycle 0.
struct mp_channel {
    uint64_t issued;  // cycle at which the phase's requests were issued
    uint64_t free_at; // when the data bus is free, in bits: cycle * bits_per_cycle + bit within the cycle
    uint64_t bursts;  // moved since the start
};

// No phase that moves anything is shorter than latency + bits * cycles_per_bit.
struct mp_mem_floor {
    double latency, cycles_per_bit;
};

struct mp_mem_ops {
    const char *name, *help;
    const struct mp_field *fields; // keys beside kind; ends with a NULL key
    uint64_t (*phase_cycles)(const struct mp_dram *d, uint64_t bursts);
    struct mp_mem_floor (*floor)(const struct mp_dram *d);
    void (*begin)(const struct mp_dram *d, struct mp_channel *c, uint64_t cycle);
    void (*burst)(const struct mp_dram *d, struct mp_channel *c, bool write);
    uint64_t (*end)(const struct mp_dram *d, const struct mp_channel *c); // cycle at which the last beat is over
};

extern const struct mp_mem_ops *const mp_mem_kinds[]; // NULL-terminated
extern const struct mp_mem_ops mp_mem_ideal, mp_mem_fixed;

const struct mp_mem_ops *mp_mem_find(const char *name); // NULL when there is none

bool mp_dram_read(const struct mp_node *n, struct mp_arena *a, struct mp_dram *d, struct mp_err *err);
void mp_dram_write(const struct mp_dram *d, struct mp_jsonw *w);

// The most bits that a core cycle moves; 0: without limit.
double mp_dram_peak_bits_per_cycle(const struct mp_dram *d);

static inline uint64_t mp_bursts(uint64_t bits) {
    return (bits + MP_BURST_BITS - 1) / MP_BURST_BITS;
}

#endif
