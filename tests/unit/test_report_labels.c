// SPDX-License-Identifier: Apache-2.0
// What results are called on a page: what tells them apart, and which networks they are of.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/report/html.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static struct mp_arena arena; // what one test makes

static int drop(void **state) {
    (void)state;
    mp_arena_finish(&arena);
    arena = (struct mp_arena){0};
    return 0;
}

static void labels(void **state) {
    static const char *const cases[][6] = { // architecture, plan and file of two results, and their labels
        {"a p", "b p", "x", "y", "a", "b"},           {"a p", "a q", "x", "y", "p", "q"},
        {"a p", "b q", "x", "y", "a, p", "b, q"},     {"a p", "a p", "d/x", "d/y", "x", "y"},
        {"a p", "a p", "d/x", "e/x", "1: x", "2: x"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct mp_saved saved[2];
        struct mp_html_result results[2];
        for (size_t k = 0; k < 2; k++) {
            const char *arch = mp_arena_printf(&arena, "%.1s", cases[i][k]);
            saved[k] = (struct mp_saved){.arch = arch, .plan = cases[i][k] + 2, .workload = "w",
                                        .path = cases[i][2 + k]};
            results[k] = (struct mp_html_result){.saved = &saved[k]};
        }
        mp_html_label(results, 2, &arena);
        assert_string_equal(results[0].label, cases[i][4]);
        assert_string_equal(results[1].label, cases[i][5]);
    }
    struct mp_saved saved[3] = {{.arch = "a", .plan = "p"}, {.arch = "a", .plan = "q"}, {.arch = "b", .plan = "p"}};
    struct mp_html_result three[3] = {{.saved = &saved[0]}, {.saved = &saved[1]}, {.saved = &saved[2]}};
    mp_html_label(three, 3, &arena);
    assert_string_equal(three[1].label, "a, q");
    saved[1].plan = "p", saved[2].arch = "a"; // one accelerator and plan
    saved[0].engine = saved[2].engine = "analytic", saved[1].engine = "event";
    saved[0].objective = saved[1].objective = "latency", saved[2].objective = "energy";
    mp_html_label(three, 3, &arena);
    assert_string_equal(three[1].label, "event, latency");
    assert_string_equal(three[2].label, "analytic, energy");
}

static void networks(void **state) {
    (void)state;
    const struct mp_saved saved[] = {{.workload = "one"}, {.workload = "two"}, {.workload = "one"}};
    const struct mp_html_result results[] = {{.saved = &saved[0]}, {.saved = &saved[2]}, {.saved = &saved[1]}};
    const struct mp_html all = {.results = results, .result_count = 3}, alike = {.results = results, .result_count = 2};
    assert_string_equal(mp_html_networks(results, 3, &arena), "one, two");
    assert_string_equal(mp_html_networks(results, 2, &arena), "one");
    assert_true(mp_html_networks_differ(&all));
    assert_false(mp_html_networks_differ(&alike));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(labels, drop),
        cmocka_unit_test_teardown(networks, drop),
    };
    return cmocka_run_group_tests_name("report_labels", tests, NULL, NULL);
}
