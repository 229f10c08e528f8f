// SPDX-License-Identifier: Apache-2.0
// Metrics against what they estimate or measure: exact Hessians of a small network, plans run one by one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/search/metric_parts.h"
#include "tests/unit/metric_bed.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>

static bool close_to(double x, double y, double share) {
    return fabs(x - y) <= share * fmax(fabs(x), fabs(y));
}

// Hessians

#define SMOOTH \
    "in x 1 2 5 5\nconst w1 3 2 3 3\nconst b1 3\nConv c x w1 b1\nTanh t c\nconst w2 4 3 2 2\nconst b2 4\nConv d t " \
    "w2 b2\n" \
    "Tanh u d\nFlatten f u\nconst w3 16 5\nconst b3 5\nGemm y f w3 b3\nout y\n"
#define REACH 1e-2f // of differences

static double exact_weights(struct metric_bed *b, struct mp_grad *g, struct mp_network *n, const struct mp_unit_part *p,
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

static double exact_tensor(struct metric_bed *b, struct mp_grad *g, const struct mp_unit_part *p, double *const *target,
                           float *const *image) {
    float *delta = mp_arena_alloc(&b->z.arena, p->count, sizeof *delta),
          *d = mp_arena_alloc(&b->z.arena, p->count, sizeof *d);
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

// Without labels the target is what the network says: there the Hessian is positive, and its trace not a small
// difference.
static void hutchinson(void **state) {
    (void)state;
    struct metric_bed b;
    struct mp_harm h;
    struct mp_err err;
    quantised_graph(&b.z, SMOOTH, 8, 0);
    metric_bed(&b, 1 << 4, 1 << 4, 1);
    b.job.probes = 8000;
    b.job.threads = 2;
    metric_run(&b, &mp_metric_hessian, &h);
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
        const struct mp_unit_part *p = &parts.of[i];
        const double exact =
            p->weights ? exact_weights(&b, g, &n, p, target, image) : exact_tensor(&b, g, p, target, image);
        const double found = h.score[p->unit] * (double)p->count;
        print_message("# %-8s exact %g found %g\n", b.space.units[p->unit].name, exact, found);
        if (!close_to(exact, found, 0.05))
            fail_msg("%s: exact %g, found %g", b.space.units[p->unit].name, exact, found);
        assert_true(close_to(harm_of(&h, p->unit, 4), fmax(0, h.score[p->unit]) * p->most * p->most / 256, 1e-9));
    }
    mp_grad_destroy(g);
    quantised_finish(&b.z);
}

// Measured

// All at 8 bits, the first option, but one decision; on its own measure.
static struct mp_measured measured(struct metric_bed *b, size_t decision, uint8_t option) {
    struct mp_measure *was = b->job.measure;
    struct mp_measured m;
    struct mp_plan plan;
    struct mp_err err;
    uint8_t *options = mp_arena_alloc(&b->z.arena, b->space.decision_count, 1);
    options[decision] = option;
    metric_measure(b, 1);
    assert_ok(mp_space_plan(&b->space, options, "p", &b->z.arena, &plan, &err), err);
    assert_ok(mp_measure_run(b->job.measure, &plan, &m, &err), err);
    mp_measure_destroy(b->job.measure);
    b->job.measure = was;
    return m;
}

static void measured_alone(void **state) {
    (void)state;
    struct metric_bed b;
    struct mp_harm loss, agree;
    metric_glyphs(&b, 48, 1 << 2 | 1 << 4 | 1 << 8);
    metric_measure(&b, 2);
    metric_run(&b, &mp_metric_loss, &loss);
    metric_run(&b, &mp_metric_accuracy, &agree);
    const struct mp_measured base = measured(&b, 0, 0);
    double sum = 0;
    for (size_t u = 0; u < b.space.unit_count; u++) {
        const size_t d = b.space.units[u].decision;
        assert_true(harm_of(&loss, u, 8) == 0 && harm_of(&agree, u, 8) == 0);
        double least_loss = 0, least_drop = 0; // of wider widths: no narrower one is better
        for (uint8_t option = 1; option < 3; option++) {
            const struct mp_measured m = measured(&b, d, option);
            const unsigned bits = option == 1 ? 4 : 2;
            assert_true(b.space.decisions[d].option_count == 3 && b.space.decisions[d].bits[option] == bits);
            least_loss = fmax(least_loss, m.loss - base.loss);
            least_drop = fmax(least_drop, ((double)base.agree - (double)m.agree) / 48);
            assert_true(harm_of(&loss, u, bits) == least_loss);
            assert_true(harm_of(&agree, u, bits) == least_drop);
            sum += option == 2 ? harm_of(&loss, u, 2) : -harm_of(&loss, u, 4);
        }
    }
    assert_true(sum > 0.1);
    mp_measure_destroy(b.job.measure);
    quantised_finish(&b.z);
}

// Two linked layers: their first has the harm of both. Beside them slices, each on its own, and fixed units at their
// width.
static void measured_together(void **state) {
    (void)state;
    const char *const links[] = {"block1.a:w,mix:w"};
    const struct mp_space_fix fix[] = {{"stem", 8, 8}, {"block2.a:w", 5, 0}};
    const struct mp_space_options o = {.w_set = 1 << 2 | 1 << 8,
                                       .a_set = 1 << 8,
                                       .slices = 2,
                                       .open_ends = true,
                                       .links = links,
                                       .link_count = 1,
                                       .fix = fix,
                                       .fix_count = 2,
                                       .output_bits = 8,
                                       .batch = 1};
    struct metric_bed b;
    struct mp_harm h;
    struct mp_err err;
    metric_glyphs(&b, 48, 1 << 2 | 1 << 8);
    b.job.a_set = 1 << 8;
    assert_ok(mp_space_make(&b.space, &b.z.net.workload, "p", "w.json", &o, &b.z.arena, &err), err);
    metric_measure(&b, 1);
    metric_run(&b, &mp_metric_loss, &h);
    const size_t first = b.space.weight_unit[layer_named(&b.z.net, "block1.a")],
                 second = b.space.weight_unit[layer_named(&b.z.net, "mix")],
                 fixed = b.space.weight_unit[layer_named(&b.z.net, "block2.a")],
                 slice = b.space.weight_unit[layer_named(&b.z.net, "fc")];
    const size_t link = b.space.units[first].decision;
    const double base = measured(&b, link, 0).loss;
    assert_true(link == b.space.units[second].decision && first < second &&
                b.space.decisions[link].option_count == 2);
    assert_true(harm_of(&h, first, 2) == measured(&b, link, 1).loss - base && harm_of(&h, first, 2) > 0);
    assert_true(harm_of(&h, second, 2) == 0 && harm_of(&h, fixed, 5) == 0 && harm_of(&h, fixed, 2) > 0 &&
                harm_of(&h, fixed, 8) != 0);
    assert_int_equal(b.space.units[slice + 1].layer, b.space.units[slice].layer);
    const struct mp_decision *d = &b.space.decisions[b.space.units[slice].decision];
    for (uint8_t i = 1; i < d->option_count; i++) {
        const unsigned bits[] = {d->bits[2 * i], d->bits[2 * i + 1]};
        const double rise = measured(&b, b.space.units[slice].decision, i).loss - base;
        for (size_t k = 0; k < 2; k++)
            if (bits[k] == 2 && bits[1 - k] == 8)
                assert_true(harm_of(&h, slice + k, 2) == rise);
    }
    mp_measure_destroy(b.job.measure);
    quantised_finish(&b.z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hutchinson),
        cmocka_unit_test(measured_alone),
        cmocka_unit_test(measured_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
