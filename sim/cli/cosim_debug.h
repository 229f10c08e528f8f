// SPDX-License-Identifier: Apache-2.0
// What `mpsim cosim` offers to look into the core and to make faults in it.
#ifndef SIM_CLI_COSIM_DEBUG_H
#define SIM_CLI_COSIM_DEBUG_H

#include "sim/cli/command.h"
#include "sim/cosim/cosim.h"

// As the options set it.
struct mp_cosim_debug {
    struct mp_texts inject;
    const char *wave, *wave_layer, *wave_cycles, *wave_pe, *wave_dir;
    bool list, no_replay;
};

// The registers of a model that knows names, to `output`; returns an exit status.
int mp_cosim_debug_list(const char *library, const char *output);

// The injections, one for each --inject: layers are among those of `r`, or `only` when none is named.
bool mp_cosim_debug_injects(const struct mp_cosim_debug *o, const struct mp_result *r, const char *only, const char *library,
                            struct mp_arena *a, struct mp_inject **out, struct mp_err *err);

// 0, or the exit status of a usage error. `only`: of --layer.
int mp_cosim_debug_usage(const struct mp_command *c, const struct mp_cosim_debug *o, const char *only);
// The waveform that is asked for, and its layer.
bool mp_cosim_debug_wave(const struct mp_cosim_debug *o, const struct mp_result *r, const char *only, struct mp_core_wave *out,
                         const char **layer, struct mp_err *err);
// When the layer has run: writes the save file and tells on standard error how to open both.
bool mp_cosim_debug_saved(const struct mp_cosim_debug *o, struct mp_core_wave *w, const char *layer, const struct mp_cosim *c,
                          const struct mp_inject *injects, struct mp_err *err);
// Tells on standard error how to open the waveform of a replay, which JSON does not show.
void mp_cosim_debug_replayed(const struct mp_cosim *c);

#endif
