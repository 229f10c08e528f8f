// SPDX-License-Identifier: Apache-2.0
// The parts of integer inference. Internal to integer*.c.
#ifndef SIM_NN_INTEGER_PARTS_H
#define SIM_NN_INTEGER_PARTS_H

#include "sim/nn/integer.h"

struct mp_int_array; // a layer on the array, packed
struct mp_int_vector; // what another layer needs beside its parameters

struct mp_integer {
    const struct mp_qnet *q;
    const struct mp_workload *w;
    const struct mp_kernel *kernel;
    struct mp_accumulator acc;
    struct mp_arena arena;
    int16_t **tensor; // by tensor
    struct mp_int_array **array;  // by layer
    struct mp_int_vector **vector;
    const struct mp_layer_order *orders; // or NULL
};

static inline uint64_t mp_tensor_count(const struct mp_tensor *t) {
    return t->c * t->h * t->w;
}

struct mp_int_array *mp_int_array_make(struct mp_integer *r, size_t layer);
void mp_int_array_pack(struct mp_integer *r, size_t layer); // of layers with weights; a matrix product packs when it runs
void mp_int_array_run(struct mp_integer *r, size_t layer);
const uint64_t *mp_int_array_overflows(const struct mp_int_array *a);

struct mp_int_vector *mp_int_vector_make(struct mp_integer *r, size_t layer);
void mp_int_vector_run(struct mp_integer *r, size_t layer);

#endif
