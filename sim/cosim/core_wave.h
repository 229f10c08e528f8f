// SPDX-License-Identifier: Apache-2.0
// The waveform of the core that a model writes, and GTKWave's save file beside it: which scopes are traced, what is shown
// and how. docs/waveforms.md describes both.
#ifndef SIM_COSIM_CORE_WAVE_H
#define SIM_COSIM_CORE_WAVE_H

#include "sim/base/arena.h"
#include "sim/base/err.h"
#include "sim/cosim/shim.h"
#include "sim/spec/arch.h"

#define MP_CORE_WAVE_MARKS 8

struct mp_core_wave {
    const struct mp_arch *arch;
    const char *path;                     // of the FST
    uint64_t first, last;                 // core cycles in it
    bool every_row, every_col;            // of PEs; else only that of the PE that is shown
    unsigned row, col;                    // the PE that is shown
    struct mp_core_mark {
        uint64_t cycle;
        const char *name;
    } marks[MP_CORE_WAVE_MARKS];
    unsigned mark_count;
};

// A marker; beyond MP_CORE_WAVE_MARKS they are left out.
void mp_core_wave_mark(struct mp_core_wave *w, uint64_t cycle, const char *name);

// What is traced; NULL: everything.
const struct mp_shim_scope *mp_core_wave_scopes(const struct mp_core_wave *w, struct mp_arena *a);

// FILE.gtkw for FILE.fst; for any other name it is put behind.
char *mp_core_wave_save_path(const char *path, struct mp_arena *a);
// Writes the save file; fails when the waveform itself was not written.
bool mp_core_wave_save(const struct mp_core_wave *w, struct mp_err *err);

#endif
