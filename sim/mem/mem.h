// SPDX-License-Identifier: Apache-2.0
// DRAM. A kind is one file mem_KIND.c with one mp_mem_ops, listed in mem.c. All kinds move bursts of 64 bytes. A *phase*
// is a list of requests that are issued together at a core cycle and over when the last beat is; phases follow each other.
// All cycles are the core's. `phase` is a phase's mean length in closed form, of which `floor` is a bound; `run` walks a
// phase on a memory that remembers what came before.
#ifndef SIM_MEM_MEM_H
#define SIM_MEM_MEM_H

#include "sim/base/field.h"
#include "sim/mem/controller.h"

#include <stdbool.h>
#include <stdint.h>

#define MP_BURST_BITS 512u
#define MP_BURST_BYTES 64u

struct mp_mem_ops;

struct mp_dram {
    const struct mp_mem_ops *ops;
    uint64_t bits_per_cycle;
    uint64_t latency_cycles; // issue to first beat
    // Of banked DRAM; `clock_mhz` is the core's, `map` and `model` are set by `resolve`:
    unsigned preset; // index into mp_dram_presets
    const char *mapping;
    uint64_t channels;
    bool refresh;
    double clock_mhz;
    struct mp_dram_map map;
    const struct mp_banked_model *model; // mem_banked.c
};

// Requests in order; those of no bursts are none.
#define MP_PHASE_REQUESTS 4
struct mp_phase {
    struct mp_request {
        uint64_t bursts;
        bool write;
        bool first;      // of its operand in the run: no row of it was open before
        uint64_t region; // bursts that the operand takes in DRAM; 0: not known, many
    } request[MP_PHASE_REQUESTS];
    unsigned count;
};

#define MP_MEAN_UNIT 65536u // of what is no whole number in the mean
struct mp_phase_cost {
    uint64_t cycles;
    uint64_t refresh;   // cycles that refresh adds in the mean, in 1/MP_MEAN_UNIT; not among `cycles`
    uint64_t activates; // of rows, in 1/MP_MEAN_UNIT
};

// No phase that moves anything is shorter than latency + bits * cycles_per_bit.
struct mp_mem_floor {
    double latency, cycles_per_bit;
};

struct mp_memory; // what a run's memory remembers; each kind's own

struct mp_mem_ops {
    const char *name, *help;
    const struct mp_field *fields; // keys beside kind; ends with a NULL key
    // Rules across keys, and what follows from them and the core's clock. `where` names the document. NULL: none.
    bool (*resolve)(struct mp_dram *d, struct mp_arena *a, const char *where, struct mp_err *err);
    // `busy`: cycles of what is done beside the phase. The greater of it and the phase's, and what refresh adds, is what both
    // take in the mean.
    struct mp_phase_cost (*phase)(const struct mp_dram *d, const struct mp_phase *p, uint64_t busy);
    // Cycles that refresh adds to a run that takes `cycles` without, and whose phases tell `refresh` in all. NULL: none.
    uint64_t (*refresh)(const struct mp_dram *d, uint64_t cycles, uint64_t refresh);
    struct mp_mem_floor (*floor)(const struct mp_dram *d);
    const char *(*price)(const struct mp_dram *d); // kind of DRAM in a technology's prices. NULL: the technology's own pick
    struct mp_memory *(*create)(const struct mp_dram *d); // idle at cycle 0. NULL: nothing to remember
    void (*destroy)(struct mp_memory *m);                 // takes NULL
    // Issues the transfers (addresses and lengths are multiples of 64 bytes) together at `cycle`, which is not before that of
    // the call before; sets their `done`, and returns the cycle at which the last beat is over: `cycle` when there are none.
    uint64_t (*run)(const struct mp_dram *d, struct mp_memory *m, uint64_t cycle, struct mp_transfer *t, size_t count);
    uint64_t (*activates)(const struct mp_memory *m); // row activations so far. NULL: none
};

extern const struct mp_mem_ops *const mp_mem_kinds[]; // NULL-terminated
extern const struct mp_mem_ops mp_mem_ideal, mp_mem_fixed, mp_mem_banked;

const struct mp_mem_ops *mp_mem_find(const char *name); // NULL when there is none

// `clock_mhz` is the core's.
bool mp_dram_read(const struct mp_node *n, struct mp_arena *a, double clock_mhz, struct mp_dram *d, struct mp_err *err);
// The keys alone, for reports: `resolve` is not called, what is not there has its default.
bool mp_dram_read_keys(const struct mp_node *n, struct mp_arena *a, struct mp_dram *d, struct mp_err *err);
void mp_dram_write(const struct mp_dram *d, struct mp_jsonw *w);

// The most bits that a core cycle moves; 0: without limit.
double mp_dram_peak_bits_per_cycle(const struct mp_dram *d);

// Channels whose standby and refresh are counted; of kinds without rows none: their price a bit holds them.
static inline uint64_t mp_dram_standby_channels(const struct mp_dram *d) {
    return d->ops->activates ? d->channels : 0;
}

static inline uint64_t mp_bursts(uint64_t bits) {
    return (bits + MP_BURST_BITS - 1) / MP_BURST_BITS;
}

static inline void mp_phase_add(struct mp_phase *p, struct mp_request r) {
    if (r.bursts > 0)
        p->request[p->count++] = r;
}

static inline uint64_t mp_phase_bursts(const struct mp_phase *p) {
    uint64_t sum = 0;
    for (unsigned i = 0; i < p->count; i++)
        sum += p->request[i].bursts;
    return sum;
}

#endif
