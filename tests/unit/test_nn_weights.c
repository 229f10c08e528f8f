// SPDX-License-Identifier: Apache-2.0
// Grids and scales of weights.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/graph_fixture.h"
#include "tests/unit/quantised_network.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT 200

static double value_of(const struct mp_weight_grid *g, double scale, float w) {
    return scale > 0 ? mp_weight_value(g, scale, mp_weight_quantise(g, scale, (double)w)) : 0;
}

static double squared_error(const struct mp_weight_grid *g, double scale, const float *w, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += pow((double)w[i] - value_of(g, scale, w[i]), 2);
    return sum;
}

static double largest(const float *w, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs((double)w[i]));
    return most;
}

static void random_weights(float *w, size_t count, uint64_t *seed) {
    for (size_t i = 0; i < count; i++)
        w[i] = random_real(seed) * random_real(seed); // a few large ones
}

static void grids(void **state) {
    (void)state;
    const int32_t twos[][2] = {{-1, 0}, {-1, 1}, {-3, 3}, {-7, 7}, {-15, 15}, {-31, 31}, {-63, 63}, {-127, 127}};
    for (unsigned bits = 1; bits <= 8; bits++) {
        struct mp_weight_grid g = mp_weight_grid_of(bits, false), o = mp_weight_grid_of(bits, true);
        assert_true(g.low == twos[bits - 1][0] && g.high == twos[bits - 1][1] && !g.odd);
        assert_true(o.high - o.low + 1 == 1 << bits && o.odd);
        assert_true(mp_weight_value(&o, 1, o.low) == -mp_weight_value(&o, 1, o.high));
        assert_true(mp_weight_value(&o, 0.5, 0) == 0.5 && mp_weight_value(&o, 0.5, -1) == -0.5);
    }
}

// The largest weight is the grid's end, and nothing is further than half a step from its number.
static void minmax(void **state) {
    (void)state;
    uint64_t seed = 1;
    float w[COUNT];
    for (unsigned bits = 1; bits <= 8; bits++)
        for (int odd = bits == 1; odd < 2; odd++) {
            struct mp_weight_grid g = mp_weight_grid_of(bits, odd);
            random_weights(w, COUNT, &seed);
            double scale = mp_weight_scale(&g, w, COUNT, MP_RANGE_MINMAX, 0), end = mp_weight_value(&g, scale, g.high);
            assert_true(fabs(end / largest(w, COUNT) - 1) < 1e-12);
            double most = 0;
            for (size_t i = 0; i < COUNT; i++)
                most = fmax(most, fabs((double)w[i] - value_of(&g, scale, w[i])));
            assert_true(most <= (odd ? 1 : 0.5) * scale * (1 + 1e-9));
        }
}

static void mse_is_not_worse(void **state) {
    (void)state;
    uint64_t seed = 2;
    float w[COUNT];
    unsigned better = 0;
    for (unsigned i = 0; i < 320; i++) {
        struct mp_weight_grid g = mp_weight_grid_of(1 + i % 8, i / 8 % 2);
        size_t count = 1 + random_below(&seed, COUNT);
        random_weights(w, count, &seed);
        double plain = squared_error(&g, mp_weight_scale(&g, w, count, MP_RANGE_MINMAX, 0), w, count);
        double least = squared_error(&g, mp_weight_scale(&g, w, count, MP_RANGE_MSE, 0), w, count);
        assert_true(least <= plain);
        better += least < 0.9 * plain;
    }
    assert_true(better > 100);
}

// Of +-s the squared error is least at the mean magnitude.
static void one_bit(void **state) {
    (void)state;
    uint64_t seed = 3;
    float w[COUNT];
    double sum = 0;
    random_weights(w, COUNT, &seed);
    for (size_t i = 0; i < COUNT; i++)
        sum += fabs((double)w[i]);
    struct mp_weight_grid odd = mp_weight_grid_of(1, true), twos = mp_weight_grid_of(1, false);
    double scale = mp_weight_scale(&odd, w, COUNT, MP_RANGE_MSE, 0);
    assert_true(fabs(scale - sum / COUNT) <= largest(w, COUNT) / 200 * 1.001);
    for (size_t i = 0; i < COUNT; i++) {
        assert_true(value_of(&odd, scale, w[i]) == ((double)w[i] < 0 ? -scale : scale));
        assert_int_equal(mp_weight_quantise(&twos, 1, (double)w[i]), (double)w[i] < -0.5 ? -1 : 0);
    }
}

static void percentiles(void **state) {
    (void)state;
    struct mp_weight_grid g = mp_weight_grid_of(8, false);
    float w[100], few[100] = {0};
    for (int i = 0; i < 100; i++)
        w[i] = (float)(i % 2 ? 1 + i : -1 - i);
    assert_true(mp_weight_scale(&g, w, 100, MP_RANGE_PERCENTILE, 90) == 90.0 / 127);
    assert_true(mp_weight_scale(&g, w, 100, MP_RANGE_PERCENTILE, 89.5) == 90.0 / 127);
    assert_true(mp_weight_scale(&g, w, 100, MP_RANGE_PERCENTILE, 100) == 100.0 / 127);
    assert_true(mp_weight_scale(&g, w, 100, MP_RANGE_PERCENTILE, 0.5) == 1.0 / 127);
    few[99] = 5; // nothing but zeros inside: to the largest
    assert_true(mp_weight_scale(&g, few, 100, MP_RANGE_PERCENTILE, 90) == 5.0 / 127);
}

static void zeros(void **state) {
    (void)state;
    const float w[4] = {0};
    for (unsigned bits = 1; bits <= 8; bits++)
        for (int odd = 0; odd < 2; odd++)
            for (unsigned m = MP_RANGE_MSE; m <= MP_RANGE_PERCENTILE; m++) {
                struct mp_weight_grid g = mp_weight_grid_of(bits, odd);
                assert_true(mp_weight_scale(&g, w, 4, (enum mp_range_method)m, 99) == 0);
            }
}

// In a network

#define NET "in x 1 2 4 4\nconst w 3 2 3 3\nconst b 3\nConv y x w b\nout y\n"
#define WEIGHTS 18 // of a channel

static double channel_reach(const struct quantised_network *z, size_t c) {
    return largest(z->net.params[0].weight + c * WEIGHTS, WEIGHTS);
}

static void scales_by_channel(void **state) {
    (void)state;
    struct quantised_network z;
    quantised_graph(&z, NET, 8, 0);
    quantised_make(&z, "'layers': {'y': {'w_bits': [{'channels': 1, 'bits': 8}, {'channels': 2, "
                       "'bits': 4}]}}");
    for (size_t c = 0; c < 3; c++) {
        int32_t most = 0, end = c == 0 ? 127 : 7;
        assert_true(fabs(z.q.layers[0].weight_scale[c] - channel_reach(&z, c) / end) < 1e-9);
        for (size_t i = 0; i < WEIGHTS; i++)
            most = abs(z.q.layers[0].weight[c * WEIGHTS + i]) > most ? abs(z.q.layers[0].weight[c * WEIGHTS + i]) : most;
        assert_int_equal(most, end);
    }
    quantised_finish(&z);
}

static void one_scale(void **state) {
    (void)state;
    const char *plan = "'default': {'w_bits': 4, 'a_bits': 8}";
    struct quantised_network z;
    quantised_graph(&z, NET, 8, 0);
    quantised_make(&z, plan);
    double most = 0;
    for (size_t c = 0; c < 3; c++) {
        assert_true(fabs(z.q.layers[0].weight_scale[c] - channel_reach(&z, c) / 7) < 1e-9);
        most = fmax(most, channel_reach(&z, c));
    }
    z.how.weights_per_tensor = true;
    quantised_make(&z, plan);
    for (size_t c = 0; c < 3; c++)
        assert_true(fabs(z.q.layers[0].weight_scale[c] - most / 7) < 1e-9);
    z.how.weights_per_tensor = false;
    z.how.power_of_two = true;
    quantised_make(&z, plan);
    for (size_t c = 0; c < 3; c++) {
        double scale = z.q.layers[0].weight_scale[c], exponent = log2(scale);
        assert_true(exponent == floor(exponent) && scale >= most / 7 && scale < 2 * most / 7);
    }
    for (size_t t = 0; t < z.net.workload.tensor_count; t++)
        assert_true(log2(z.q.tensors[t].scale) == floor(log2(z.q.tensors[t].scale)));
    quantised_finish(&z);
}

// A channel of zeros takes no part, at any width and encoding: the output is the bias.
static void zero_channel(void **state) {
    (void)state;
    const char *plans[] = {"'default': {'w_bits': 4, 'a_bits': 8}",
                           "'default': {'w_bits': 1, 'a_bits': 8, 'encoding': 'odd'}"};
    for (size_t i = 0; i < 2; i++) {
        struct quantised_network z;
        struct mp_err err;
        int32_t out[3 * 4];
        quantised_graph(&z, NET, 8, 0);
        memset(z.net.params[0].weight + WEIGHTS, 0, WEIGHTS * sizeof(float));
        mp_network_put_weights(&z.net, 0);
        quantised_make(&z, plans[i]);
        struct mp_integer *r = mp_integer_create(&z.q, &(struct mp_integer_options){.accumulator = {.bits = 32}}, &err);
        float image[2 * 4 * 4];
        mp_dataset_image(&z.data, 0, image);
        mp_integer_input(r, 0, image);
        mp_integer_run(r);
        mp_integer_take(r, 1, out);
        for (size_t p = 0; p < 4; p++)
            assert_true(fabs(out[4 + p] - (double)z.net.params[0].bias[1] / z.q.tensors[1].scale) <= 0.51);
        mp_integer_destroy(r);
        quantised_finish(&z);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grids),
        cmocka_unit_test(minmax),
        cmocka_unit_test(mse_is_not_worse),
        cmocka_unit_test(one_bit),
        cmocka_unit_test(percentiles),
        cmocka_unit_test(zeros),
        cmocka_unit_test(scales_by_channel),
        cmocka_unit_test(one_scale),
        cmocka_unit_test(zero_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
