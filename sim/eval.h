// SPDX-License-Identifier: Apache-2.0
// Map, engine and cost into a result. The only file that knows every stage. mp_evaluate is pure: same inputs, same
// bytes out; `run` calls it once, searches and sweeps call it many times.
//
// Tensors stay on chip when arch.keep_on_chip is set, by this rule: in the order in which they are produced, a tensor is
// kept in the input buffer from its producer to its last consumer when it fits whole beside the tensors kept before
// it and every layer in that span still has a mapping in the room that is left. The second operand of a matrix product, the
// network's inputs and its outputs are never kept.
//
// A layer whose weights have several widths runs width by width. Channels may run at a wider width that is present: none, all, or
// the remainder that does not fill a fold's columns; the best of these choices is taken, so that slices never cost
// more than the layer at its widest.
#ifndef SIM_EVAL_H
#define SIM_EVAL_H

#include "costmodel/cost.h"
#include "sim/engine/engine.h"
#include "sim/map/map.h"
#include "sim/spec/result.h"

struct mp_options {
    enum mp_engine engine;
    enum mp_objective objective;
    const struct mp_mapping_set *mappings;       // given for some layers; may be NULL
    const char *mappings_path;                   // for errors
    const struct mp_constraint_set *constraints; // may be NULL
    const char *only_layer;                      // NULL: all
    // Event engine: told of every tile. `begin_run` names the layer and its first cycle. May be NULL.
    void (*begin_run)(void *user, const struct mp_layer *layer, size_t run, uint64_t first_cycle);
    struct mp_sink sink;
};

// All that the result points to lives in `a` or in the inputs.
bool mp_evaluate(const struct mp_arch *arch, const struct mp_workload *w, const struct mp_plan *plan,
                 const struct mp_tech *tech, const struct mp_options *o, struct mp_arena *a, struct mp_result *out,
                 struct mp_err *err);

// Bits of a layer's weights as stored; none of a layer that shares another's.
uint64_t mp_layer_weight_bits(const struct mp_arch *arch, const struct mp_layer *l, const struct mp_layer_bits *b);
// Worst-case accumulator bits: `products` of an activation and a weight, signed, two's complement.
unsigned mp_accumulator_bits(uint64_t products, unsigned a_bits, bool a_signed, unsigned w_bits, enum mp_encoding encoding);
// The same for the whole sum of a layer on the array. Fails when the accumulator has no room for one step.
bool mp_layer_accumulator_bits(const struct mp_arch *arch, const struct mp_workload *w, const struct mp_layer *l,
                               const struct mp_layer_bits *b, unsigned *needed, struct mp_err *err);

#endif
