// SPDX-License-Identifier: Apache-2.0
// Private to grad*.c: the derivative of one node, a row for each operator that has one. Operators without a row have the
// derivative 0 wherever they have one (comparisons, rounding), or make integers.
#ifndef SIM_NN_GRAD_PARTS_H
#define SIM_NN_GRAD_PARTS_H

#include "sim/nn/grad.h"
#include "sim/nn/op.h"

// Elements of the forward pass that a derivative reads; it always sees shapes, and the elements of whole inputs.
enum { MP_GRAD_INPUTS = 1, MP_GRAD_OUTPUT = 2 };

struct mp_grad_step {
    const struct mp_grad_row *row;
    const struct mp_graph *g;
    const struct mp_graph_node *node;
    const struct mp_array **in, **out;
    float **d_in;       // by input: what the derivative is added to; NULL: not asked for
    const float **d_out; // by output; NULL: nothing reads it
    float *scratch;     // as many floats as the row says; not zeroed
    // Of a mover, by output: which element of the inputs each element is, counted from 1 through all real inputs; 0: none.
    uint32_t **from;
    bool from_each_run; // an input that says so is no constant
};

struct mp_grad_row {
    const char *op;
    // Adds to each d_in that is not NULL.
    void (*run)(const struct mp_grad_step *s);
    unsigned reads;
    size_t inputs; // with respect to how many of them, the first ones, there is a derivative
    uint64_t (*scratch)(const struct mp_grad_step *s); // NULL: none
    // Once, before anything runs; NULL: nothing to do.
    void (*prepare)(struct mp_grad_step *s, struct mp_arena *a);
    // dy/dx of a function of one element (mp_grad_each), from x, y (the one that is not read is 0) and attributes.
    double (*slope)(double x, double y, const double *attr);
    struct {
        const char *name;
        float def;
    } attrs[2];
    // dy/da and dy/db of a function of two elements (mp_grad_pair).
    void (*slopes)(double a, double b, double y, double d[2]);
};

struct mp_grad_weights { // of one layer
    float *d;      // in the order of the graph's constant; NULL: none
    float *turned; // as params[layer].weight, when that is another order
};

struct mp_grad {
    const struct mp_network *n;
    struct mp_infer *f;
    struct mp_arena arena;
    size_t image, scores;            // values
    struct mp_grad_step *steps;      // the last node's first
    size_t step_count;
    float **d;                       // by value; NULL: the loss does not depend on it, or nobody asks
    struct mp_grad_weights *weights; // by layer
    const float **shift;             // by tensor: as the caller gave it
    float **moved;                   // by value: the sum of its tensors' shifts; NULL until the first
    size_t shifts;
};

// Steps and derivatives' memory; what the forward pass is to keep.
bool mp_grad_plan(struct mp_grad *g, struct mp_err *err);

// The tables end with a row without name.
extern const struct mp_grad_row mp_grad_elements[], mp_grad_pairs[], mp_grad_products[], mp_grad_windows[], mp_grad_vectors[],
    mp_grad_movers[];

const struct mp_grad_row *mp_grad_find(const char *op); // NULL: none
size_t mp_grad_count(void);
const struct mp_grad_row *mp_grad_at(size_t i);

// Elements of the first output.
static inline uint64_t mp_grad_output_count(const struct mp_grad_step *s) {
    return mp_shape_count(&s->out[0]->shape);
}

void mp_grad_conv(const struct mp_grad_step *s);
uint64_t mp_grad_conv_scratch(const struct mp_grad_step *s);

// d_in[k] += factor d_out[0], summed over the dimensions along which input k was broadcast.
void mp_grad_fold(const struct mp_grad_step *s, size_t k, double factor);

#endif
