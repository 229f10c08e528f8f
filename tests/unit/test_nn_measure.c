// SPDX-License-Identifier: Apache-2.0
// Plans measured one after another against the quantiser, bias correction and accuracy, each plan from nothing.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/nn/accuracy.h"
#include "sim/nn/infer.h"
#include "sim/nn/measure.h"
#include "tests/unit/quantised_network.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <stdatomic.h>

#define PLENTY ((uint64_t)1 << 40) // bytes
#define W4A8 "'default': {'w_bits': 4, 'a_bits': 8}"

static const struct mp_accumulator wide = {.bits = 32, .on_overflow = MP_SATURATE};

static const char *const glyphs_plans[] = {
    W4A8,
    W4A8 ", 'layers': {'fc': {'w_bits': 2}}",
    W4A8 ", 'layers': {'block2.a': {'w_bits': [{'channels': 2, 'bits': 8}, {'channels': 22, 'bits': 3}]}}",
    "'default': {'w_bits': 3, 'a_bits': 8, 'encoding': 'odd'}",
    W4A8 ", 'layers': {'mix': {'w_bits': 2, 'a_bits': 5}, 'block1.b': {'encoding': 'odd'}}",
    "'output_bits': 12, 'default': {'w_bits': 4, 'a_bits': 7}, 'layers': {'fc': {'w_bits': 3}}",
    W4A8 ", 'layers': {'stem': {'w_bits': 1, 'a_bits': 6}}",
};
#define GLYPHS_PLANS (sizeof glyphs_plans / sizeof glyphs_plans[0])

// Branches, shared scales, a product of activations, a table, depthwise, grouped, strides, an output that is read besides.
#define BRANCHES \
    "in x 1 3 9 9\nconst w 6 3 3 3\nconst b 6\nconst v 6 3 3 3\nconst d 6 1 3 3\nconst u 5 12 1 1\n" \
    "Conv y x w b pads=1,1,1,1 strides=2,2\nRelu r y\nConv z r v - pads=1,1,1,1 group=2\nTanh s z\n" \
    "Conv t r d - pads=1,1,1,1 group=6\nAdd a s t\nMul m a s\nConcat j m a axis=1\nConv o j u -\nout o j\n"

static const char *const branch_plans[] = {
    W4A8,
    W4A8 ", 'layers': {'t': {'w_bits': 2}}",
    W4A8 ", 'layers': {'o': {'w_bits': [{'channels': 2, 'bits': 8}, {'channels': 3, 'bits': 3}], 'encoding': 'odd'}}",
    W4A8 ", 'layers': {'z': {'w_bits': 7}, 'o': {'w_bits': 1}}",
    "'output_bits': 11, 'default': {'w_bits': 5, 'a_bits': 8}",
};
#define BRANCH_PLANS (sizeof branch_plans / sizeof branch_plans[0])

static const unsigned order[] = {0, 1, 0, 2, 3, 4, 4, 1, 0, 5, 2, 6, 6, 1};
#define RUNS (sizeof order / sizeof order[0])

static void read(struct quantised_network *z, const char *text, struct mp_plan *plan) {
    struct mp_err err;
    const char *whole = mp_arena_printf(&z->arena, "{'name': 'p', 'workload': 'w.json', %s}", text);
    assert_ok(read_plan(plan, &z->arena, &z->net.workload, whole, &err), err);
}

static struct mp_measure *create(struct quantised_network *z, struct mp_accumulator acc, unsigned threads, uint64_t store) {
    struct mp_err err;
    const struct mp_measure_job job = {.net = &z->net, .calibration = &z->calibration, .how = &z->how, .data = &z->data,
                                       .accumulator = acc, .threads = threads, .store_bytes = store};
    struct mp_measure *m = mp_measure_create(&job, &err);
    if (!m)
        fail_msg("%s", err.text);
    return m;
}

static void same_layer(const struct mp_workload *w, size_t layer, const struct mp_qnet *x, const struct mp_qnet *y) {
    const struct mp_layer *l = &w->layers[layer];
    const struct mp_qlayer *a = &x->layers[layer], *b = &y->layers[layer];
    const size_t channels = l->geo.groups * l->geo.oc, terms = l->geo.ic * l->geo.kh * l->geo.kw;
    assert_true(a->low == b->low && a->high == b->high && a->odd == b->odd);
    assert_memory_equal(a->op, b->op, sizeof a->op);
    if (a->table)
        assert_memory_equal(a->table, b->table, sizeof(int32_t) << x->tensors[l->inputs[0]].bits);
    if (!mp_layer_has_weights(l))
        return;
    assert_memory_equal(a->weight, b->weight, channels * terms * sizeof *a->weight);
    assert_memory_equal(a->weight_scale, b->weight_scale, channels * sizeof *a->weight_scale);
    assert_memory_equal(a->requant, b->requant, channels * sizeof *a->requant);
}

// Mean of -sum p log softmax(score), by exponentials as they are.
static double cross_entropy(const struct quantised_network *z, uint64_t image, const double *wanted, const double *score,
                            size_t count) {
    double whole = 0, all = 0, loss = 0;
    for (size_t i = 0; i < count; i++) {
        whole += exp(score[i]);
        all += exp(wanted[i]);
    }
    if (z->data.labels)
        return -log(exp(score[z->data.labels[image]]) / whole);
    for (size_t i = 0; i < count; i++)
        loss -= exp(wanted[i]) / all * log(exp(score[i]) / whole);
    return loss;
}

static double loss_of(struct quantised_network *z, const struct mp_qnet *q, struct mp_accumulator acc) {
    const size_t out = mp_network_output(&z->net), count = elements_of(&z->net.workload.tensors[out]);
    struct mp_err err;
    struct mp_integer *r = mp_integer_create(q, &(struct mp_integer_options){.accumulator = acc}, &err);
    double sum = 0;
    for (uint64_t i = 0; i < z->data.count; i++) {
        struct mp_arena scratch = {0};
        const float *full = float_tensors(&scratch, &z->net, &z->data, i)[out];
        double *wanted = mp_arena_alloc(&scratch, count, sizeof *wanted), *score = mp_arena_alloc(&scratch, count, sizeof *score);
        float *image = mp_arena_alloc(&scratch, elements_of(&z->net.workload.tensors[0]), sizeof *image);
        int32_t *numbers = mp_arena_alloc(&scratch, count, sizeof *numbers);
        mp_dataset_image(&z->data, i, image);
        mp_integer_input(r, 0, image);
        mp_integer_run(r);
        mp_integer_take(r, out, numbers);
        for (size_t e = 0; e < count; e++) {
            wanted[e] = (double)full[e];
            score[e] = q->tensors[out].scale * (numbers[e] - q->tensors[out].zero);
        }
        sum += cross_entropy(z, i, wanted, score, count);
        mp_arena_finish(&scratch);
    }
    mp_integer_destroy(r);
    return sum / (double)z->data.count;
}

// What the commands do for one plan.
static void from_nothing(struct quantised_network *z, const struct mp_plan *plan, struct mp_accumulator acc,
                         const struct mp_qnet *found, const struct mp_measured *got) {
    const struct mp_workload *w = &z->net.workload;
    struct mp_err err;
    struct mp_qnet q;
    struct mp_accuracy a;
    assert_ok(mp_quantise_network(&z->net, plan, &z->calibration, &z->how, &z->arena, &q, &err), err);
    if (z->how.bias_correction)
        assert_ok(mp_correct_biases(&q, &z->calibration, &z->data, z->data.count, &acc, NULL, &err), err);
    for (size_t t = 0; t < w->tensor_count; t++)
        assert_true(!(q.tensors[t].scale < found->tensors[t].scale) && !(q.tensors[t].scale > found->tensors[t].scale) &&
                    q.tensors[t].zero == found->tensors[t].zero && q.tensors[t].bits == found->tensors[t].bits);
    for (size_t i = 0; i < w->layer_count; i++)
        same_layer(w, i, &q, found);
    const struct mp_accuracy_job job = {.net = &z->net, .q = &q, .integer = {.accumulator = acc}, .data = &z->data,
                                        .images = z->data.count, .threads = 1};
    assert_ok(mp_accuracy_run(&job, &z->arena, &a, &err), err);
    assert_int_equal(got->images, z->data.count);
    assert_int_equal(got->right, a.other_right);
    assert_int_equal(got->agree, a.agree);
    assert_true(fabs(got->loss - loss_of(z, &q, acc)) <= 1e-9 * (1 + got->loss));
}

// Plans in an order that comes back to earlier ones; every third one is kept.
static void sequence(struct quantised_network *z, const char *const *plans, size_t count, struct mp_accumulator acc,
                     unsigned threads, uint64_t store) {
    struct mp_measure *m = create(z, acc, threads, store);
    for (size_t i = 0; i < RUNS; i++) {
        struct mp_plan plan;
        struct mp_measured got;
        struct mp_err err;
        read(z, plans[order[i] % count], &plan);
        assert_ok(mp_measure_run(m, &plan, &got, &err), err);
        if (i % 3 == 1)
            mp_measure_keep(m);
        from_nothing(z, &plan, acc, mp_measure_network(m), &got);
        assert_true(got.layers == z->net.workload.layer_count && got.reused <= got.layers && (i > 0 || got.reused == 0));
    }
    mp_measure_destroy(m);
}

static void glyphs(struct mp_quantise_options how, struct mp_accumulator acc, unsigned threads, uint64_t store) {
    struct quantised_network z;
    quantised_glyphs(&z, 50);
    z.how = how;
    z.how.percentile = 99;
    quantised_make(&z, glyphs_plans[0]);
    sequence(&z, glyphs_plans, GLYPHS_PLANS, acc, threads, store);
    quantised_finish(&z);
}

static void as_from_nothing(void **state) {
    (void)state;
    const struct mp_accumulator narrow = {.bits = 13, .on_overflow = MP_WRAP};
    glyphs((struct mp_quantise_options){.bias_correction = true}, wide, 1, PLENTY); // GPTQ, least errors
    glyphs((struct mp_quantise_options){.bias_correction = true}, narrow, 3, PLENTY);
    glyphs((struct mp_quantise_options){.rounding = MP_ROUND_NEAREST, .affine = true, .bias_correction = true}, wide, 2, 1 << 20);
    glyphs((struct mp_quantise_options){.weights_per_tensor = true, .bias_correction = true}, wide, 2, 0);
    glyphs((struct mp_quantise_options){.power_of_two = true, .affine = true}, wide, 2, 1 << 18);
    glyphs((struct mp_quantise_options){.weights = MP_RANGE_PERCENTILE, .activations = MP_RANGE_PERCENTILE}, wide, 1, PLENTY);
}

static void branches(void **state) {
    (void)state;
    const uint64_t stores[] = {0, 1 << 13, 1 << 15, PLENTY};
    for (unsigned i = 0; i < 4; i++) {
        struct quantised_network z;
        quantised_graph(&z, BRANCHES, 40, 0.5f);
        z.how = (struct mp_quantise_options){.affine = i % 2, .bias_correction = i != 1};
        quantised_make(&z, branch_plans[0]);
        sequence(&z, branch_plans, BRANCH_PLANS, wide, 1 + i, stores[i]);
        quantised_finish(&z);
    }
}

// Reuse

static struct mp_measured measure(struct quantised_network *z, struct mp_measure *m, const char *text) {
    struct mp_plan plan;
    struct mp_measured got;
    struct mp_err err;
    read(z, text, &plan);
    assert_ok(mp_measure_run(m, &plan, &got, &err), err);
    return got;
}

static void reuse(void **state) {
    (void)state;
    struct quantised_network z;
    quantised_glyphs(&z, 20);
    z.how = (struct mp_quantise_options){.bias_correction = true};
    quantised_make(&z, glyphs_plans[0]);
    struct mp_measure *m = create(&z, wide, 2, PLENTY);
    assert_int_equal(measure(&z, m, W4A8).reused, 0);
    assert_int_equal(measure(&z, m, W4A8).reused, 12);
    assert_int_equal(measure(&z, m, W4A8 ", 'layers': {'fc': {'w_bits': 2}}").reused, 11);
    assert_int_equal(measure(&z, m, W4A8 ", 'layers': {'block2.shortcut': {'w_bits': 2}}").reused, 7); // not block2.b
    assert_int_equal(measure(&z, m, W4A8 ", 'layers': {'block2.b': {'w_bits': 2}}").reused, 7);
    mp_measure_keep(m);
    assert_int_equal(measure(&z, m, W4A8 ", 'layers': {'block2.b': {'w_bits': 2}, 'fc': {'w_bits': 8}}").reused, 11);
    assert_int_equal(measure(&z, m, W4A8).reused, 7);
    mp_measure_destroy(m);
    m = create(&z, wide, 2, 0);
    assert_int_equal(measure(&z, m, W4A8).reused, 0);
    assert_int_equal(measure(&z, m, W4A8).reused, 12); // its numbers are those of the output
    assert_int_equal(measure(&z, m, W4A8 ", 'layers': {'fc': {'w_bits': 2}}").reused, 0);
    mp_measure_destroy(m);
    quantised_finish(&z);
}

// Any number of threads, bit for bit; float as accuracy has it.
static void threads(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_accuracy a;
    struct mp_err err;
    double loss = 0;
    quantised_glyphs(&z, 100);
    z.how = (struct mp_quantise_options){.bias_correction = true};
    quantised_make(&z, glyphs_plans[3]);
    const struct mp_accuracy_job job = {.net = &z.net, .data = &z.data, .images = 100, .threads = 1};
    assert_ok(mp_accuracy_run(&job, &z.arena, &a, &err), err);
    for (unsigned n = 1; n < 6; n++) {
        struct mp_measure *m = create(&z, wide, n, PLENTY);
        const struct mp_measured *full = mp_measure_float(m), got = measure(&z, m, glyphs_plans[3]);
        assert_true(full->images == 100 && full->right == a.float_right && full->agree == 100 && full->loss > 0);
        assert_true(got.loss > full->loss);
        assert_true(n == 1 || (!(got.loss < loss) && !(got.loss > loss)));
        loss = got.loss;
        mp_measure_destroy(m);
    }
    quantised_finish(&z);
}

static atomic_int left;

static bool after_a_while(void) {
    return atomic_fetch_sub(&left, 1) <= 0;
}

static void stops(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_plan plan;
    struct mp_measured got;
    struct mp_err err;
    quantised_glyphs(&z, 40);
    z.how = (struct mp_quantise_options){.bias_correction = true};
    quantised_make(&z, glyphs_plans[0]);
    struct mp_measure_job job = {.net = &z.net, .calibration = &z.calibration, .how = &z.how, .data = &z.data,
                                 .accumulator = wide, .threads = 2, .store_bytes = PLENTY, .stopped = after_a_while};
    left = 5;
    assert_fails(mp_measure_create(&job, &err), err, "interrupted");
    left = 1 << 30;
    struct mp_measure *m = mp_measure_create(&job, &err);
    const struct mp_measured before = measure(&z, m, W4A8);
    read(&z, glyphs_plans[3], &plan);
    got = before;
    for (int n = 0; n < 300; n += 7) { // while weights are found, between layers, in the middle of one
        left = n;
        assert_fails(mp_measure_run(m, &plan, &got, &err), err, "interrupted");
        assert_null(mp_measure_network(m));
        assert_memory_equal(&got, &before, sizeof got); // as it was
        mp_measure_keep(m); // nothing to keep
    }
    left = 1 << 30;
    got = measure(&z, m, W4A8);
    assert_true(got.reused == 12 && got.right == before.right && !(got.loss < before.loss) && !(got.loss > before.loss));
    got = measure(&z, m, glyphs_plans[3]);
    read(&z, glyphs_plans[3], &plan);
    from_nothing(&z, &plan, wide, mp_measure_network(m), &got);
    mp_measure_destroy(m);
    quantised_finish(&z);
}

static void refuses(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_plan plan;
    struct mp_measured got;
    struct mp_err err;
    quantised_glyphs(&z, 40);
    z.how = (struct mp_quantise_options){.bias_correction = true};
    quantised_make(&z, glyphs_plans[0]);
    struct mp_measure_job job = {.net = &z.net, .calibration = &z.calibration, .how = &z.how, .data = &z.data,
                                 .accumulator = wide, .threads = 1};
    struct mp_measure *m = mp_measure_create(&job, &err);
    read(&z, "'output_bits': 32, " W4A8, &plan);
    assert_fails(mp_measure_run(m, &plan, &got, &err), err,
                 "configs/models/glyphs.onnx: tensor \"score\": integer inference takes at most 15 bits, 16 with a sign (got 32)");
    assert_int_equal(measure(&z, m, W4A8).reused, 0);
    mp_measure_destroy(m);
    z.net.workload.tensors[output_of(&z.net, "block1.b")].c = 1 << 18; // 2^24 numbers
    assert_fails(mp_measure_create(&job, &err), err,
                 "configs/models/glyphs.onnx: tensors of 40 images take more than 1073741824 bytes in bias correction: "
                 "--calibration-images 31 fits");
    z.data.classes = 11;
    assert_fails(mp_measure_create(&job, &err), err,
                 "glyphs: must have at most the 10 classes of network \"glyphs\" (got 11)");
    quantised_finish(&z);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(as_from_nothing), cmocka_unit_test(branches), cmocka_unit_test(reuse),
        cmocka_unit_test(threads),         cmocka_unit_test(stops),    cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
