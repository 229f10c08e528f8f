// SPDX-License-Identifier: Apache-2.0
// The vector unit: passes and operations an element, by layer type. A lane is a pipelined multiply-add-shift-clamp
// with a small function table, so that one pass handles an element a cycle. Counts follow from the definitions of
// the functions (softmax: maximum; exponential and sum; scaling. Layer norm: mean; variance; normalisation).
#ifndef SIM_ENGINE_VECTOR_H
#define SIM_ENGINE_VECTOR_H

#include "sim/engine/task.h"

// Of requantisation for layers on the array; of the layer's own work, an output element, otherwise.
struct mp_vector_work mp_vector_work_of(const struct mp_layer *l);

#endif
