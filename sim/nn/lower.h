// SPDX-License-Identifier: Apache-2.0
// Lowering, inside: layers and tensors are collected here and handed to the workload's builder at the end, when it is known
// which constants have become inputs of the workload. Every value of the graph is followed to the tensor it lies in.
#ifndef SIM_NN_LOWER_H
#define SIM_NN_LOWER_H

#include "sim/nn/place.h"
#include "sim/spec/build.h"

#define MP_NO_TENSOR ((size_t)-1)

// Nodes that lead from a tensor's own value to another one, the last first.
struct mp_chain {
    size_t node;
    const struct mp_chain *up;
};
// A tensor that holds a value in one more form.
struct mp_made {
    size_t tensor;
    const struct mp_made *next;
};

// Where a value lies. Zeroed but for `tensor`: nowhere yet.
struct mp_spot {
    size_t tensor;
    bool moved;                   // elements are picked out: only running the chain says which; else `place` is known
    struct mp_place place;
    const struct mp_chain *chain; // from the tensor's value
    const struct mp_made *made;
    unsigned channel;             // dimension of the value that channels become when there is a choice
};

struct mp_low_tensor {
    size_t value;
    struct mp_form form;
    size_t layer; // MP_NO_LAYER: an input
    bool read;
};

struct mp_low_layer {
    struct mp_layer_spec spec; // inputs: of the lowering's tensors; no names yet
    struct mp_layer_params params;
    size_t node;               // gives name and blame
    size_t output;
};

struct mp_lower {
    struct mp_network *n;
    struct mp_graph *g;
    struct mp_arena *arena;
    struct mp_spot *spots;   // by value
    size_t *readers;         // by value: nodes that read it, and one for each output of the graph
    size_t *reader;          // by value: the last of them, or MP_NO_NODE
    bool *done;              // by node: part of a layer already
    struct mp_low_tensor *tensors;
    struct mp_low_layer *layers;
    size_t tensor_count, layer_count;
    const char **warnings;
    size_t warning_count;
};

typedef bool mp_lower_fn(struct mp_lower *l, size_t node, struct mp_err *err);
// A handler an operator; the tables end with a row without name.
struct mp_lower_row {
    const char *op;
    mp_lower_fn *lower;
};
extern const struct mp_lower_row mp_lower_windows[], mp_lower_products[], mp_lower_elements[], mp_lower_vectors[],
    mp_lower_moves[];

// Channels are the dimensions first .. last - 1 of the shape, one behind the other; those before and behind are rows and
// columns.
struct mp_form mp_form_around(const struct mp_shape *s, unsigned first, unsigned last);
// The form of a value of which the dimension `dim` has another size.
struct mp_form mp_form_resized(const struct mp_form *f, const struct mp_shape *s, unsigned dim, uint64_t size);
struct mp_form mp_form_image(const struct mp_shape *s); // [1, C, L] and [1, C, H, W]
bool mp_form_equal(const struct mp_form *a, const struct mp_form *b);

// The form that a value has, or would best get.
struct mp_form mp_lower_form(const struct mp_lower *l, size_t value);
// The same, when its channels are just this dimension; else around it.
struct mp_form mp_lower_form_of(const struct mp_lower *l, size_t value, unsigned dim);
// Whether the value lies in this form already.
bool mp_lower_has(const struct mp_lower *l, size_t value, const struct mp_form *f);
// The tensor that holds the value in this form: its own, or by a new view; of a constant, a new input of the workload.
size_t mp_lower_want(struct mp_lower *l, size_t value, const struct mp_form *f);

// A layer whose output is `value`, in form `f`, of one node; to be filled further before the next one is added.
struct mp_low_layer *mp_lower_add(struct mp_lower *l, const struct mp_layer_spec *s, size_t node, size_t value,
                                 const struct mp_form *f);
void mp_lower_nodes(struct mp_lower *l, struct mp_low_layer *layer, const size_t *nodes, size_t count);

const struct mp_shape *mp_lower_shape(const struct mp_lower *l, size_t value);
bool mp_lower_is_constant(const struct mp_lower *l, size_t value);
// The only node that reads the value, when it has this operator and the value is no output of the graph; else MP_NO_NODE.
size_t mp_lower_next(const struct mp_lower *l, size_t value, const char *op);
// ReLU or ReLU6 behind `value`, when nobody else reads it: sets `act`, adds the node, and returns that node's output.
size_t mp_lower_fuse(struct mp_lower *l, size_t value, unsigned *act, size_t *nodes, size_t *count);
enum mp_act mp_lower_clip(const struct mp_graph *g, const struct mp_graph_node *n); // RELU, RELU6, or CLIP

// The integers of a constant input or of an attribute; false when there is neither. At most `max`.
bool mp_lower_ints(const struct mp_graph *g, const struct mp_graph_node *n, size_t input, const char *attr, int64_t *out,
                   size_t max, size_t *count);
// The only element of a constant of one element.
bool mp_lower_scalar(const struct mp_graph *g, size_t value, double *out);

#endif
