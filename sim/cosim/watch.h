// SPDX-License-Identifier: Apache-2.0
// Watches a run of the core from within the driver's process, in a model that knows names: every sum that leaves a PE against
// the reference, when stages begin, when anything last went on. Drives what the waveform shows as expected.
#ifndef SIM_COSIM_WATCH_H
#define SIM_COSIM_WATCH_H

#include "sim/cosim/drive.h"
#include "sim/cosim/program_nest.h"

enum mp_watch_what {
    MP_WATCH_NOTHING,
    MP_WATCH_SUM,  // a PE's sum is wrong
    MP_WATCH_FOLD, // a tile ends a fold that it does not have, or ends with folds missing
};

// A fold: its number in the tile, which is one of the nest.
struct mp_watch_fold {
    uint64_t tile, fold;
};

// What was seen. Shared with the process that asked.
struct mp_watch_seen {
    enum mp_watch_what what; // the first that was wrong
    uint64_t cycle, last_good; // last_good: its PE's last right sum, else the start of the tile
    struct mp_watch_fold at;
    unsigned row, col;
    uint64_t wrong;            // PEs that are, in this cycle
    int64_t expected, actual;
    uint64_t progress;         // last cycle in which a stage, a fold or memory went on
    uint64_t stages;           // that began
    uint64_t stage[];          // their first cycles, `stage_cap` at most
};

struct mp_watch {
    const struct mp_reference_run *run;
    const int32_t *output;      // the layer's, as the reference has it
    uint64_t stage_cap;
    bool expect;                // drives the expected values of PE (row, col)
    unsigned row, col;
    struct mp_watch_seen *seen;
};

// Fills the hook, for one run; `w` and `a` stay until it is over.
void mp_watch_hook(struct mp_watch *w, struct mp_arena *a, struct mp_drive_hook *hook);

// Which output PE (row, col) makes in a fold; false: none. `index` counts in the layer's outputs, `sum` is of the tile.
bool mp_watch_output(const struct mp_nest *n, const struct mp_watch_fold *at, unsigned row, unsigned col, uint64_t *index,
                     int64_t *sum);

#endif
