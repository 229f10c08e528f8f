// SPDX-License-Identifier: Apache-2.0
// Metrics against figures computed once more here, and laws that hold for them.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/search/metric_parts.h"
#include "tests/unit/metric_bed.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define ALL_WIDTHS 0x1fc // 2 to 8

static bool is_weight(const struct metric_bed *b, size_t unit) {
    return b->space.units[unit].kind == MP_UNIT_WEIGHT;
}

static bool close_to(double x, double y, double share) {
    return fabs(x - y) <= share * fmax(fabs(x), fabs(y));
}

// Table

static void table(void **state) {
    (void)state;
    size_t i = 0;
    for (; mp_search_metrics[i]; i++) {
        const struct mp_search_metric *m = mp_search_metrics[i];
        assert_string_equal(m->name, mp_search_metric_names[i]);
        assert_true(m->help && m->source && m->run);
        assert_int_equal(m->measures, strcmp(m->name, "loss") == 0 || strcmp(m->name, "accuracy") == 0);
    }
    assert_null(mp_search_metric_names[i]);
    assert_int_equal(i, 9);
}

// Entropy

static void entropies(void **state) {
    (void)state;
    assert_true(mp_entropy((uint64_t[]){1, 1, 1, 1}, 4) == 2);
    assert_true(mp_entropy((uint64_t[]){7, 0, 0}, 3) == 0);
    assert_true(fabs(mp_entropy((uint64_t[]){3, 0, 1}, 3) - 0.8112781244591328) < 1e-15); // 2 - 3/4 log2 3
    assert_true(fabs(mp_entropy((uint64_t[]){2, 1, 1}, 3) - 1.5) < 1e-15);
}

// The paper's: bins of all integers of a layer at 4 bits, here each channel with its step.
static double published_gain(const struct metric_bed *b, size_t layer) {
    const struct mp_geometry *g = &b->z.net.workload.layers[layer].geo;
    const size_t channels = g->groups * g->oc, terms = g->ic * g->kh * g->kw;
    double bin[15] = {0}, gain = 0;
    for (size_t c = 0; c < channels; c++) {
        const float *w = b->z.net.params[layer].weight + c * terms;
        double most = 0;
        for (size_t i = 0; i < terms; i++)
            most = fmax(most, fabs((double)w[i]));
        for (size_t i = 0; i < terms; i++)
            bin[7 + (int)nearbyint((double)w[i] / (most / 7))]++;
    }
    for (size_t i = 0; i < 15; i++)
        if (bin[i] > 0)
            gain -= bin[i] / (double)(channels * terms) * log2(bin[i] / (double)(channels * terms));
    return gain;
}

// What going from 4 to 2 bits costs is the gain times one factor for all: any knapsack chooses the same.
static void eagl_is_the_published_rule(void **state) {
    (void)state;
    struct metric_bed b;
    struct mp_harm h;
    metric_glyphs(&b, 20, 1 << 2 | 1 << 4);
    metric_run(&b, &mp_metric_eagl, &h);
    size_t seen = 0;
    for (size_t u = 0; u < b.space.unit_count; u++) {
        assert_true(close_to((harm_of(&h, u, 2) - harm_of(&h, u, 4)) * 16, h.score[u], 1e-9));
        if (!is_weight(&b, u))
            continue;
        seen++;
        assert_true(close_to(h.score[u], published_gain(&b, b.space.units[u].layer), 1e-9));
    }
    assert_true(seen > 2);
    quantised_finish(&b.z);
}

// Entropy of an activation by hand: images of -1, 0 (exactly), 1 and 3 on a grid of 3 bits of -4..3 that reaches 3.
static void entropy_of_activations(void **state) {
    (void)state;
    struct metric_bed b;
    struct mp_harm h;
    quantised_graph(&b.z, "in x 1 1 2 2\nconst w 1 1 1 1\nconst b 1\nConv y x w b\nout y\n", 1, 0);
    float *x = mp_arena_alloc(&b.z.arena, 4, sizeof *x);
    memcpy(x, (float[]){0, -1, 0, 3}, 4 * sizeof *x);
    b.z.data.reals = x;
    metric_bed(&b, 1 << 3, 1 << 3, 1);
    metric_run(&b, &mp_metric_eagl, &h);
    const size_t x_unit = b.space.tensor_unit[0], w_unit = b.space.weight_unit[0];
    assert_true(fabs(h.score[x_unit] - 1.5) < 1e-12);
    assert_true(h.score[w_unit] == 0); // one weight
    metric_run(&b, &mp_metric_error, &h);
    assert_true(harm_of(&h, x_unit, 3) < 1e-3 && harm_of(&h, w_unit, 3) < 1e-6);
    quantised_finish(&b.z);
}

// Laws

static void never_more_with_bits(void **state) {
    (void)state;
    const struct mp_search_metric *const strict[] = {&mp_metric_eagl, &mp_metric_error, &mp_metric_hessian,
                                                     &mp_metric_hawq, &mp_metric_fit};
    struct metric_bed b;
    struct mp_harm h;
    metric_glyphs(&b, 40, ALL_WIDTHS);
    for (size_t m = 0; m < sizeof strict / sizeof *strict; m++) {
        double all = 0;
        metric_run(&b, strict[m], &h);
        for (size_t u = 0; u < b.space.unit_count; u++) {
            for (unsigned bits = 3; bits <= 8; bits++)
                if (harm_of(&h, u, bits) > harm_of(&h, u, bits - 1))
                    fail_msg("%s: %s: %g at %u bits, %g at %u", strict[m]->name, b.space.units[u].name,
                             harm_of(&h, u, bits), bits, harm_of(&h, u, bits - 1), bits - 1);
            assert_true(harm_of(&h, u, 0) == 0 && harm_of(&h, u, 1) == 0 && harm_of(&h, u, 8) >= 0);
            all += harm_of(&h, u, 2);
        }
        assert_true(all > 0);
    }
    quantised_finish(&b.z);
}

// Of measured rises, the sum over all weights.
static void less_with_bits(void **state) {
    (void)state;
    const struct mp_search_metric *const rough[] = {&mp_metric_noise, &mp_metric_sqnr};
    struct metric_bed b;
    struct mp_harm h;
    metric_glyphs(&b, 40, 1 << 2 | 1 << 4 | 1 << 6);
    for (size_t m = 0; m < 2; m++) {
        double sum[MP_WIDTHS] = {0};
        metric_run(&b, rough[m], &h);
        for (size_t u = 0; u < b.space.unit_count; u++)
            for (unsigned bits = 2; bits <= 8; bits += 2)
                sum[bits] += is_weight(&b, u) ? harm_of(&h, u, bits) : 0;
        assert_true(sum[2] > 2 * sum[4] && sum[4] > 2 * sum[6] && sum[6] >= sum[8] && sum[2] > 0);
        for (size_t u = 0; u < b.space.unit_count; u++)
            assert_true(harm_of(&h, u, 3) == 0 &&
                        (harm_of(&h, u, 8) == 0) == (m == 1 && u == b.space.tensor_unit[0])); // bytes on 8 bits
    }
    for (size_t u = 0; u < b.space.unit_count; u++)
        assert_true(fabs(h.score[u] + 10 * log10(harm_of(&h, u, 2))) < 1e-9);
    quantised_finish(&b.z);
}

// Each metric's slices against the whole layer. What is a trace or a squared change adds up.
static void slices(void **state) {
    (void)state;
    struct metric_bed b;
    struct mp_harm whole[2], part[2];
    const struct mp_search_metric *const metrics[] = {&mp_metric_fit, &mp_metric_hawq};
    metric_glyphs(&b, 24, 1 << 2 | 1 << 4);
    const size_t layers = b.z.net.workload.layer_count;
    for (size_t m = 0; m < 2; m++)
        metric_run(&b, metrics[m], &whole[m]);
    const size_t *unit = b.space.weight_unit;
    metric_space(&b, 1 << 2 | 1 << 4, 1 << 2 | 1 << 4, 3);
    for (size_t m = 0; m < 2; m++)
        metric_run(&b, metrics[m], &part[m]);
    for (size_t i = 0; i < layers; i++) {
        double fit = 0, trace = 0, change = 0;
        if (unit[i] == MP_NO_DECISION)
            continue;
        assert_true(b.space.units[b.space.weight_unit[i] + 2].layer == i);
        for (size_t u = b.space.weight_unit[i]; u < b.space.weight_unit[i] + 3; u++) {
            fit += harm_of(&part[0], u, 4);
            trace += part[0].score[u];
            change += part[1].score[u] > 0 ? harm_of(&part[1], u, 4) / part[1].score[u] : NAN;
        }
        assert_true(close_to(fit, harm_of(&whole[0], unit[i], 4), 1e-9) &&
                    close_to(trace, whole[0].score[unit[i]], 1e-9));
        if (!isnan(change) && whole[1].score[unit[i]] > 0)
            assert_true(close_to(change, harm_of(&whole[1], unit[i], 4) / whole[1].score[unit[i]], 1e-9));
    }
    quantised_finish(&b.z);
}

// Threads and seeds

static bool equal(const struct metric_bed *b, const struct mp_harm *x, const struct mp_harm *y) {
    const size_t units = b->space.unit_count;
    return memcmp(x->of, y->of, units * MP_WIDTHS * sizeof *x->of) == 0 &&
           (!x->score || memcmp(x->score, y->score, units * sizeof *x->score) == 0);
}

static void threads_and_seeds(void **state) {
    (void)state;
    struct metric_bed b;
    struct mp_harm one, three, other;
    metric_glyphs(&b, 20, 1 << 3);
    metric_measure(&b, 2);
    for (size_t i = 0; mp_search_metrics[i]; i++) {
        const struct mp_search_metric *m = mp_search_metrics[i];
        const bool random = m == &mp_metric_noise || m == &mp_metric_hessian || m == &mp_metric_hawq;
        b.job.threads = 1;
        metric_run(&b, m, &one);
        b.job.threads = 3;
        metric_run(&b, m, &three);
        b.job.seed = 2;
        metric_run(&b, m, &other);
        b.job.seed = 1;
        if (!equal(&b, &one, &three) || equal(&b, &one, &other) == random)
            fail_msg("%s", m->name);
    }
    mp_measure_destroy(b.job.measure);
    quantised_finish(&b.z);
}

// A class of tensors

// x and its ReLU are read as one concatenation: a unit of two tensors that hold numbers.
static void classes(void **state) {
    (void)state;
    struct metric_bed b;
    struct mp_harm h;
    quantised_graph(&b.z,
                    "in x 1 2 4 4\nconst w 3 2 1 1\nconst b 3\nConv a x w b\nRelu r a\nConcat k a r axis=1\n"
                    "const v 4 6 4 4\nconst c 4\nConv y k v c\nout y\n",
                    6, 0);
    metric_bed(&b, 1 << 3, 1 << 3, 1);
    const struct mp_parts parts = mp_parts_make(&b.job, &b.space, &b.z.arena);
    const size_t unit = b.space.tensor_unit[b.z.net.workload.layers[b.z.net.workload.layer_count - 1].inputs[0]];
    assert_int_equal(parts.first[unit + 1] - parts.first[unit], 2);
    struct mp_on_grid *at;
    struct mp_err err;
    assert_ok(mp_parts_on_grids(&b.job, &b.space, &parts, &b.z.arena, &at, &err), err);
    metric_run(&b, &mp_metric_error, &h);
    double sum = 0;
    for (size_t i = parts.first[unit]; i < parts.first[unit + 1]; i++)
        sum += sqrt(at[i * MP_WIDTHS + 3].error / (double)parts.of[i].count) / parts.of[i].most;
    assert_true(close_to(harm_of(&h, unit, 3), sum, 1e-12) && sum > 0);
    quantised_finish(&b.z);
}

// The end

static unsigned asked;

static bool soon(void) {
    return ++asked > 12;
}

static void stops(void **state) {
    (void)state;
    struct metric_bed b;
    struct mp_harm h;
    struct mp_err err;
    metric_glyphs(&b, 24, 1 << 3);
    metric_measure(&b, 1);
    b.job.stopped = soon;
    for (size_t i = 0; mp_search_metrics[i]; i++) {
        asked = strcmp(mp_search_metrics[i]->name, "eagl") == 0 || strcmp(mp_search_metrics[i]->name, "error") == 0
                    ? 9
                    : 0;
        assert_fails(mp_search_metrics[i]->run(&b.job, &b.space, &b.z.arena, &h, &err), err, "interrupted");
    }
    mp_measure_destroy(b.job.measure);
    quantised_finish(&b.z);
}

static double bad;

// Worse than at 8 bits at 4, at 2 `bad`.
static bool run_bad(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out,
                    struct mp_err *err) {
    (void)err;
    mp_harm_make(out, s, "1", NULL, a);
    *mp_harm_at(out, 3, 4) = -1;
    *mp_harm_at(out, 3, 2) = bad;
    mp_harm_rising(out, job, s);
    return true;
}

static void only_finite(void **state) {
    (void)state;
    static const double not_finite[] = {INFINITY, NAN};
    const struct mp_search_metric m = {.name = "bad", .run = run_bad};
    struct metric_bed b;
    struct mp_harm h;
    struct mp_err err;
    metric_glyphs(&b, 1, 1 << 2 | 1 << 4);
    for (size_t i = 0; i < 2; i++) {
        char text[200];
        bad = not_finite[i];
        snprintf(text, sizeof text, "metric bad: the harm of unit \"%s\" at 2 bits is not finite", b.space.units[3].name);
        assert_fails(mp_metric_run(&m, &b.job, &b.space, &b.z.arena, &h, &err), err, text);
    }
    bad = 0.5;
    metric_run(&b, &m, &h);
    assert_true(close_to(harm_of(&h, 3, 2), 0.5, 0) && close_to(harm_of(&h, 3, 4), 0, 0));
    quantised_finish(&b.z);
}

static uint64_t seen_done, seen_all;

static void note(void *user, uint64_t done, uint64_t all) {
    assert_true(user == &seen_done && done == seen_done + 1 && (seen_all == 0 || all == seen_all));
    seen_done = done;
    seen_all = all;
}

static void progress(void **state) {
    (void)state;
    struct metric_bed b;
    struct mp_harm h;
    metric_glyphs(&b, 20, 1 << 3);
    metric_measure(&b, 1);
    b.job.progress = note;
    b.job.user = &seen_done;
    for (size_t i = 0; mp_search_metrics[i]; i++) {
        seen_done = seen_all = 0;
        metric_run(&b, mp_search_metrics[i], &h);
        assert_int_equal(seen_done, seen_all);
        assert_int_equal(seen_all > 0, i > 1); // entropy and error are there at once
    }
    mp_measure_destroy(b.job.measure);
    quantised_finish(&b.z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table),
        cmocka_unit_test(entropies),
        cmocka_unit_test(eagl_is_the_published_rule),
        cmocka_unit_test(entropy_of_activations),
        cmocka_unit_test(never_more_with_bits),
        cmocka_unit_test(less_with_bits),
        cmocka_unit_test(slices),
        cmocka_unit_test(threads_and_seeds),
        cmocka_unit_test(classes),
        cmocka_unit_test(stops),
        cmocka_unit_test(only_finite),
        cmocka_unit_test(progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
