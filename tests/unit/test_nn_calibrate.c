// SPDX-License-Identifier: Apache-2.0
// What tensors hold: any number of threads gives the same, means of taps, numbers that are not finite, stopping.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/quantised_network.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>

#define NET \
    "in x 1 4 7 6\nconst w 6 2 3 2\nConv c x w - group=2 strides=2,1 pads=1,0,1,2 dilations=1,2\nRelu r c\nconst v 5 6 1 1\n" \
    "Conv d r v\nout d\n"

static void calibrate(struct quantised_network *z, unsigned threads, struct mp_calibration *c) {
    struct mp_err err;
    assert_ok(mp_calibrate(&z->net, &z->data, 1000, threads, NULL, &z->arena, c, &err), err);
}

static void any_number_of_threads(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_calibration one, more;
    quantised_glyphs(&z, 100);
    calibrate(&z, 1, &one);
    assert_int_equal(one.images, 100);
    for (unsigned threads = 2; threads <= 5; threads += 3) {
        calibrate(&z, threads, &more);
        assert_int_equal(more.images, 100);
        for (size_t t = 0; t < z.net.workload.tensor_count; t++)
            assert_memory_equal(one.tensors[t], more.tensors[t], sizeof *one.tensors[t]);
        for (size_t i = 0; i < z.net.workload.layer_count; i++) {
            assert_int_equal(one.taps[i].count, more.taps[i].count);
            if (one.taps[i].count)
                assert_memory_equal(one.taps[i].at, more.taps[i].at, one.taps[i].count * sizeof(double));
        }
    }
    quantised_finish(&z);
}

// Element (c, y, x) or 0 outside.
static double at(const struct mp_geometry *g, const float *plane, int64_t y, int64_t x) {
    bool inside = y >= 0 && x >= 0 && y < (int64_t)g->ih && x < (int64_t)g->iw;
    return inside ? (double)plane[(uint64_t)y * g->iw + (uint64_t)x] : 0;
}

static double plain_mean(const struct quantised_network *z, size_t c, size_t kh, size_t kw, struct mp_arena *a) {
    const struct mp_geometry *g = &z->net.workload.layers[0].geo;
    double sum = 0;
    for (uint64_t i = 0; i < z->data.count; i++) {
        const float *plane = float_tensors(a, &z->net, &z->data, i)[0] + c * g->ih * g->iw;
        for (uint64_t y = 0; y < g->oh; y++)
            for (uint64_t x = 0; x < g->ow; x++)
                sum += at(g, plane, (int64_t)(y * g->sh + kh * g->dh) - (int64_t)g->pt,
                          (int64_t)(x * g->sw + kw * g->dw) - (int64_t)g->pl);
    }
    return sum / (double)(z->data.count * g->oh * g->ow);
}

// Groups, padding, stride, dilation; and of a sum of products the mean follows from them.
static void means_of_taps(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_calibration c;
    quantised_graph(&z, NET, 20, 0.5f);
    calibrate(&z, 2, &c);
    const struct mp_geometry *g = &z.net.workload.layers[0].geo;
    const size_t taps = g->kh * g->kw;
    assert_true(g->groups == 2 && g->sh == 2 && g->dw == 2 && g->pt == 1);
    assert_int_equal(c.taps[0].count, 4 * taps);
    for (size_t i = 0; i < c.taps[0].count; i++) {
        struct mp_arena scratch = {0};
        double want = plain_mean(&z, i / taps, i % taps / g->kw, i % g->kw, &scratch);
        assert_true(fabs(c.taps[0].at[i] - want) < 1e-9);
        mp_arena_finish(&scratch);
    }
    double mean = 0, want = 0;
    const size_t last = layer_named(&z.net, "d"), pixels = z.net.workload.tensors[output_of(&z.net, "d")].h *
                                                           z.net.workload.tensors[output_of(&z.net, "d")].w;
    for (size_t i = 0; i < 6; i++)
        mean += (double)z.net.params[last].weight[i] * c.taps[last].at[i];
    for (uint64_t i = 0; i < z.data.count; i++)
        for (size_t p = 0; p < pixels; p++)
            want += (double)float_tensors(&z.arena, &z.net, &z.data, i)[output_of(&z.net, "d")][p];
    assert_true(fabs(mean - want / (double)(z.data.count * pixels)) < 1e-5);
    quantised_finish(&z);
}

static void not_finite(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_calibration c;
    struct mp_err err;
    for (unsigned threads = 1; threads < 4; threads++) {
        quantised_graph(&z, NET, 40, 0);
        ((float *)z.data.reals)[33 * 4 * 7 * 6 + 5] = threads == 2 ? NAN : 3e38f;
        for (int i = 0; i < 12; i++)
            z.net.params[0].weight[i] = 10;
        mp_network_put_weights(&z.net, 0);
        assert_false(mp_calibrate(&z.net, &z.data, 40, threads, NULL, &z.arena, &c, &err));
        assert_string_equal(err.text, threads == 2 ? "m.onnx: tensor \"x\" has a number that is not finite"
                                                    : "m.onnx: tensor \"r\" has a number that is not finite");
        quantised_finish(&z);
    }
}

static bool at_once(void) {
    return true;
}

static void stops(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_calibration c;
    struct mp_err err;
    quantised_graph(&z, NET, 40, 0);
    assert_fails(mp_calibrate(&z.net, &z.data, 40, 2, at_once, &z.arena, &c, &err), err, "interrupted");
    quantised_finish(&z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_number_of_threads),
        cmocka_unit_test(means_of_taps),
        cmocka_unit_test(not_finite),
        cmocka_unit_test(stops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
