// SPDX-License-Identifier: Apache-2.0
// The names in space.json into documents: files from where it lies, or shipped names.
#ifndef SIM_CLI_EXPLORE_INPUTS_H
#define SIM_CLI_EXPLORE_INPUTS_H

#include "sim/explore/sweep.h"

extern const struct mp_sweep_loader mp_sweep_inputs;

#endif
