// SPDX-License-Identifier: Apache-2.0
// Speed of trained networks on one core, in float and in integers of 8 and 4 bits: the shipped network, and ResNet-8, which does
// not come with the project ($MPSIM_SHARED_DATA or ../shared/data). Prints images a CPU second beside the project's goal.
#include "sim/base/arena.h"
#include "sim/import/network.h"
#include "sim/nn/accuracy.h"
#include "sim/nn/quantise.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define IMAGES 1000
#define GOAL 2000 // ResNet-8, float and integer

static const struct mp_accumulator wide = {.bits = 32, .on_overflow = MP_SATURATE};

static void need(bool ok, const struct mp_err *err) {
    if (ok)
        return;
    printf("Bail out! %s\n", err->text);
    exit(1);
}

static void make_plan(struct mp_plan *plan, uint64_t bits, const struct mp_workload *w, struct mp_arena *a) {
    struct mp_json *doc;
    struct mp_err err;
    const char *text = mp_arena_printf(a, "{\"name\": \"p\", \"workload\": \"w\", \"default\": {\"w_bits\": %ju, \"a_bits\": %ju}}",
                                       (uintmax_t)bits, (uintmax_t)bits);
    need(mp_json_parse(&doc, "plan", text, strlen(text), &err), &err);
    struct mp_node root = mp_json_root(doc);
    need(mp_plan_read(plan, a, &root, &err) && mp_plan_resolve(plan, a, w, &err), &err);
    mp_json_destroy(doc);
}

struct bench {
    struct mp_arena arena;
    struct mp_network net;
    struct mp_dataset data;
    struct mp_calibration calibration;
};

static void load(struct bench *b, const char *model, const char *data) {
    struct mp_err err;
    *b = (struct bench){0};
    need(mp_network_load(&b->net, &b->arena, model, NULL, &err), &err);
    need(mp_dataset_open(&b->data, &b->arena, data, MP_SPLIT_TEST, IMAGES, NULL, &err), &err);
    need(mp_calibrate(&b->net, &b->data, 64, 1, NULL, &b->arena, &b->calibration, &err), &err);
    mp_quantise_signs(&b->net, &b->calibration, false);
}

// The best of three.
static void measure(struct bench *b, uint64_t bits, double *in_float, double *in_integers, const char **kernel) {
    const struct mp_quantise_options how = {.rounding = MP_ROUND_NEAREST};
    struct mp_plan plan;
    struct mp_qnet q;
    struct mp_accuracy found;
    struct mp_err err;
    *in_float = *in_integers = 0;
    make_plan(&plan, bits, &b->net.workload, &b->arena);
    need(mp_quantise_network(&b->net, &plan, &b->calibration, &how, &b->arena, &q, &err), &err);
    const struct mp_accuracy_job job = {.net = &b->net, .q = &q, .integer = {.accumulator = wide}, .data = &b->data,
                                        .images = b->data.count, .threads = 1};
    for (int round = 0; round < 3; round++) {
        need(mp_accuracy_run(&job, &b->arena, &found, &err), &err);
        double f = (double)found.images / found.float_cpu_s, i = (double)found.images / found.other_cpu_s;
        *in_float = f > *in_float ? f : *in_float;
        *in_integers = i > *in_integers ? i : *in_integers;
    }
    *kernel = found.kernel;
}

static void bench(const char *name, const char *model, const char *data, const char *goal) {
    struct bench b;
    load(&b, model, data);
    for (uint64_t bits = 8; bits >= 4; bits -= 4) {
        double in_float, in_integers;
        const char *kernel;
        measure(&b, bits, &in_float, &in_integers, &kernel);
        printf("%-10s W%juA%ju %12.0f %12.0f   %-8s%s\n", name, (uintmax_t)bits, (uintmax_t)bits, in_float, in_integers, kernel,
               goal);
    }
    mp_arena_finish(&b.arena);
}

int main(void) {
    struct mp_arena a = {0};
    const char *folder = getenv("MPSIM_SHARED_DATA"), *root = folder ? folder : "../shared/data";
    const char *resnet8 = mp_arena_printf(&a, "%s/models/resnet8_bnfolded.onnx", root);
    printf("images a CPU second\n%-15s %12s %12s   %s\n", "network", "float", "integer", "loops for");
    bench("glyphs", "configs/models/glyphs.onnx", "glyphs", "");
    if (access(resnet8, R_OK) == 0)
        bench("ResNet-8", resnet8, mp_arena_printf(&a, "%s/cifar10", root), mp_arena_printf(&a, "goal: %d each", GOAL));
    else
        printf("# skipped: no %s\n", resnet8);
    mp_arena_finish(&a);
    return 0;
}
