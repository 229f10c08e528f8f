// SPDX-License-Identifier: Apache-2.0
// Quantised networks as a whole: bias correction, equalisation, functions by table, weights alone, narrow accumulators.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/nn/gram.h"
#include "tests/unit/plain_network.h"
#include "tests/unit/quantised_network.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <stdlib.h>

static const struct mp_accumulator wide = {.bits = 32, .on_overflow = MP_SATURATE};

static struct mp_integer *integer(const struct quantised_network *z) {
    struct mp_err err;
    struct mp_integer *r = mp_integer_create(&z->q, &(struct mp_integer_options){.accumulator = wide}, &err);
    if (!r)
        fail_msg("%s", err.text);
    return r;
}

static void run_image(const struct quantised_network *z, struct mp_integer *r, uint64_t i, float *image) {
    mp_dataset_image(&z->data, i, image);
    mp_integer_input(r, 0, image);
    mp_integer_run(r);
}

// Bias correction

#define PRODUCTS "in x 1 3 8 8\nconst w 6 3 3 3\nconst b 6\nConv y x w b pads=1,1,1,1\nconst v 4 6 3 3\nConv z y v -\nout z\n"

// Largest mean error of a channel, in steps, over the layer's outputs.
static double mean_error(const struct quantised_network *z, const char *layer) {
    const size_t t = output_of(&z->net, layer);
    const struct mp_tensor *tensor = &z->net.workload.tensors[t];
    const size_t plane = tensor->h * tensor->w;
    double most = 0, *sum = calloc(tensor->c, sizeof *sum);
    struct mp_integer *r = integer(z);
    int32_t q[6 * 64];
    float image[3 * 64];
    for (uint64_t i = 0; i < z->data.count; i++) {
        struct mp_arena scratch = {0};
        const float *want = float_tensors(&scratch, &z->net, &z->data, i)[t];
        run_image(z, r, i, image);
        mp_integer_take(r, t, q);
        for (size_t e = 0; e < elements_of(tensor); e++)
            sum[e / plane] += q[e] - z->q.tensors[t].zero - (double)want[e] / z->q.tensors[t].scale;
        mp_arena_finish(&scratch);
    }
    for (size_t c = 0; c < tensor->c; c++)
        most = fmax(most, fabs(sum[c]) / (double)(plane * z->data.count));
    mp_integer_destroy(r);
    free(sum);
    return most;
}

static void bias_correction(void **state) {
    (void)state;
    static const char *const plans[] = {"'default': {'w_bits': 3, 'a_bits': 8}",
                                        "'default': {'w_bits': 1, 'a_bits': 8, 'encoding': 'odd'}"};
    for (unsigned i = 0; i < 4; i++) {
        struct quantised_network z;
        quantised_graph(&z, PRODUCTS, 60, 1); // means that are not 0
        z.how.affine = i / 2;
        z.how.weights = MP_RANGE_MSE; // else outputs of one bit leave the range that float has, and clip
        quantised_make(&z, plans[i % 2]);
        assert_true(mean_error(&z, "y") > 1);
        assert_true(mean_error(&z, "z") > 1);
        z.how.bias_correction = true;
        quantised_make(&z, plans[i % 2]);
        assert_true(mean_error(&z, "y") < 0.1);
        assert_true(mean_error(&z, "z") < 0.1);
        quantised_finish(&z);
    }
}

// Weights alone

static void weights_alone(void **state) {
    (void)state;
    struct quantised_network z, whole;
    struct mp_err err;
    double error[2] = {0};
    for (unsigned corrected = 0; corrected < 2; corrected++) {
        quantised_graph(&whole, PRODUCTS, 60, 1);
        quantised_graph(&z, PRODUCTS, 60, 1);
        quantised_make(&z, "'default': {'w_bits': 3, 'a_bits': 8}");
        z.how.bias_correction = corrected;
        assert_ok(mp_quantise_weights(&z.net, &z.plan, &z.calibration, &z.how, &err), err);
        const struct mp_qlayer *q = &z.q.layers[0];
        for (size_t i = 0; i < 6 * 27; i++) // as integers have them, but for a float's rounding
            assert_true(fabs((double)z.net.params[0].weight[i] - q->weight_scale[i / 27] * q->weight[i]) < 1e-7);
        const size_t t = output_of(&z.net, "y");
        for (uint64_t i = 0; i < z.data.count; i++) // of channel 2
            for (size_t e = 2 * 64; e < 3 * 64; e++)
                error[corrected] += (double)float_tensors(&z.arena, &z.net, &z.data, i)[t][e] -
                                    (double)float_tensors(&z.arena, &whole.net, &z.data, i)[t][e];
        quantised_finish(&z);
        quantised_finish(&whole);
    }
    assert_true(fabs(error[0]) / (60 * 64) > 1e-2 && fabs(error[1]) / (60 * 64) < 1e-5);
}

// Rounding

// What the output "y" is off by, squared, over all images, with weights of 3 bits.
static double rounding_error(enum mp_rounding rounding, enum mp_range_method method) {
    struct quantised_network z, whole;
    struct mp_err err;
    double sum = 0;
    quantised_graph(&whole, PRODUCTS, 60, 1);
    quantised_graph(&z, PRODUCTS, 60, 1);
    z.how.rounding = rounding;
    z.how.weights = method;
    quantised_make(&z, "'default': {'w_bits': 3, 'a_bits': 8}");
    assert_ok(mp_quantise_weights(&z.net, &z.plan, &z.calibration, &z.how, &err), err);
    const size_t t = output_of(&z.net, "y");
    for (uint64_t i = 0; i < z.data.count; i++) {
        const float *x = float_tensors(&z.arena, &z.net, &z.data, i)[t], *y = float_tensors(&z.arena, &whole.net, &z.data, i)[t];
        for (size_t e = 0; e < 6 * 64; e++)
            sum += pow((double)x[e] - (double)y[e], 2);
    }
    quantised_finish(&z);
    quantised_finish(&whole);
    return sum;
}

// Weights that make up for each other's errors change the sums less; here inputs have a mean, so that errors add up.
static void rounding(void **state) {
    (void)state;
    assert_true(rounding_error(MP_ROUND_GPTQ, MP_RANGE_MINMAX) < 0.85 * rounding_error(MP_ROUND_NEAREST, MP_RANGE_MINMAX));
    assert_true(rounding_error(MP_ROUND_GPTQ, MP_RANGE_MSE) < 0.65 * rounding_error(MP_ROUND_NEAREST, MP_RANGE_MSE));
}

// Products of operands, summed over the pixels, their mean over the images; of a layer with groups and padding.
static void products_of_operands(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_err err;
    quantised_graph(&z, "in x 1 4 5 5\nconst w 4 2 2 2\nConv y x w - group=2 pads=1,0,0,1\nout y\n", 12, 0.5f);
    assert_true(mp_calibrate(&z.net, &z.data, 12, 2, NULL, &z.arena, &z.calibration, &err));
    assert_true(mp_calibrate_gram(&z.net, &z.data, 12, 2, NULL, &z.arena, &z.calibration, &err));
    for (size_t at = 0; at < 2 * 8 * 8; at++) {
        double sum = 0;
        for (size_t e = 0; e < 12 * 25; e++) { // image, output row, output column
            double v[2];
            for (size_t k = 0; k < 2; k++) {
                size_t term = k ? at % 8 : at / 8 % 8, c = at / 64 * 2 + term / 4;
                size_t row = e % 25 / 5 + term / 2 % 2 - 1, col = e % 5 + term % 2; // wraps before the input
                v[k] = row < 5 && col < 5 ? (double)z.data.reals[((e / 25 * 4 + c) * 5 + row) * 5 + col] : 0;
            }
            sum += v[0] * v[1];
        }
        assert_true(fabs(z.calibration.gram[0][at] - sum / 12) < 1e-4);
    }
    quantised_finish(&z);
}

// Equalisation

static double output_reach(const struct mp_network *n, size_t layer, size_t c) {
    const struct mp_geometry *g = &n->workload.layers[layer].geo;
    const size_t terms = g->ic * g->kh * g->kw;
    double most = 0;
    for (size_t i = 0; i < terms; i++)
        most = fmax(most, fabs((double)n->params[layer].weight[c * terms + i]));
    return most;
}

static double input_reach(const struct mp_network *n, size_t layer, size_t c) {
    const struct mp_geometry *g = &n->workload.layers[layer].geo;
    const size_t taps = g->kh * g->kw;
    double most = 0;
    for (size_t o = 0; o < g->groups * g->oc; o++)
        for (size_t i = 0; i < g->ic * taps; i++)
            if (o / g->oc * g->ic + i / taps == c)
                most = fmax(most, fabs((double)n->params[layer].weight[o * g->ic * taps + i]));
    return most;
}

struct pairs_case {
    const char *graph;
    size_t pairs;
};

#define FIRST "in x 1 2 8 8\nconst w 6 2 3 3\nconst b 6\nConv a x w b\n"

static const struct pairs_case pairs[] = {
    {FIRST "Relu r a\nconst v 4 6 3 3\nConv y r v\nout y\n", 1},
    {FIRST "const v 4 3 1 1\nConv y a v - group=2\nout y\n", 1},
    {FIRST "Relu r a\nconst d 6 1 3 3\nconst e 6\nConv p r d e group=6\nRelu s p\nconst v 4 6 1 1\nConv y s v\nout y\n", 2},
    {FIRST "const l : 0\nconst h : 6\nClip r a l h\nconst v 4 6 3 3\nConv y r v\nout y\n", 0},   // ReLU6 is not homogeneous
    {FIRST "Relu r a\nconst v 6 6 1 1\nConv y r v\nAdd z y r\nout z\n", 0},                      // another reader
    {FIRST "Relu r a\nMaxPool m r kernel_shape=2,2\nconst v 4 6 1 1\nConv y m v\nout y\n", 0},   // not next to each other
    {FIRST "Sigmoid r a\nconst v 4 6 3 3\nConv y r v\nout y\n", 0},
};

static void same_outputs(struct quantised_network *z, struct quantised_network *before) {
    const size_t out = output_of(&z->net, z->net.workload.layers[z->net.workload.layer_count - 1].name);
    for (uint64_t i = 0; i < z->data.count; i++) {
        const float *x = float_tensors(&z->arena, &z->net, &z->data, i)[out];
        const float *y = float_tensors(&z->arena, &before->net, &z->data, i)[out];
        for (size_t e = 0; e < elements_of(&z->net.workload.tensors[out]); e++)
            assert_true(fabs((double)x[e] - (double)y[e]) < 1e-4);
    }
}

static void equalisation(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
        struct quantised_network z, before;
        quantised_graph(&z, pairs[i].graph, 10, 0.5f);
        for (int k = 0; k < 18; k++)
            z.net.params[0].weight[k] *= 100; // channel 0 reaches far
        mp_network_put_weights(&z.net, 0);
        quantised_graph(&before, pairs[i].graph, 10, 0.5f);
        for (int k = 0; k < 18; k++)
            before.net.params[0].weight[k] *= 100;
        mp_network_put_weights(&before.net, 0);
        assert_int_equal(mp_network_equalise(&z.net), pairs[i].pairs);
        same_outputs(&z, &before);
        const size_t last = pairs[i].pairs;
        for (size_t l = 0; l < last; l++)
            for (size_t c = 0; c < 6; c++)
                assert_true(fabs(output_reach(&z.net, l, c) / input_reach(&z.net, l + 1, c) - 1) < 1e-2);
        quantised_finish(&z);
        quantised_finish(&before);
    }
}

// Functions

static double sigmoid(double x) {
    return 1 / (1 + exp(-x));
}

static void functions(void **state) {
    (void)state;
    static const struct {
        const char *op;
        double (*f)(double);
    } cases[] = {{"Sigmoid", sigmoid}, {"Tanh", tanh}, {"Exp", exp}, {"Erf", erf}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (unsigned bits = 2; bits <= 8; bits += 3) {
            struct quantised_network z;
            struct mp_arena text = {0};
            quantised_graph(&z, mp_arena_printf(&text, "in x 1 2 4 4\nconst w 3 2 1 1\nConv a x w\n%s s a\nconst u 2 3 1 1\n"
                                                       "Conv y s u\nout y\n", cases[i].op), 20, 0);
            quantised_make(&z, mp_arena_printf(&text, "'default': {'w_bits': 8, 'a_bits': %u}", bits));
            const size_t layer = layer_named(&z.net, "s");
            const struct mp_layer *l = &z.net.workload.layers[layer];
            const struct mp_qtensor *in = &z.q.tensors[l->inputs[0]], *out = &z.q.tensors[l->output];
            const struct mp_range from = mp_range_of(in->bits, in->is_signed), to = mp_range_of(out->bits, out->is_signed);
            assert_int_equal(out->bits, bits);
            for (int32_t q = from.low; q <= from.high; q++) {
                double want = fmax(to.low, fmin(to.high, cases[i].f(in->scale * q) / out->scale));
                assert_true(fabs(z.q.layers[layer].table[q - from.low] - want) <= 0.5 + 1e-4);
            }
            quantised_finish(&z);
            mp_arena_finish(&text);
        }
}

// Narrow accumulators

static void compare_image(struct quantised_network *z, const struct mp_integer_options *how, struct mp_integer *r, uint64_t i,
                          struct plain_network *plain) {
    const struct mp_workload *w = &z->net.workload;
    int32_t input[3 * 16 * 16], *got;
    float image[3 * 16 * 16];
    run_image(z, r, i, image);
    mp_integer_take(r, 0, input);
    plain_run(plain, &z->arena, &z->q, how, input);
    for (size_t t = 0; t < w->tensor_count; t++) {
        got = mp_arena_alloc(&z->arena, elements_of(&w->tensors[t]), sizeof *got);
        mp_integer_take(r, t, got);
        assert_memory_equal(got, plain->tensor[t], elements_of(&w->tensors[t]) * sizeof *got);
    }
}

// Orders as mappings give them: steps of several operands, parts of the reduction, other ones for other channels.
static const struct mp_layer_order *some_orders(struct mp_arena *a, const struct mp_workload *w, unsigned kind) {
    struct mp_layer_order *orders = mp_arena_alloc(a, w->layer_count, sizeof *orders);
    for (size_t i = 0; kind > 0 && i < w->layer_count; i++) {
        const struct mp_geometry *g = &w->layers[i].geo;
        struct mp_channel_order *r = mp_arena_alloc(a, 2, sizeof *r);
        const uint64_t all = g->groups * g->oc;
        r[0] = (struct mp_channel_order){all / 2, {.lanes = kind == 1 ? 4 : 16, .part = g->ic, .flat = kind == 2}};
        r[1] = (struct mp_channel_order){all - all / 2, {.lanes = 3, .part = 1 + g->ic / 2, .flat = kind == 1}};
        orders[i] = (struct mp_layer_order){r, 2};
    }
    return kind > 0 ? orders : NULL;
}

static uint64_t compare_all(struct quantised_network *z, struct mp_accumulator acc, unsigned kind) {
    struct mp_err err;
    struct plain_network plain = {0};
    uint64_t sum = 0;
    const struct mp_workload *w = &z->net.workload;
    const struct mp_integer_options how = {.accumulator = acc, .orders = some_orders(&z->arena, w, kind)};
    struct mp_integer *r = mp_integer_create(&z->q, &how, &err);
    for (uint64_t i = 0; i < 3; i++)
        compare_image(z, &how, r, i, &plain);
    for (size_t i = 0; i < w->layer_count; i++) {
        const size_t channels = w->layers[i].geo.groups * w->layers[i].geo.oc;
        if (plain.overflow[i])
            assert_memory_equal(mp_integer_channel_overflows(r, i), plain.overflow[i], channels * sizeof(uint64_t));
        sum += mp_integer_overflows(r, i);
    }
    mp_integer_destroy(r);
    return sum;
}

// The shipped network, each tensor and each count of each channel.
static void narrow_accumulators(void **state) {
    (void)state;
    static const char *const plans[] = {"'default': {'w_bits': 8, 'a_bits': 8}",
                                        "'default': {'w_bits': 4, 'a_bits': 4}, 'layers': {'mix': {'w_bits': [{'channels': 16, "
                                        "'bits': 1}, {'channels': 16, 'bits': 5}], 'encoding': 'odd'}}"};
    for (unsigned i = 0; i < 2; i++) {
        struct quantised_network z;
        quantised_glyphs(&z, 20);
        quantised_make(&z, plans[i]);
        for (unsigned bits = 8; bits <= 16; bits += 2)
            for (unsigned kind = 0; kind < 3; kind++) {
                uint64_t saturated = compare_all(&z, (struct mp_accumulator){bits, MP_SATURATE, false}, kind);
                uint64_t wrapped = compare_all(&z, (struct mp_accumulator){bits, MP_WRAP, false}, kind);
                assert_true((saturated > 0 && wrapped > 0) == (i == 0 || bits < 12));
            }
        assert_int_equal(compare_all(&z, wide, 0), 0);
        quantised_finish(&z);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bias_correction), cmocka_unit_test(weights_alone), cmocka_unit_test(rounding),
        cmocka_unit_test(products_of_operands), cmocka_unit_test(equalisation), cmocka_unit_test(functions),
        cmocka_unit_test(narrow_accumulators),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
