// SPDX-License-Identifier: Apache-2.0
// A trained network's own numbers for a co-simulation, instead of random ones: images, weights, requantisation, and what
// integer inference makes of every tensor, which the core must equal.
#ifndef SIM_COSIM_COSIM_REAL_H
#define SIM_COSIM_COSIM_REAL_H

#include "sim/cosim/values.h"
#include "sim/nn/dataset.h"
#include "sim/nn/integer.h"

struct mp_cosim_real {
    const struct mp_qnet *q;
    const struct mp_dataset *data;
    struct mp_values *tensors; // by tensor of the workload, of all images: [image][channel][row][column]
    uint64_t images;           // the first ones: the plan's batch
};

// Integer inference of the images. All lives in `a`.
bool mp_cosim_real_make(const struct mp_qnet *q, const struct mp_dataset *data, uint64_t images,
                        const struct mp_integer_options *how, struct mp_arena *a, struct mp_cosim_real *out,
                        struct mp_err *err);

// Of the layer's values: weights and requantisation of an array's layer (of a product the second operand is not one), or of a
// vector operation; the output's clamp. They belong to the quantised network.
void mp_cosim_real_values(const struct mp_cosim_real *real, size_t layer, struct mp_layer_values *v);

// A view's elements, from the input it has: image by image.
void mp_cosim_real_view(const struct mp_cosim_real *real, size_t layer, const struct mp_values *in, struct mp_values *out);

// Where output channel 0 of a layer is among the channels of its tensor, and how many these are.
struct mp_cosim_place {
    uint64_t first, channels;
};
struct mp_cosim_place mp_cosim_output_place(const struct mp_workload *w, const struct mp_layer *l);

#endif
