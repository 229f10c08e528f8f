// SPDX-License-Identifier: Apache-2.0
// A run that disagreed is run again: once to find where it goes wrong, once more to write that window of cycles as a waveform,
// with what was expected in it.
#ifndef SIM_COSIM_REPLAY_H
#define SIM_COSIM_REPLAY_H

#include "sim/cosim/child.h"
#include "sim/cosim/program.h"
#include "sim/cosim/watch.h"

enum mp_replay_what {
    MP_REPLAY_SUM,      // a PE's sum is wrong
    MP_REPLAY_FOLD,     // a tile has a fold too many or too few
    MP_REPLAY_OUTPUT,   // all sums are right, an output is not
    MP_REPLAY_STAGE,    // a stage takes more or fewer cycles than the event engine says
    MP_REPLAY_COUNTERS, // only counters of events differ: no window
    MP_REPLAY_STOP,     // an assertion
    MP_REPLAY_HANG,
    MP_REPLAY_NOTHING,  // did not happen again, or could not be run: `why`
};
extern const char *const mp_replay_what_names[];

struct mp_replay {
    enum mp_replay_what what;
    const char *why;
    const char *fst, *gtkw;      // NULL: none was written
    uint64_t first, last;        // core cycles in it
    uint64_t first_bad, last_good;
    bool has_fold, has_pe;       // tile and fold; row and column, expected and actual sum
    uint64_t tile, fold, wrong;  // tile of the mapping's order; PEs that are wrong in cycle first_bad
    unsigned row, col;
    int64_t expected, actual;
    uint64_t stage_core, stage_sim; // cycles of the stage
};

struct mp_replay_options {
    const char *folder; // of the files
    // The path of a model that knows names; NULL with an error when there is none.
    const char *(*named)(void *user, struct mp_err *err);
    void *user;
};

// The run that disagreed.
struct mp_replay_job {
    const struct mp_replay_options *options;
    const struct mp_reference_run *run;
    size_t layer_index;
    const int32_t *output;         // of the reference
    const struct mp_place *wrong;  // where the first wrong output was made; NULL: none is
    bool failed;                   // it did not end
    uint64_t max_cycles;
    const struct mp_drive_flip *flips;
    size_t flip_count;
};

// Texts live in `a`. False after an interruption.
bool mp_replay_run(const struct mp_replay_job *job, struct mp_arena *a, struct mp_replay *out);

// What the first pass saw, judged: what, cycles, window. `turns`: descriptors in front of the first tile. Internal to replay*.c.
void mp_replay_judge(const struct mp_replay_job *job, const struct mp_drive_result *r, const struct mp_watch_seen *s,
                     uint64_t turns, struct mp_replay *out);

#endif
