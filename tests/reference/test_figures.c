// SPDX-License-Identifier: Apache-2.0
// Figures of papers that follow from a network's shapes: BitOPs of quantised ResNet-18, multiplications that ternary weights
// replace in ResNet-101.
#include "sim/eval.h"
#include "sim/import/import.h"
#include "sim/search/ternary.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <inttypes.h>
#include <stdio.h>

static void load(struct mp_workload *w, struct mp_arena *a, const char *path) {
    struct mp_err err;
    assert_ok(mp_workload_open(w, a, path, &err), err);
}

static void same_text(double got, int decimals, const char *want) {
    char text[32];
    snprintf(text, sizeof text, "%.*f", decimals, got);
    assert_string_equal(text, want);
}

// The first convolution at 8 bits, weights of the classifier at 8, all else at `bits`.
static uint64_t resnet18_bops(unsigned bits) {
    struct mp_arena a = {0};
    struct mp_arch arch;
    struct mp_workload w;
    struct mp_plan p;
    struct mp_tech *tech;
    struct mp_result out;
    struct mp_err err;
    const struct mp_options o = {.objective = MP_LATENCY};
    load(&w, &a, "configs/workloads/resnet18.json");
    const char *text = mp_arena_printf(&a, "{'name': 'p', 'workload': 'w.json', 'default': {'w_bits': %u, 'a_bits': %u}, "
                                       "'layers': {'conv1': {'w_bits': 8, 'a_bits': 8}, 'fc': {'w_bits': 8}}}", bits, bits);
    assert_ok(read_plan(&p, &a, &w, text, &err), err);
    assert_ok(mp_arch_load(&arch, &a, "configs/arch/bitserial_16x16.json", &err), err);
    assert_ok(mp_tech_load(&tech, &a, "configs/tech", arch.tech, &err), err);
    assert_ok(mp_evaluate(&arch, &w, &p, tech, &o, &a, &out, &err), err);
    const uint64_t bops = out.totals.bops;
    mp_arena_finish(&a);
    return bops;
}

// FracBits (Yang and Jin, 2020, arXiv:2007.02017), in G.
static void bitops_of_resnet18(void **state) {
    (void)state;
    const uint64_t three = resnet18_bops(3), four = resnet18_bops(4);
    print_message("# BitOPs of ResNet-18: 3 bits %" PRIu64 ", 4 bits %" PRIu64 "\n", three, four);
    same_text((double)three * 1e-9, 4, "22.8251");
    same_text((double)four * 1e-9, 4, "34.6980");
}

// Mellempudi et al., 2017, arXiv:1701.08978: "about 85 % and 98 %"; to two decimals for ResNet-101 with its strides in
// the 3x3 convolutions.
static void multiplications_of_resnet101(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    load(&w, &a, "configs/workloads/resnet101.json");
    same_text(100 * mp_ternary_share(&w, 4), 2, "84.73");
    same_text(100 * mp_ternary_share(&w, 64), 2, "97.63");
    mp_arena_finish(&a);
}

// By hand. conv1: 4 x 4 pixels, 8 outputs, 3 inputs, 3x3: 3456 MACs, all kept. conv2: 16 x 4 outputs of 8 inputs, 3x3: 4608
// MACs. fc: 10 outputs of 64 inputs: 640.
static void a_small_network(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_workload w;
    struct mp_err err;
    assert_ok(read_workload(&w, &a,
                            "{'name': 'n', 'inputs': [{'name': 'in', 'shape': [3, 4, 4]}], 'layers': ["
                            "{'name': 'conv1', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': 8, 'kernel': [3, 3], "
                            "'padding': [1, 1, 1, 1]}, {'name': 'conv2', 'type': 'conv2d', 'inputs': ['conv1'], "
                            "'out_channels': 4, 'kernel': [3, 3], 'padding': [1, 1, 1, 1]}, {'name': 'flat', 'type': 'view', "
                            "'inputs': ['conv2'], 'shape': [64, 1, 1]}, {'name': 'fc', 'type': 'linear', 'inputs': ['flat'], "
                            "'out_channels': 10}]}", &err), err);
    const double all = 3456 + 4608 + 640;
    assert_true(mp_ternary_share(&w, 1) == (4608 - 512) / all);
    assert_true(mp_ternary_share(&w, 4) == (4608 - 128 + 640 - 160) / all);
    assert_true(mp_ternary_share(&w, 5) == (4608 - 128 + 640 - 130) / all);
    assert_true(mp_ternary_share(&w, 1000) == (4608 - 64 + 640 - 10) / all);
    mp_arena_finish(&a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bitops_of_resnet18),
        cmocka_unit_test(multiplications_of_resnet101),
        cmocka_unit_test(a_small_network),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
