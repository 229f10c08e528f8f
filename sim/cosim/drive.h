// SPDX-License-Identifier: Apache-2.0
// Drives a model through one program: reset, start, memory, until the core is no longer busy. One clock: an edge with
// core_en is a core cycle; in between, memory moves at edges of its own as long as it has anything to do in this cycle.
#ifndef SIM_COSIM_DRIVE_H
#define SIM_COSIM_DRIVE_H

#include "sim/cosim/abi.h"
#include "sim/cosim/shim.h"
#include "sim/mem/mem.h"

#include <stddef.h>

// An inverted bit of a register: in this core cycle it holds the wrong value.
struct mp_drive_flip {
    const char *scope, *name;
    unsigned bit;
    uint64_t cycle;
};

// Called in the driver's process. `begin` may find signals; `cycle` when those of core cycle `t` have settled: it may set
// ports->expected, which shows in the cycle behind.
struct mp_drive_hook {
    bool (*begin)(void *user, const struct mp_shim_ops *shim, void *model, const struct mp_shim_ports *ports);
    void (*cycle)(void *user, uint64_t t);
    void *user;
};

struct mp_drive_job {
    const struct mp_desc *tiles;
    size_t tile_count;
    uint8_t *image; // of DRAM; the core's writes change it
    size_t image_bytes;
    const struct mp_dram *dram;
    uint64_t max_cycles; // beyond them the core hangs
    // Optional: an FST of core cycles [wave_first, wave_last]; bits to invert, in a model that knows signals by name.
    const char *wave;
    const struct mp_shim_scope *wave_scopes; // NULL: all
    uint64_t wave_first, wave_last;
    const struct mp_drive_flip *flips;
    size_t flip_count;
    const struct mp_drive_hook *hook; // may be NULL
};

enum mp_drive_end {
    MP_DRIVE_RUNNING,
    MP_DRIVE_DONE,
    MP_DRIVE_HANG,    // max_cycles are over
    MP_DRIVE_STOPPED, // an assertion, $fatal or $finish: file, line, scope, text
    MP_DRIVE_REFUSED, // the core or the driver broke a rule of their interface: text
};

// Lies in memory that the driver's process shares: what it holds is true at any time.
struct mp_drive_result {
    enum mp_drive_end end;
    uint64_t cycles; // core cycles
    uint64_t edges;  // of the clock, memory's own included
    uint64_t tile;   // descriptors taken
    uint64_t counter[MP_CORE_COUNTERS], overflows;
    double seconds;
    int line;
    char file[256], scope[256], text[1024];
};

// Returns when the run is over; at an assertion the process ends.
void mp_drive(const struct mp_shim_ops *shim, const struct mp_drive_job *job, struct mp_drive_result *out);

#endif
