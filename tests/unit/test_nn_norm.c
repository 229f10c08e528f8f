// SPDX-License-Identifier: Apache-2.0
// Softmax and layer norm in integers against the same in real numbers, over random vectors. The bounds follow from their
// definitions (sim/nn/integer_norm.h): what is rounded, and how often.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/nn/integer_norm.h"
#include "tests/unit/graph_fixture.h"

#include <math.h>

#define MOST 64

static void random_numbers(int16_t *x, size_t count, unsigned bits, double spread, uint64_t *seed) {
    const struct mp_range r = mp_range_of(bits, true);
    for (size_t i = 0; i < count; i++)
        x[i] = (int16_t)fmax(r.low, fmin(r.high, nearbyint((double)random_real(seed) * spread)));
}

// Half a step of the output, and what 2^-20 in each exponential makes of a quotient.
static void softmax(void **state) {
    (void)state;
    uint64_t seed = 1;
    double worst = 0;
    for (int round = 0; round < 3000; round++) {
        const size_t count = 1 + random_below(&seed, MOST);
        const double scale = exp2((double)random_below(&seed, 12) - 8), levels = round % 2 ? 255 : 15;
        int32_t table[256];
        int16_t x[MOST], y[MOST];
        double sum = 0, most = -1e9;
        for (int i = 0; i < 256; i++)
            table[i] = (int32_t)nearbyint((1 << MP_EXP_BITS) * exp(-scale * i));
        const struct mp_qlayer q = {.table = table, .op = {{0, (uint32_t)levels, 1}}, .low = 0, .high = (int32_t)levels};
        random_numbers(x, count, 8, exp2((double)random_below(&seed, 8)), &seed);
        mp_int_softmax(&q, x, count, y);
        for (size_t i = 0; i < count; i++)
            most = fmax(most, x[i]);
        for (size_t i = 0; i < count; i++)
            sum += exp(scale * (x[i] - most));
        for (size_t i = 0; i < count; i++)
            worst = fmax(worst, fabs(y[i] - levels * exp(scale * (x[i] - most)) / sum) - levels * (double)(count + 1) * 0x1p-20);
    }
    assert_true(worst <= 0.5 && worst > 0.48);
}

struct norm {
    struct mp_requant requant[MOST];
    int32_t weight[MOST];
    double gain[MOST], bias[MOST]; // in steps of the output
    struct mp_qlayer q;
};

static void make_norm(struct norm *n, uint64_t *seed) {
    for (size_t c = 0; c < MOST; c++) {
        n->gain[c] = (double)random_real(seed) * 20;
        n->bias[c] = (double)random_real(seed) * 20;
        n->weight[c] = n->gain[c] < 0 ? -1 : 1;
        n->requant[c] = mp_requant_of_real(fabs(n->gain[c]) / (1 << MP_NORM_BITS));
        n->requant[c].bias = (int32_t)nearbyint(n->bias[c] / fabs(n->gain[c]) * (1 << MP_NORM_BITS));
    }
    n->q = (struct mp_qlayer){.weight = n->weight, .requant = n->requant, .low = -128, .high = 127};
}

// The deviation, count times that of the numbers, is rounded down: by less than 1 for the root and count for the squares
// under it. Then half a step, and 2^-14 of the gain for each of the two roundings in front of it.
static void layer_norm(void **state) {
    (void)state;
    static struct norm n;
    uint64_t seed = 2, wide = 0;
    double worst = 0;
    for (int round = 0; round < 3000; round++) {
        const size_t count = 2 + random_below(&seed, MOST - 1);
        int16_t x[MOST], y[MOST];
        double sum = 0, squares = 0;
        make_norm(&n, &seed);
        random_numbers(x, count, 8, 4 + (double)random_below(&seed, 60), &seed);
        for (size_t i = 0; i < count; i++)
            sum += x[i];
        for (size_t i = 0; i < count; i++)
            squares += pow((double)count * x[i] - sum, 2) / (double)count;
        const double deviation = sqrt(squares), least = sqrt(squares - (double)count) - 1;
        if (!(least > 1))
            continue;
        wide++;
        mp_int_layer_norm(&n.q, x, count, y);
        for (size_t i = 0; i < count; i++) {
            double norm = ((double)count * x[i] - sum) / deviation, gain = fabs(n.gain[i]);
            double want = fmax(-128, fmin(127, n.gain[i] * norm + n.bias[i]));
            double slack = gain * (fabs(norm) * (deviation / least - 1) + 0x1p-14 + 0x1p-15);
            worst = fmax(worst, fabs(y[i] - want) - slack);
        }
    }
    assert_true(wide > 2500);
    assert_true(worst <= 0.5 + 1e-6 && worst > 0.4);
}

// A vector of one value throughout is its bias.
static void layer_norm_of_a_constant(void **state) {
    (void)state;
    static struct norm n;
    uint64_t seed = 3;
    const int16_t x[4] = {-5, -5, -5, -5};
    int16_t y[4];
    make_norm(&n, &seed);
    mp_int_layer_norm(&n.q, x, 4, y);
    for (size_t c = 0; c < 4; c++)
        assert_true(fabs(y[c] - n.bias[c]) <= 0.51);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(softmax),
        cmocka_unit_test(layer_norm),
        cmocka_unit_test(layer_norm_of_a_constant),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
