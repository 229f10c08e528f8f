// SPDX-License-Identifier: Apache-2.0
// Bounds of a layer on an architecture, over all mappings and all splits of its channels; internal to eval.
#ifndef SIM_EVAL_BOUND_H
#define SIM_EVAL_BOUND_H

#include "sim/eval_layer.h"
#include "sim/map/floor.h"

// Where tensors may stay on chip, those that fit the input buffer do, and take no room in it.
bool mp_eval_layer_bound(struct mp_eval *e, size_t layer, struct mp_map_floor *out, struct mp_err *err);

#endif
