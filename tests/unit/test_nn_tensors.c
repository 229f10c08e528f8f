// SPDX-License-Identifier: Apache-2.0
// Scales of tensors: which share one, how far they reach, zero points; and every layer by its definition in real numbers.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/quantised_network.h"

#include <math.h>

#define W8A8 "'default': {'w_bits': 8, 'a_bits': 8}"

static const struct mp_qtensor *tensor(const struct quantised_network *z, const char *layer) {
    return &z->q.tensors[output_of(&z->net, layer)];
}

static double scale(const struct quantised_network *z, const char *layer) {
    return tensor(z, layer)->scale;
}

// Concatenation, views, max pools and ReLU on its own keep the scale; average pools and additions do not.
static void shared_scales(void **state) {
    (void)state;
    struct quantised_network z;
    quantised_graph(&z, "in x 1 2 8 8\nconst v 4 2 3 3\nconst w 4 2 3 3\nConv a x v - pads=1,1,1,1\nConv b x w - pads=1,1,1,1\n"
                        "Concat c a b axis=1\nMaxPool m c kernel_shape=2,2 strides=2,2\nRelu r m\nints s = 1 2 4 16\n"
                        "Reshape t r s\nTranspose f t perm=0,2,1,3\nAveragePool p f kernel_shape=2,2\nAdd q p p\nout q\n", 20, 0);
    quantised_make(&z, W8A8);
    const double one = scale(&z, "c");
    assert_true(scale(&z, "a") == one && scale(&z, "b") == one && scale(&z, "m") == one && scale(&z, "r") == one);
    assert_true(scale(&z, "f") == one);
    assert_true(scale(&z, "p") != one && scale(&z, "q") != scale(&z, "p") && z.q.tensors[0].scale != one);
    double most = 0;
    for (uint64_t i = 0; i < z.data.count; i++) {
        float **at = float_tensors(&z.arena, &z.net, &z.data, i);
        for (size_t e = 0; e < 8 * 64; e++)
            most = fmax(most, fabs((double)at[output_of(&z.net, "c")][e]));
    }
    assert_true(fabs(one / (most / 127) - 1) < 1e-6); // signed ones are the narrowest of the class
    quantised_finish(&z);
}

// What a class of tensors shares fits the number range of each of them: a concatenation moves numbers as they are.
static void shared_numbers_fit(void **state) {
    (void)state;
    struct quantised_network z;
    struct mp_err err;
    quantised_graph(&z, "in x 1 2 8 8\nconst v 4 2 3 3\nconst w 4 2 3 3\nConv a x v - pads=1,1,1,1\nRelu r a\n"
                        "Conv b x w - pads=1,1,1,1\nConcat c r b axis=1\nconst u 3 8 1 1\nConv d c u\nout d\n", 40, 0);
    z.how.activations = MP_RANGE_MSE; // clips
    quantised_make(&z, "'default': {'w_bits': 4, 'a_bits': 4}");
    struct mp_integer *r = mp_integer_create(&z.q, &(struct mp_integer_options){.accumulator = {.bits = 32}}, &err);
    assert_non_null(r);
    for (uint64_t i = 0; i < z.data.count; i++) {
        float image[2 * 64];
        mp_dataset_image(&z.data, i, image);
        mp_integer_input(r, 0, image);
        mp_integer_run(r);
        for (size_t t = 0; t < z.net.workload.tensor_count; t++) {
            struct mp_range range = mp_range_of(z.q.tensors[t].bits, z.q.tensors[t].is_signed);
            for (size_t e = 0; e < elements_of(&z.net.workload.tensors[t]); e++) {
                int16_t q = mp_integer_tensor(r, t)[e];
                if (q < range.low || q > range.high)
                    fail_msg("tensor %s: %d is not in %d..%d", z.net.workload.tensors[t].name, q, range.low, range.high);
            }
        }
    }
    mp_integer_destroy(r);
    quantised_finish(&z);
}

// Zero points

#define THROUGH(layer) "in x 1 2 6 6\nconst w 4 2 3 3\n" layer

struct affine_case {
    const char *graph, *layer; // whose output is asked about
    bool zero;
};

static void zero_points(void **state) {
    (void)state;
    static const struct affine_case cases[] = {
        {THROUGH("const v 3 4 3 3\nConv a x w\nConv b a v\nout b\n"), "a", true},
        {THROUGH("const v 3 4 3 3\nConv a x w\nConv b a v pads=1,0,0,0\nout b\n"), "a", true}, // padding is the zero point
        {THROUGH("const v 3 4 3 3\nConv a x w\nConv b a v pads=0,0,1,0\nout b\n"), "a", true},
        {THROUGH("const v 3 4 3 3\nConv a x w\nRelu r a\nConv b r v\nout b\n"), "a", false}, // unsigned
        {THROUGH("const v 3 4 1 1\nConv a x w\nConv b a v\nAveragePool p a kernel_shape=1,1\nConv c p v\nAdd d b c\nout d\n"), "a",
         false}, // one reader is no layer with weights
        {THROUGH("const v 3 4 1 1\nConv a x w\nMaxPool m a kernel_shape=2,2\nConv b m v\nout b\n"), "a", false}, // shared
        {THROUGH("Conv a x w\nout a\n"), "a", false},                                                            // no reader
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct quantised_network z;
        quantised_graph(&z, cases[i].graph, 10, 0.4f);
        z.how.affine = true;
        quantised_make(&z, W8A8);
        const bool zero = z.q.tensors[z.net.workload.layers[0].output].zero != 0;
        if (zero != cases[i].zero)
            fail_msg("case %zu: %s", i, zero ? "a zero point" : "no zero point");
        z.how.affine = false;
        quantised_make(&z, W8A8);
        for (size_t t = 0; t < z.net.workload.tensor_count; t++)
            assert_int_equal(z.q.tensors[t].zero, 0);
        quantised_finish(&z);
    }
}

// Zero is one of the numbers, and the ends of the range are within a step of what was seen.
static void zero_point_reach(void **state) {
    (void)state;
    struct quantised_network z;
    quantised_graph(&z, THROUGH("const v 3 4 3 3\nConv a x w\nConv b a v\nout b\n"), 20, 2);
    z.how.affine = true;
    quantised_make(&z, W8A8);
    const struct mp_qtensor *t = tensor(&z, "a");
    const struct mp_histogram *h = z.calibration.tensors[output_of(&z.net, "a")];
    assert_true(t->zero >= -128 && t->zero <= 127 && t->zero != 0);
    assert_int_equal(mp_quantise(t, 0), t->zero);
    assert_true(fabs(t->scale * (127 - t->zero) - (double)h->high) <= t->scale);
    assert_true(fabs(t->scale * (-128 - t->zero) - (double)h->low) <= t->scale);
    quantised_finish(&z);
}

// Layers by their definition

struct one {
    struct quantised_network *z;
    struct mp_integer *r;
    double **real; // by tensor: what its numbers stand for
    double most;   // largest error, in steps of the output beyond what rounding explains
};

static double product_at(const struct one *k, size_t layer, uint64_t c, uint64_t y, uint64_t x) {
    const struct mp_layer *l = &k->z->net.workload.layers[layer];
    const struct mp_qlayer *q = &k->z->q.layers[layer];
    const struct mp_geometry *g = &l->geo;
    double sum = (double)k->z->net.params[layer].bias[c];
    for (uint64_t i = 0; i < g->ic; i++)
        for (uint64_t kh = 0; kh < g->kh; kh++)
            for (uint64_t kw = 0; kw < g->kw; kw++) {
                int64_t row = (int64_t)(y * g->sh + kh * g->dh) - (int64_t)g->pt;
                int64_t col = (int64_t)(x * g->sw + kw * g->dw) - (int64_t)g->pl;
                if (row < 0 || col < 0 || row >= (int64_t)g->ih || col >= (int64_t)g->iw)
                    continue;
                int32_t w = q->weight[((c * g->ic + i) * g->kh + kh) * g->kw + kw];
                uint64_t plane = (c / g->oc * g->ic + i) * g->ih;
                sum += q->weight_scale[c] * (q->odd ? 2 * w + 1 : w) *
                       k->real[l->inputs[0]][(plane + (uint64_t)row) * g->iw + (uint64_t)col];
            }
    return sum;
}

static double clamped(const struct mp_qtensor *t, const struct mp_qlayer *q, double x) {
    return fmax(q->low, fmin(q->high, x / t->scale + t->zero));
}

// Half a step from the output's rounding, and half a step of the sum from the bias's.
static void check_product(struct one *k, size_t layer) {
    const struct mp_layer *l = &k->z->net.workload.layers[layer];
    const struct mp_geometry *g = &l->geo;
    const struct mp_qtensor *out = &k->z->q.tensors[l->output], *in = &k->z->q.tensors[l->inputs[0]];
    const double *got = k->real[l->output];
    for (uint64_t c = 0; c < g->groups * g->oc; c++)
        for (uint64_t p = 0; p < g->oh * g->ow; p++) {
            double want = clamped(out, &k->z->q.layers[layer], product_at(k, layer, c, p / g->ow, p % g->ow));
            double slack = 0.5 + 0.5 * in->scale * k->z->q.layers[layer].weight_scale[c] / out->scale;
            k->most = fmax(k->most, fabs(*got++ / out->scale + out->zero - want) - slack);
        }
}

static void run_image(struct one *k, uint64_t i) {
    const struct mp_workload *w = &k->z->net.workload;
    struct mp_arena scratch = {0};
    float *image = mp_arena_alloc(&scratch, elements_of(&w->tensors[0]), sizeof *image);
    mp_dataset_image(&k->z->data, i, image);
    mp_integer_input(k->r, 0, image);
    mp_integer_run(k->r);
    k->real = mp_arena_alloc(&scratch, w->tensor_count, sizeof *k->real);
    for (size_t t = 0; t < w->tensor_count; t++) {
        const size_t count = elements_of(&w->tensors[t]);
        int32_t *q = mp_arena_alloc(&scratch, count, sizeof *q);
        k->real[t] = mp_arena_alloc(&scratch, count, sizeof **k->real);
        mp_integer_take(k->r, t, q);
        for (size_t e = 0; e < count; e++)
            k->real[t][e] = k->z->q.tensors[t].scale * (q[e] - k->z->q.tensors[t].zero);
    }
    for (size_t l = 0; l < w->layer_count; l++)
        if (mp_layer_has_weights(&w->layers[l]))
            check_product(k, l);
    mp_arena_finish(&scratch);
}

static void check_layers(struct quantised_network *z, const char *plan) {
    struct mp_err err;
    quantised_make(z, plan);
    struct one k = {.z = z, .r = mp_integer_create(&z->q, &(struct mp_integer_options){.accumulator = {.bits = 32}}, &err),
                    .most = -1};
    assert_non_null(k.r);
    for (uint64_t i = 0; i < z->data.count && i < 10; i++)
        run_image(&k, i);
    if (k.most > 1e-6)
        fail_msg("%g steps off", k.most);
    assert_true(k.most > -0.1); // rounding comes that near to its bound
    mp_integer_destroy(k.r);
}

#define CHAIN \
    "in x 1 4 8 8\nconst w 6 2 3 3\nconst b 6\nConv a x w b group=2 strides=2,1\nconst v 5 6 2 2\nconst c 5\n" \
    "Conv d a v c\nRelu r d\nconst u 4 5 3 3\nConv e r u - pads=1,1,1,1\nout e\n"

static void layers_are_their_definition(void **state) {
    (void)state;
    static const char *const plans[] = {W8A8, "'default': {'w_bits': 4, 'a_bits': 5}",
                                        "'default': {'w_bits': 2, 'a_bits': 8, 'encoding': 'odd'}"};
    for (size_t i = 0; i < 3; i++)
        for (unsigned how = 0; how < 8; how++) {
            struct quantised_network z;
            quantised_graph(&z, CHAIN, 20, 0.5f);
            z.how.affine = how & 1;
            z.how.power_of_two = how & 2;
            z.how.activations = how & 4 ? MP_RANGE_MSE : MP_RANGE_MINMAX;
            check_layers(&z, plans[i]);
            assert_true((tensor(&z, "a")->zero != 0 || z.q.tensors[0].zero != 0) == z.how.affine);
            quantised_finish(&z);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shared_scales), cmocka_unit_test(shared_numbers_fit), cmocka_unit_test(zero_points),
        cmocka_unit_test(zero_point_reach), cmocka_unit_test(layers_are_their_definition),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
