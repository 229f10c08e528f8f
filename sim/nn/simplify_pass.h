// SPDX-License-Identifier: Apache-2.0
// The passes of simplification, in their order, and what they share. Between passes nodes are removed and put in, and readers
// counted.
#ifndef SIM_NN_SIMPLIFY_PASS_H
#define SIM_NN_SIMPLIFY_PASS_H

#include "sim/nn/graph.h"

// A node that goes behind another one; behind the same one, the last that was put in comes first.
struct mp_insertion {
    size_t after, order;
    struct mp_graph_node node;
};

struct mp_pass {
    struct mp_graph *g;
    size_t *readers;      // by value: how many inputs of nodes and outputs of the graph read it
    size_t *reader;       // by value: a node that reads it, or MP_NO_NODE
    size_t counted;       // values that these know; those made since have one reader, who is not known
    struct mp_insertion *insertions; // in any order
    size_t insertion_count;
};

void mp_pass_noops(struct mp_pass *p);     // what changes nothing
void mp_pass_functions(struct mp_pass *p); // arithmetic that spells out a known function of one element
void mp_pass_norms(struct mp_pass *p);     // arithmetic that spells out layer norm
void mp_pass_pads(struct mp_pass *p);      // zeros around an image into the window's own padding
void mp_pass_scalars(struct mp_pass *p);   // factors behind reshapes and behind products of two activations
void mp_pass_affine(struct mp_pass *p);    // scales and shifts into weights and biases
void mp_pass_biases(struct mp_pass *p);    // weights and biases of their own for all products

// The node that makes a value, when it is of this operator; else NULL.
struct mp_graph_node *mp_pass_producer(const struct mp_pass *p, size_t value, const char *op);
bool mp_pass_is(const struct mp_graph_node *n, const char *op);
// Nobody but one reads the value, and it is no output of the graph.
bool mp_pass_single(const struct mp_pass *p, size_t value);
// The only reader of a value, or NULL.
struct mp_graph_node *mp_pass_reader(const struct mp_pass *p, size_t value);
void mp_pass_remove(struct mp_graph_node *n); // its outputs must be read by nobody, or made by others

// Another operator in the node's place, with the same output; without attributes.
void mp_pass_become(struct mp_pass *p, struct mp_graph_node *n, const char *op, const size_t *inputs, size_t count);
void mp_pass_set_attr(struct mp_pass *p, struct mp_graph_node *n, const struct mp_attr *attr); // replaces or adds
void mp_pass_insert(struct mp_pass *p, size_t after, const struct mp_graph_node *n);
// A value of this shape that a node makes.
size_t mp_pass_value(struct mp_pass *p, const char *name, const struct mp_shape *s);
// A real constant; its elements are zero.
size_t mp_pass_constant(struct mp_pass *p, const char *name, const struct mp_shape *s);
// Input `i` of the node as a constant that nobody else reads: itself, or a copy in its place.
struct mp_array *mp_pass_own(struct mp_pass *p, struct mp_graph_node *n, size_t i);
// Tells the hint of a constant whose elements were multiplied by a number each index of `axis`, or by one (`count` 1).
void mp_pass_scale_hint(struct mp_pass *p, size_t value, const float *by, uint64_t count, unsigned axis);
// Input 2 of a Conv or Gemm as a list of its own, with a number for each channel; of a Gemm alpha and beta go into weights and
// bias. NULL when it is no constant list.
struct mp_array *mp_pass_bias(struct mp_pass *p, struct mp_graph_node *n, uint64_t channels);
bool mp_pass_scalar(const struct mp_pass *p, size_t value, double *out); // of a real or whole constant of one element
// Of a node of two inputs, the index of the constant one; false when none or both are.
bool mp_pass_constant_side(const struct mp_pass *p, const struct mp_graph_node *n, size_t *side);

#endif
