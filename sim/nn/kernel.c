// SPDX-License-Identifier: Apache-2.0
// Which sets of inner loops there are, from the fastest.
#include "sim/nn/kernel_sets.h"

const struct mp_kernel *const mp_kernels[] = {
#ifdef MP_HAVE_X86
    &mp_kernel_avx512, &mp_kernel_avx2,
#endif
    &mp_kernel_plain, NULL,
};

const struct mp_kernel *mp_kernel_best(void) {
    const struct mp_kernel *const *k = mp_kernels;
    while (!(*k)->supported())
        k++;
    return *k;
}
