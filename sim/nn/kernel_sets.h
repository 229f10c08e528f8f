// SPDX-License-Identifier: Apache-2.0
// The sets of inner loops. Internal to kernel*.c.
#ifndef SIM_NN_KERNEL_SETS_H
#define SIM_NN_KERNEL_SETS_H

#include "sim/nn/kernel.h"

extern const struct mp_kernel mp_kernel_plain, mp_kernel_avx2, mp_kernel_avx512;

#endif
