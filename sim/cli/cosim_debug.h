// SPDX-License-Identifier: Apache-2.0
// What `mpsim cosim` offers to look into the core and to make faults in it.
#ifndef SIM_CLI_COSIM_DEBUG_H
#define SIM_CLI_COSIM_DEBUG_H

#include "sim/cli/command.h"
#include "sim/cosim/cosim.h"

// As the options set it.
struct mp_cosim_debug {
    struct mp_texts inject;
    bool list;
};

// The registers of a model that knows names, to `output`; returns an exit status.
int mp_cosim_debug_list(const char *library, const char *output);

// The injections, one for each --inject: layers are among those of `r`, or `only` when none is named.
bool mp_cosim_debug_injects(const struct mp_cosim_debug *o, const struct mp_result *r, const char *only, const char *library,
                            struct mp_arena *a, struct mp_inject **out, struct mp_err *err);

#endif
