// SPDX-License-Identifier: Apache-2.0
// Metrics, on a space made by hand: against figures computed once more here, exact Hessians of small networks, and laws.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/search/metric_parts.h"
#include "tests/unit/quantised_network.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <string.h>

#define ALL_WIDTHS 0x1fc // 2 to 8

// A space

struct bed {
    struct quantised_network z;
    struct mp_space space;
    struct mp_metric_job job;
};

static void make_space(struct bed *b, uint32_t w_set, uint32_t a_set, uint64_t slices) {
    const struct mp_space_options o = {.w_set = w_set, .a_set = a_set, .slices = slices, .open_ends = true, .output_bits = 8,
                                       .batch = 1};
    struct mp_err err;
    b->job.w_set = w_set;
    b->job.a_set = a_set;
    assert_ok(mp_space_make(&b->space, &b->z.net.workload, "p", "w.json", &o, &b->z.arena, &err), err);
}

// On a network that is there: calibrates.
static void make_bed(struct bed *b, uint32_t w_set, uint32_t a_set, uint64_t slices) {
    quantised_make(&b->z, "'default': {'w_bits': 8, 'a_bits': 8}");
    b->job = (struct mp_metric_job){.net = &b->z.net, .calibration = &b->z.calibration, .how = &b->z.how, .data = &b->z.data,
                                    .images = b->z.data.count, .seed = 1, .probes = 2, .threads = 1};
    make_space(b, w_set, a_set, slices);
}

static void glyphs_bed(struct bed *b, uint64_t images, uint32_t set) {
    quantised_glyphs(&b->z, images);
    make_bed(b, set, set, 1);
}

static void run_metric(struct bed *b, const struct mp_search_metric *m, struct mp_harm *h) {
    struct mp_err err;
    assert_ok(m->run(&b->job, &b->space, &b->z.arena, h, &err), err);
}

static double harm(const struct mp_harm *h, size_t unit, unsigned bits) {
    return h->of[unit * MP_WIDTHS + bits];
}

static bool is_weight(const struct bed *b, size_t unit) {
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
static double published_gain(const struct bed *b, size_t layer) {
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
    struct bed b;
    struct mp_harm h;
    glyphs_bed(&b, 20, 1 << 2 | 1 << 4);
    run_metric(&b, &mp_metric_eagl, &h);
    size_t seen = 0;
    for (size_t u = 0; u < b.space.unit_count; u++) {
        assert_true(close_to((harm(&h, u, 2) - harm(&h, u, 4)) * 16, h.score[u], 1e-9));
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
    struct bed b;
    struct mp_harm h;
    quantised_graph(&b.z, "in x 1 1 2 2\nconst w 1 1 1 1\nconst b 1\nConv y x w b\nout y\n", 1, 0);
    float *x = mp_arena_alloc(&b.z.arena, 4, sizeof *x);
    memcpy(x, (float[]){0, -1, 0, 3}, 4 * sizeof *x);
    b.z.data.reals = x;
    make_bed(&b, 1 << 3, 1 << 3, 1);
    run_metric(&b, &mp_metric_eagl, &h);
    const size_t x_unit = b.space.tensor_unit[0], w_unit = b.space.weight_unit[0];
    assert_true(fabs(h.score[x_unit] - 1.5) < 1e-12);
    assert_true(h.score[w_unit] == 0); // one weight
    run_metric(&b, &mp_metric_error, &h);
    assert_true(harm(&h, x_unit, 3) < 1e-3 && harm(&h, w_unit, 3) < 1e-6);
    quantised_finish(&b.z);
}

// Laws

static void never_more_with_bits(void **state) {
    (void)state;
    const struct mp_search_metric *const strict[] = {&mp_metric_eagl, &mp_metric_error, &mp_metric_hessian, &mp_metric_hawq,
                                                     &mp_metric_fit};
    struct bed b;
    struct mp_harm h;
    glyphs_bed(&b, 40, ALL_WIDTHS);
    for (size_t m = 0; m < sizeof strict / sizeof *strict; m++) {
        double all = 0;
        run_metric(&b, strict[m], &h);
        for (size_t u = 0; u < b.space.unit_count; u++) {
            for (unsigned bits = 3; bits <= 8; bits++)
                if (harm(&h, u, bits) > harm(&h, u, bits - 1))
                    fail_msg("%s: %s: %g at %u bits, %g at %u", strict[m]->name, b.space.units[u].name, harm(&h, u, bits), bits,
                             harm(&h, u, bits - 1), bits - 1);
            assert_true(harm(&h, u, 0) == 0 && harm(&h, u, 1) == 0 && harm(&h, u, 8) >= 0);
            all += harm(&h, u, 2);
        }
        assert_true(all > 0);
    }
    quantised_finish(&b.z);
}

// Of measured rises, the sum over all weights.
static void less_with_bits(void **state) {
    (void)state;
    const struct mp_search_metric *const rough[] = {&mp_metric_noise, &mp_metric_sqnr};
    struct bed b;
    struct mp_harm h;
    glyphs_bed(&b, 40, 1 << 2 | 1 << 4 | 1 << 6);
    for (size_t m = 0; m < 2; m++) {
        double sum[MP_WIDTHS] = {0};
        run_metric(&b, rough[m], &h);
        for (size_t u = 0; u < b.space.unit_count; u++)
            for (unsigned bits = 2; bits <= 8; bits += 2)
                sum[bits] += is_weight(&b, u) ? harm(&h, u, bits) : 0;
        assert_true(sum[2] > 2 * sum[4] && sum[4] > 2 * sum[6] && sum[6] >= sum[8] && sum[2] > 0);
        for (size_t u = 0; u < b.space.unit_count; u++)
            assert_true(harm(&h, u, 3) == 0 && (harm(&h, u, 8) == 0) == (m == 1 && u == b.space.tensor_unit[0])); // bytes on 8 bits
    }
    for (size_t u = 0; u < b.space.unit_count; u++)
        assert_true(fabs(h.score[u] + 10 * log10(harm(&h, u, 2))) < 1e-9);
    quantised_finish(&b.z);
}

// Each metric's slices against the whole layer. What is a trace or a squared change adds up.
static void slices(void **state) {
    (void)state;
    struct bed b;
    struct mp_harm whole[2], part[2];
    const struct mp_search_metric *const metrics[] = {&mp_metric_fit, &mp_metric_hawq};
    glyphs_bed(&b, 24, 1 << 2 | 1 << 4);
    const size_t layers = b.z.net.workload.layer_count;
    for (size_t m = 0; m < 2; m++)
        run_metric(&b, metrics[m], &whole[m]);
    const size_t *unit = b.space.weight_unit;
    make_space(&b, 1 << 2 | 1 << 4, 1 << 2 | 1 << 4, 3);
    for (size_t m = 0; m < 2; m++)
        run_metric(&b, metrics[m], &part[m]);
    for (size_t i = 0; i < layers; i++) {
        double fit = 0, trace = 0, change = 0;
        if (unit[i] == MP_NO_DECISION)
            continue;
        assert_true(b.space.units[b.space.weight_unit[i] + 2].layer == i);
        for (size_t u = b.space.weight_unit[i]; u < b.space.weight_unit[i] + 3; u++) {
            fit += harm(&part[0], u, 4);
            trace += part[0].score[u];
            change += part[1].score[u] > 0 ? harm(&part[1], u, 4) / part[1].score[u] : NAN;
        }
        assert_true(close_to(fit, harm(&whole[0], unit[i], 4), 1e-9) && close_to(trace, whole[0].score[unit[i]], 1e-9));
        if (!isnan(change) && whole[1].score[unit[i]] > 0)
            assert_true(close_to(change, harm(&whole[1], unit[i], 4) / whole[1].score[unit[i]], 1e-9));
    }
    quantised_finish(&b.z);
}

// Threads and seeds

static bool equal(const struct bed *b, const struct mp_harm *x, const struct mp_harm *y) {
    const size_t units = b->space.unit_count;
    return memcmp(x->of, y->of, units * MP_WIDTHS * sizeof *x->of) == 0 &&
           (!x->score || memcmp(x->score, y->score, units * sizeof *x->score) == 0);
}

static void threads_and_seeds(void **state) {
    (void)state;
    struct bed b;
    struct mp_harm one, three, other;
    glyphs_bed(&b, 20, 1 << 3);
    for (size_t i = 0; mp_search_metrics[i]; i++) {
        const struct mp_search_metric *m = mp_search_metrics[i];
        const bool random = m == &mp_metric_noise || m == &mp_metric_hessian || m == &mp_metric_hawq;
        if (m->measures)
            continue;
        b.job.threads = 1;
        run_metric(&b, m, &one);
        b.job.threads = 3;
        run_metric(&b, m, &three);
        b.job.seed = 2;
        run_metric(&b, m, &other);
        b.job.seed = 1;
        if (!equal(&b, &one, &three) || equal(&b, &one, &other) == random)
            fail_msg("%s", m->name);
    }
    quantised_finish(&b.z);
}

// Hessians

#define SMOOTH \
    "in x 1 2 5 5\nconst w1 3 2 3 3\nconst b1 3\nConv c x w1 b1\nTanh t c\nconst w2 4 3 2 2\nconst b2 4\nConv d t w2 b2\n" \
    "Tanh u d\nFlatten f u\nconst w3 16 5\nconst b3 5\nGemm y f w3 b3\nout y\n"
#define REACH 1e-2f // of differences

static double exact_weights(struct bed *b, struct mp_grad *g, struct mp_network *n, const struct mp_part *p,
                            double *const *target, float *const *image) {
    double trace = 0;
    for (uint64_t i = p->first * p->terms; i < p->first * p->terms + p->count; i++) {
        float *w = &n->params[p->layer].weight[i], was = *w;
        for (int side = 1; side >= -1; side -= 2) {
            *w = was + (float)side * REACH;
            mp_network_put_weights(n, p->layer);
            mp_grad_reload(g);
            for (uint64_t k = 0; k < b->job.images; k++) {
                mp_grad_run(g, image[k], target[k]);
                trace += side * (double)mp_grad_weight(g, p->layer)[i] / (2 * (double)REACH * (double)b->job.images);
            }
        }
        *w = was;
    }
    mp_network_put_weights(n, p->layer);
    mp_grad_reload(g);
    return trace;
}

static double exact_tensor(struct bed *b, struct mp_grad *g, const struct mp_part *p, double *const *target,
                           float *const *image) {
    float *delta = mp_arena_alloc(&b->z.arena, p->count, sizeof *delta), *d = mp_arena_alloc(&b->z.arena, p->count, sizeof *d);
    double trace = 0;
    mp_grad_shift(g, p->tensor, delta);
    for (uint64_t i = 0; i < p->count; i++) {
        for (int side = 1; side >= -1; side -= 2) {
            delta[i] = (float)side * REACH;
            for (uint64_t k = 0; k < b->job.images; k++) {
                mp_grad_run(g, image[k], target[k]);
                mp_grad_tensor(g, p->tensor, d);
                trace += side * (double)d[i] / (2 * (double)REACH * (double)b->job.images);
            }
        }
        delta[i] = 0;
    }
    mp_grad_shift(g, p->tensor, NULL);
    return trace;
}

static void softmax(const double *score, size_t count, double *p) {
    double sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += exp(score[i]);
    for (size_t i = 0; i < count; i++)
        p[i] = exp(score[i]) / sum;
}

// Without labels the target is what the network says: there the Hessian is positive, and its trace not a small difference.
static void hutchinson(void **state) {
    (void)state;
    struct bed b;
    struct mp_harm h;
    struct mp_err err;
    quantised_graph(&b.z, SMOOTH, 8, 0);
    make_bed(&b, 1 << 4, 1 << 4, 1);
    b.job.probes = 2000;
    b.job.threads = 2;
    run_metric(&b, &mp_metric_hessian, &h);
    struct mp_network n;
    mp_network_copy(&n, &b.z.net, &b.z.arena);
    struct mp_grad *g = mp_grad_create(&n, &err);
    double *target[8], score[5], none[5] = {0};
    float *image[8];
    for (size_t k = 0; k < 8; k++) {
        target[k] = mp_arena_alloc(&b.z.arena, 5, sizeof **target);
        image[k] = mp_arena_alloc(&b.z.arena, 50, sizeof **image);
        mp_dataset_image(&b.z.data, k, image[k]);
        mp_grad_loss(g, image[k], none, score);
        softmax(score, 5, target[k]);
    }
    const struct mp_parts parts = mp_parts_make(&b.job, &b.space, &b.z.arena);
    assert_true(parts.count >= 6 && parts.count == b.space.unit_count);
    for (size_t i = 0; i < parts.count; i++) {
        const struct mp_part *p = &parts.of[i];
        const double exact = p->weights ? exact_weights(&b, g, &n, p, target, image) : exact_tensor(&b, g, p, target, image);
        const double found = h.score[p->unit] * (double)p->count;
        print_message("# %-8s exact %g found %g\n", b.space.units[p->unit].name, exact, found);
        if (!close_to(exact, found, 0.05))
            fail_msg("%s: exact %g, found %g", b.space.units[p->unit].name, exact, found);
        assert_true(close_to(harm(&h, p->unit, 4), fmax(0, h.score[p->unit]) * p->most * p->most / 256, 1e-9));
    }
    mp_grad_destroy(g);
    quantised_finish(&b.z);
}

// A class of tensors

// x and its ReLU are read as one concatenation: a unit of two tensors that hold numbers.
static void classes(void **state) {
    (void)state;
    struct bed b;
    struct mp_harm h;
    quantised_graph(&b.z, "in x 1 2 4 4\nconst w 3 2 1 1\nconst b 3\nConv a x w b\nRelu r a\nConcat k a r axis=1\n"
                          "const v 4 6 4 4\nconst c 4\nConv y k v c\nout y\n", 6, 0);
    make_bed(&b, 1 << 3, 1 << 3, 1);
    const struct mp_parts parts = mp_parts_make(&b.job, &b.space, &b.z.arena);
    const size_t unit = b.space.tensor_unit[b.z.net.workload.layers[b.z.net.workload.layer_count - 1].inputs[0]];
    assert_int_equal(parts.first[unit + 1] - parts.first[unit], 2);
    struct mp_on_grid *at;
    struct mp_err err;
    assert_ok(mp_parts_on_grids(&b.job, &b.space, &parts, &b.z.arena, &at, &err), err);
    run_metric(&b, &mp_metric_error, &h);
    double sum = 0;
    for (size_t i = parts.first[unit]; i < parts.first[unit + 1]; i++)
        sum += sqrt(at[i * MP_WIDTHS + 3].error / (double)parts.of[i].count) / parts.of[i].most;
    assert_true(close_to(harm(&h, unit, 3), sum, 1e-12) && sum > 0);
    quantised_finish(&b.z);
}

// The end

static unsigned asked;

static bool soon(void) {
    return ++asked > 12;
}

static void stops(void **state) {
    (void)state;
    struct bed b;
    struct mp_harm h;
    struct mp_err err;
    glyphs_bed(&b, 24, 1 << 3);
    b.job.stopped = soon;
    for (size_t i = 0; mp_search_metrics[i]; i++) {
        asked = strcmp(mp_search_metrics[i]->name, "eagl") == 0 || strcmp(mp_search_metrics[i]->name, "error") == 0 ? 9 : 0;
        if (!mp_search_metrics[i]->measures)
            assert_fails(mp_search_metrics[i]->run(&b.job, &b.space, &b.z.arena, &h, &err), err, "interrupted");
    }
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
    struct bed b;
    struct mp_harm h;
    glyphs_bed(&b, 20, 1 << 3);
    b.job.progress = note;
    b.job.user = &seen_done;
    for (size_t i = 0; mp_search_metrics[i]; i++) {
        seen_done = seen_all = 0;
        if (!mp_search_metrics[i]->measures)
            run_metric(&b, mp_search_metrics[i], &h);
        assert_int_equal(seen_done, seen_all);
    }
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
        cmocka_unit_test(hutchinson),
        cmocka_unit_test(classes),
        cmocka_unit_test(stops),
        cmocka_unit_test(progress),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
