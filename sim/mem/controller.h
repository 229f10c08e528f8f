// SPDX-License-Identifier: Apache-2.0
// The DRAM channels of one memory with their controllers, in DRAM clock cycles: bank groups, banks, open rows, FR-FCFS,
// writes in batches, all-bank refresh. What it is checked against: tests/reference (DRAMsim3, Ramulator 2). Commands are
// issued at the first cycle at which timing allows, so that idle cycles cost no time to simulate.
#ifndef SIM_MEM_CONTROLLER_H
#define SIM_MEM_CONTROLLER_H

#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Cycles of the DRAM's clock. Effective figures: a burst's cycles are the least distance of two column commands.
struct mp_dram_timing {
    uint64_t cl, cwl, burst; // read and write latency; data bus cycles of an access
    uint64_t rcd_rd, rcd_wr, rp, ras, rc;
    uint64_t ccd_s, ccd_l, rrd_s, rrd_l, faw;
    uint64_t wr, wtr_s, wtr_l, rtp, rd_wr; // rd_wr: read command to write command
    uint64_t ppd;                          // precharge to precharge of another bank; 0: any
    uint64_t refi, rfc;
};

// Energies of commands; an access is mp_dram_preset's access_bytes.
struct mp_dram_energy {
    double read_pj, write_pj, activate_pj, refresh_pj; // activate: with the precharge that follows it
    double active_mw, idle_mw;                         // background: with a row open, with none
    const char *source;
};

struct mp_dram_preset {
    const char *name, *help, *source;
    double tck_ns;
    unsigned bus_bits, access_bytes;
    unsigned groups, banks; // bank groups; banks of each
    unsigned rows, row_bytes;
    bool two_buses; // row commands have a bus of their own: one of each kind a cycle
    struct mp_dram_timing timing;
    struct mp_dram_energy energy;
    const char *mapping; // by default
    const char *price;   // row of a technology's DRAM prices
};
#define MP_DRAM_PRESETS 4
extern const struct mp_dram_preset mp_dram_presets[MP_DRAM_PRESETS + 1]; // ends with a NULL name
extern const char *const mp_dram_preset_names[MP_DRAM_PRESETS + 1];      // the same order, NULL-terminated
const struct mp_dram_preset *mp_dram_preset_find(const char *name);      // NULL when there is none

uint64_t mp_dram_bytes(const struct mp_dram_preset *p, unsigned channels); // capacity

#define MP_DRAM_CHANNELS 16
#define MP_DRAM_BANKS 16 // of a channel

// Where the bits of an address go, from the access offset up. Made from a mapping string: ro, ra, bg, ba, ch, co each
// once, from the most to the least significant; ra has no bits (one rank), ch as many as there are channels.
struct mp_dram_map {
    unsigned offset; // bits below an access
    struct {
        unsigned shift, bits;
    } ro, bg, ba, ch, co;
};
bool mp_dram_map_make(struct mp_dram_map *m, const struct mp_dram_preset *p, unsigned channels, const char *mapping,
                      struct mp_err *err);

// A place in the memory. An address beyond the capacity wraps: bits above the row's are ignored.
struct mp_dram_place {
    unsigned channel, group, bank, row, column; // bank: within its group; column: in accesses
};
struct mp_dram_place mp_dram_map_place(const struct mp_dram_map *m, uint64_t address);

struct mp_dram_counts {
    uint64_t reads, writes, activates, precharges, refreshes; // commands
    uint64_t row_hits, row_misses, row_conflicts;             // of accesses: row open; bank closed; another row open
    uint64_t read_latency;                                    // summed over the reads, from push to the end of the data
    uint64_t active_cycles;                                   // with a row open, summed over the channels
};

enum mp_dram_part {
    MP_DRAM_READING,
    MP_DRAM_WRITING,
    MP_DRAM_ACTIVATING,
    MP_DRAM_REFRESHING,
    MP_DRAM_BACKGROUND,
    MP_DRAM_PARTS
};
// By part, and their sum. `cycles` are of all channels together, one with a row open or with none.
double mp_dram_energy_pj(const struct mp_dram_preset *p, const struct mp_dram_counts *n, uint64_t cycles,
                         double part[MP_DRAM_PARTS]);

// Accesses of one transfer are to consecutive addresses; it is whole accesses.
struct mp_transfer {
    uint64_t address, bytes;
    bool write;
    uint64_t start; // pushed no earlier than this cycle
    uint64_t done;  // set by a run: the cycle at which its last data are over
};

// What a channel does, for whoever watches: one call a command, in order of cycles within a channel.
enum mp_dram_kind { MP_DRAM_READ, MP_DRAM_WRITE, MP_DRAM_ACTIVATE, MP_DRAM_PRECHARGE, MP_DRAM_REFRESH };
struct mp_dram_command {
    uint64_t cycle;
    enum mp_dram_kind kind;
    struct mp_dram_place place; // of a refresh: the channel
};
struct mp_dram_sink {
    void (*command)(void *user, const struct mp_dram_command *c);
    void *user;
};

struct mp_controllers; // the channels of one memory; opaque

struct mp_controller_spec {
    const struct mp_dram_preset *preset;
    struct mp_dram_map map;
    unsigned channels; // a power of two up to MP_DRAM_CHANNELS
    bool refresh;
    const struct mp_dram_sink *sink; // or NULL
};
struct mp_controllers *mp_controllers_create(const struct mp_controller_spec *s);
void mp_controllers_destroy(struct mp_controllers *c); // takes NULL

// All transfers are there at `cycle`, which is not before the end of the run before; their accesses are pushed in order, as
// queues take them. Returns the cycle at which the last data are over, or `cycle` when there are none. Accesses to one
// address are served in order; each is a command, none is merged with another.
uint64_t mp_controllers_run(struct mp_controllers *c, uint64_t cycle, struct mp_transfer *t, size_t count);
// The same with one access outstanding: the next is pushed in the cycle after the last data of the one before.
uint64_t mp_controllers_run_single(struct mp_controllers *c, uint64_t cycle, struct mp_transfer *t, size_t count);

// The same for transfers that are made when they are needed, so that memory does not grow with their number; `done` is not
// told.
struct mp_transfer_source {
    bool (*next)(void *user, struct mp_transfer *t); // false: there are no more
    void *user;
};
uint64_t mp_controllers_pull(struct mp_controllers *c, uint64_t cycle, const struct mp_transfer_source *s, bool single);

struct mp_dram_counts mp_controllers_counts(const struct mp_controllers *c); // since they were created
uint64_t mp_controllers_bytes(const struct mp_controllers *c);               // moved

#endif
