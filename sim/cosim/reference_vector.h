// SPDX-License-Identifier: Apache-2.0
// The reference's vector operations: pooling, addition, clamping.
#ifndef SIM_COSIM_REFERENCE_VECTOR_H
#define SIM_COSIM_REFERENCE_VECTOR_H

#include "sim/cosim/reference.h"

// The run must be of a layer off the array that the core has (mp_program_possible). False when it was stopped.
bool mp_reference_vector(const struct mp_reference_run *r, struct mp_reference *out);

#endif
