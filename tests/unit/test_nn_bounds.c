// SPDX-License-Identifier: Apache-2.0
// What calibration and bias correction hold in memory stays bounded, and results are those of any number of threads.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/nn/gram.h"
#include "tests/unit/quantised_network.h"
#include "tests/unit/spec_fixture.h"

// More images than chunks of 16 are allowed: chunks get longer.
static void many_images(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_calibration one, more;
    struct mp_err err;
    quantised_graph(&z, "in x 1 2 2 3\nconst w 3 2 1 2\nConv c x w\nRelu r c\nout r\n", 1101, 0.25f);
    assert_ok(mp_calibrate(&z.net, &z.data, 2000, 1, NULL, &z.arena, &one, &err), err);
    assert_ok(mp_calibrate(&z.net, &z.data, 2000, 3, NULL, &z.arena, &more, &err), err);
    assert_int_equal(one.images, 1101);
    for (size_t t = 0; t < z.net.workload.tensor_count; t++) {
        assert_int_equal(one.tensors[t]->count, 1101 * elements_of(&z.net.workload.tensors[t]));
        assert_memory_equal(one.tensors[t], more.tensors[t], sizeof *one.tensors[t]);
    }
    assert_memory_equal(one.taps[0].at, more.taps[0].at, one.taps[0].count * sizeof(double));
    double sum = 0;
    for (size_t i = 0; i < 1101; i++)
        for (size_t at = 0; at < 6; at++) // the first two of three columns of channel 0
            sum += at % 3 < 2 ? (double)z.data.reals[i * 12 + at] : 0;
    assert_true(one.taps[0].at[0] - sum / (4 * 1101) < 1e-9 && sum / (4 * 1101) - one.taps[0].at[0] < 1e-9);
    quantised_finish(&z);
}

// x, r and y are there when y is made: 3 times 8 Mi numbers of 2 bytes. Nobody reads z.
static void images_of_bias_correction(void **state) {
    (void)state;
    struct quantised_network z;
    quantised_graph(&z, "in x 1 8 1024 1024\nRelu r x\nAdd y r x\nSigmoid z y\nout z\n", 0, 0);
    assert_int_equal(mp_bias_images(&z.net.workload, 1024), MP_BIAS_BYTES / (UINT64_C(3) << 24));
    assert_int_equal(mp_bias_images(&z.net.workload, 5), 5);
    quantised_finish(&z);
    quantised_graph(&z, "in x 1 8 1024 1024\nAdd y x x\nSigmoid z y\nout z\n", 0, 0);
    assert_int_equal(mp_bias_images(&z.net.workload, 1024), MP_BIAS_BYTES / (UINT64_C(2) << 24));
    quantised_finish(&z);
    quantised_graph(&z, "in x 1 1024 1024 1024\nSigmoid z x\nout z\n", 0, 0);
    assert_int_equal(mp_bias_images(&z.net.workload, 1024), 1);
    quantised_finish(&z);
}

// 52 matrices of 2304 x 2304 are too many; the small ones of the layer behind are there.
static void products_of_operands(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_calibration c;
    struct mp_err err;
    quantised_graph(&z, "in x 1 119808 1 1\nconst w 52 2304 1 1\nConv c x w - group=52\nconst v 4 52 1 1\nConv d c v\nout d\n", 1, 0);
    assert_ok(mp_calibrate_gram(&z.net, &z.data, 1, 1, NULL, &z.arena, &c, &err), err);
    assert_true(!c.gram[0] && c.gram[1] && c.gram[1][0] > 0);
    quantised_finish(&z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_images), cmocka_unit_test(images_of_bias_correction), cmocka_unit_test(products_of_operands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
