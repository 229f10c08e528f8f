// SPDX-License-Identifier: Apache-2.0
// An operator of a graph: one row a name of ONNX's, the same noun in its table, its shapes and its arithmetic in float.
//
// ONNX's narrow integers are whole arrays here, so that QuantizeLinear and DequantizeLinear cannot see the type of their zero
// point: a reader adds the attributes "dtype_bits" and "dtype_signed" (integers) to these nodes; without them it is 8 and 0.
#ifndef SIM_NN_OP_H
#define SIM_NN_OP_H

#include "sim/nn/graph.h"

#define MP_ANY_COUNT ((size_t)-1)

enum mp_op_flow {
    MP_FLOW_ANY,
    MP_FLOW_VIEW,    // output 1 has the elements of input 1, in their order
    MP_FLOW_ELEMENT, // element i of output 1 depends on element i of input 1 alone: it may run in place
};

struct mp_op {
    const char *name; // as ONNX has it
    size_t min_inputs, max_inputs, max_outputs;
    // The attributes that it knows, with a letter for the type: i and f are one number, I and F lists, t text, a an array:
    // "axis:i perm:I". Others are refused by mp_graph_infer. NULL: none.
    const char *attrs;
    // Shapes and kinds of the outputs, from those of the inputs and the values of constant inputs. What depends on the opset
    // is decided by g->opset. Checks attributes and inputs: `run` cannot fail. Only Shape makes its output constant itself.
    bool (*infer)(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err);
    // The outputs' arrays are made by the caller, by the shapes that infer gave. in[i] is NULL when left out, and so is
    // out[i]. Reads shapes and values from the arrays alone, never from the graph.
    void (*run)(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                struct mp_array *const *out);
    // Additions for one element of the first output, roughly; NULL: one. A bound on what may be computed as a constant.
    uint64_t (*work)(const struct mp_graph *g, const struct mp_graph_node *n);
    enum mp_op_flow flow;
};

// NULL when there is none of that name.
const struct mp_op *mp_op_find(const char *name);
size_t mp_op_count(void);
const struct mp_op *mp_op_at(size_t i); // in the order of their names

#endif
