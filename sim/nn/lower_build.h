// SPDX-License-Identifier: Apache-2.0
// Both ends of lowering: what becomes an input of the network, and the workload from the collected layers.
#ifndef SIM_NN_LOWER_BUILD_H
#define SIM_NN_LOWER_BUILD_H

#include "sim/nn/lower.h"

// Integer inputs end where they become numbers of a network: what an embedding (Gather from a constant) or a Cast makes of
// them is the network's input, with a warning. Another use of them is an error.
bool mp_lower_cut(struct mp_lower *l, struct mp_err *err);
// A tensor of the lowering; `layer` is MP_NO_LAYER for an input.
size_t mp_lower_tensor(struct mp_lower *l, size_t value, const struct mp_form *f, size_t layer);
// Fills l->n: workload, params, value, layout.
bool mp_lower_build(struct mp_lower *l, struct mp_err *err);

#endif
