// SPDX-License-Identifier: Apache-2.0
// ONNX models (opset 7 to 18) into graphs. What is read: one graph of standard operators, tensors in the file or beside it.
// What is refused, by name: subgraphs, model-local functions, other domains, sequences, sparse tensors and text. See
// mp_op_find for the operators.
#ifndef SIM_IMPORT_ONNX_H
#define SIM_IMPORT_ONNX_H

#include "sim/nn/graph.h"

#define MP_ONNX_MIN_OPSET 7
#define MP_ONNX_MAX_OPSET 18

// Sizes of dimensions that the model only names. A zeroed struct names none.
struct mp_onnx_dims {
    const char *const *names;
    const uint64_t *sizes; // at least 1
    size_t count;
    // To try operators: dimension 0 of the inputs is as the model or `names` has it, and values may be without elements.
    bool keep_batch;
};

// The graph, inferred; it and all that it holds lives in `a`. Dimension 0 of an input is the batch: symbolic, it is 1, and
// `dims` may say nothing else (of an input with two dimensions or more); fixed and larger than 1 (with two dimensions or more),
// it is taken as 1, which fails when a node or a shape that the model declares does not allow it. Other symbolic dimensions need a size in `dims`; a size for a dimension that no
// input has is an error. Names of nodes are unique and not empty: where the model's are not, the first output's name or a
// number helps. Shapes are compared with those that the model declares. Nodes QuantizeLinear and DequantizeLinear are still
// there: see mp_graph_absorb_qdq. Errors name file, place and value.
bool mp_onnx_load(struct mp_graph *g, struct mp_arena *a, const char *path, const struct mp_onnx_dims *dims,
                  struct mp_err *err);

// The same from memory. `name` is what errors call it, `folder` where tensors outside the file are looked for: NULL refuses
// them.
bool mp_onnx_parse(struct mp_graph *g, struct mp_arena *a, const char *name, const void *bytes, size_t len,
                   const char *folder, const struct mp_onnx_dims *dims, struct mp_err *err);

// One tensor in a file of its own, as the tests of ONNX have them: "input_0.pb".
bool mp_onnx_load_tensor(struct mp_array *array, struct mp_arena *a, const char *path, struct mp_err *err);

#endif
