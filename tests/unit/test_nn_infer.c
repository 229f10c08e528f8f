// SPDX-License-Identifier: Apache-2.0
// Float inference: fast convolutions and products against the plain operators on random shapes, what is done at once and in
// place against node after node, memory that is used again.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/graph_fixture.h"
#include "tests/unit/spec_fixture.h"

#include "sim/nn/conv.h"
#include "sim/nn/conv_kernel.h"
#include "sim/nn/infer.h"

#include <math.h>
#include <string.h>

#define CASES 400

static void fill(struct mp_array *a, uint64_t *seed) {
    for (uint64_t i = 0; i < mp_shape_count(&a->shape); i++)
        a->f[i] = random_real(seed);
}

static struct mp_array random_array(struct mp_arena *a, unsigned rank, const uint64_t *dims, uint64_t *seed) {
    struct mp_shape s = shape_of(rank, dims);
    struct mp_array array = mp_array_make(a, &s, false);
    fill(&array, seed);
    return array;
}

// Largest difference, relative to values of about 1 and more.
static double difference(const float *a, const float *b, uint64_t count) {
    double most = 0;
    for (uint64_t i = 0; i < count; i++) {
        double d = fabs((double)a[i] - (double)b[i]) / (1 + fabs((double)b[i]));
        most = d > most || isnan(d) ? d : most;
    }
    return most;
}

// Node after node by the plain operators; one array a value.
static struct mp_array *run_plain(struct mp_arena *a, const struct mp_graph *g, const struct mp_array *input) {
    struct mp_array *all = mp_arena_alloc(a, g->value_count, sizeof *all);
    for (size_t v = 0; v < g->value_count; v++)
        all[v] = g->values[v].constant ? g->values[v].array
                                       : mp_array_make(a, &g->values[v].array.shape, g->values[v].array.whole);
    all[g->inputs[0]] = *input;
    for (size_t i = 0; i < g->node_count; i++) {
        const struct mp_graph_node *n = &g->nodes[i];
        const struct mp_array *in[8] = {0};
        struct mp_array *out[4] = {0};
        for (size_t k = 0; k < n->input_count; k++)
            in[k] = n->inputs[k] == MP_NO_VALUE ? NULL : &all[n->inputs[k]];
        for (size_t k = 0; k < n->output_count; k++)
            out[k] = n->outputs[k] == MP_NO_VALUE ? NULL : &all[n->outputs[k]];
        if (!g->values[n->outputs[0]].constant)
            n->op->run(g, n, in, out);
    }
    return all;
}

static int64_t below(uint64_t *seed, int64_t n) {
    return (int64_t)random_below(seed, (uint64_t)n);
}

// A convolution of any kind, as the graph's next node; returns its output.
static size_t random_conv(struct mp_graph *g, size_t x, bool flat, uint64_t *seed) {
    const struct mp_shape *s = &g->values[x].array.shape;
    int64_t kernel[2], stride[2], dilation[2], pads[4];
    unsigned axes = flat ? 1 : 2;
    uint64_t in = s->dim[1], groups = random_below(seed, 3) == 0 ? in : random_below(seed, 3) == 0 && in % 2 == 0 ? 2 : 1;
    uint64_t out = groups * (1 + random_below(seed, groups > 2 ? 3 : 20));
    for (unsigned a = 0; a < axes; a++) {
        kernel[a] = 1 + below(seed, 4);
        stride[a] = 1 + below(seed, 3);
        dilation[a] = 1 + below(seed, 3);
        pads[a] = below(seed, 4);
        pads[axes + a] = below(seed, 4);
        int64_t over = (kernel[a] - 1) * dilation[a] + 1 - pads[a] - pads[axes + a] - (int64_t)s->dim[2 + a];
        pads[a] += over > 0 ? over : 0;
    }
    size_t w = graph_random(g, 2 + axes, (uint64_t[]){out, in / groups, (uint64_t)kernel[0], (uint64_t)kernel[axes - 1]}, 0.3f,
                            seed);
    size_t b = random_below(seed, 2) ? graph_random(g, 1, &out, 1, seed) : MP_NO_VALUE;
    size_t y = graph_node(g, "Conv", 3, (size_t[]){x, w, b});
    graph_attr_ints(g, "kernel_shape", axes, kernel);
    graph_attr_ints(g, "strides", axes, stride);
    graph_attr_ints(g, "dilations", axes, dilation);
    graph_attr_ints(g, "pads", 2 * axes, pads);
    graph_attr_int(g, "group", (int64_t)groups);
    return y;
}

static size_t random_image(struct mp_graph *g, uint64_t batch, bool flat, uint64_t *seed) {
    uint64_t dims[4] = {batch, 1 + random_below(seed, 12), 1 + random_below(seed, 24), 1 + random_below(seed, 40)};
    return graph_input(g, flat ? 3 : 4, dims, false);
}

// Every set of inner loops that runs here, on images with and without room behind them.
static void check_kernels(const struct mp_graph *g, struct mp_arena *a, const struct mp_array *image, const float *want) {
    const struct mp_graph_node *n = &g->nodes[0];
    const struct mp_array *weights = &mp_node_input(g, n, 1)->array;
    const struct mp_value *bias = mp_node_input(g, n, 2);
    uint64_t count = mp_shape_count(&g->values[n->outputs[0]].array.shape);
    struct mp_conv_tail tail = {.bias = bias ? bias->array.f : NULL, .low = -HUGE_VALF, .high = HUGE_VALF};
    struct mp_window w;
    struct mp_err err;
    assert_true(mp_window_find(&w, g, n, &image->shape, &weights->shape, &err));
    float *room = mp_arena_alloc(a, mp_shape_count(&image->shape) + MP_CONV_SLACK, sizeof *room);
    memcpy(room, image->f, mp_shape_count(&image->shape) * sizeof *room);
    for (const struct mp_conv_kernel *const *k = mp_conv_kernels; *k; k++) {
        if (!(*k)->supported())
            continue;
        for (int slack = 0; slack < 2; slack++) {
            struct mp_conv *c = mp_conv_create(a, *k, &w, &weights->shape, (uint64_t)mp_attr_int(n, "group", 1), slack);
            assert_non_null(c);
            float *scratch = mp_arena_alloc(a, mp_conv_scratch(c), sizeof *scratch);
            float *got = mp_arena_alloc(a, count, sizeof *got);
            mp_conv_pack(c, weights->f);
            mp_conv_run(c, slack ? room : image->f, &tail, scratch, got);
            if (difference(got, want, count) > 1e-5)
                fail_msg("%s: off by %g", (*k)->name, difference(got, want, count));
        }
    }
}

static void convolutions(void **state) {
    (void)state;
    uint64_t seed = 11;
    for (int i = 0; i < CASES; i++) {
        struct mp_arena a = {0};
        struct mp_graph g = graph_begin(&a, 13);
        struct mp_err err;
        bool flat = i % 4 == 0;
        size_t y = random_conv(&g, random_image(&g, 1, flat, &seed), flat, &seed);
        assert_ok(mp_graph_infer(&g, &err), err);
        const struct mp_shape *s = &g.values[g.inputs[0]].array.shape;
        struct mp_array image = random_array(&a, s->rank, s->dim, &seed);
        check_kernels(&g, &a, &image, run_plain(&a, &g, &image)[y].f);
        mp_arena_finish(&a);
    }
}

// The graph by mp_infer, twice, against node after node; every value in `look` is compared.
static void check_graph(struct mp_graph *g, struct mp_arena *a, size_t count, const size_t *look, uint64_t *seed) {
    struct mp_err err;
    assert_ok(mp_graph_infer(g, &err), err);
    struct mp_infer *f = mp_infer_create(g);
    for (size_t i = 0; i < count; i++)
        mp_infer_keep(f, look[i]);
    struct mp_array *image = mp_infer_input(f, 0);
    for (int round = 0; round < 2; round++) {
        fill(image, seed);
        struct mp_array copy = mp_array_make(a, &image->shape, false);
        memcpy(copy.f, image->f, mp_shape_count(&copy.shape) * sizeof *copy.f);
        const struct mp_array *want = run_plain(a, g, &copy);
        mp_infer_run(f);
        assert_memory_equal(image->f, copy.f, mp_shape_count(&copy.shape) * sizeof *copy.f);
        for (size_t i = 0; i < count + g->output_count; i++) {
            size_t v = i < count ? look[i] : g->outputs[i - count];
            const struct mp_array *got = mp_infer_value(f, v);
            assert_true(mp_shape_equal(&got->shape, &want[v].shape));
            double off = difference(got->f, want[v].f, mp_shape_count(&got->shape));
            if (off > 1e-5)
                fail_msg("value %s: off by %g", g->values[v].name, off);
        }
    }
    mp_infer_destroy(f);
}

// Convolutions with what follows them, in batches of 1 to 3.
static void tails(void **state) {
    (void)state;
    uint64_t seed = 12;
    for (int i = 0; i < CASES / 4; i++) {
        struct mp_arena a = {0};
        struct mp_err err;
        struct mp_graph g = graph_begin(&a, i % 2 ? 13 : 10);
        size_t x = random_image(&g, 1 + random_below(&seed, 3), false, &seed), y = random_conv(&g, x, false, &seed);
        assert_ok(mp_graph_infer(&g, &err), err);
        const struct mp_shape *s = &g.values[y].array.shape;
        size_t r = graph_random(&g, s->rank, s->dim, 1, &seed), kept[1] = {y};
        if (random_below(&seed, 2))
            y = graph_node(&g, "Add", 2, i % 3 ? (size_t[]){y, r} : (size_t[]){r, y});
        if (random_below(&seed, 2)) {
            y = graph_node(&g, random_below(&seed, 2) ? "Clip" : "Relu", 1, &y);
            if (g.opset < 11 && strcmp(g.nodes[g.node_count - 1].op->name, "Clip") == 0)
                graph_attr_real(&g, "min", -0.25f);
        }
        y = graph_node(&g, "Tanh", 1, &y); // over its input
        y = graph_node(&g, "Flatten", 1, &y);
        graph_output(&g, graph_node(&g, "Neg", 1, &y));
        check_graph(&g, &a, i % 5 == 0, kept, &seed);
        mp_arena_finish(&a);
    }
}

// Large enough for a product by BLAS, with all that may follow.
static void points(void **state) {
    (void)state;
    struct mp_arena a = {0};
    uint64_t seed = 16, channels = 96;
    struct mp_graph g = graph_begin(&a, 13);
    size_t x = graph_input(&g, 4, (uint64_t[]){2, 64, 19, 20}, false);
    size_t w = graph_random(&g, 4, (uint64_t[]){channels, 64, 1, 1}, 0.2f, &seed), b = graph_random(&g, 1, &channels, 1, &seed);
    size_t v[3] = {graph_node(&g, "Conv", 2, (size_t[]){x, w})};
    v[1] = graph_node(&g, "Conv", 3, (size_t[]){x, w, b});
    v[2] = graph_node(&g, "Add", 2, (size_t[]){v[0], v[1]});
    graph_output(&g, graph_node(&g, "Relu", 1, &v[2]));
    check_graph(&g, &a, 0, NULL, &seed);
    check_graph(&g, &a, 3, v, &seed);
    mp_arena_finish(&a);
}

// An addition whose other side comes later, one that adds a value to itself, and outputs that are read again.
static void branches(void **state) {
    (void)state;
    struct mp_arena a = {0};
    uint64_t seed = 13;
    struct mp_graph g = graph_begin(&a, 13);
    size_t x = graph_input(&g, 4, (uint64_t[]){1, 4, 9, 9}, false), v[8];
    size_t w = graph_random(&g, 4, (uint64_t[]){4, 4, 1, 1}, 0.5f, &seed);
    v[0] = graph_node(&g, "Conv", 2, (size_t[]){x, w});
    v[1] = graph_node(&g, "Relu", 1, &v[0]);
    v[2] = graph_node(&g, "Conv", 2, (size_t[]){v[1], w}); // added to what is made later
    v[3] = graph_node(&g, "Conv", 2, (size_t[]){v[0], w});
    v[4] = graph_node(&g, "Add", 2, (size_t[]){v[2], v[3]});
    v[5] = graph_node(&g, "Conv", 2, (size_t[]){v[4], w});
    v[6] = graph_node(&g, "Add", 2, (size_t[]){v[5], v[5]});
    v[7] = graph_node(&g, "Relu", 1, &v[6]);
    size_t same = graph_node(&g, "Identity", 1, &x);
    graph_output(&g, v[7]);
    graph_output(&g, v[4]);
    graph_output(&g, graph_node(&g, "Relu", 1, &same)); // must not write over the input
    graph_output(&g, same);
    check_graph(&g, &a, 0, NULL, &seed);
    check_graph(&g, &a, 2, &v[2], &seed);
    mp_arena_finish(&a);
}

static void products(void **state) {
    (void)state;
    uint64_t seed = 14;
    for (int i = 0; i < CASES; i++) {
        struct mp_arena a = {0};
        struct mp_graph g = graph_begin(&a, 13);
        uint64_t rows = 1 + random_below(&seed, 5), depth = 1 + random_below(&seed, 9), cols = 1 + random_below(&seed, 7);
        size_t x, y;
        if (i % 2) {
            bool turn_x = random_below(&seed, 2), turn_y = random_below(&seed, 2);
            x = graph_input(&g, 2, turn_x ? (uint64_t[]){depth, rows} : (uint64_t[]){rows, depth}, false);
            size_t w = graph_random(&g, 2, turn_y ? (uint64_t[]){cols, depth} : (uint64_t[]){depth, cols}, 1, &seed);
            size_t c = graph_random(&g, i / 2 % 2 ? 2 : 1, i / 2 % 2 ? (uint64_t[]){rows, 1} : (uint64_t[]){cols}, 1, &seed);
            y = graph_node(&g, "Gemm", 3, (size_t[]){x, w, random_below(&seed, 3) ? c : MP_NO_VALUE});
            graph_attr_int(&g, "transA", turn_x);
            graph_attr_int(&g, "transB", turn_y);
            graph_attr_real(&g, "alpha", 0.5f);
            graph_attr_real(&g, "beta", 2);
        } else {
            unsigned rx = 1 + (unsigned)random_below(&seed, 4), ry = 1 + (unsigned)random_below(&seed, 4);
            uint64_t xs[4] = {2, random_below(&seed, 2) ? 3 : 1, rows, depth}, ys[4] = {1, 3, depth, cols};
            x = graph_input(&g, rx, xs + 4 - rx, false);
            y = graph_node(&g, "MatMul", 2,
                           (size_t[]){x, graph_random(&g, ry, ry == 1 ? &depth : ys + 4 - ry, 1, &seed)});
        }
        graph_output(&g, y);
        check_graph(&g, &a, 0, NULL, &seed);
        mp_arena_finish(&a);
    }
}

// Other weights after a reload; a side of no elements.
static void reload(void **state) {
    (void)state;
    struct mp_arena a = {0};
    uint64_t seed = 15;
    struct mp_err err;
    struct mp_graph g = graph_begin(&a, 13);
    size_t x = graph_input(&g, 4, (uint64_t[]){1, 2, 3, 3}, false);
    size_t w = graph_random(&g, 4, (uint64_t[]){1, 2, 3, 3}, 1, &seed), y = graph_node(&g, "Conv", 2, (size_t[]){x, w});
    size_t e = graph_input(&g, 2, (uint64_t[]){2, 0}, false), f0 = graph_input(&g, 2, (uint64_t[]){0, 3}, false);
    size_t none = graph_node(&g, "MatMul", 2, (size_t[]){e, f0});
    graph_output(&g, y);
    graph_output(&g, none);
    assert_ok(mp_graph_infer(&g, &err), err);
    struct mp_infer *f = mp_infer_create(&g);
    struct mp_array *image = mp_infer_input(f, 0);
    for (int i = 0; i < 18; i++)
        image->f[i] = 1;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 18; i++)
            g.values[w].array.f[i] = (float)(i + round);
        mp_infer_reload(f);
        mp_infer_run(f);
        assert_true(mp_infer_value(f, y)->f[0] == (float)(153 + 18 * round));
        assert_true(mp_infer_value(f, none)->f[5] == 0);
    }
    assert_ptr_equal(mp_infer_value(f, w), &g.values[w].array);
    mp_infer_destroy(f);
    mp_infer_destroy(NULL);
    mp_arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(convolutions), cmocka_unit_test(tails),    cmocka_unit_test(points),
        cmocka_unit_test(branches),     cmocka_unit_test(products), cmocka_unit_test(reload),
    };
    return cmocka_run_group_tests_name("nn_infer", tests, NULL, NULL);
}
