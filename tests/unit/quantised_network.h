// SPDX-License-Identifier: Apache-2.0
// Networks for tests of the quantiser: from a graph's text or the shipped model, with images that are there at once.
#ifndef TESTS_UNIT_QUANTISED_NETWORK_H
#define TESTS_UNIT_QUANTISED_NETWORK_H

#include "sim/nn/integer.h"
#include "sim/nn/quantise.h"

struct quantised_network {
    struct mp_arena arena;
    struct mp_network net;
    struct mp_dataset data;
    struct mp_quantise_options how; // minmax throughout, to the nearest, all else off
    struct mp_plan plan;
    struct mp_calibration calibration;
    struct mp_qnet q;
};

// A graph as in graph_text.h, opset 13, and `images` images of normal numbers plus `middle`; its constants are spread around 0.
void quantised_graph(struct quantised_network *z, const char *text, uint64_t images, float middle);
// The same with its constants as they stand, and QuantizeLinear and DequantizeLinear taken as hints.
void quantised_model(struct quantised_network *z, const char *text, uint64_t images, float middle);
// configs/models/glyphs.onnx on the drawn set.
void quantised_glyphs(struct quantised_network *z, uint64_t images);
void quantised_finish(struct quantised_network *z);

// Calibrates, sets signs, resolves the plan (its default and layers, with ' for ") and quantises, by z->how; corrects biases when it says so.
void quantised_make(struct quantised_network *z, const char *plan);
bool quantised_try(struct quantised_network *z, const char *plan, struct mp_err *err);

// A layer or a layer's output by the layer's name.
size_t layer_named(const struct mp_network *n, const char *name);
size_t output_of(const struct mp_network *n, const char *layer);
static inline size_t elements_of(const struct mp_tensor *t) {
    return t->c * t->h * t->w;
}

// All tensors of the image in float, [channel][row][column], by tensor.
float **float_tensors(struct mp_arena *a, const struct mp_network *n, const struct mp_dataset *d, uint64_t image);

#endif
