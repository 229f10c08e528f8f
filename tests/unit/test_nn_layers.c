// SPDX-License-Identifier: Apache-2.0
// Operators that are layers: convolutions, poolings, normalisation, reductions, quantisation, on small arrays with values
// worked out by hand; and what is refused, by all operators.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/op_fixture.h"

#include <math.h>
#include <stdio.h>

// A kernel of 1, 10, 100, 1000 shows where each window lies.
static void convolutions(void **state) {
    (void)state;
    ops_begin(13);
    size_t x = ops_ramp(DIMS(1, 1, 4, 4)), pick = graph_reals(&ops, DIMS(1, 1, 2, 2), REALS(1, 10, 100, 1000));
    size_t y = graph_node(&ops, "Conv", INPUTS(x, pick, graph_reals(&ops, DIMS(1), REALS(0.5f))));
    graph_attr_ints(&ops, "pads", LIST(1, 0, 0, 1));
    graph_attr_ints(&ops, "strides", LIST(2, 3));
    ops_expect(y, DIMS(1, 1, 2, 2), REALS(1000.5f, 300.5f, 9854.5f, 1107.5f));
    y = graph_node(&ops, "Conv", INPUTS(x, pick));
    graph_attr_ints(&ops, "dilations", LIST(3, 2));
    ops_expect(y, DIMS(1, 1, 1, 2), REALS(15220, 16331));
    // Two groups of one channel, two images.
    size_t two = ops_ramp(DIMS(2, 2, 2)), weights = graph_reals(&ops, DIMS(2, 1, 2), REALS(1, 10, 100, 1000));
    y = graph_node(&ops, "Conv", INPUTS(two, weights));
    graph_attr_int(&ops, "group", 2);
    ops_expect(y, DIMS(2, 2, 1), REALS(10, 3200, 54, 7600));
    size_t row = ops_ramp(DIMS(1, 1, 4)), pair = graph_reals(&ops, DIMS(1, 1, 2), REALS(1, 10));
    y = graph_node(&ops, "Conv", INPUTS(row, pair));
    graph_attr_text(&ops, "auto_pad", "SAME_UPPER");
    ops_expect(y, DIMS(1, 1, 4), REALS(10, 21, 32, 3));
    y = graph_node(&ops, "Conv", INPUTS(row, pair));
    graph_attr_text(&ops, "auto_pad", "SAME_LOWER");
    ops_expect(y, DIMS(1, 1, 4), REALS(0, 10, 21, 32));
    y = graph_node(&ops, "Conv", INPUTS(row, pair));
    graph_attr_text(&ops, "auto_pad", "VALID");
    graph_attr_ints(&ops, "strides", LIST(2));
    ops_expect(y, DIMS(1, 1, 2), REALS(10, 32));
}

static size_t pool(const char *op, size_t x, int64_t kernel, int64_t stride, size_t pads, const int64_t *pad) {
    size_t y = graph_node(&ops, op, INPUTS(x));
    graph_attr_ints(&ops, "kernel_shape", LIST(kernel, kernel));
    graph_attr_ints(&ops, "strides", LIST(stride, stride));
    graph_attr_ints(&ops, "pads", pads, pad);
    return y;
}

static void poolings(void **state) {
    (void)state;
    ops_begin(13);
    size_t x = ops_ramp(DIMS(1, 1, 3, 3));
    ops_expect(pool("MaxPool", x, 2, 2, LIST(0, 0, 0, 0)), DIMS(1, 1, 1, 1), REALS(4));
    ops_expect(pool("MaxPool", x, 3, 2, LIST(1, 1, 1, 1)), DIMS(1, 1, 2, 2), REALS(4, 5, 7, 8));
    size_t y = pool("MaxPool", x, 2, 2, LIST(0, 0, 0, 0));
    graph_attr_int(&ops, "ceil_mode", 1);
    ops_expect(y, DIMS(1, 1, 2, 2), REALS(4, 5, 7, 8));
    y = pool("MaxPool", x, 2, 1, LIST(0, 0, 0, 0));
    graph_attr_ints(&ops, "dilations", LIST(2, 2));
    ops_expect(y, DIMS(1, 1, 1, 1), REALS(8));
    ops_expect(pool("AveragePool", x, 2, 2, LIST(1, 1, 0, 0)), DIMS(1, 1, 2, 2), REALS(0, 1.5f, 4.5f, 6));
    y = pool("AveragePool", x, 2, 2, LIST(1, 1, 0, 0));
    graph_attr_int(&ops, "count_include_pad", 1);
    ops_expect(y, DIMS(1, 1, 2, 2), REALS(0, 0.75f, 2.25f, 6));
    // A window that hangs over counts what is inside, with and without the padding.
    for (int64_t with_pad = 0; with_pad < 2; with_pad++) {
        y = pool("AveragePool", x, 2, 2, LIST(0, 0, 0, 0));
        graph_attr_int(&ops, "ceil_mode", 1);
        graph_attr_int(&ops, "count_include_pad", with_pad);
        ops_expect(y, DIMS(1, 1, 2, 2), REALS(2, 3.5f, 6.5f, 8));
    }
    // No window begins in the padding behind.
    y = pool("MaxPool", x, 2, 4, LIST(0, 0, 1, 1));
    graph_attr_int(&ops, "ceil_mode", 1);
    ops_expect(y, DIMS(1, 1, 1, 1), REALS(4));
    ops_expect(graph_node(&ops, "GlobalAveragePool", INPUTS(x)), DIMS(1, 1, 1, 1), REALS(4));
    ops_expect(graph_node(&ops, "GlobalMaxPool", INPUTS(ops_ramp(DIMS(2, 2, 2)))), DIMS(2, 2, 1), REALS(1, 3, 5, 7));
}

static void normalisation(void **state) {
    (void)state;
    const float log2 = 0.69314718f;
    ops_begin(17);
    size_t x = graph_reals(&ops, DIMS(2, 2), REALS(1, 3, 2, 2));
    struct mp_graph_node *n = graph_node_outputs(&ops, "LayerNormalization",
                                                 INPUTS(x, graph_reals(&ops, DIMS(2), REALS(2, 1)),
                                                        graph_reals(&ops, DIMS(2), REALS(0.5f, 0))), 3);
    graph_attr_real(&ops, "epsilon", 1);
    size_t y = n->outputs[0], mean = n->outputs[1], inverse = n->outputs[2];
    ops_expect(y, DIMS(2, 2), REALS(-0.91421356f, 0.70710678f, 0.5f, 0));
    ops_expect(mean, DIMS(2, 1), REALS(2, 2));
    ops_expect(inverse, DIMS(2, 1), REALS(0.70710678f, 1));
    size_t bn = graph_node(&ops, "BatchNormalization",
                           INPUTS(ops_ramp(DIMS(1, 2, 2)), graph_reals(&ops, DIMS(2), REALS(1, 2)),
                                  graph_reals(&ops, DIMS(2), REALS(0, 1)), graph_reals(&ops, DIMS(2), REALS(0, 2)),
                                  graph_reals(&ops, DIMS(2), REALS(3, 0))));
    graph_attr_real(&ops, "epsilon", 1);
    ops_expect(bn, DIMS(1, 2, 2), REALS(0, 0.5f, 1, 3));
    x = graph_reals(&ops, DIMS(1, 2, 2), REALS(0, log2, 0, 2 * log2));
    ops_expect(graph_node(&ops, "Softmax", INPUTS(x)), DIMS(1, 2, 2), REALS(1.f / 3, 2.f / 3, 0.2f, 0.8f));
    y = graph_node(&ops, "Softmax", INPUTS(x));
    graph_attr_int(&ops, "axis", 1);
    ops_expect(y, DIMS(1, 2, 2), REALS(0.5f, 1.f / 3, 0.5f, 2.f / 3));
    ops_expect(graph_node(&ops, "Softmax", INPUTS(graph_reals(&ops, DIMS(2), REALS(1000, 1000)))), DIMS(2), REALS(0.5f, 0.5f));
    ops_begin(12);
    x = graph_reals(&ops, DIMS(1, 2, 2), REALS(0, log2, 0, 2 * log2));
    ops_expect(graph_node(&ops, "Softmax", INPUTS(x)), DIMS(1, 2, 2), REALS(0.125f, 0.25f, 0.125f, 0.5f));
    ops_expect(graph_node(&ops, "LogSoftmax", INPUTS(x)), DIMS(1, 2, 2), REALS(-3 * log2, -2 * log2, -3 * log2, -log2));
}

static void reductions(void **state) {
    (void)state;
    ops_begin(13);
    size_t x = ops_ramp(DIMS(2, 3)), mean = graph_node(&ops, "ReduceMean", INPUTS(x));
    graph_attr_ints(&ops, "axes", LIST(0));
    graph_attr_int(&ops, "keepdims", 0);
    ops_expect(mean, DIMS(3), REALS(1.5f, 2.5f, 3.5f));
    ops_expect(graph_node(&ops, "ReduceMean", INPUTS(x)), DIMS(1, 1), REALS(2.5f));
    ops_expect(graph_node(&ops, "ReduceSum", INPUTS(x, ops_list(LIST(-1)))), DIMS(2, 1), REALS(3, 12));
    size_t deep = ops_ramp(DIMS(2, 2, 2)), max = graph_node(&ops, "ReduceMax", INPUTS(deep));
    graph_attr_ints(&ops, "axes", LIST(0, 2));
    ops_expect(max, DIMS(1, 2, 1), REALS(5, 7));
    size_t same = graph_node(&ops, "ReduceSum", INPUTS(x));
    graph_attr_int(&ops, "noop_with_empty_axes", 1);
    ops_expect(same, DIMS(2, 3), REALS(0, 1, 2, 3, 4, 5));
    ops_expect_whole(graph_node(&ops, "ReduceSum", INPUTS(ops_list(LIST(3, -5, 1)))), DIMS(1), (int64_t[]){-1});
    ops_expect_whole(graph_node(&ops, "ReduceMax", INPUTS(ops_list(LIST(-3, -5)))), DIMS(1), (int64_t[]){-3});
    ops_begin(18);
    ops_expect(graph_node(&ops, "ReduceMean", INPUTS(ops_ramp(DIMS(2, 3)), ops_list(LIST(1)))), DIMS(2, 1), REALS(1, 4));
}

static void quantisation(void **state) {
    (void)state;
    ops_begin(13);
    size_t x = graph_reals(&ops, DIMS(6), REALS(-1, 0.5f, 1.5f, 2.5f, 1000, NAN)), one = ops_scalar(1);
    size_t zero = graph_wholes(&ops, 0, NULL, (int64_t[]){3});
    ops_expect_whole(graph_node(&ops, "QuantizeLinear", INPUTS(x, one, zero)), DIMS(6), (int64_t[]){2, 3, 5, 5, 255, 3});
    ops_expect_whole(graph_node(&ops, "QuantizeLinear", INPUTS(x, one)), DIMS(6), (int64_t[]){0, 0, 2, 2, 255, 0});
    size_t image = graph_reals(&ops, DIMS(1, 2, 2), REALS(-200, 3, -4e4f, 7)), scales = graph_reals(&ops, DIMS(2), REALS(2, 1));
    size_t zeros = ops_list(LIST(0, -10)), q = graph_node(&ops, "QuantizeLinear", INPUTS(image, scales, zeros));
    graph_attr_int(&ops, "dtype_bits", 16);
    graph_attr_int(&ops, "dtype_signed", 1);
    ops_expect_whole(q, DIMS(1, 2, 2), (int64_t[]){-100, 2, -32768, -3});
    size_t back = graph_node(&ops, "DequantizeLinear", INPUTS(q, scales, zeros));
    graph_attr_int(&ops, "axis", -2);
    ops_expect(back, DIMS(1, 2, 2), REALS(-200, 4, -32758, 7));
    q = graph_node(&ops, "QuantizeLinear", INPUTS(graph_reals(&ops, DIMS(2), REALS(-129, 127.4f)), one));
    graph_attr_int(&ops, "dtype_signed", 1);
    ops_expect_whole(q, DIMS(2), (int64_t[]){-128, 127});
}

static void counts_and_attributes(void **state) {
    (void)state;
    ops_begin(13);
    size_t x = ops_scalar(1);
    graph_node(&ops, "Add", INPUTS(x));
    ops_expect_error("m.onnx: node \"n0\" (Add): must have 2 inputs (got 1)");
    graph_node(&ops, "Relu", 0, NULL);
    ops_expect_error("m.onnx: node \"n0\" (Relu): must have 1 input (got 0)");
    graph_node(&ops, "Concat", 0, NULL);
    ops_expect_error("m.onnx: node \"n0\" (Concat): must have at least 1 input (got 0)");
    graph_node(&ops, "Clip", 4, (size_t[]){x, x, x, x});
    ops_expect_error("m.onnx: node \"n0\" (Clip): must have 1..3 inputs (got 4)");
    x = ops_scalar(1);
    graph_node(&ops, "Mul", INPUTS(x, MP_NO_VALUE));
    ops_expect_error("m.onnx: node \"n0\" (Mul): input 2 is left out");
    graph_node(&ops, "Relu", INPUTS(mp_graph_add_value(&ops, "later")));
    ops_expect_error("m.onnx: node \"n0\" (Relu): the shape of input 1 \"later\" is not known");
    graph_node_outputs(&ops, "Relu", INPUTS(ops_scalar(1)), 2);
    ops_expect_error("m.onnx: node \"n0\" (Relu): must have 1 output (got 2)");
    graph_node_outputs(&ops, "Relu", INPUTS(ops_scalar(1)), 1)->outputs[0] = MP_NO_VALUE;
    ops_expect_error("m.onnx: node \"n0\" (Relu): output 1 is left out");
    graph_node(&ops, "LeakyRelu", INPUTS(ops_scalar(1)));
    graph_attr_int(&ops, "alpha", 1);
    ops_expect_error("m.onnx: node \"n0\" (LeakyRelu): attribute \"alpha\" must be a real number (got an integer)");
    graph_node(&ops, "Relu", INPUTS(ops_scalar(1)));
    graph_attr_int(&ops, "alpha", 1);
    ops_expect_error("m.onnx: node \"n0\" (Relu): attribute \"alpha\" is not supported");
    graph_node(&ops, "Exp", INPUTS(ops_list(LIST(1))));
    ops_expect_error("m.onnx: node \"n0\" (Exp): input 1 must hold real numbers (got integers)");
    graph_node(&ops, "Sub", INPUTS(ops_list(LIST(1)), ops_scalar(1)));
    ops_expect_error("m.onnx: node \"n0\" (Sub): inputs 1 and 2 must be of one type (got integers and real numbers)");
    graph_node(&ops, "Sub", INPUTS(ops_ramp(DIMS(2, 3)), ops_ramp(DIMS(2))));
    ops_expect_error("m.onnx: node \"n0\" (Sub): shapes 2x3 and 2 do not go together");
    graph_node(&ops, "And", INPUTS(ops_scalar(1), ops_scalar(1)));
    ops_expect_error("m.onnx: node \"n0\" (And): input 1 must hold integers (got real numbers)");
}

static void bad_shapes(void **state) {
    (void)state;
    ops_begin(13);
    static const struct {
        const char *op;
        size_t count;
        int64_t list[3];
        const char *message;
    } bad[] = {
        {"Reshape", 2, {4, -1}, "2x3 cannot become 4x1 with one dimension left open"},
        {"Reshape", 2, {5, 1}, "2x3 cannot become 5x1"},
        {"Reshape", 2, {-1, -1}, "only one dimension may be -1"},
        {"Reshape", 2, {-2, 3}, "a dimension must be at least -1 (got -2)"},
        {"Reshape", 3, {2, 3, 0}, "dimension 3 is 0, but the input has only 2 dimensions"},
        {"Reshape", 2, {INT64_MAX, INT64_MAX}, "2x3 cannot become 9223372036854775807x9223372036854775807"},
        {"Expand", 2, {2, 4}, "shapes 2x3 and 2x4 do not go together"},
        {"Expand", 1, {-1}, "a dimension must be at least 0 (got -1)"},
        {"Expand", 3, {1 << 30, 2, 3}, "output \"n0\" would be 1073741824x2x3, more than 2147483648 elements"},
        {"Tile", 1, {2}, "must have 2 repeats (got 1)"},
        {"Tile", 2, {-1, 1}, "repeats must be 0..2147483648 (got -1)"},
        {"Tile", 2, {1 << 12, 1 << 16}, "a constant of 8192x196608 is too large: all that are computed may have 67108864 "
                                        "elements"},
        {"Squeeze", 1, {1}, "dimension 2 of 2x3 is not 1"},
        {"Squeeze", 1, {2}, "axis must be -2..1 (got 2)"},
        {"Unsqueeze", 2, {1, -3}, "axis -3 stands twice"},
        {"Gather", 1, {2}, "an index must be -2..1 (got 2)"},
        {"Pad", 3, {0, 0, 0}, "must have 4 pads (got 3)"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char want[300];
        graph_node(&ops, bad[i].op, INPUTS(ops_ramp(DIMS(2, 3)), graph_list(&ops, bad[i].count, bad[i].list)));
        snprintf(want, sizeof want, "m.onnx: node \"n0\" (%s): %s", bad[i].op, bad[i].message);
        ops_expect_error(want);
    }
}

// What is wrong with lists and attributes, and constants that would take too much.
static void bad_lists(void **state) {
    (void)state;
    ops_begin(13);
    size_t x = graph_input(&ops, DIMS(2, 3), false), shape = graph_input(&ops, DIMS(2), true);
    graph_node(&ops, "Reshape", INPUTS(x, shape));
    ops_expect_error("m.onnx: node \"n0\" (Reshape): input 2 \"x1\" must be a constant");
    graph_node(&ops, "Transpose", INPUTS(ops_ramp(DIMS(2, 3))));
    graph_attr_ints(&ops, "perm", LIST(1, 1));
    ops_expect_error("m.onnx: node \"n0\" (Transpose): axis 1 stands twice");
    graph_node(&ops, "Slice", INPUTS(ops_ramp(DIMS(3)), ops_list(LIST(0)), ops_list(LIST(1)), MP_NO_VALUE, ops_list(LIST(0))));
    ops_expect_error("m.onnx: node \"n0\" (Slice): a step must not be 0");
    graph_node(&ops, "Concat", INPUTS(ops_ramp(DIMS(2, 3)), ops_ramp(DIMS(2, 2))));
    graph_attr_int(&ops, "axis", 0);
    ops_expect_error("m.onnx: node \"n0\" (Concat): shapes 2x3 and 2x2 do not go together along axis 0");
    graph_node(&ops, "Concat", INPUTS(ops_scalar(1)));
    ops_expect_error("m.onnx: node \"n0\" (Concat): attribute \"axis\" is missing");
    graph_node_outputs(&ops, "Split", INPUTS(ops_ramp(DIMS(3))), 2);
    ops_expect_error("m.onnx: node \"n0\" (Split): 3 do not split into 2 equal parts");
    graph_node_outputs(&ops, "Split", INPUTS(ops_ramp(DIMS(3)), ops_list(LIST(4, -1))), 2);
    ops_expect_error("m.onnx: node \"n0\" (Split): the sizes are not those of 3 along axis 0");
    graph_node(&ops, "Range", INPUTS(ops_scalar(0), ops_scalar(1), ops_scalar(0)));
    ops_expect_error("m.onnx: node \"n0\" (Range): from 0 to 1 by 0 has no end");
    graph_node(&ops, "Range", INPUTS(ops_scalar(0), ops_scalar(1), ops_scalar(1e-20f)));
    ops_expect_error("m.onnx: node \"n0\" (Range): from 0 to 1 by 1e-20 has more than 2147483648 elements");
    graph_node(&ops, "Cast", INPUTS(ops_scalar(0)));
    graph_attr_int(&ops, "to", 8);
    ops_expect_error("m.onnx: node \"n0\" (Cast): attribute \"to\" must be a type of numbers, 1..7, 9..13 or 16 (got 8)");
    size_t huge = graph_node(&ops, "ConstantOfShape", INPUTS(ops_list(LIST(4096, 4096))));
    graph_node(&ops, "MatMul", INPUTS(huge, huge));
    ops_expect_error("m.onnx: node \"n1\" (MatMul): a constant of 4096x4096 takes too long: all that are computed may take "
                     "268435456 additions");
}

static void bad_layers(void **state) {
    (void)state;
    ops_begin(13);
    static const struct {
        unsigned image, weights;
        uint64_t in[5], w[5];
        const char *attr;
        size_t count;
        int64_t list[4];
        const char *message;
    } bad[] = {
        {4, 4, {1, 3, 4, 4}, {2, 3, 5, 1}, NULL, 0, {0}, "a window of 5 rows does not fit into 4"},
        {4, 4, {1, 3, 4, 4}, {2, 2, 1, 1}, NULL, 0, {0}, "weights of 2x2x1x1 and 1 groups do not go with 3 input channels"},
        {5, 5, {1, 3, 4, 4, 4}, {2, 3, 1, 1, 1}, NULL, 0, {0},
         "three-dimensional windows are not supported (got 1x3x4x4x4)"},
        {4, 3, {1, 3, 4, 4}, {2, 3, 1}, NULL, 0, {0}, "weights of 2x3x1 do not go with an image of 1x3x4x4"},
        {2, 2, {1, 3}, {2, 3}, NULL, 0, {0}, "input 1 must have 3..4 dimensions (got 1x3)"},
        {4, 4, {1, 3, 4, 4}, {2, 3, 2, 2}, "strides", 2, {1, 0}, "attribute \"strides\" must be 1..16777216 (got 0)"},
        {4, 4, {1, 3, 4, 4}, {2, 3, 2, 2}, "pads", 2, {1, 0}, "attribute \"pads\" must have 4 numbers (got 2)"},
        {4, 4, {1, 3, 4, 4}, {2, 3, 2, 2}, "pads", 4, {1, -1, 0, 0}, "attribute \"pads\" must be 0..16777216 (got -1)"},
        {4, 4, {1, 3, 4, 4}, {2, 3, 2, 2}, "kernel_shape", 2, {2, 3},
         "the kernel of the weights' shape 2x3x2x2 is not that of attribute \"kernel_shape\""},
        {4, 4, {1, 3, 4, 0}, {2, 3, 2, 2}, NULL, 0, {0}, "the image 1x3x4x0 is empty"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        char want[300];
        size_t x = graph_input(&ops, bad[i].image, bad[i].in, false);
        graph_node(&ops, "Conv", INPUTS(x, graph_input(&ops, bad[i].weights, bad[i].w, false)));
        if (bad[i].attr)
            graph_attr_ints(&ops, bad[i].attr, bad[i].count, bad[i].list);
        snprintf(want, sizeof want, "m.onnx: node \"n0\" (Conv): %s", bad[i].message);
        ops_expect_error(want);
    }
    size_t x = ops_ramp(DIMS(1, 4, 3)), w = ops_ramp(DIMS(3, 2, 1));
    graph_node(&ops, "Conv", INPUTS(x, w));
    graph_attr_int(&ops, "group", 2);
    ops_expect_error("m.onnx: node \"n0\" (Conv): attribute \"group\" must divide the 3 output channels (got 2)");
    graph_node(&ops, "Conv", INPUTS(ops_ramp(DIMS(1, 2, 3)), ops_ramp(DIMS(3, 2, 1)), ops_ramp(DIMS(2))));
    ops_expect_error("m.onnx: node \"n0\" (Conv): the bias must have 3 elements (got 2)");
    graph_node(&ops, "Conv", INPUTS(ops_ramp(DIMS(1, 2, 3)), ops_ramp(DIMS(3, 2, 1))));
    graph_attr_text(&ops, "auto_pad", "SAME");
    ops_expect_error("m.onnx: node \"n0\" (Conv): attribute \"auto_pad\" must be NOTSET, VALID, SAME_UPPER or SAME_LOWER (got "
                     "\"SAME\")");
    graph_node(&ops, "MaxPool", INPUTS(ops_ramp(DIMS(1, 2, 3))));
    ops_expect_error("m.onnx: node \"n0\" (MaxPool): attribute \"kernel_shape\" is missing");
    pool("MaxPool", ops_ramp(DIMS(1, 1, 3, 3)), 2, 1, LIST(2, 0, 0, 0));
    ops_expect_error("m.onnx: node \"n0\" (MaxPool): the padding is as wide as the window");
    graph_node(&ops, "Gemm", INPUTS(ops_ramp(DIMS(2, 3)), ops_ramp(DIMS(2, 3))));
    ops_expect_error("m.onnx: node \"n0\" (Gemm): 2x3 and 2x3 have no product");
    graph_node(&ops, "Gemm", INPUTS(ops_ramp(DIMS(2, 3)), ops_ramp(DIMS(3, 2)), ops_ramp(DIMS(3))));
    ops_expect_error("m.onnx: node \"n0\" (Gemm): input 3 of 3 does not go with an output of 2x2");
    graph_node(&ops, "MatMul", INPUTS(ops_ramp(DIMS(2, 1, 3)), ops_ramp(DIMS(3, 3, 2))));
    ops_expect_error("m.onnx: node \"n0\" (MatMul): 2x1x3 and 3x3x2 have no product");
    graph_node(&ops, "MatMul", INPUTS(ops_scalar(1), ops_ramp(DIMS(1))));
    ops_expect_error("m.onnx: node \"n0\" (MatMul): input 1 must have 1..8 dimensions (got scalar)");
    graph_node(&ops, "QuantizeLinear", INPUTS(ops_ramp(DIMS(1, 3)), ops_ramp(DIMS(2))));
    ops_expect_error("m.onnx: node \"n0\" (QuantizeLinear): scale must be one number or 3, one for each index of axis 1 (got 2)");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions), cmocka_unit_test(poolings),   cmocka_unit_test(normalisation),
        cmocka_unit_test(reductions),   cmocka_unit_test(quantisation), cmocka_unit_test(counts_and_attributes),
        cmocka_unit_test(bad_shapes),   cmocka_unit_test(bad_lists),    cmocka_unit_test(bad_layers),
    };
    return cmocka_run_group_tests_name("nn_layers", tests, NULL, ops_finish);
}
