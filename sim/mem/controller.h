// SPDX-License-Identifier: Apache-2.0
// One DRAM channel with its controller, in DRAM clock cycles: bank groups, banks, open rows, FR-FCFS, writes in batches,
// all-bank refresh. What it is checked against: tests/reference (DRAMsim3, Ramulator 2). Commands are issued at the first
// cycle at which timing allows, so that idle cycles cost no time to simulate.
#ifndef SIM_MEM_CONTROLLER_H
#define SIM_MEM_CONTROLLER_H

#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Cycles of the DRAM's clock. Effective figures: a burst's cycles are the least distance of two column commands.
struct mp_dram_timing {
    uint64_t cl, cwl, burst;             // read and write latency; data bus cycles of an access
    uint64_t rcd_rd, rcd_wr, rp, ras, rc;
    uint64_t ccd_s, ccd_l, rrd_s, rrd_l, faw;
    uint64_t wr, wtr_s, wtr_l, rtp, rd_wr; // rd_wr: read command to write command
    uint64_t refi, rfc;
};

struct mp_dram_preset {
    const char *name, *help, *source;
    double tck_ns;
    unsigned bus_bits, access_bytes;
    unsigned groups, banks; // bank groups; banks of each
    unsigned rows, row_bytes;
    struct mp_dram_timing timing;
    const char *mapping;    // by default
    const char *price;      // row of a technology's DRAM prices
};
extern const struct mp_dram_preset mp_dram_presets[]; // ends with a NULL name
extern const char *const mp_dram_preset_names[];      // the same order, NULL-terminated

#define MP_DRAM_CHANNELS 16

// Where the bits of an address go, from the access offset up. Made from a mapping string: ro, ra, bg, ba, ch, co each
// once, from the most to the least significant; ra has no bits (one rank), ch as many as there are channels.
struct mp_dram_map {
    unsigned offset;                     // bits below an access
    struct {
        unsigned shift, bits;
    } ro, bg, ba, ch, co;
};
bool mp_dram_map_make(struct mp_dram_map *m, const struct mp_dram_preset *p, unsigned channels, const char *mapping,
                      struct mp_err *err);

struct mp_dram_counts {
    uint64_t reads, writes, activates, precharges, refreshes; // commands
    uint64_t row_hits, row_misses, row_conflicts; // of accesses: row open; bank closed; another row open
    uint64_t read_latency;                        // summed over the reads, from push to the end of the data
};

// Accesses of one transfer are to consecutive addresses; it is whole accesses.
struct mp_transfer {
    uint64_t address, bytes;
    bool write;
    uint64_t done; // set by a run: the cycle at which its last data are over
};

struct mp_controllers; // the channels of one memory; opaque

struct mp_controller_spec {
    const struct mp_dram_preset *preset;
    struct mp_dram_map map;
    unsigned channels; // a power of two up to MP_DRAM_CHANNELS
    bool refresh;
};
struct mp_controllers *mp_controllers_create(const struct mp_controller_spec *s);
void mp_controllers_destroy(struct mp_controllers *c); // takes NULL

// All transfers are there at `cycle`, which is not before the end of the run before; their accesses are pushed in order, as
// queues take them. Returns the cycle at which the last data are over.
uint64_t mp_controllers_run(struct mp_controllers *c, uint64_t cycle, struct mp_transfer *t, size_t count);
// The same with one access outstanding.
uint64_t mp_controllers_run_single(struct mp_controllers *c, uint64_t cycle, struct mp_transfer *t, size_t count);

struct mp_dram_counts mp_controllers_counts(const struct mp_controllers *c); // since they were created
uint64_t mp_controllers_bytes(const struct mp_controllers *c); // moved

#endif
