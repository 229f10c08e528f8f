// SPDX-License-Identifier: Apache-2.0
// A design of a store as arch.json again.
#ifndef SIM_EXPLORE_DESIGN_ARCH_H
#define SIM_EXPLORE_DESIGN_ARCH_H

#include "sim/explore/store.h"

// `key`: 16 hexadecimal digits. The base with the axes' values in it, all defaults filled in, named "BASE_KEY".
bool mp_design_arch(struct mp_store *s, const char *key, struct mp_buf *out, struct mp_err *err);

#endif
