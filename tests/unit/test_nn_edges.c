// SPDX-License-Identifier: Apache-2.0
// Ends of ranges in integers: scales next to the largest, what is not a number, outputs that are read.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/nn/accuracy.h"
#include "tests/unit/quantised_network.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>

#define W8A8 "'default': {'w_bits': 8, 'a_bits': 8}"

static void largest_scale(void **state) {
    (void)state;
    const struct mp_requant q = mp_requant_of_real(nextafter(0x1p30, 0)), below = mp_requant_of_real(0x1p29);
    assert_true(q.mul == (1u << MP_MUL_BITS) - 1 && q.shift == 1);
    assert_true(below.mul == 1u << 30 && below.shift == 1);
    assert_int_equal(mp_requantise(1, q.mul, q.shift, INT32_MIN, INT32_MAX), 1 << 30);
}

static void no_number_is_the_least(void **state) {
    (void)state;
    const struct mp_qtensor t = {.scale = 0.5, .bits = 8, .is_signed = true};
    assert_int_equal(mp_quantise(&t, NAN), -128);
    assert_int_equal(mp_quantise(&t, -INFINITY), -128);
    assert_int_equal(mp_quantise(&t, INFINITY), 127);
    assert_int_equal(mp_quantise(&t, 1.25), 2);
}

// The root's input is never negative, but has a sign: half of its table is of no number.
static void function_without_a_value(void **state) {
    (void)state;
    struct quantised_network z;
    quantised_graph(&z, "in x 1 4 3 3\nconst k : 5\nAdd y x k\nSqrt r y\nout r\n", 8, 0);
    quantised_make(&z, W8A8);
    const struct mp_qlayer *q = &z.q.layers[layer_named(&z.net, "r")];
    const size_t y = output_of(&z.net, "y"), r = output_of(&z.net, "r");
    assert_true(z.q.tensors[y].is_signed);
    for (int i = -128; i < 0; i++)
        assert_int_equal(q->table[i + 128], q->low);
    for (int i = 1; i < 128; i++)
        assert_int_equal(q->table[i + 128], mp_quantise(&z.q.tensors[r], (double)sqrtf((float)(z.q.tensors[y].scale * i))));
    quantised_finish(&z);
}

// Labels are what the first output says in float.
static void label(struct quantised_network *z, const char *layer, uint64_t images) {
    const size_t out = output_of(&z->net, layer), classes = elements_of(&z->net.workload.tensors[out]);
    uint32_t *labels = mp_arena_alloc(&z->arena, images, sizeof *labels);
    for (uint64_t i = 0; i < images; i++)
        labels[i] = (uint32_t)mp_top_float(float_tensors(&z->arena, &z->net, &z->data, i)[out], classes);
    z->data.labels = labels;
    z->data.classes = classes;
}

static void first_output_counts(void **state) {
    (void)state;
    static const char *const texts[] = {
        // Read by what makes the second one; behind the second one.
        "in x 1 6\nconst w 6 4\nMatMul y x w\nRelu r y\nconst v 4 5\nMatMul z r v\nout y\nout z\n",
        "in x 1 6\nconst v 6 5\nMatMul z x v\nconst w 6 4\nMatMul y x w\nout y\nout z\n"};
    for (size_t i = 0; i < 2; i++) {
        struct quantised_network z;
        struct mp_accuracy found;
        struct mp_err err;
        quantised_graph(&z, texts[i], 50, 0);
        quantised_make(&z, W8A8);
        label(&z, "y", 50);
        const struct mp_accuracy_job job = {.net = &z.net, .q = &z.q, .integer = {.accumulator = {.bits = 32}},
                                            .data = &z.data, .images = 50, .compare = 50, .threads = 2};
        assert_ok(mp_accuracy_run(&job, &z.arena, &found, &err), err);
        assert_int_equal(found.float_right, 50);
        assert_true(found.other_right > 40);
        quantised_finish(&z);
    }
}

// One constant for two layers: equalised, both still compute what they did; quantised alone, each has its own numbers.
static void shared_weights(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_err err;
    quantised_graph(&z, "in x 1 4 6 6\nconst w 4 4 3 3\nconst b 4\nConv a x w b pads=1,1,1,1\nRelu r a\n"
                        "Conv c r w b pads=1,1,1,1\nout c\n", 20, 0.5f);
    const struct mp_layer_params *p = z.net.params;
    const size_t out = output_of(&z.net, "c");
    const float *before = float_tensors(&z.arena, &z.net, &z.data, 3)[out];
    assert_int_equal(mp_network_equalise(&z.net), 1);
    const float *after = float_tensors(&z.arena, &z.net, &z.data, 3)[out];
    for (size_t i = 0; i < 4 * 36; i++)
        assert_true(fabsf(before[i] - after[i]) < 1e-5f);
    quantised_make(&z, "'default': {'w_bits': 3, 'a_bits': 8}, 'layers': {'c': {'w_bits': 6}}");
    assert_ok(mp_quantise_weights(&z.net, &z.plan, &z.calibration, &z.how, &err), err);
    for (size_t i = 0; i < 2; i++)
        assert_memory_equal(z.net.graph.values[p[i].weight_value].array.f, p[i].weight, 4 * 4 * 9 * sizeof(float));
    quantised_finish(&z);
}

static uint64_t asked;
static bool after_three(void) {
    return ++asked > 3;
}

static void quantiser_stops(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_err err;
    quantised_graph(&z, "in x 1 4 6 6\nconst w 4 4 3 3\nConv a x w\nRelu r a\nconst v 4 4 3 3\nConv c r v\n"
                        "MaxPool d c kernel_shape=2,2\nSigmoid e d\nout e\n", 2, 0.5f);
    quantised_make(&z, W8A8);
    z.how.stopped = after_three;
    asked = 0;
    assert_fails(mp_quantise_network(&z.net, &z.plan, &z.calibration, &z.how, &z.arena, &z.q, &err), err, "interrupted");
    assert_int_equal(asked, 4);
    asked = 3;
    assert_fails(mp_quantise_weights(&z.net, &z.plan, &z.calibration, &z.how, &err), err, "interrupted");
    quantised_finish(&z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(largest_scale), cmocka_unit_test(no_number_is_the_least), cmocka_unit_test(function_without_a_value),
        cmocka_unit_test(first_output_counts), cmocka_unit_test(shared_weights), cmocka_unit_test(quantiser_stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
