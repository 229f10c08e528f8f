// SPDX-License-Identifier: Apache-2.0
// Integer inference against the co-simulation's reference: random layers of every kind that the core has, with every set of
// inner loops that this machine runs; what the core does not have, against its definition.
#include "sim/nn/integer.h"
#include "tests/unit/random_layer.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t cases = 4000;

struct fixture {
    struct random_layer l;
    struct mp_network net;
    struct mp_layer_params params;
    struct mp_qtensor tensors[3];
    struct mp_qlayer layer;
    struct mp_qnet q;
    struct mp_channel_order ranges[MAX_RUNS];
    struct mp_layer_order order;
};

static void set_tensors(struct fixture *f) {
    const struct mp_geometry *g = &f->l.layer.geo;
    struct mp_tensor *t = f->l.tensors;
    t[0].c = g->groups * g->ic, t[0].h = g->ih, t[0].w = g->iw;
    t[2].c = g->groups * g->oc, t[2].h = g->oh, t[2].w = g->ow;
    t[1].c = t[0].c, t[1].h = t[0].h, t[1].w = t[0].w;
    if (f->l.layer.type == MP_MATMUL && f->l.layer.transpose_b)
        t[1].c = g->groups * g->ic, t[1].h = g->oc;
    else if (f->l.layer.type == MP_MATMUL)
        t[1].c = g->groups * g->oc, t[1].h = g->ic;
}

static void make(struct rng *r, struct mp_arena *a, struct fixture *f) {
    random_layer(r, a, &f->l);
    struct random_layer *l = &f->l;
    l->layer.transpose_b = rng_next(r) & 1;
    set_tensors(f);
    f->net.workload = l->workload;
    f->net.params = &f->params;
    for (size_t i = 0; i < 3; i++)
        f->tensors[i] = (struct mp_qtensor){1, 0, l->tensor_bits[i], l->tensors[i].is_signed};
    f->tensors[0].zero = l->values.pad;
    f->layer = (struct mp_qlayer){.weight = (int32_t *)l->values.weight, .odd = l->bits.encoding == MP_ODD,
                                  .requant = l->values.requant, .op = {l->values.op[0], l->values.op[1]},
                                  .low = l->values.low, .high = l->values.high};
    f->q = (struct mp_qnet){.net = &f->net, .plan = &l->plan, .tensors = f->tensors, .layers = &f->layer};
    for (size_t i = 0; i < l->run_count; i++)
        f->ranges[i] = (struct mp_channel_order){
            l->runs[i].channels, {l->tasks[i].lanes, l->maps[i].tile[MP_IC], l->maps[i].lanes == MP_ROLE_K_IC}};
    f->order = (struct mp_layer_order){f->ranges, l->run_count};
}

// One image of a tensor, from [channel][row][column].
static void put(struct mp_integer *n, const struct mp_tensor *t, size_t tensor, const int32_t *from) {
    size_t plane = t->h * t->w;
    for (size_t c = 0; c < t->c; c++)
        for (size_t p = 0; p < plane; p++)
            mp_integer_tensor(n, tensor)[p * t->c + c] = (int16_t)from[c * plane + p];
}

// The second operand of a product, from [group][N][K].
static void put_second(struct mp_integer *n, const struct fixture *f, const int32_t *from) {
    const struct mp_geometry *g = &f->l.layer.geo;
    size_t channels = f->l.tensors[1].c;
    for (size_t i = 0; i < g->groups; i++)
        for (size_t o = 0; o < g->oc; o++)
            for (size_t k = 0; k < g->ic; k++) {
                size_t at = f->l.layer.transpose_b ? o * channels + i * g->ic + k : k * channels + i * g->oc + o;
                mp_integer_tensor(n, 1)[at] = (int16_t)*from++;
            }
}

static void check(const struct fixture *f, const struct mp_kernel *kernel, const struct mp_reference *ref, uint64_t number) {
    const struct random_layer *l = &f->l;
    const struct mp_geometry *g = &l->layer.geo;
    struct mp_err err;
    const struct mp_integer_options how = {l->arch.array.accumulator, &f->order, kernel, NULL};
    struct mp_integer *n = mp_integer_create(&f->q, &how, &err);
    assert_non_null(n);
    const uint64_t in = g->groups * g->ic * g->ih * g->iw, out = g->groups * g->oc * g->oh * g->ow;
    int32_t *got = calloc(out, sizeof *got);
    for (uint64_t b = 0; b < l->plan.batch; b++) {
        put(n, &l->tensors[0], 0, l->values.input[0] + b * in);
        if (l->layer.type == MP_MATMUL)
            put_second(n, f, l->values.weight + b * g->groups * g->oc * g->ic);
        else if (l->layer.input_count > 1)
            put(n, &l->tensors[1], 1, l->values.input[1] + b * in);
        mp_integer_run(n);
        mp_integer_take(n, 2, got);
        for (uint64_t i = 0; i < out; i++)
            if (got[i] != ref->output[b * out + i])
                fail_msg("case %ju, %s, %s, output %ju: %d, expected %d", (uintmax_t)number, kernel->name,
                         mp_layer_type_names[l->layer.type], (uintmax_t)i, got[i], ref->output[b * out + i]);
    }
    assert_int_equal(mp_integer_overflows(n, 0), ref->overflows);
    free(got);
    mp_integer_destroy(n);
}

static void equal_to_the_reference(void **state) {
    (void)state;
    struct rng rng = {20261121};
    uint64_t overflowing = 0, sets = 0;
    for (const struct mp_kernel *const *k = mp_kernels; *k; k++)
        sets += (*k)->supported();
    for (uint64_t i = 0; i < cases; i++) {
        struct mp_arena arena = {0};
        static struct fixture f;
        memset(&f, 0, sizeof f);
        make(&rng, &arena, &f);
        struct mp_reference ref = {.output = mp_arena_alloc(&arena, f.l.outputs, sizeof *ref.output)};
        if (f.l.tensor_bits[2] <= 8) { // wider ones do not come about in a network
            for (size_t k = 0; k < f.l.run_count; k++)
                assert_true(mp_reference_run(&f.l.runs[k], &ref));
            for (const struct mp_kernel *const *k = mp_kernels; *k; k++)
                if ((*k)->supported())
                    check(&f, *k, &ref, i);
            overflowing += ref.overflows > 0;
        }
        mp_arena_finish(&arena);
    }
    printf("# %ju layers with %ju sets of inner loops, %ju with overflows\n", (uintmax_t)cases, (uintmax_t)sets,
           (uintmax_t)overflowing);
    assert_true(overflowing > cases / 50);
}

// The kernels' requantisation, at the ends of what it takes.
static void requantisation(void **state) {
    (void)state;
    struct rng rng = {7};
    for (int i = 0; i < 20000; i++) {
        int32_t sum[3], bias[3], mul[3];
        uint8_t shift[3];
        int16_t out[3];
        for (int c = 0; c < 3; c++) {
            int64_t x = (int64_t)(rng_next(&rng) >> rng_range(&rng, 33, 63)) * (rng_next(&rng) & 1 ? 1 : -1);
            bias[c] = (int32_t)(x / 3);
            sum[c] = (int32_t)(x - bias[c]);
            mul[c] = (int32_t)(1 + (rng_next(&rng) >> rng_range(&rng, 33, 63)) % INT32_MAX);
            shift[c] = (uint8_t)rng_range(&rng, 1, 62);
        }
        const struct mp_requant_rows rows = {bias, mul, shift};
        for (const struct mp_kernel *const *k = mp_kernels; *k; k++) {
            if (!(*k)->supported())
                continue;
            (*k)->requantise(sum, &rows, 3, -128, 127, out);
            for (int c = 0; c < 3; c++)
                assert_int_equal(out[c], mp_requantise((int64_t)sum[c] + bias[c], (uint32_t)mul[c], shift[c], -128, 127));
        }
    }
}

static void scales(void **state) {
    (void)state;
    struct mp_requant one = mp_requant_of_real(1), half = mp_requant_of_real(0.5), tiny = mp_requant_of_real(1e-30);
    assert_true(one.mul == 1u << 30 && one.shift == 30);
    assert_true(half.mul == 1u << 30 && half.shift == 31);
    assert_true(tiny.mul == 1 && tiny.shift == 62);
    struct rng rng = {3};
    for (int i = 0; i < 1000; i++) {
        double s = exp2((double)rng_range(&rng, 0, 50) - 25) * (1 + (double)rng_range(&rng, 0, 1000) / 1001);
        struct mp_requant q = mp_requant_of_real(s);
        assert_true(q.mul >= 1u << 30 && q.mul < 1u << 31 && q.shift >= 1 && q.shift <= 62);
        assert_true(fabs(ldexp(q.mul, -(int)q.shift) / s - 1) <= ldexp(1, -31));
    }
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_to_the_reference),
        cmocka_unit_test(requantisation),
        cmocka_unit_test(scales),
    };
    if (argc > 1)
        cases = strtoull(argv[1], NULL, 10);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
