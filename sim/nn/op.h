// SPDX-License-Identifier: Apache-2.0
// An operator of a graph: one row a name of ONNX's, the same noun in its table, its shapes and its arithmetic in float.
#ifndef SIM_NN_OP_H
#define SIM_NN_OP_H

#include "sim/nn/graph.h"

struct mp_op {
    const char *name; // as ONNX has it
    size_t min_inputs, max_inputs, max_outputs;
    // Shapes and kinds of the outputs, from those of the inputs and the values of constant inputs. What depends on the opset
    // is decided by g->opset. Checks attributes and inputs: `run` cannot fail.
    bool (*infer)(struct mp_graph *g, const struct mp_graph_node *n, struct mp_err *err);
    // The outputs' arrays are made by the caller, by the shapes that infer gave. in[i] is NULL when left out.
    void (*run)(const struct mp_graph *g, const struct mp_graph_node *n, const struct mp_array *const *in,
                struct mp_array *const *out);
};

// NULL when there is none of that name.
const struct mp_op *mp_op_find(const char *name);
size_t mp_op_count(void);
const struct mp_op *mp_op_at(size_t i); // in the order of their names

#endif
