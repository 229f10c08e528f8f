// SPDX-License-Identifier: Apache-2.0
// Operators that compute element by element, reshape, move, join and make arrays, and matrix products: on small arrays with
// values worked out by hand, and at the opsets that differ.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/op_fixture.h"

#include "sim/nn/walk.h"

#include <math.h>
#include <string.h>

static void table(void **state) {
    (void)state;
    for (size_t i = 0; i < mp_op_count(); i++) {
        assert_ptr_equal(mp_op_find(mp_op_at(i)->name), mp_op_at(i));
        assert_true(i == 0 || strcmp(mp_op_at(i - 1)->name, mp_op_at(i)->name) < 0);
    }
    assert_null(mp_op_find("Convolution"));
    assert_null(mp_op_find(""));
    assert_null(mp_op_find("ZZZ"));
}

static void shapes(void **state) {
    (void)state;
    char text[200];
    struct mp_shape s = shape_of(DIMS(1u << 16, 1u << 15)), zero = shape_of(DIMS(0, UINT64_MAX, 2)), out;
    assert_true(mp_shape_fits(&s));
    s.dim[1]++;
    assert_false(mp_shape_fits(&s));
    assert_false(mp_shape_fits(&zero));
    assert_string_equal(mp_shape_text(&s, text), "65536x32769");
    assert_string_equal(mp_shape_text(&(struct mp_shape){0}, text), "scalar");
    struct mp_shape a = shape_of(DIMS(4, 1, 3)), b = shape_of(DIMS(5, 1));
    assert_true(mp_shape_broadcast(&a, &b, &out));
    assert_string_equal(mp_shape_text(&out, text), "4x5x3");
    b = shape_of(DIMS(5, 2));
    assert_false(mp_shape_broadcast(&a, &b, &out));
}

static void broadcasting(void **state) {
    (void)state;
    ops_begin(13);
    size_t a = ops_ramp(DIMS(2, 3)), row = graph_reals(&ops, DIMS(3), REALS(10, 20, 30));
    size_t col = graph_reals(&ops, DIMS(2, 1), REALS(100, 200)), wide = ops_ramp(DIMS(2, 1, 2));
    ops_expect(graph_node(&ops, "Add", INPUTS(a, row)), DIMS(2, 3), REALS(10, 21, 32, 13, 24, 35));
    ops_expect(graph_node(&ops, "Sub", INPUTS(col, a)), DIMS(2, 3), REALS(100, 99, 98, 197, 196, 195));
    ops_expect(graph_node(&ops, "Mul", INPUTS(a, ops_scalar(2))), DIMS(2, 3), REALS(0, 2, 4, 6, 8, 10));
    ops_expect(graph_node(&ops, "Div", INPUTS(ops_scalar(6), row)), DIMS(3), REALS(0.6f, 0.3f, 0.2f));
    ops_expect(graph_node(&ops, "Add", INPUTS(wide, col)), DIMS(2, 2, 2), REALS(100, 101, 200, 201, 102, 103, 202, 203));
    ops_expect(graph_node(&ops, "Add", INPUTS(row, col)), DIMS(2, 3), REALS(110, 120, 130, 210, 220, 230));
    ops_expect(graph_node(&ops, "Max", INPUTS(a, ops_scalar(2), row)), DIMS(2, 3), REALS(10, 20, 30, 10, 20, 30));
    ops_expect(graph_node(&ops, "Min", INPUTS(ops_scalar(4), a)), DIMS(2, 3), REALS(0, 1, 2, 3, 4, 4));
    ops_expect(graph_node(&ops, "Min", INPUTS(ops_scalar(NAN), ops_scalar(4))), 0, NULL, REALS(NAN));
    ops_expect(graph_node(&ops, "Pow", INPUTS(a, ops_list(LIST(2)))), DIMS(2, 3), REALS(0, 1, 4, 9, 16, 25));
    ops_expect_whole(graph_node(&ops, "Greater", INPUTS(a, ops_scalar(2))), DIMS(2, 3), (int64_t[]){0, 0, 0, 1, 1, 1});
    ops_expect_whole(graph_node(&ops, "Less", INPUTS(a, row)), DIMS(2, 3), (int64_t[]){1, 1, 1, 1, 1, 1});
    size_t equal = graph_node(&ops, "Equal", INPUTS(ops_list(LIST(1, 5, 3)), ops_list(LIST(1, 2, 3))));
    ops_expect_whole(equal, DIMS(3), (int64_t[]){1, 0, 1});
    ops_expect(graph_node(&ops, "Where", INPUTS(equal, a, ops_scalar(-1))), DIMS(2, 3), REALS(0, -1, 2, 3, -1, 5));
    ops_expect_whole(graph_node(&ops, "And", INPUTS(equal, ops_list(LIST(1)))), DIMS(3), (int64_t[]){1, 0, 1});
    ops_expect_whole(graph_node(&ops, "Or", INPUTS(equal, ops_list(LIST(0, 2, 0)))), DIMS(3), (int64_t[]){1, 1, 1});
    ops_expect_whole(graph_node(&ops, "Not", INPUTS(equal)), DIMS(3), (int64_t[]){0, 1, 0});
}

// Wrapping and division at the ends of the range.
static void whole_numbers(void **state) {
    (void)state;
    ops_begin(13);
    size_t low = ops_list(LIST(INT64_MIN)), x = ops_list(LIST(-7, 7, 3, INT64_MIN)), by = ops_list(LIST(2, -2, 0, -1));
    ops_expect_whole(graph_node(&ops, "Div", INPUTS(x, by)), DIMS(4), (int64_t[]){-3, -3, 0, INT64_MIN});
    ops_expect_whole(graph_node(&ops, "Sub", INPUTS(low, ops_list(LIST(1)))), DIMS(1), (int64_t[]){INT64_MAX});
    ops_expect_whole(graph_node(&ops, "Neg", INPUTS(low)), DIMS(1), (int64_t[]){INT64_MIN});
    ops_expect_whole(graph_node(&ops, "Abs", INPUTS(x)), DIMS(4), (int64_t[]){7, 7, 3, INT64_MIN});
    ops_expect_whole(graph_node(&ops, "Pow", INPUTS(ops_list(LIST(-2, -1, 3, 0)), ops_list(LIST(3, -3, -1, 0)))), DIMS(4),
                 (int64_t[]){-8, -1, 0, 1});
    ops_expect_whole(graph_node(&ops, "Clip", INPUTS(x, ops_list(LIST(-1)), ops_list(LIST(4)))), DIMS(4), (int64_t[]){-1, 4, 3, -1});
    ops_expect_whole(graph_node(&ops, "Relu", INPUTS(x)), DIMS(4), (int64_t[]){0, 7, 3, 0});
    ops_expect_whole(graph_node(&ops, "Max", INPUTS(x, ops_list(LIST(0)))), DIMS(4), (int64_t[]){0, 7, 3, 0});
}

static void elements(void **state) {
    (void)state;
    ops_begin(13);
    size_t x = graph_reals(&ops, DIMS(5), REALS(-4, -1, 0, 1, 4));
    ops_expect(graph_node(&ops, "Relu", INPUTS(x)), DIMS(5), REALS(0, 0, 0, 1, 4));
    size_t leaky = graph_node(&ops, "LeakyRelu", INPUTS(x));
    graph_attr_real(&ops, "alpha", 0.25f);
    ops_expect(leaky, DIMS(5), REALS(-1, -0.25f, 0, 1, 4));
    ops_expect(graph_node(&ops, "HardSigmoid", INPUTS(x)), DIMS(5), REALS(0, 0.3f, 0.5f, 0.7f, 1));
    ops_expect(graph_node(&ops, "HardSwish", INPUTS(x)), DIMS(5), REALS(0, -1.f / 3, 0, 2.f / 3, 4));
    ops_expect(graph_node(&ops, "Sigmoid", INPUTS(x)), DIMS(5), REALS(0.01798621f, 0.26894142f, 0.5f, 0.73105858f, 0.98201379f));
    ops_expect(graph_node(&ops, "Tanh", INPUTS(x)), DIMS(5), REALS(-0.99932930f, -0.76159416f, 0, 0.76159416f, 0.99932930f));
    ops_expect(graph_node(&ops, "Erf", INPUTS(x)), DIMS(5), REALS(-1, -0.84270079f, 0, 0.84270079f, 1));
    ops_expect(graph_node(&ops, "Gelu", INPUTS(x)), DIMS(5), REALS(-0.00012669f, -0.15865526f, 0, 0.84134475f, 3.9998733f));
    size_t gelu = graph_node(&ops, "Gelu", INPUTS(x));
    graph_attr_text(&ops, "approximate", "tanh");
    ops_expect(gelu, DIMS(5), REALS(-0.00007023f, -0.15880801f, 0, 0.84119199f, 3.9999298f));
    ops_expect(graph_node(&ops, "Exp", INPUTS(ops_scalar(1))), 0, NULL, REALS(2.7182818f));
    ops_expect(graph_node(&ops, "Log", INPUTS(ops_scalar(10))), 0, NULL, REALS(2.3025851f));
    ops_expect(graph_node(&ops, "Neg", INPUTS(x)), DIMS(5), REALS(4, 1, 0, -1, -4));
    ops_expect(graph_node(&ops, "Abs", INPUTS(x)), DIMS(5), REALS(4, 1, 0, 1, 4));
    ops_expect(graph_node(&ops, "Reciprocal", INPUTS(x)), DIMS(5), REALS(-0.25f, -1, INFINITY, 1, 0.25f));
    ops_expect(graph_node(&ops, "Sqrt", INPUTS(x)), DIMS(5), REALS(NAN, NAN, 0, 1, 2));
    size_t halves = graph_reals(&ops, DIMS(3), REALS(-1.5f, 1.5f, 2));
    ops_expect(graph_node(&ops, "Floor", INPUTS(halves)), DIMS(3), REALS(-2, 1, 2));
    ops_expect(graph_node(&ops, "Ceil", INPUTS(halves)), DIMS(3), REALS(-1, 2, 2));
    ops_expect(graph_node(&ops, "Clip", INPUTS(x, MP_NO_VALUE, ops_scalar(2))), DIMS(5), REALS(-4, -1, 0, 1, 2));
    ops_begin(10);
    x = graph_reals(&ops, DIMS(3), REALS(-4, 1, 4));
    size_t clip = graph_node(&ops, "Clip", INPUTS(x));
    graph_attr_real(&ops, "min", -2);
    ops_expect(clip, DIMS(3), REALS(-2, 1, 4));
}

static void reshaping(void **state) {
    (void)state;
    ops_begin(13);
    size_t x = ops_ramp(DIMS(1, 2, 3, 1));
    float all[6] = {0, 1, 2, 3, 4, 5};
    ops_expect(graph_node(&ops, "Reshape", INPUTS(x, ops_list(LIST(0, -1, 2)))), DIMS(1, 3, 2), all);
    ops_expect(graph_node(&ops, "Flatten", INPUTS(x)), DIMS(1, 6), all);
    size_t flat = graph_node(&ops, "Flatten", INPUTS(x));
    graph_attr_int(&ops, "axis", -2);
    ops_expect(flat, DIMS(2, 3), all);
    ops_expect(graph_node(&ops, "Squeeze", INPUTS(x)), DIMS(2, 3), all);
    ops_expect(graph_node(&ops, "Squeeze", INPUTS(x, ops_list(LIST(-1)))), DIMS(1, 2, 3), all);
    ops_expect(graph_node(&ops, "Unsqueeze", INPUTS(x, ops_list(LIST(5, 0)))), DIMS(1, 1, 2, 3, 1, 1), all);
    ops_expect(graph_node(&ops, "Identity", INPUTS(x)), DIMS(1, 2, 3, 1), all);
    struct mp_graph_node *n = graph_node_outputs(&ops, "Dropout", INPUTS(x), 2);
    size_t mask = n->outputs[1];
    ops_expect(n->outputs[0], DIMS(1, 2, 3, 1), all);
    ops_expect_whole(mask, DIMS(1, 2, 3, 1), (int64_t[]){1, 1, 1, 1, 1, 1});
    size_t none = ops_ramp(DIMS(0, 3)), kept = graph_node(&ops, "Reshape", INPUTS(none, ops_list(LIST(3, 0))));
    graph_attr_int(&ops, "allowzero", 1);
    ops_expect(kept, DIMS(3, 0), NULL);
    ops_begin(12);
    x = ops_ramp(DIMS(1, 6));
    size_t squeezed = graph_node(&ops, "Squeeze", INPUTS(x));
    graph_attr_ints(&ops, "axes", LIST(0));
    ops_expect(squeezed, DIMS(6), all);
    size_t more = graph_node(&ops, "Unsqueeze", INPUTS(x));
    graph_attr_ints(&ops, "axes", LIST(1));
    ops_expect(more, DIMS(1, 1, 6), all);
}

static void moving(void **state) {
    (void)state;
    ops_begin(13);
    size_t x = ops_ramp(DIMS(2, 3)), deep = ops_ramp(DIMS(2, 2, 3));
    ops_expect(graph_node(&ops, "Transpose", INPUTS(x)), DIMS(3, 2), REALS(0, 3, 1, 4, 2, 5));
    size_t turned = graph_node(&ops, "Transpose", INPUTS(deep));
    graph_attr_ints(&ops, "perm", LIST(1, 0, 2));
    ops_expect(turned, DIMS(2, 2, 3), REALS(0, 1, 2, 6, 7, 8, 3, 4, 5, 9, 10, 11));
    size_t ends = ops_list(LIST(INT64_MAX)), back = ops_list(LIST(INT64_MIN)), axis = ops_list(LIST(1));
    ops_expect(graph_node(&ops, "Slice", INPUTS(x, ops_list(LIST(1)), ends, axis)), DIMS(2, 2), REALS(1, 2, 4, 5));
    ops_expect(graph_node(&ops, "Slice", INPUTS(x, ends, back, axis, ops_list(LIST(-2)))), DIMS(2, 2), REALS(2, 0, 5, 3));
    ops_expect(graph_node(&ops, "Slice", INPUTS(x, ops_list(LIST(-1, -2)), ops_list(LIST(5, -1)))), DIMS(1, 1), REALS(4));
    ops_expect(graph_node(&ops, "Slice", INPUTS(x, ops_list(LIST(2)), ops_list(LIST(1)), axis)), DIMS(2, 0), NULL);
    ops_expect(graph_node(&ops, "Slice", INPUTS(x, ops_list(LIST(-9)), ends, axis, ops_list(LIST(INT64_MAX)))), DIMS(2, 1), REALS(0, 3));
    ops_expect(graph_node(&ops, "Expand", INPUTS(ops_ramp(DIMS(3, 1)), ops_list(LIST(2, 1, 2)))), DIMS(2, 3, 2),
           REALS(0, 0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2));
    ops_expect(graph_node(&ops, "Tile", INPUTS(ops_ramp(DIMS(1, 2)), ops_list(LIST(2, 2)))), DIMS(2, 4), REALS(0, 1, 0, 1, 0, 1, 0, 1));
    size_t picked = graph_node(&ops, "Gather", INPUTS(x, graph_wholes(&ops, DIMS(2, 1), (int64_t[]){2, -3})));
    graph_attr_int(&ops, "axis", 1);
    ops_expect(picked, DIMS(2, 2, 1), REALS(2, 0, 5, 3));
    ops_begin(9);
    x = ops_ramp(DIMS(2, 3));
    size_t old = graph_node(&ops, "Slice", INPUTS(x));
    graph_attr_ints(&ops, "starts", LIST(1));
    graph_attr_ints(&ops, "ends", LIST(-1));
    graph_attr_ints(&ops, "axes", LIST(1));
    ops_expect(old, DIMS(2, 1), REALS(1, 4));
}

static void joining(void **state) {
    (void)state;
    ops_begin(18);
    size_t x = ops_ramp(DIMS(2, 3)), col = graph_reals(&ops, DIMS(2, 1), REALS(8, 9));
    size_t joined = graph_node(&ops, "Concat", INPUTS(x, col, x));
    graph_attr_int(&ops, "axis", -1);
    ops_expect(joined, DIMS(2, 7), REALS(0, 1, 2, 8, 0, 1, 2, 3, 4, 5, 9, 3, 4, 5));
    struct mp_graph_node *n = graph_node_outputs(&ops, "Split", INPUTS(joined), 3);
    graph_attr_int(&ops, "axis", 1);
    graph_attr_int(&ops, "num_outputs", 3);
    size_t last = n->outputs[2];
    n->outputs[0] = MP_NO_VALUE;
    ops_expect(n->outputs[1], DIMS(2, 3), REALS(8, 0, 1, 9, 3, 4));
    ops_expect(last, DIMS(2, 1), REALS(2, 5));
    n = graph_node_outputs(&ops, "Split", INPUTS(x, ops_list(LIST(0, 2))), 2);
    last = n->outputs[1];
    ops_expect(n->outputs[0], DIMS(0, 3), NULL);
    ops_expect(last, DIMS(2, 3), REALS(0, 1, 2, 3, 4, 5));
    ops_expect(graph_node(&ops, "Pad", INPUTS(x, ops_list(LIST(0, 1, 1, -1)), ops_scalar(7))), DIMS(3, 3),
           REALS(7, 0, 1, 7, 3, 4, 7, 7, 7));
    ops_expect(graph_node(&ops, "Pad", INPUTS(x, ops_list(LIST(1, 0)), MP_NO_VALUE, ops_list(LIST(-1)))), DIMS(2, 4),
           REALS(0, 0, 1, 2, 0, 3, 4, 5));
    size_t reflected = graph_node(&ops, "Pad", INPUTS(x, ops_list(LIST(1, 2, 0, 1))));
    graph_attr_text(&ops, "mode", "reflect");
    ops_expect(reflected, DIMS(3, 6), REALS(5, 4, 3, 4, 5, 4, 2, 1, 0, 1, 2, 1, 5, 4, 3, 4, 5, 4));
    size_t edged = graph_node(&ops, "Pad", INPUTS(x, ops_list(LIST(0, 1, 1, 2))));
    graph_attr_text(&ops, "mode", "edge");
    ops_expect(edged, DIMS(3, 6), REALS(0, 0, 1, 2, 2, 2, 3, 3, 4, 5, 5, 5, 3, 3, 4, 5, 5, 5));
    ops_begin(10);
    size_t old = graph_node(&ops, "Pad", INPUTS(graph_reals(&ops, DIMS(1), REALS(3))));
    graph_attr_ints(&ops, "pads", LIST(1, 1));
    graph_attr_real(&ops, "value", 2);
    ops_expect(old, DIMS(3), REALS(2, 3, 2));
    n = graph_node_outputs(&ops, "Split", INPUTS(old), 2);
    graph_attr_ints(&ops, "split", LIST(1, 2));
    last = n->outputs[1];
    ops_expect(n->outputs[0], DIMS(1), REALS(2));
    ops_expect(last, DIMS(2), REALS(3, 2));
}

static void making(void **state) {
    (void)state;
    ops_begin(15);
    size_t x = ops_ramp(DIMS(2, 3, 4));
    ops_expect_whole(graph_node(&ops, "Shape", INPUTS(x)), DIMS(3), (int64_t[]){2, 3, 4});
    size_t part = graph_node(&ops, "Shape", INPUTS(x));
    graph_attr_int(&ops, "start", -2);
    graph_attr_int(&ops, "end", -1);
    ops_expect_whole(part, DIMS(1), (int64_t[]){3});
    ops_expect(graph_node(&ops, "ConstantOfShape", INPUTS(ops_list(LIST(2, 1)))), DIMS(2, 1), REALS(0, 0));
    int64_t five = 5;
    struct mp_array value = {.shape = {.rank = 1, .dim = {1}}, .whole = true, .i = &five};
    size_t filled = graph_node(&ops, "ConstantOfShape", INPUTS(ops_list(LIST(2))));
    graph_attr_array(&ops, "value", &value);
    ops_expect_whole(filled, DIMS(2), (int64_t[]){5, 5});
    size_t constant = graph_node(&ops, "Constant", 0, NULL);
    graph_attr_ints(&ops, "value_ints", LIST(4, -4));
    ops_expect_whole(constant, DIMS(2), (int64_t[]){4, -4});
    constant = graph_node(&ops, "Constant", 0, NULL);
    graph_attr_real(&ops, "value_float", 1.5f);
    ops_expect(constant, 0, NULL, REALS(1.5f));
    size_t zero = graph_wholes(&ops, 0, NULL, (int64_t[]){10}), seven = graph_wholes(&ops, 0, NULL, (int64_t[]){3});
    ops_expect_whole(graph_node(&ops, "Range", INPUTS(zero, seven, graph_wholes(&ops, 0, NULL, (int64_t[]){-3}))), DIMS(3),
                 (int64_t[]){10, 7, 4});
    ops_expect(graph_node(&ops, "Range", INPUTS(ops_scalar(0), ops_scalar(1), ops_scalar(0.4f))), DIMS(3), REALS(0, 0.4f, 0.8f));
    size_t reals = graph_reals(&ops, DIMS(4), REALS(-1.9f, 300, NAN, 1e30f));
    static const struct {
        int64_t to, want[4];
    } casts[] = {{7, {-1, 300, 0, INT64_MAX}}, {2, {255, 44, 0, 255}}, {3, {-1, 44, 0, -1}}, {9, {1, 1, 1, 1}}};
    for (size_t i = 0; i < sizeof casts / sizeof *casts; i++) {
        size_t cast = graph_node(&ops, "Cast", INPUTS(reals));
        graph_attr_int(&ops, "to", casts[i].to);
        ops_expect_whole(cast, DIMS(4), casts[i].want);
    }
    size_t cast = graph_node(&ops, "Cast", INPUTS(ops_list(LIST(-3, 7))));
    graph_attr_int(&ops, "to", 1);
    ops_expect(cast, DIMS(2), REALS(-3, 7));
    // Half precision: 11 digits, the largest finite one is 65504, subnormal numbers below 2^-14.
    size_t half = graph_node(&ops, "Cast", INPUTS(graph_reals(&ops, DIMS(4), REALS(2049, 65519, 65520, 0x1.4p-24f))));
    graph_attr_int(&ops, "to", 10);
    ops_expect(half, DIMS(4), REALS(2048, 65504, INFINITY, 0x1p-24f));
}

static void products(void **state) {
    (void)state;
    ops_begin(13);
    size_t a = ops_ramp(DIMS(2, 3)), b = ops_ramp(DIMS(3, 2)), v = graph_reals(&ops, DIMS(3), REALS(1, 2, 3));
    ops_expect(graph_node(&ops, "MatMul", INPUTS(a, b)), DIMS(2, 2), REALS(10, 13, 28, 40));
    ops_expect(graph_node(&ops, "MatMul", INPUTS(a, v)), DIMS(2), REALS(8, 26));
    ops_expect(graph_node(&ops, "MatMul", INPUTS(v, b)), DIMS(2), REALS(16, 22));
    ops_expect(graph_node(&ops, "MatMul", INPUTS(v, v)), 0, NULL, REALS(14));
    ops_expect(graph_node(&ops, "MatMul", INPUTS(ops_ramp(DIMS(2, 1, 1, 2)), ops_ramp(DIMS(3, 2, 1)))), DIMS(2, 3, 1, 1),
           REALS(1, 3, 5, 3, 13, 23));
    size_t gemm = graph_node(&ops, "Gemm", INPUTS(a, a, graph_reals(&ops, DIMS(2, 1), REALS(1, 2))));
    graph_attr_int(&ops, "transB", 1);
    graph_attr_real(&ops, "alpha", 0.5f);
    graph_attr_real(&ops, "beta", 10);
    ops_expect(gemm, DIMS(2, 2), REALS(12.5f, 17, 27, 45));
    gemm = graph_node(&ops, "Gemm", INPUTS(a, a));
    graph_attr_int(&ops, "transA", 1);
    ops_expect(gemm, DIMS(3, 3), REALS(9, 12, 15, 12, 17, 22, 15, 22, 29));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),         cmocka_unit_test(shapes),   cmocka_unit_test(broadcasting),
        cmocka_unit_test(whole_numbers), cmocka_unit_test(elements), cmocka_unit_test(reshaping),
        cmocka_unit_test(moving),        cmocka_unit_test(joining),  cmocka_unit_test(making),
        cmocka_unit_test(products),
    };
    return cmocka_run_group_tests_name("nn_ops", tests, NULL, ops_finish);
}
