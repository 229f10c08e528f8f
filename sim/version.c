// SPDX-License-Identifier: Apache-2.0
// The version, as the build system gives it.
#include "sim/mpsim.h"

#ifndef MPSIM_VERSION
#define MPSIM_VERSION "0.1.0"
#endif

const char *mp_version(void) {
    return MPSIM_VERSION;
}
