// SPDX-License-Identifier: Apache-2.0
// Speed of float inference on one core: a network of the shapes of ResNet-8 for CIFAR-10, and convolutions as they stand in
// larger networks. Prints images and multiply-adds a CPU second beside the project's goal.
#include "tests/unit/graph_fixture.h"

#include "sim/nn/infer.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double cpu_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

struct layer {
    uint64_t in, out, kernel, stride, groups;
};

static size_t conv(struct mp_graph *g, size_t x, struct layer l, uint64_t *seed) {
    float scale = 1 / (float)(l.in / l.groups * l.kernel);
    size_t w = graph_random(g, 4, (uint64_t[]){l.out, l.in / l.groups, l.kernel, l.kernel}, scale, seed);
    size_t b = graph_random(g, 1, &l.out, 0.1f, seed);
    int64_t pad = (int64_t)(l.kernel - 1) / 2, before = l.stride == 2 ? 0 : pad;
    size_t y = graph_node(g, "Conv", 3, (size_t[]){x, w, b});
    graph_attr_ints(g, "pads", 4, (int64_t[]){before, before, pad, pad});
    graph_attr_ints(g, "strides", 2, (int64_t[]){(int64_t)l.stride, (int64_t)l.stride});
    graph_attr_int(g, "group", (int64_t)l.groups);
    return y;
}

static size_t relu(struct mp_graph *g, size_t x) {
    return graph_node(g, "Relu", 1, &x);
}

static void resnet8(struct mp_graph *g) {
    uint64_t seed = 1;
    size_t x = relu(g, conv(g, graph_input(g, 4, (uint64_t[]){1, 3, 32, 32}, false), (struct layer){3, 16, 3, 1, 1}, &seed));
    for (uint64_t in = 16, out = 16; out <= 64; in = out, out *= 2) {
        size_t y = relu(g, conv(g, x, (struct layer){in, out, 3, 1 + (in != out), 1}, &seed));
        y = conv(g, y, (struct layer){out, out, 3, 1, 1}, &seed);
        if (in != out)
            x = conv(g, x, (struct layer){in, out, 1, 2, 1}, &seed);
        x = relu(g, graph_node(g, "Add", 2, (size_t[]){x, y}));
    }
    x = graph_node(g, "GlobalAveragePool", 1, &x);
    x = graph_node(g, "Flatten", 1, &x);
    size_t w = graph_random(g, 2, (uint64_t[]){10, 64}, 0.1f, &seed), b = graph_random(g, 1, (uint64_t[]){10}, 0.1f, &seed);
    x = graph_node(g, "Gemm", 3, (size_t[]){x, w, b});
    graph_attr_int(g, "transB", 1);
    graph_output(g, x);
}

static uint64_t macs(const struct mp_graph *g) {
    uint64_t n = 0;
    for (size_t i = 0; i < g->node_count; i++)
        if (g->nodes[i].op->work && g->nodes[i].inputs[0] != MP_NO_VALUE && g->nodes[i].input_count == 3)
            n += g->nodes[i].op->work(g, &g->nodes[i]) * mp_shape_count(&g->values[g->nodes[i].outputs[0]].array.shape);
    return n;
}

static void measure(const char *name, struct mp_graph *g) {
    struct mp_err err;
    uint64_t seed = 2, runs = 0;
    if (!mp_graph_infer(g, &err)) {
        printf("Bail out! %s\n", err.text);
        exit(1);
    }
    struct mp_infer *f = mp_infer_create(g);
    struct mp_array *in = mp_infer_input(f, 0);
    for (uint64_t i = 0; i < mp_shape_count(&in->shape); i++)
        in->f[i] = random_real(&seed);
    mp_infer_run(f);
    double best = 1e9;
    for (unsigned round = 0; round < 5; round++) {
        double start = cpu_now(), seconds;
        for (runs = 0; (seconds = cpu_now() - start) < 0.1; runs++)
            mp_infer_run(f);
        best = seconds / (double)runs < best ? seconds / (double)runs : best;
    }
    printf("%-28s %10.2f M %14.1f /s %10.1f GMAC/s\n", name, (double)macs(g) * 1e-6, 1 / best, (double)macs(g) / best * 1e-9);
    mp_infer_destroy(f);
}

static void measure_layer(const char *name, uint64_t size, struct layer l) {
    struct mp_arena a = {0};
    struct mp_graph g = graph_begin(&a, 13);
    uint64_t seed = 3;
    graph_output(&g, conv(&g, graph_input(&g, 4, (uint64_t[]){1, l.in, size, size}, false), l, &seed));
    measure(name, &g);
    mp_arena_finish(&a);
}

int main(void) {
    struct mp_arena a = {0};
    struct mp_graph g = graph_begin(&a, 13);
    printf("float inference, one core, CPU time\n%-28s %12s %17s %17s\n", "network or layer", "MACs", "runs", "speed");
    resnet8(&g);
    measure("ResNet-8", &g);
    mp_arena_finish(&a);
    measure_layer("3x3 16 to 16, 32x32", 32, (struct layer){16, 16, 3, 1, 1});
    measure_layer("3x3 32 to 32, 16x16", 16, (struct layer){32, 32, 3, 1, 1});
    measure_layer("3x3 64 to 64, 8x8", 8, (struct layer){64, 64, 3, 1, 1});
    measure_layer("3x3 16 to 32, 32x32 by 2", 32, (struct layer){16, 32, 3, 2, 1});
    measure_layer("7x7 3 to 64, 224x224 by 2", 224, (struct layer){3, 64, 7, 2, 1});
    measure_layer("3x3 64 to 64, 56x56", 56, (struct layer){64, 64, 3, 1, 1});
    measure_layer("1x1 64 to 256, 56x56", 56, (struct layer){64, 256, 1, 1, 1});
    measure_layer("1x1 1024 to 512, 14x14", 14, (struct layer){1024, 512, 1, 1, 1});
    measure_layer("3x3 512 to 512, 7x7", 7, (struct layer){512, 512, 3, 1, 1});
    measure_layer("depthwise 3x3 96, 56x56", 56, (struct layer){96, 96, 3, 1, 96});
    measure_layer("depthwise 5x5 480, 14x14", 14, (struct layer){480, 480, 5, 1, 480});
    printf("goal: 2000 images of ResNet-8 a second\n");
    return 0;
}
