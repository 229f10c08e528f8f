// SPDX-License-Identifier: Apache-2.0
// What a run's tiles load, written as docs/core.md lays it out.
#ifndef SIM_COSIM_PROGRAM_IMAGE_H
#define SIM_COSIM_PROGRAM_IMAGE_H

#include "sim/cosim/program_nest.h"

// `at` has room up to a whole burst. Both return how many bits they wrote, for the caller to compare with what the engines
// count.
uint64_t mp_image_input(const struct mp_nest *n, const struct mp_nest_tile *tile, uint8_t *at);
uint64_t mp_image_weight(const struct mp_nest *n, const struct mp_nest_tile *tile, uint8_t *at); // parameters in front

// Requantisation parameters: bias, multiplier, shift.
#define MP_PARAM_BITS 72

#endif
