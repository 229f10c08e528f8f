// SPDX-License-Identifier: Apache-2.0
// A network as operators on arrays, in ONNX's terms, at batch 1: every value that depends on the input has 1 as its first
// dimension where the model has the batch. Importers build it, the passes simplify it (constants folded, batch norm in the
// convolution's weights), the float executor runs it, and lowering turns it into a workload.
#ifndef SIM_NN_GRAPH_H
#define SIM_NN_GRAPH_H

#include "sim/base/err.h"
#include "sim/nn/array.h"

#define MP_NO_VALUE ((size_t)-1) // an optional input that is left out
#define MP_NO_NODE ((size_t)-1)

struct mp_op; // sim/nn/op.h

enum mp_attr_type { MP_ATTR_INT, MP_ATTR_REAL, MP_ATTR_TEXT, MP_ATTR_INTS, MP_ATTR_REALS, MP_ATTR_ARRAY };
struct mp_attr {
    const char *name;
    enum mp_attr_type type;
    int64_t i;
    float f;
    const char *text;
    const int64_t *ints;
    const float *reals;
    size_t count; // of ints, reals
    struct mp_array array;
};

// What QuantizeLinear and DequantizeLinear around a value said: x = scale (q - zero), q of `bits` bits.
struct mp_quant_hint {
    unsigned bits; // 0: nothing was said
    bool is_signed;
    float scale;   // per tensor; 0: `scales`
    int64_t zero;  // per tensor; else that of index 0
    const float *scales; // by index of `axis`
    unsigned axis;
};

struct mp_value {
    const char *name;
    struct mp_array array; // shape and kind; the elements when it is constant
    bool known;            // the shape is
    bool constant;
    size_t producer;       // node, or MP_NO_NODE: an input or a constant
    struct mp_quant_hint hint;
    const char *const *dims; // of an input, by dimension: its name, NULL where it has a size; else NULL
};

struct mp_graph_node {
    const char *name;      // as the model has it; the first output's name when it has none
    const struct mp_op *op;
    struct mp_attr *attrs;
    size_t attr_count;
    size_t *inputs, *outputs; // values
    size_t input_count, output_count;
};

struct mp_graph {
    const char *name, *source; // source: what errors call the file
    unsigned opset;
    struct mp_value *values;
    struct mp_graph_node *nodes; // each behind those that make its inputs
    size_t *inputs, *outputs;    // values
    size_t value_count, value_room, node_count, node_room, input_count, output_count;
    struct mp_arena *arena;      // of all that the graph holds
};

// A new value without shape; the name is copied.
size_t mp_graph_add_value(struct mp_graph *g, const char *name);
size_t mp_graph_add_constant(struct mp_graph *g, const char *name, const struct mp_array *array);
// A node with room for so many inputs and outputs (all MP_NO_VALUE) and no attributes; valid until the next one is added.
struct mp_graph_node *mp_graph_add_node(struct mp_graph *g, const char *name, const struct mp_op *op, size_t inputs,
                                        size_t outputs);

// Attributes by name; the default when there is none.
const struct mp_attr *mp_attr_find(const struct mp_graph_node *n, const char *name); // or NULL
int64_t mp_attr_int(const struct mp_graph_node *n, const char *name, int64_t def);
float mp_attr_real(const struct mp_graph_node *n, const char *name, float def);
const char *mp_attr_text(const struct mp_graph_node *n, const char *name, const char *def);

// The value of input `i`, or NULL when it is left out.
const struct mp_value *mp_node_input(const struct mp_graph *g, const struct mp_graph_node *n, size_t i);
// 'SOURCE: node "NAME" (OP): ' and the message. Returns false.
bool mp_graph_fail(const struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

// Shapes and kinds of all values, in the order of the nodes. A node all of whose inputs are constant is computed on the way:
// its outputs become constants (those of Shape depend on shapes only). Errors name the node.
bool mp_graph_infer(struct mp_graph *g, struct mp_err *err);

// Takes QuantizeLinear and DequantizeLinear out of an inferred graph and leaves hints instead: at the value that was quantised
// (per tensor; where it was in several ways, the widest), and at the constant that DequantizeLinear made. Reshapes and
// transposes hand hints on: of constants to what they make, of others to what they read. Numbers without negatives behind a
// product or sum are a ReLU, which exporters leave out then: it is put in. Fails on nodes that are not in pairs, and on scales
// that are not constants above 0.
bool mp_graph_absorb_qdq(struct mp_graph *g, struct mp_err *err);

#endif
