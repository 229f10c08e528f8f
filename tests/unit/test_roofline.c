// SPDX-License-Identifier: Apache-2.0
// Rooflines: no layer above its roof, one roof a peak, pictures of all kinds of results; where names find room.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/report/axis.h"
#include "sim/report/roofline.h"
#include "sim/report/room.h"
#include "tests/unit/result_fixture.h"
#include "tests/unit/svg_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const struct {
    const char *arch, *plan;
    size_t roofs, names; // at least so many layers are named
} cases[] = {
    {"arch/bitserial_16x16.json", "plans/resnet18_mixed.json", 6, 10},
    {"arch/bitfusion.json", "plans/bert_base_128_mixed.json", 5, 9},
    {"arch/loom_like.json", "plans/resnet50_mixed.json", 6, 10},
    {"arch/tpu_like.json", "plans/mobilenet_v2_mixed.json", 1, 15},
    {"arch/unpu_like.json", "plans/lstm_ptb_w2a2.json", 1, 3},
};

static size_t count_of(const char *text, const char *what) {
    size_t n = 0;
    for (const char *at = text; (at = strstr(at, what)); at++)
        n++;
    return n;
}

static void check_points(const struct mp_roofline *f) {
    const struct mp_result *r = f->result;
    double share = 0;
    size_t macs = 0;
    for (size_t i = 0; i < r->layer_count; i++)
        macs += r->layers[i].figures.counts.macs > 0;
    assert_int_equal(f->count, macs);
    for (size_t i = 0; i < f->count; i++) {
        const struct mp_roofline_point *p = &f->points[i];
        const double utilization = mp_utilization(&p->layer->figures);
        assert_true(p->intensity > 0 && p->attained > 0 && p->roof <= p->peak);
        assert_true(p->attained <= p->roof * (1 + 1e-9));
        assert_true(fabs(p->attained / p->peak - utilization) <= 1e-9 * utilization);
        size_t roof = 0; // each layer has its roof, mixes of widths too
        while (roof < f->roof_count && fabs(f->roofs[roof].peak / p->peak - 1) > 1e-9)
            roof++;
        assert_true(roof < f->roof_count);
        share += p->share;
    }
    assert_true(share <= 1 + 1e-9);
    for (size_t i = 1; i < f->roof_count; i++)
        assert_true(f->roofs[i].peak < f->roofs[i - 1].peak);
}

// Each roof has its name, in one unit; names of layers are text.
static void check_names(const struct mp_roofline *f, const char *svg, size_t names) {
    const bool tera = strstr(svg, ">attained (TOPS), log scale<") != NULL;
    size_t named = 0;
    assert_true(tera || strstr(svg, ">attained (GOPS), log scale<"));
    for (size_t i = 0; i < f->roof_count; i++) {
        char peak[MP_QTY_BYTES], name[64];
        mp_qty_digits(f->roofs[i].peak * (tera ? 1e-12 : 1e-9), 4, peak);
        snprintf(name, sizeof name, "%sOPS at %s", tera ? "T" : "G", f->roofs[i].bits);
        assert_true(count_of(svg, name) > 0);
        snprintf(name, sizeof name, "\">%s %sOPS at ", peak, tera ? "T" : "G");
        assert_int_equal(count_of(svg, name), 1);
    }
    for (size_t i = 0; i < f->count; i++) {
        char name[128];
        snprintf(name, sizeof name, "\">%s", f->points[i].layer->layer->name);
        const char *at = strstr(svg, name);
        const char after = at ? at[strlen(name)] : 0;
        named += after == '<' || after == ' ';
    }
    assert_true(named >= names);
}

static void laws(void **state) {
    (void)state;
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct fixture *f = result_make(cases[k].arch, cases[k].plan);
        struct mp_arena a = {0};
        struct mp_roofline roofline;
        struct mp_buf out = {0};
        mp_roofline_make(&roofline, &a, &f->result);
        assert_int_equal(roofline.roof_count, cases[k].roofs);
        assert_true(roofline.bytes_per_s == (double)f->arch.dram.bits_per_cycle / 8 * f->arch.clock_mhz * 1e6);
        check_points(&roofline);
        mp_roofline_csv(&roofline, &out);
        assert_int_equal(count_of(out.text, "\n"), roofline.count + 1);
        out.len = 0;
        mp_roofline_svg(&roofline, &out);
        svg_well_formed(out.text);
        // A rim and a mark a point, and the legend.
        assert_in_range(count_of(out.text, "<circle"), 2 * roofline.count + 1, 2 * roofline.count + 5);
        assert_int_equal(count_of(out.text, "<line class=\"c\""), roofline.roof_count);
        assert_int_equal(count_of(out.text, "<line class=\"d\""), 1);
        check_names(&roofline, out.text, cases[k].names);
        mp_buf_finish(&out);
        mp_arena_finish(&a);
        result_drop(f);
    }
}

static void without_limit_and_without_macs(void **state) {
    (void)state;
    struct fixture *f = result_make("arch/bitserial_4x4.json", "plans/resnet8_mixed.json");
    struct mp_arena a = {0};
    struct mp_roofline roofline;
    struct mp_buf out = {0};
    f->arch.dram.ops = &mp_mem_ideal;
    mp_roofline_make(&roofline, &a, &f->result);
    assert_true(roofline.bytes_per_s == 0 && roofline.points[0].roof == roofline.points[0].peak);
    mp_roofline_svg(&roofline, &out);
    svg_well_formed(out.text);
    assert_int_equal(count_of(out.text, "<line class=\"d\""), 0);
    assert_non_null(strstr(out.text, "; DRAM without limit<"));
    f->result.layer_count = 0;
    mp_roofline_make(&roofline, &a, &f->result);
    out.len = 0;
    mp_roofline_svg(&roofline, &out);
    svg_well_formed(out.text);
    assert_non_null(strstr(out.text, ">0 layers with MACs, "));
    assert_non_null(strstr(out.text, ">No layer runs on the array.<"));
    assert_null(strstr(out.text, "log scale")); // and no axes
    out.len = 0;
    mp_roofline_csv(&roofline, &out);
    assert_int_equal(count_of(out.text, "\n"), 1);
    mp_buf_finish(&out);
    mp_arena_finish(&a);
    result_drop(f);
}

static void finds_room(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_room r = {.arena = &a, .page = {0, 0, 400, 400}};
    struct mp_room_place at;
    assert_true(mp_room_beside(&r, 200, 200, 5, 10, &at));
    assert_true(at.anchor == MP_SVG_START && at.x == 208);
    assert_true(mp_room_beside(&r, 200, 200, 5, 10, &at));
    assert_true(at.anchor == MP_SVG_END && at.x == 192); // the right side is taken
    mp_room_take_line(&r, 0, 190, 400, 190);
    assert_true(mp_room_beside(&r, 200, 200, 5, 4, &at));
    assert_true(at.anchor == MP_SVG_MIDDLE && at.y > 200); // and a line runs above
    assert_true(mp_room_beside(&r, 395, 50, 2, 5, &at));
    assert_true(at.anchor == MP_SVG_END); // the page ends
    const struct mp_box all = r.page;
    mp_room_take(&r, &all);
    assert_false(mp_room_beside(&r, 200, 300, 5, 1, &at));
    for (size_t i = 0; i < 200; i++) // beyond the first room of the lists
        mp_room_take(&r, &all), mp_room_take_line(&r, 0, 0, 1, 1);
    assert_false(mp_room_beside(&r, 200, 300, 5, 1, &at));
    mp_arena_finish(&a);
}

static void finds_room_with_a_leader(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_room r = {.arena = &a, .page = {0, 0, 400, 400}};
    struct mp_room_place at;
    double x, y;
    assert_true(mp_room_near(&r, 200, 200, 5, 10, &at, &x, &y));
    assert_true(isnan(x) && at.x == 208 && r.line_count == 0); // beside it, while that is free
    for (size_t i = 0; i < 7; i++)
        assert_true(mp_room_near(&r, 200, 200, 5, 10, &at, &x, &y) == true);
    for (size_t i = 0; i < 3; i++) {
        assert_true(mp_room_near(&r, 200, 200, 5, 10, &at, &x, &y));
        assert_true(hypot(x - 200, y - 200) > 12);
        assert_true(r.lines[r.line_count - 1].leader && r.lines[r.line_count - 1].x2 == x);
    }
    // No text lies on another or below a leader.
    for (size_t i = 0; i < r.box_count; i++)
        for (size_t k = 0; k < i; k++)
            assert_true(r.boxes[i].left >= r.boxes[k].right || r.boxes[k].left >= r.boxes[i].right ||
                        r.boxes[i].top >= r.boxes[k].bottom || r.boxes[k].top >= r.boxes[i].bottom);
    const struct mp_box wall = {0, 0, 400, 400};
    mp_room_take(&r, &wall);
    assert_false(mp_room_near(&r, 200, 200, 5, 10, &at, &x, &y));
    mp_arena_finish(&a);
}

static void log_axes(void **state) {
    (void)state;
    static const struct {
        double low, high, first, last;
    } axes[] = {{0.3, 700, 0.2, 1000}, {0.25, 4, 0.2, 5}, {0.1, 10, 0.1, 10}, {3, 11, 2, 20}, {0.6, 0.9, 0.5, 1}};
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++) {
        double t[MP_AXIS_TICKS];
        const struct mp_axis x = mp_axis_log(axes[i].low, axes[i].high, 0, 100);
        const size_t n = mp_axis_ticks(&x, t);
        assert_true(fabs(x.low / axes[i].first - 1) < 1e-12 && fabs(x.high / axes[i].last - 1) < 1e-12);
        assert_true(n >= 2 && t[0] >= x.low * (1 - 1e-9) && t[n - 1] <= x.high * (1 + 1e-9));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws),
        cmocka_unit_test(without_limit_and_without_macs),
        cmocka_unit_test(finds_room),
        cmocka_unit_test(finds_room_with_a_leader),
        cmocka_unit_test(log_axes),
    };
    return cmocka_run_group_tests_name("roofline", tests, NULL, NULL);
}
