// SPDX-License-Identifier: Apache-2.0
// The waveform of a run and GTKWave's save file beside it, written while the event engine walks.
#ifndef SIM_CLI_WAVE_H
#define SIM_CLI_WAVE_H

#include "traces/tile_wave.h"

#include <signal.h>

struct mp_wave {
    const char *path;
    struct mp_fst *fst;
    struct mp_tile_wave tiles;
    sigset_t signals; // as they were blocked before
};

// Opens the file. Interrupts wait from here to the end, or to the next mp_wave_check.
bool mp_wave_begin(struct mp_wave *w, const char *path, struct mp_err *err);
// Whether an interrupt waits; then removes the file and lets it through.
void mp_wave_check(struct mp_wave *w);
// Completes the file, writes the save file and tells on standard error how to open them. `keep` false removes the file.
bool mp_wave_end(struct mp_wave *w, bool keep, struct mp_err *err);

#endif
