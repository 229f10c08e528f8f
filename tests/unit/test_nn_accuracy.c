// SPDX-License-Identifier: Apache-2.0
// Shares with their intervals, and measured accuracy: the same for any number of threads, and what a plain count gives.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/nn/accuracy.h"
#include "tests/unit/quantised_network.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <stdatomic.h>

static bool is(struct mp_share s, double share, double low, double high) {
    return fabs(s.share - share) < 5e-5 && fabs(s.low - low) < 5e-5 && fabs(s.high - high) < 5e-5;
}

// Wilson's interval: z = 1.96, n = 10, 8 of them: (0.8 + z^2/20 -+ z sqrt(0.016 + z^2/400)) / (1 + z^2/10).
static void shares(void **state) {
    (void)state;
    assert_true(is(mp_share_of(8, 10), 0.8, 0.4902, 0.9433));
    assert_true(is(mp_share_of(0, 10), 0, 0, 0.2775));
    assert_true(is(mp_share_of(10, 10), 1, 0.7225, 1));
    assert_true(is(mp_share_of(1, 1), 1, 0.2065, 1));
    assert_true(is(mp_share_of(0, 0), 0, 0, 1));
    assert_true(is(mp_share_of(1906, 2000), 0.953, 0.9428, 0.9614));
}

// 25 gained, 53 lost of 2000: -28 / 2000 -+ 1.96 sqrt(78 - 28^2 / 2000) / 2000.
static void differences(void **state) {
    (void)state;
    assert_true(is(mp_paired_difference(25, 53, 2000), -0.014, -0.02263, -0.00537));
    assert_true(is(mp_paired_difference(53, 25, 2000), 0.014, 0.00537, 0.02263));
    assert_true(is(mp_paired_difference(0, 0, 2000), 0, 0, 0));
    assert_true(is(mp_paired_difference(5, 5, 100), 0, -0.06198, 0.06198));
    assert_true(is(mp_paired_difference(10, 0, 10), 1, 1, 1));
    assert_true(is(mp_paired_difference(0, 0, 0), 0, -1, 1));
}

// The known values are sums of binomials in exact fractions.
static void mcnemar(void **state) {
    static const struct {
        uint64_t gained, lost;
        double p;
    } known[] = {{43, 57, 0.19334790449564246}, {500, 600, 0.0028195449914364275}, {1500, 2000, 2.942363832253335e-17}, {4000, 6000, 1.7404316412268784e-89}};
    (void)state;
    assert_true(mp_mcnemar_p(0, 0) == 1 && mp_mcnemar_p(7, 7) == 1 && mp_mcnemar_p(3, 4) == 1);
    assert_true(mp_mcnemar_p(5, 0) == 0.0625 && mp_mcnemar_p(0, 5) == 0.0625); // 2 / 2^5
    assert_true(mp_mcnemar_p(2, 8) == 112.0 / 1024);                           // 2 (1 + 10 + 45) / 2^10
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        assert_true(fabs(mp_mcnemar_p(known[i].gained, known[i].lost) / known[i].p - 1) < 1e-12);
    assert_true(mp_mcnemar_p(100000, 0) == 0);
    assert_true(mp_mcnemar_p(1000000, 1000000) == 1);
}

static void noise(void **state) {
    (void)state;
    assert_true(fabs(mp_sqnr_db(&(struct mp_fidelity){100, 1}) - 20) < 1e-12);
    assert_true(isinf(mp_sqnr_db(&(struct mp_fidelity){100, 0})));
    assert_int_equal(mp_top_float((float[]){1, 3, 3, 2}, 4), 1);
}

struct measured {
    struct quantised_network z;
    struct mp_accuracy_job job;
};

static void make(struct measured *m, uint64_t images) {
    quantised_glyphs(&m->z, images);
    quantised_make(&m->z, "'default': {'w_bits': 4, 'a_bits': 4}");
    m->job = (struct mp_accuracy_job){.net = &m->z.net, .q = &m->z.q, .integer = {.accumulator = {.bits = 12}},
                                      .data = &m->z.data, .images = images, .compare = 40, .threads = 1};
}

static void measure(struct measured *m, unsigned threads, struct mp_accuracy *out) {
    struct mp_err err;
    m->job.threads = threads;
    assert_ok(mp_accuracy_run(&m->job, &m->z.arena, out, &err), err);
}

static void any_number_of_threads(void **state) {
    (void)state;
    struct measured m;
    struct mp_accuracy one, more;
    make(&m, 100);
    measure(&m, 1, &one);
    assert_true(one.images == 100 && one.compared == 40 && one.labelled && !one.interrupted);
    for (unsigned threads = 2; threads <= 5; threads += 3) {
        measure(&m, threads, &more);
        assert_true(one.float_right == more.float_right && one.other_right == more.other_right && one.agree == more.agree);
        assert_true(one.only_float == more.only_float && one.only_other == more.only_other);
        assert_true(more.images == 100 && more.compared == 40);
        const struct mp_workload *w = &m.z.net.workload;
        assert_memory_equal(one.tensors, more.tensors, w->tensor_count * sizeof *one.tensors);
        for (size_t i = 0; i < w->layer_count; i++)
            assert_true(one.overflows[i].count == more.overflows[i].count &&
                        one.overflows[i].first_channel == more.overflows[i].first_channel);
    }
    quantised_finish(&m.z);
}

struct count {
    uint64_t right, other, agree, only_float, only_other;
};

static void count_image(struct measured *m, struct mp_integer *r, uint64_t i, struct count *c) {
    const size_t out = output_of(&m->z.net, "fc");
    struct mp_arena scratch = {0};
    float image[3 * 256];
    int32_t q[10];
    const float *x = float_tensors(&scratch, &m->z.net, &m->z.data, i)[out];
    size_t best = 0, other = 0;
    mp_dataset_image(&m->z.data, i, image);
    mp_integer_input(r, 0, image);
    mp_integer_run(r);
    mp_integer_take(r, out, q);
    for (size_t k = 1; k < 10; k++) {
        best = x[k] > x[best] ? k : best;
        other = q[k] > q[other] ? k : other;
    }
    const bool right = best == m->z.data.labels[i], as_well = other == m->z.data.labels[i];
    c->right += right;
    c->other += as_well;
    c->agree += best == other;
    c->only_float += right && !as_well;
    c->only_other += as_well && !right;
    mp_arena_finish(&scratch);
}

static void counts(void **state) {
    (void)state;
    struct measured m;
    struct mp_accuracy found;
    struct mp_err err;
    struct count c = {0};
    make(&m, 150);
    measure(&m, 2, &found);
    struct mp_integer *r = mp_integer_create(&m.z.q, &m.job.integer, &err);
    for (uint64_t i = 0; i < 150; i++)
        count_image(&m, r, i, &c);
    assert_true(found.float_right == c.right && found.other_right == c.other && found.agree == c.agree);
    assert_true(found.only_float == c.only_float && found.only_other == c.only_other && c.only_float > 0);
    for (size_t i = 0; i < m.z.net.workload.layer_count; i++)
        assert_int_equal(found.overflows[i].count, mp_integer_overflows(r, i));
    mp_integer_destroy(r);
    quantised_finish(&m.z);
}

static atomic_int left;

static bool after_a_while(void) {
    return atomic_fetch_sub(&left, 1) <= 0;
}

static void stops(void **state) {
    (void)state;
    struct measured m;
    struct mp_accuracy found;
    make(&m, 200);
    m.job.stopped = after_a_while;
    for (unsigned threads = 1; threads < 4; threads++) {
        left = 50;
        measure(&m, threads, &found);
        assert_true(found.interrupted && found.images >= 50 && found.images < 60);
        assert_true(found.float_right <= found.images && found.float_right > found.images / 2);
    }
    quantised_finish(&m.z);
}

static void refuses(void **state) {
    (void)state;
    struct measured m;
    struct mp_accuracy found;
    struct mp_err err;
    make(&m, 10);
    m.z.data.classes = 11;
    assert_fails(mp_accuracy_run(&m.job, &m.z.arena, &found, &err), err,
                 "glyphs: must have at most the 10 classes of network \"glyphs\" (got 11)");
    m.z.data.classes = 10;
    m.z.data.height = 17;
    assert_fails(mp_accuracy_run(&m.job, &m.z.arena, &found, &err), err,
                 "glyphs: images must be 3x16x16, as network \"glyphs\" takes them (got 3x17x16)");
    quantised_finish(&m.z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shares), cmocka_unit_test(differences), cmocka_unit_test(noise), cmocka_unit_test(any_number_of_threads),
        cmocka_unit_test(counts), cmocka_unit_test(stops),       cmocka_unit_test(refuses),
        cmocka_unit_test(mcnemar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
