// SPDX-License-Identifier: Apache-2.0
// Pictures of fronts and sensitivities as trees of elements, and their axes.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/report/axis.h"
#include "tests/unit/search_report.h"
#include "tests/unit/svg_fixture.h"

#include <math.h>
#include <string.h>

static size_t count_of(const char *text, const char *what) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

static const char *front_of(struct search_bed *b) {
    b->out.len = 0;
    mp_search_front_svg(&b->r, &b->out);
    svg_well_formed(b->out.text);
    return b->out.text;
}

static void front_picture(void **state) {
    (void)state;
    struct search_bed b;
    bed_begin(&b);
    has(front_of(&b), "<title>net on tiny: harm against latency</title>");
    has(b.out.text, ">2 points, the exact front; metric fit, solver by hand<");
    has(b.out.text, "<title>found: latency 5.000 us, harm 0.250, drop of agreement 0.5 %</title>");
    has(b.out.text, "<title>uniform 8: latency 8.000 us, drop of agreement 0.2 %</title>");
    has(b.out.text, ">latency (us)<");
    has(b.out.text, ">harm (nats)<");
    has(b.out.text, ">measured drop of agreement (%)<");
    has(b.out.text, ">at most 1 %<");
    b.job.drop = MP_DROP_LOSS, b.job.max_drop = 0.001;
    has(front_of(&b), ">measured rise of loss; plans beyond the scale lie at its edge<");
    bed_finish(&b);
}

static void fronts_of_all_sizes(void **state) {
    (void)state;
    struct search_bed b;
    bed_begin(&b);
    b.found.front_count = 1;
    has(front_of(&b), ">1 point, the exact front; ");
    b.found.front_count = 0, b.found.interrupted = true;
    has(front_of(&b), ">No front; metric fit, solver by hand; interrupted<");
    b.found = (struct mp_search_result){0};
    b.r.row_count = 0;
    front_of(&b);
    has_not(b.out.text, "measured drop");
    bed_finish(&b);
}

static void equal_costs(void **state) {
    (void)state;
    struct search_bed b;
    bed_begin(&b);
    b.found.front[1] = b.found.front[0];
    b.found.front[1].sum[MP_HARM] = -0.25; // of any sign
    b.r.row_count = 0;
    front_of(&b);
    for (size_t i = 0; i < 2; i++)
        memset(b.found.front[i].sum, 0, sizeof b.found.front[i].sum);
    b.found.best = b.found.front[0];
    front_of(&b);
    bed_finish(&b);
}

static void many_points(void **state) {
    (void)state;
    struct search_bed b;
    bed_begin(&b);
    const size_t count = 5000;
    struct mp_point *front = mp_arena_alloc(&b.a, count, sizeof *front);
    for (size_t i = 0; i < count; i++)
        front[i] = bed_point(bed_options(&b, (uint8_t)(i % 3), 1), 100 * exp(-(double)i / 300), 2000 + (double)i);
    b.found.front = front, b.found.front_count = count;
    has(front_of(&b), ">5,000 points, the exact front, 600 of them drawn; ");
    has(b.out.text, ">harm (nats), log scale<");
    has(b.out.text, "<title>latency 4.000 us, harm 100</title>"); // the first
    has(b.out.text, "<title>latency 14.00 us, harm 5.80e-06</title>"); // the last
    assert_in_range(count_of(b.out.text, "<circle"), 600, 620);
    assert_true(b.out.len < 120000);
    b.out.len = 0;
    mp_search_front_csv(&b.r, &b.out);
    assert_int_equal(count_of(b.out.text, "\n"), count + 1);
    b.out.len = 0;
    mp_search_json(&b.r, &b.out);
    assert_true(b.out.len < 20000); // the front is not in it
    bed_finish(&b);
}

static void axes(void **state) {
    (void)state;
    double t[MP_AXIS_TICKS], factor;
    char text[MP_QTY_BYTES];
    struct mp_axis a = mp_axis_around(0.13, 2.9, false, 100, 700);
    assert_true(a.low == 0 && a.high == 3 && a.step == 0.5 && mp_axis_ticks(&a, t) == 7 && t[6] == 3);
    assert_true(mp_axis_at(&a, 1.5) == 400 && mp_axis_at(&a, -1) == 100 && mp_axis_at(&a, 9) == 700);
    assert_string_equal(mp_axis_label(&a, t[1], text), "0.5");
    a = mp_axis_around(0.002, 3, true, 300, 0);
    assert_true(a.step == 0 && a.low == 0.001 && a.high == 10 && mp_axis_ticks(&a, t) == 5);
    assert_true(fabs(mp_axis_at(&a, 0.1) - 150) < 1e-9 && mp_axis_at(&a, 0) == 300);
    a = mp_axis_around(0.2, 8, true, 0, 1);
    assert_true(mp_axis_ticks(&a, t) == 7 && t[1] == 0.2 && t[6] == 10); // 0.1 0.2 0.5 1 2 5 10
    a = mp_axis_around(1e-200, 1e200, true, 0, 1);
    assert_true(mp_axis_ticks(&a, t) <= MP_AXIS_TICKS);
    for (double v = -5; v <= 5; v += 5) {
        a = mp_axis_around(v, v, false, 0, 1);
        assert_true(a.low <= v && a.high >= v && a.low < a.high);
    }
    assert_string_equal(mp_axis_prefix(0.0032, &factor), "m");
    assert_true(factor == 1000);
    assert_string_equal(mp_axis_prefix(2.5e7, &factor), "M");
    assert_string_equal(mp_axis_prefix(0, &factor), "");
}

static void sensitivity_picture(void **state) {
    (void)state;
    struct sensitivity_bed s;
    bed_sense(&s);
    mp_sensitivity_svg(&s.r, &s.b.out);
    svg_well_formed(s.b.out.text);
    has(s.b.out.text, "<title>d:w at 2 bits: 2.00 nats</title>");
    has(s.b.out.text, ">harm (nats), log scale<");
    assert_int_equal(count_of(s.b.out.text, "<circle"), 12);
    s.b.harm.of[2 * MP_WIDTHS + 4] = -0.5; // no log scale
    s.b.out.len = 0;
    mp_sensitivity_svg(&s.r, &s.b.out);
    svg_well_formed(s.b.out.text);
    has(s.b.out.text, ">harm (nats)<");
    s.b.s.unit_count = 0;
    s.b.out.len = 0;
    mp_sensitivity_svg(&s.r, &s.b.out);
    svg_well_formed(s.b.out.text);
    bed_finish(&s.b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(front_picture),
        cmocka_unit_test(fronts_of_all_sizes),
        cmocka_unit_test(equal_costs),
        cmocka_unit_test(many_points),
        cmocka_unit_test(axes),
        cmocka_unit_test(sensitivity_picture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
