// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/quantised_network.h"

#include "sim/import/network.h"
#include "sim/nn/gram.h"
#include "sim/nn/infer.h"
#include "sim/nn/simplify.h"
#include "tests/unit/graph_fixture.h"
#include "tests/unit/graph_text.h"
#include "tests/unit/spec_fixture.h"

#include <string.h>

static const struct mp_quantise_options plain = {.weights = MP_RANGE_MINMAX, .rounding = MP_ROUND_NEAREST,
                                                 .activations = MP_RANGE_MINMAX, .percentile = 99.99};

static void random_images(struct quantised_network *z, uint64_t images, float middle) {
    const struct mp_tensor *in = &z->net.workload.tensors[0];
    uint64_t seed = 7;
    float *x = mp_arena_alloc(&z->arena, images * elements_of(in), sizeof *x);
    for (size_t i = 0; i < images * elements_of(in); i++)
        x[i] = random_real(&seed) + middle;
    z->data = (struct mp_dataset){.name = "random", .count = images, .channels = in->c, .height = in->h, .width = in->w,
                                  .reals = x};
    mp_preprocess_default(&z->data.prep);
}

// The text's random constants are positive.
static void spread_constants(struct mp_graph *g) {
    uint64_t seed = 5;
    for (size_t v = 0; v < g->value_count; v++)
        for (uint64_t i = 0; g->values[v].constant && !g->values[v].array.whole && g->values[v].array.shape.rank > 0 &&
                             i < mp_shape_count(&g->values[v].array.shape); i++)
            g->values[v].array.f[i] = 0.3f * random_real(&seed);
}

void quantised_graph(struct quantised_network *z, const char *text, uint64_t images, float middle) {
    struct mp_err err;
    *z = (struct quantised_network){.how = plain};
    read_graph(&z->net.graph, &z->arena, 13, text);
    spread_constants(&z->net.graph);
    assert_ok(mp_graph_simplify(&z->net.graph, &err), err);
    assert_ok(mp_network_lower(&z->net, &z->arena, &err), err);
    random_images(z, images, middle);
}

void quantised_model(struct quantised_network *z, const char *text, uint64_t images, float middle) {
    struct mp_err err;
    *z = (struct quantised_network){.how = {.weights = MP_RANGE_MINMAX, .activations = MP_RANGE_MINMAX, .percentile = 99.99}};
    read_graph(&z->net.graph, &z->arena, 13, text);
    assert_ok(mp_graph_absorb_qdq(&z->net.graph, &err), err);
    assert_ok(mp_graph_simplify(&z->net.graph, &err), err);
    assert_ok(mp_network_lower(&z->net, &z->arena, &err), err);
    random_images(z, images, middle);
}

void quantised_glyphs(struct quantised_network *z, uint64_t images) {
    struct mp_err err;
    *z = (struct quantised_network){.how = plain};
    assert_ok(mp_network_load(&z->net, &z->arena, "configs/models/glyphs.onnx", NULL, &err), err);
    assert_ok(mp_dataset_open(&z->data, &z->arena, "glyphs", MP_SPLIT_TEST, images, NULL, &err), err);
}

void quantised_finish(struct quantised_network *z) {
    mp_arena_finish(&z->arena);
}

bool quantised_try(struct quantised_network *z, const char *plan, struct mp_err *err) {
    const struct mp_accumulator wide = {.bits = 32, .on_overflow = MP_SATURATE};
    if (!mp_calibrate(&z->net, &z->data, z->data.count, 1, NULL, &z->arena, &z->calibration, err) ||
        (z->how.rounding == MP_ROUND_GPTQ &&
         !mp_calibrate_gram(&z->net, &z->data, z->data.count, 1, NULL, &z->arena, &z->calibration, err)))
        return false;
    mp_quantise_signs(&z->net, &z->calibration, z->how.model_ranges);
    const char *text = mp_arena_printf(&z->arena, "{'name': 'p', 'workload': 'w.json', %s}", plan);
    return read_plan(&z->plan, &z->arena, &z->net.workload, text, err) &&
           mp_quantise_network(&z->net, &z->plan, &z->calibration, &z->how, &z->arena, &z->q, err) &&
           (!z->how.bias_correction ||
            mp_correct_biases(&z->q, &z->calibration, &z->data, z->data.count, &wide, NULL, err));
}

void quantised_make(struct quantised_network *z, const char *plan) {
    struct mp_err err;
    assert_ok(quantised_try(z, plan, &err), err);
}

size_t layer_named(const struct mp_network *n, const char *name) {
    for (size_t i = 0; i < n->workload.layer_count; i++)
        if (strcmp(n->workload.layers[i].name, name) == 0)
            return i;
    fail_msg("no layer %s", name);
    return 0;
}

size_t output_of(const struct mp_network *n, const char *layer) {
    return n->workload.layers[layer_named(n, layer)].output;
}

float **float_tensors(struct mp_arena *a, const struct mp_network *n, const struct mp_dataset *d, uint64_t image) {
    struct mp_infer *f = mp_infer_create(&n->graph);
    float **all = mp_arena_alloc(a, n->workload.tensor_count, sizeof *all);
    for (size_t t = 0; t < n->workload.tensor_count; t++)
        mp_infer_keep(f, n->value[t]);
    mp_dataset_image(d, image, mp_infer_input(f, 0)->f);
    mp_infer_run(f);
    for (size_t t = 0; t < n->workload.tensor_count; t++) {
        all[t] = mp_arena_alloc(a, elements_of(&n->workload.tensors[t]), sizeof **all);
        mp_network_tensor(n, f, t, all[t]);
    }
    mp_infer_destroy(f);
    return all;
}
