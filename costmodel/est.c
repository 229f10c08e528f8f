// SPDX-License-Identifier: Apache-2.0
// The table of ways to price a buffer, and how sizes are written.
#include "costmodel/est.h"

#include <stdio.h>

const struct mp_buffer_est_ops *const mp_buffer_ests[] = {&mp_est_sram, &mp_est_bits, NULL};

const char *mp_est_bytes(double bytes, char out[32]) {
    static const char *const units[] = {"B", "KB", "MB"};
    size_t unit = 0;
    for (; bytes >= 1024 && unit + 1 < sizeof units / sizeof *units; unit++)
        bytes /= 1024;
    snprintf(out, 32, "%.6g %s", bytes, units[unit]);
    return out;
}
