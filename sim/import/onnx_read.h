// SPDX-License-Identifier: Apache-2.0
// Private to onnx_*.c: what they share while one model is read.
#ifndef SIM_IMPORT_ONNX_READ_H
#define SIM_IMPORT_ONNX_READ_H

#include "sim/import/onnx.h"
#include "sim/spec/names.h"

#include <onnx.pb-c.h>

struct mp_onnx_reader {
    struct mp_graph *g;
    struct mp_arena *scratch; // until the model is read
    const char *name, *folder;
    const Onnx__GraphProto *graph;
    const struct mp_onnx_dims *dims;
    bool *dim_used;        // by dims
    struct mp_names names; // of values, by their index in the graph
    int32_t *types;        // of values: TensorProto's element type, 0 where the model says none
    uint64_t batch;        // fixed dimension 0 of the inputs that is taken as 1; 1 when there is none
    const char *batch_input;
    uint64_t constant_bytes; // of all constants so far
    struct mp_err *err;
};

// `text` as it may stand in a message, "" for NULL; lives in the scratch arena.
const char *mp_onnx_say(struct mp_onnx_reader *r, const char *text);

// `, did you mean "x"?` when a value has a name that is near, else "". Short names are near to too many.
const char *mp_onnx_hint(struct mp_onnx_reader *r, const char *name);

// A value and its name, which must be new. `constant` is its array, or NULL. `place` is what errors call it.
bool mp_onnx_add_value(struct mp_onnx_reader *r, const char *name, const struct mp_array *constant, int32_t type,
                       const char *place, size_t *value);

// A tensor's elements, in the graph's arena. Errors: "FILE: PLACE: ...".
bool mp_onnx_tensor(struct mp_onnx_reader *r, const Onnx__TensorProto *t, const char *place, struct mp_array *out);
// "float", "int8", ... or NULL for what is no element type.
const char *mp_onnx_type_name(int32_t type);
// Bits of an integer type, 0 for others.
unsigned mp_onnx_type_bits(int32_t type, bool *is_signed);

// `need` bytes of a tensor that lie in another file, into `a`.
bool mp_onnx_external(struct mp_onnx_reader *r, struct mp_arena *a, const Onnx__TensorProto *t, const char *place,
                      uint64_t need, const uint8_t **bytes);

// An attribute of a node, other than a Constant's.
bool mp_onnx_attr(struct mp_onnx_reader *r, const Onnx__AttributeProto *p, const char *place, struct mp_attr *out);
// The attribute that a Constant holds.
bool mp_onnx_constant(struct mp_onnx_reader *r, const Onnx__NodeProto *n, const char *place, struct mp_array *out,
                      int32_t *type);

// Inputs that are not initialisers; outputs; nodes in order.
bool mp_onnx_inputs(struct mp_onnx_reader *r);
bool mp_onnx_outputs(struct mp_onnx_reader *r);
bool mp_onnx_nodes(struct mp_onnx_reader *r);

// After the shapes were inferred: they must be those that the model declares.
bool mp_onnx_compare_shapes(struct mp_onnx_reader *r);

#endif
