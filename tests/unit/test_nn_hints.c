// SPDX-License-Identifier: Apache-2.0
// Models that are quantised already: their integers and scales come back exactly, whatever was folded into the weights since.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/quantised_network.h"

#include "sim/nn/gram.h"
#include "sim/nn/hint.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <string.h>

#define W8A8 "'default': {'w_bits': 8, 'a_bits': 8}"

static void make(struct quantised_network *z, const char *graph, const char *plan) {
    quantised_model(z, graph, 20, 0.4f);
    z->how.model_ranges = true;
    quantised_make(z, plan);
}

// Weights

static const int32_t q43[] = {3, -127, 20, 64, 0, 2, 127, -6, 8, 1, -2, 5}; // 4 output channels of 3

#define Q43 "ints i = 3 -127 20 64 0 2 127 -6 8 1 -2 5\n"
#define SIGNED "dtype_bits=8 dtype_signed=1\n"
#define CONV_WEIGHTS Q43 "ints s = 4 3 1 1\nReshape r i s\n"

struct weights_case {
    const char *graph;
    double scale[4];  // as floats
    const char *sign; // of what is left of the channel's integers
};

static const struct weights_case weights_cases[] = {
    {"in x 1 3 4 4\n" CONV_WEIGHTS "const e : 0.3\nDequantizeLinear w r e - " SIGNED "Conv y x w\nout y\n",
     {0.3f, 0.3f, 0.3f, 0.3f}, "++++"},
    {"in x 1 3 4 4\n" CONV_WEIGHTS "const e = 0.3 0.007 2 0.1\nDequantizeLinear w r e - axis=0 " SIGNED "Conv y x w\nout y\n",
     {0.3f, 0.007f, 2, 0.1f}, "++++"},
    {"in x 1 3 4 4\n" CONV_WEIGHTS "const e : 0.3\nDequantizeLinear w r e - " SIGNED "const one = 2 -4 0.5 1\n"
     "const b = 1 2 3 4\nconst m = 0 0 0 0\nconst v = 1 1 1 1\nConv c x w\nBatchNormalization y c one b m v epsilon=0.0\nout y\n",
     {0.6f, 1.2f, 0.15f, 0.3f}, "+-++"},
    {"in x 1 3 4 4\n" CONV_WEIGHTS "const e = 0.3 0.007 2 0.1\nDequantizeLinear w r e - axis=0 " SIGNED
     "const half : 0.5\nConv c x w\nMul y c half\nout y\n", {0.15f, 0.0035f, 1, 0.05f}, "++++"},
    {"in x 1 3\n" Q43 "ints s = 4 3\nReshape r i s\nconst e : 0.3\nDequantizeLinear w r e - " SIGNED
     "Gemm y x w transB=1 alpha=0.5\nout y\n", {0.15f, 0.15f, 0.15f, 0.15f}, "++++"},
    {"in x 1 3\n" Q43 "ints s = 4 3\nReshape r i s\nconst e = 0.3 0.007 2 0.1\nDequantizeLinear w r e - axis=0 " SIGNED
     "Transpose t w\nMatMul y x t\nout y\n", {0.3f, 0.007f, 2, 0.1f}, "++++"},
    {"in x 1 3\n" Q43 "ints s = 4 3\nReshape r i s\nTranspose u r\nconst e = 0.3 0.007 2 0.1\nDequantizeLinear w u e - axis=1 " SIGNED
     "MatMul y x w\nout y\n", {0.3f, 0.007f, 2, 0.1f}, "++++"},
    {"in x 1 3\nconst k : 4\nMul z x k\n" Q43 "ints s = 4 3\nReshape r i s\nconst e : 0.3\nDequantizeLinear w r e - " SIGNED
     "Gemm y z w transB=1\nout y\n", {1.2f, 1.2f, 1.2f, 1.2f}, "++++"},
};

static void check_weights(const struct quantised_network *z, const struct weights_case *c, size_t at) {
    const struct mp_qlayer *l = &z->q.layers[0];
    for (size_t i = 0; i < 12; i++) {
        const int32_t want = c->sign[i / 3] == '-' ? -q43[i] : q43[i];
        if (l->weight[i] != want || fabs(l->weight_scale[i / 3] / c->scale[i / 3] - 1) > 1e-7)
            fail_msg("case %zu: weight %zu is %d x %.9g, not %d x %.9g", at, i, l->weight[i], l->weight_scale[i / 3], want,
                     c->scale[i / 3]);
    }
}

static void weights_come_back(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof weights_cases / sizeof *weights_cases; i++)
        for (int gptq = 0; gptq < 2; gptq++) {
            struct quantised_network z;
            struct mp_err err;
            make(&z, weights_cases[i].graph, W8A8);
            if (gptq) {
                z.how.weights = MP_RANGE_MSE;
                z.how.rounding = MP_ROUND_GPTQ;
                assert_true(mp_calibrate_gram(&z.net, &z.data, 20, 1, NULL, &z.arena, &z.calibration, &err));
                assert_true(mp_quantise_network(&z.net, &z.plan, &z.calibration, &z.how, &z.arena, &z.q, &err));
            }
            check_weights(&z, &weights_cases[i], i);
            assert_int_equal(z.q.model_weights, 1);
            z.how.model_ranges = false;
            quantised_make(&z, W8A8);
            assert_int_equal(z.q.model_weights, 0);
            quantised_finish(&z);
        }
}

// Fewer bits than the model's: its scale would cut most of the range off.
static void fewer_bits(void **state) {
    (void)state;
    struct quantised_network z, own;
    make(&z, weights_cases[0].graph, "'default': {'w_bits': 3, 'a_bits': 8}");
    make(&own, weights_cases[0].graph, "'default': {'w_bits': 3, 'a_bits': 8}");
    own.how.model_ranges = false;
    quantised_make(&own, "'default': {'w_bits': 3, 'a_bits': 8}");
    assert_int_equal(z.q.model_weights, 0);
    assert_memory_equal(z.q.layers[0].weight, own.q.layers[0].weight, 12 * sizeof(int32_t));
    quantised_finish(&own);
    quantised_finish(&z);
}

// The grid is symmetric: the one number that it lacks becomes the next.
static void lowest_number(void **state) {
    (void)state;
    struct quantised_network z;
    make(&z, "in x 1 15\nints i = -128 50 37 64 101 77 -90 45 58 85 -20 39 1 127 5\nints s = 1 15\nReshape r i s\nconst e : 0.25\nDequantizeLinear w r e - " SIGNED
             "Gemm y x w transB=1\nout y\n", W8A8);
    const int32_t want[] = {-127, 50, 37, 64, 101, 77, -90, 45, 58, 85, -20, 39, 1, 127, 5};
    z.how.weights = MP_RANGE_MSE;
    quantised_make(&z, W8A8);
    assert_memory_equal(z.q.layers[0].weight, want, sizeof want);
    assert_true(z.q.layers[0].weight_scale[0] == 0.25);
    quantised_finish(&z);
}

static void one_scale(void **state) {
    (void)state;
    struct quantised_network z;
    make(&z, weights_cases[0].graph, W8A8);
    z.how.weights_per_tensor = true;
    quantised_make(&z, W8A8);
    check_weights(&z, &weights_cases[0], 0);
    z.how.weights_per_tensor = false;
    z.how.power_of_two = true;
    quantised_make(&z, W8A8);
    for (size_t c = 0; c < 4; c++)
        assert_true(z.q.layers[0].weight_scale[c] == 0.5);
    assert_int_equal(z.q.model_weights, 0);
    quantised_finish(&z);
}

// Tensors

#define PAIR(name, from, scale, zero, kind) \
    "const " name "e : " scale "\nints " name "z = " zero "\nQuantizeLinear " name "q " from " " name "e " name "z dtype_bits=8 " kind \
    "\nDequantizeLinear " name " " name "q " name "e " name "z dtype_bits=8 " kind "\n"
#define INT8 "dtype_signed=1"
#define UINT8 "dtype_signed=0"
#define HEAD "in x 1 2 6 6\nconst w 4 2 3 3\nconst v 3 4 3 3\n"

struct tensor_case {
    const char *graph;
    bool input; // else the output of layer 0
    double scale;
    int32_t zero;
    bool is_signed;
};

static const struct tensor_case tensor_cases[] = {
    {HEAD "Conv a x w\n" PAIR("d", "a", "0.3", "0", INT8) "Conv y d v\nout y\n", false, 0.3f, 0, true},
    {HEAD "Conv a x w\nRelu r a\n" PAIR("d", "r", "0.3", "0", UINT8) "Conv y d v\nout y\n", false, 0.3f, 0, false},
    // The type has no negatives: a ReLU was left out.
    {HEAD "Conv a x w\n" PAIR("d", "a", "0.3", "0", UINT8) "Conv y d v\nout y\n", false, 0.3f, 0, false},
    {HEAD "Conv a x w\n" PAIR("d", "a", "0.3", "-128", INT8) "Conv y d v\nout y\n", false, 0.3f, 0, false},
    {HEAD "Conv a x w\n" PAIR("d", "a", "0.3", "-128", INT8) "Relu r d\nConv y r v\nout y\n", false, 0.3f, 0, false},
    // A zero point where the reader takes it, else the range around 0 that covers the model's.
    {HEAD "Conv a x w\n" PAIR("d", "a", "0.3", "100", UINT8) "Conv y d v\nout y\n", false, 0.3f, -28, true},
    {HEAD "Conv a x w\n" PAIR("d", "a", "0.3", "-28", INT8) "Conv y d v\nout y\n", false, 0.3f, -28, true},
    {HEAD "Conv a x w\n" PAIR("d", "a", "0.3", "100", UINT8) "Conv y d v pads=1,1,1,1\nout y\n", false, 0.3f, -28, true},
    {HEAD "Conv a x w\n" PAIR("d", "a", "0.3", "100", UINT8) "Softmax y d axis=1\nout y\n", false, 0.3f * 155.0 / 127, 0, true},
    {HEAD "Conv a x w\n" PAIR("d", "a", "0.3", "200", UINT8) "Softmax y d axis=1\nout y\n", false, 0.3f * 200.0 / 128, 0, true},
    {HEAD PAIR("d", "x", "0.02", "114", UINT8) "Conv y d w\nout y\n", true, 0.02f, -14, true},
    {HEAD PAIR("d", "x", "0.02", "128", UINT8) "Conv y d w\nout y\n", true, 0.02f, 0, true},
    // An input that is never negative all the same has the type that the model says.
    {HEAD "Abs p x\n" PAIR("d", "x", "0.02", "0", UINT8) "Conv y d w\nout y\n", true, 0.02f, 0, false},
    // What is reshaped, pooled, or scaled by a factor on its way.
    {HEAD "Conv a x w\nRelu r a\nFlatten f r\n" PAIR("d", "f", "0.3", "0", UINT8) "const k 64 5\nMatMul y d k\nout y\n", false, 0.3f, 0,
     false},
    {HEAD "Conv a x w\nRelu r a\nMaxPool m r kernel_shape=2,2\n" PAIR("d", "m", "0.3", "0", UINT8) "const k 3 4 1 1\nConv y d k\nout y\n",
     false, 0.3f, 0, false},
    {HEAD "const k : 4\nMul p x k\n" PAIR("d", "p", "0.5", "0", INT8) "Conv y d w\nout y\n", true, 0.125, 0, true},
    // Of one class the largest.
    {HEAD "Conv a x w\n" PAIR("d", "a", "0.25", "0", INT8) "Conv b x w\n" PAIR("e", "b", "0.5", "0", INT8)
     "Concat c d e axis=1\nconst k 3 8 1 1\nConv y c k\nout y\n", false, 0.5, 0, true},
};

static void tensors_come_back(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof tensor_cases / sizeof *tensor_cases; i++) {
        const struct tensor_case *c = &tensor_cases[i];
        struct quantised_network z;
        make(&z, c->graph, W8A8);
        const struct mp_qtensor *t = &z.q.tensors[c->input ? 0 : z.net.workload.layers[0].output];
        if (fabs(t->scale / c->scale - 1) > 1e-15 || t->zero != c->zero || t->is_signed != c->is_signed)
            fail_msg("case %zu: %.17g, %d, %s", i, t->scale, t->zero, t->is_signed ? "signed" : "unsigned");
        assert_true(z.q.model_ranges >= 1);
        z.how.model_ranges = false;
        quantised_make(&z, W8A8);
        assert_int_equal(z.q.model_ranges, 0);
        const double own = z.q.tensors[c->input ? 0 : z.net.workload.layers[0].output].scale;
        if (fabs(own / c->scale - 1) < 1e-3)
            fail_msg("case %zu: %.17g all the same", i, own);
        quantised_finish(&z);
    }
}

// ReLU6 ends at 6 also where only the scale says so.
static void relu6(void **state) {
    (void)state;
    struct quantised_network z;
    make(&z, HEAD "Conv a x w\n" PAIR("d", "a", "0.023529412", "0", UINT8) "Conv y d v\nout y\n", W8A8);
    assert_int_equal(z.net.workload.layers[0].act, MP_ACT_RELU6);
    quantised_finish(&z);
    make(&z, HEAD "Conv a x w\n" PAIR("d", "a", "0.0236", "0", UINT8) "Conv y d v\nout y\n", W8A8);
    assert_int_equal(z.net.workload.layers[0].act, MP_ACT_RELU);
    quantised_finish(&z);
}

// Equalised weights and tensors are others than the model's.
static void equalised(void **state) {
    (void)state;
    struct quantised_network z;
    quantised_model(&z, HEAD "ints i = 1 2 3 4\nints s = 4 1 1 1\nReshape j i s\nconst h : 0.5\nDequantizeLinear u j h - " SIGNED
                        "Conv b x w\nRelu a b\n" PAIR("d", "a", "0.3", "0", UINT8) "Conv y d u group=4\nout y\n", 20, 0);
    z.how.model_ranges = true;
    quantised_make(&z, W8A8);
    assert_true(z.q.model_ranges == 1 && z.q.model_weights == 1);
    assert_int_equal(mp_network_equalise(&z.net), 1);
    quantised_make(&z, W8A8);
    assert_true(z.q.model_ranges == 0 && z.q.model_weights == 0);
    quantised_finish(&z);
}

// Widths

static void widths(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_plan plan;
    quantised_model(&z, HEAD "ints low = -7\nints high = 7\nConv a x w\nconst e : 0.3\nQuantizeLinear q a e - " SIGNED
                        "Clip c q low high\nDequantizeLinear d c e - " SIGNED "ints i = 0 1 15 3\nints s = 4 1 1 1\nReshape j i s\n"
                        "ints z = 8\nints none = 0\nints top = 15\nClip k j none top\nDequantizeLinear u k e z dtype_bits=8\n"
                        "Conv b d u group=4\nConv f d v\nFlatten g b\nFlatten h f\nConcat y g h axis=1\nout y\n", 5, 0);
    mp_hint_plan(&z.net, &z.arena, &plan);
    const size_t a = 0, b = layer_named(&z.net, "b"), f = layer_named(&z.net, "f");
    assert_int_equal(plan.layers[a].a_bits, 8);
    assert_int_equal(plan.layers[a].slices[0].w_bits, 8);
    assert_int_equal(plan.layers[b].a_bits, 4);
    assert_int_equal(plan.layers[f].a_bits, 4);
    assert_int_equal(plan.layers[b].slices[0].w_bits, 4); // 0..15 around 8
    assert_int_equal(plan.layers[f].slices[0].w_bits, 8);
    assert_int_equal(plan.output_bits, 8);
    quantised_finish(&z);
}

// What leaves the network has one width, the widest, also where views and concatenations hand it on.
static void widths_of_outputs(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_plan plan;
    quantised_model(&z, HEAD "const e : 0.3\nints low = -2\nints high = 1\nConv a x w\nQuantizeLinear q a e - " SIGNED
                        "Clip c q low high\nDequantizeLinear d c e - " SIGNED "Conv b x w\nQuantizeLinear p b e - " SIGNED
                        "ints lower = -8\nClip o p lower high\nDequantizeLinear f o e - " SIGNED "Concat y d f axis=1\nout y\n", 5, 0);
    mp_hint_plan(&z.net, &z.arena, &plan);
    for (size_t t = 1; t < z.net.workload.tensor_count; t++)
        assert_int_equal(plan.tensor_bits[t], 4);
    assert_int_equal(plan.output_bits, 4);
    quantised_finish(&z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_come_back), cmocka_unit_test(fewer_bits), cmocka_unit_test(lowest_number),
        cmocka_unit_test(one_scale), cmocka_unit_test(tensors_come_back), cmocka_unit_test(relu6),
        cmocka_unit_test(equalised), cmocka_unit_test(widths), cmocka_unit_test(widths_of_outputs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
