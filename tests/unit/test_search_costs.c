// SPDX-License-Identifier: Apache-2.0
// Tables of costs: sums of terms are what evaluating the plan gives, for any number of threads.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/spec_fixture.h"
#include "tests/unit/term_fixture.h"

#define W(bits) (1u << (bits))

static void agree(const char *arch, const char *workload, uint32_t set) {
    struct term_bench b;
    term_begin(&b, arch, workload);
    b.o.w_set = b.o.a_set = set;
    assert_ok(term_make(&b), b.err);
    assert_null(b.stats.warning);
    term_check(&b, 4);
    mp_arena_finish(&b.a);
}

static void sums_of_terms_are_evaluations(void **state) {
    (void)state;
    static const char *const archs[] = {"bitfusion", "bitserial_4x4", "loom_like"};
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++) {
        agree(archs[i], "resnet8", W(2) | W(3) | W(8));
        agree(archs[i], "resnet20", W(4) | W(8));
        agree(archs[i], "mobilenet_v2", W(4) | W(8));
        agree(archs[i], "bert_base_128", W(4) | W(8));
        agree(archs[i], "squeezenet1_1", W(3) | W(8));
        agree(archs[i], "lstm_ptb", W(2) | W(8));
    }
}

static void with_slices(void **state) {
    (void)state;
    static const char *const archs[] = {"bitfusion", "bitserial_4x4", "loom_like"};
    for (size_t i = 0; i < sizeof archs / sizeof *archs; i++) {
        struct term_bench b;
        term_begin(&b, archs[i], "resnet8");
        b.o.slices = 3;
        b.o.encoding = i == 1 ? MP_ODD : MP_TWOS;
        b.o.batch = 1 + i;
        b.job.objective = (enum mp_objective)i;
        assert_ok(term_make(&b), b.err);
        term_check(&b, 8);
        mp_arena_finish(&b.a);
        term_begin(&b, archs[i], "mobilenet_v2"); // slices of whole groups
        b.o.w_set = W(4) | W(8), b.o.a_set = W(8);
        b.o.slices = 2;
        assert_ok(term_make(&b), b.err);
        term_check(&b, 3);
        mp_arena_finish(&b.a);
    }
}

static void with_links_ties_and_open_ends(void **state) {
    (void)state;
    struct term_bench b;
    term_begin(&b, "bitserial_4x4", "resnet8");
    b.o.tie = true;
    assert_ok(term_make(&b), b.err);
    term_check(&b, 4);
    b.o.tie = false, b.o.open_ends = true, b.o.output_bits = 16;
    const char *first = NULL, *second = NULL;
    for (size_t l = 0; l < b.w.layer_count; l++)
        if (mp_layer_on_array(&b.w.layers[l])) {
            second = second ? second : first ? b.w.layers[l].name : NULL;
            first = first ? first : b.w.layers[l].name;
        }
    const char *link = mp_arena_printf(&b.a, "%s,%s:w", first, second);
    b.o.links = &link, b.o.link_count = 1;
    assert_ok(term_make(&b), b.err);
    term_check(&b, 4);
    mp_arena_finish(&b.a);
}

static void same_for_any_threads(void **state) {
    (void)state;
    struct term_bench b;
    term_begin(&b, "bitserial_4x4", "resnet8");
    b.o.slices = 2;
    assert_ok(term_make(&b), b.err);
    const struct mp_term *one = b.terms;
    const struct mp_cost_stats stats = b.stats;
    assert_true(stats.entries > stats.mapped && stats.mapped > 0 && stats.cached == 0);
    b.job.threads = 3;
    assert_ok(term_make(&b), b.err);
    term_same(&b, one, b.terms);
    assert_int_equal(b.stats.mapped, stats.mapped);
    assert_int_equal(b.stats.entries, stats.entries);
    mp_arena_finish(&b.a);
}

static bool at_once(void) {
    return true;
}

static void can_be_stopped(void **state) {
    (void)state;
    struct term_bench b;
    term_begin(&b, "bitserial_4x4", "resnet8");
    b.job.stopped = at_once;
    assert_fails(term_make(&b), b.err, "interrupted");
    mp_arena_finish(&b.a);
}

static void variables_of_terms(void **state) {
    (void)state;
    struct term_bench b;
    term_begin(&b, "bitserial_16x16", term_sum_net);
    b.o.open_ends = true;
    assert_ok(term_make(&b), b.err);
    assert_int_equal(b.s.decision_count, 9); // in, a:w, b:a, b:w, b's output, c:a, c:w, d:a, d:w
    static const size_t count[] = {3, 3, 3, 0, 3, 2};
    for (size_t l = 0; l < b.w.layer_count; l++)
        assert_int_equal(b.terms[l].var_count, count[l]);
    assert_string_equal(b.s.decisions[b.terms[2].vars[0]].name, "b:a");
    assert_string_equal(b.s.decisions[b.terms[2].vars[1]].name, "b");
    assert_string_equal(b.s.decisions[b.terms[2].vars[2]].name, "c:a");
    for (int c = 0; c < MP_COSTS; c++)
        assert_true(b.terms[3].cost[c][0] == 0);
    assert_int_equal(b.stats.entries, 3 * 27 + 1 + 27 + 9);
    term_check(&b, 30);
    mp_arena_finish(&b.a);
}

static void errors_are_those_of_evaluation(void **state) {
    (void)state;
    struct term_bench b;
    term_begin(&b, "bitserial_16x16", term_sum_net);
    b.arch.array.accumulator.bits = 12;
    assert_fails(term_make(&b), b.err,
                 "arch \"bitserial_16x16\": /array/accumulator/bits: too narrow for one step of layer \"a\" at 8 x 8 "
                                  "bits: must be at least 20 (got 12)");
    mp_arena_finish(&b.a);
    term_begin(&b, "bitserial_16x16",
          "{'name': 'n', 'inputs': [{'name': 'in', 'shape': [4, 32, 32]}], 'layers': ["
          "{'name': 'a', 'type': 'conv2d', 'inputs': ['in'], 'out_channels': 4, 'kernel': [1, 1]},"
          "{'name': 'b', 'type': 'conv2d', 'inputs': ['a'], 'out_channels': 4, 'kernel': [32, 32]}]}");
    b.arch.buffers[MP_WEIGHT].size_bytes = 1024;
    b.job.threads = 2;
    assert_fails(term_make(&b), b.err,
                 "arch \"bitserial_16x16\", layer \"b\": buffers/weight: too small for any tile: needs at least 2048 "
                                  "bytes with double buffering");
    mp_arena_finish(&b.a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_of_terms_are_evaluations),
        cmocka_unit_test(with_slices),
        cmocka_unit_test(with_links_ties_and_open_ends),
        cmocka_unit_test(same_for_any_threads),
        cmocka_unit_test(can_be_stopped),
        cmocka_unit_test(variables_of_terms),
        cmocka_unit_test(errors_are_those_of_evaluation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
