// SPDX-License-Identifier: Apache-2.0
// Histograms: what is added, in which order parts are merged, percentiles.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/nn/histogram.h"
#include "tests/unit/graph_fixture.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define PARTS 5
#define COUNT 300

static uint64_t total(const struct mp_histogram *h) {
    uint64_t sum = 0;
    for (size_t i = 0; i < MP_BINS; i++)
        sum += h->bin[i];
    return sum;
}

static size_t bin_of(const struct mp_histogram *h, double x) {
    return (size_t)(floor(ldexp(x, -h->exponent) * (MP_BINS / 2)) + MP_BINS / 2);
}

static void widens(void **state) {
    (void)state;
    static struct mp_histogram h;
    const float small[] = {0.25f, -0.3f}, zero = 0, large = -1000;
    h = (struct mp_histogram){0};
    mp_histogram_add(&h, small, 0);
    assert_int_equal(h.count, 0);
    mp_histogram_add(&h, &zero, 1);
    mp_histogram_add(&h, small, 2);
    assert_int_equal(h.exponent, -1); // 0.3 < 2^-1
    assert_int_equal(h.bin[bin_of(&h, 0.25)], 1);
    mp_histogram_add(&h, &large, 1);
    assert_int_equal(h.exponent, 10);
    assert_true(h.low == -1000 && h.high == 0.25f && h.count == 4 && total(&h) == 4);
    assert_int_equal(h.bin[bin_of(&h, -1000)], 1);
    assert_int_equal(h.bin[bin_of(&h, 0.25)], 1);
    assert_int_equal(h.bin[bin_of(&h, 0)], 1);
    assert_int_equal(h.bin[bin_of(&h, -0.3)], 1);
}

static void ends(void **state) {
    (void)state;
    static struct mp_histogram h;
    const float x[] = {FLT_MAX, -FLT_MAX, 1e-45f, -1e-45f, 0x1p10f, -0x1p10f};
    h = (struct mp_histogram){0};
    mp_histogram_add(&h, x, 6);
    assert_true(h.exponent == 128 && total(&h) == 6 && h.bin[0] == 1 && h.bin[MP_BINS - 1] == 1);
    h = (struct mp_histogram){0};
    mp_histogram_add(&h, x + 2, 2);
    assert_true(total(&h) == 2 && h.low == x[3] && h.high == x[2]);
    mp_histogram_add(&h, x + 5, 1); // a power of two itself is inside
    assert_true(h.exponent == 11 && h.bin[bin_of(&h, -1024)] == 1);
}

// Wherever the bins are, the middle is within half a bin.
static void middles(void **state) {
    (void)state;
    static struct mp_histogram h;
    uint64_t seed = 1;
    for (int i = 0; i < 100; i++) {
        float x = ldexpf(random_real(&seed), i - 50);
        h = (struct mp_histogram){0};
        mp_histogram_add(&h, &x, 1);
        size_t bin = bin_of(&h, (double)x);
        assert_int_equal(h.bin[bin], 1);
        assert_true(fabs(mp_histogram_middle(&h, bin) - (double)x) <= ldexp(1, h.exponent) / MP_BINS * (1 + 1e-12));
    }
}

static void make_parts(struct mp_histogram *part, struct mp_histogram *whole, uint64_t *seed) {
    *whole = (struct mp_histogram){0};
    for (int p = 0; p < PARTS; p++) {
        float x[COUNT];
        for (int i = 0; i < COUNT; i++)
            x[i] = p == 0 ? 0 : ldexpf(random_real(seed), (int)random_below(seed, 20) - 10);
        part[p] = (struct mp_histogram){0};
        mp_histogram_add(&part[p], x, p == 1 ? 0 : COUNT); // one of nothing, one of zeros
        mp_histogram_add(whole, x, p == 1 ? 0 : COUNT);
    }
}

static void any_order(void **state) {
    (void)state;
    static struct mp_histogram part[PARTS], whole, sum;
    uint64_t seed = 2;
    for (int round = 0; round < 20; round++) {
        make_parts(part, &whole, &seed);
        for (unsigned step = 1; step < PARTS; step++)
            for (unsigned first = 0; first < PARTS; first++) {
                sum = (struct mp_histogram){0};
                for (unsigned i = 0; i < PARTS; i++)
                    mp_histogram_merge(&sum, &part[(first + i * step) % PARTS]);
                assert_memory_equal(&sum, &whole, sizeof sum);
            }
    }
}

static void magnitudes(void **state) {
    (void)state;
    static struct mp_histogram h;
    float x[1000];
    for (int i = 0; i < 1000; i++)
        x[i] = (float)(i % 2 ? i + 1 : -i - 1); // magnitudes 1 to 1000
    h = (struct mp_histogram){0};
    mp_histogram_add(&h, x, 1000);
    for (int percent = 1; percent <= 100; percent++) {
        double found = mp_histogram_magnitude(&h, percent / 100.0), bin = 1024.0 / (MP_BINS / 2);
        assert_true(found >= 10 * percent && found <= 10 * percent + 2 * bin);
    }
    assert_true(mp_histogram_magnitude(&h, 1) == 1000);
    h = (struct mp_histogram){0};
    mp_histogram_add(&h, (float[]){0, 0, 0}, 3);
    assert_true(mp_histogram_magnitude(&h, 0.5) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(widens),    cmocka_unit_test(ends),       cmocka_unit_test(middles),
        cmocka_unit_test(any_order), cmocka_unit_test(magnitudes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
