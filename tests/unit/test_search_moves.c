// SPDX-License-Identifier: Apache-2.0
// What solvers and reports ask of a space: moves of units, reasons of a choice; harms read from a file.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/search/harm_file.h"
#include "sim/search/reason.h"
#include "sim/search/seek.h"
#include "tests/unit/data_fixture.h"
#include "tests/unit/search_bed.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <string.h>

#define W(bits) (1u << (bits))

static void moves(void **state) {
    (void)state;
    struct search_bed b;
    struct mp_move m;
    search_small(&b, W(2) | W(4) | W(8), 2);
    const struct mp_space *s = &b.m.space;
    const size_t first = search_unit(s, "z:w[0..1]"), second = search_unit(s, "z:w[2..3]"), v = s->units[first].decision;
    uint8_t *option = mp_arena_alloc(&b.m.z.arena, b.p.var_count, 1);
    assert_int_equal(s->decisions[v].option_count, 9);
    assert_false(mp_seek_move(s, option, first, 8, &m)); // it is there
    assert_false(mp_seek_move(s, option, first, 3, &m));
    assert_true(mp_seek_move(s, option, second, 2, &m) && m.decision == v && m.unit == second && m.bits == 2 && m.option == 2);
    option[v] = m.option;
    assert_true(mp_seek_move(s, option, first, 4, &m) && m.option == 5); // the second stays at 2
    option[v] = m.option;
    assert_true(mp_space_bits(s, first, option) == 4 && mp_space_bits(s, second, option) == 2);
    assert_true(mp_seek_move(s, option, second, 8, &m) && m.option == 3);

    // Linked: one width for all.
    const char *const links[] = {"y:w,o:w"};
    const struct mp_space_options o = {.w_set = W(4) | W(8), .a_set = W(8), .slices = 1, .open_ends = true, .links = links,
                                       .link_count = 1, .output_bits = 8, .batch = 1};
    struct mp_space linked;
    struct mp_err err;
    assert_ok(mp_space_make(&linked, &b.m.z.net.workload, "p", "w.json", &o, &b.m.z.arena, &err), err);
    memset(option, 0, b.p.var_count);
    const size_t y = search_unit(&linked, "y:w"), end = search_unit(&linked, "o:w");
    assert_true(mp_seek_move(&linked, option, end, 4, &m) && m.decision == linked.units[y].decision && m.option == 1);
    option[m.decision] = m.option;
    assert_int_equal(mp_space_bits(&linked, y, option), 4);
    assert_false(mp_seek_move(&linked, option, y, 4, &m));
    search_finish(&b);
}

static void near_to(double got, double want) {
    if (!(fabs(got - want) <= 1e-12 * (1 + fabs(want))))
        fail_msg("%.17g, not %.17g", got, want);
}

static void reasons(void **state) {
    (void)state;
    struct search_bed b;
    search_small(&b, W(2) | W(4) | W(8), 2);
    const struct mp_space *s = &b.m.space;
    const size_t v = s->units[search_unit(s, "z:w[0..1]")].decision, a = s->units[search_unit(s, "y:a")].decision;
    const double *cost = b.p.terms[v].cost[MP_COST_ENERGY], *harm = b.p.vars[v].harm;
    uint8_t *option = mp_arena_alloc(&b.m.z.arena, b.p.var_count, 1);
    option[v] = 1; // 8, 4
    const struct mp_point p = {.option = option};
    const struct mp_reason *r = mp_search_reasons(&b.job, &p, &b.m.z.arena);
    assert_string_equal(r[a].fixed, "one width");
    assert_true(!r[v].fixed && r[v].up.there && r[v].up.option == 0);
    near_to(r[v].up.cost, cost[0] - cost[1]);
    near_to(r[v].up.harm, harm[0] - harm[1]);
    assert_true(r[v].down.there && r[v].down.option == 2); // 8, 2 is 10 bits, 4, 4 is 8
    near_to(r[v].down.cost, cost[2] - cost[1]);
    near_to(r[v].down.harm, harm[2] - harm[1]);
    option[v] = 0;
    r = mp_search_reasons(&b.job, &p, &b.m.z.arena);
    assert_true(!r[v].up.there && r[v].down.there); // 8, 4 or 4, 8: the cheaper
    assert_int_equal(r[v].down.option, cost[1] <= cost[3] ? 1 : 3);
    option[v] = 8;
    r = mp_search_reasons(&b.job, &p, &b.m.z.arena);
    assert_true(!r[v].down.there && r[v].up.there && (r[v].up.option == 5 || r[v].up.option == 7));
    assert_int_equal(mp_search_front_cost(&b.job), MP_COST_AT(MP_COST_ENERGY));
    b.job.objective = MP_DROP_QUANTITY;
    assert_int_equal(mp_search_front_cost(&b.job), MP_COST_AT(MP_COST_LATENCY));
    b.job.bound[MP_COST_AT(MP_COST_SIZE)] = 1;
    assert_int_equal(mp_search_front_cost(&b.job), MP_COST_AT(MP_COST_SIZE));
    search_finish(&b);
}

// Comments, empty lines, spaces, any order; widths that are not used; units without a choice may be missing.
static void harms_of_a_file(void **state) {
    static const char text[] = "unit,bits,harm\n# by hand\ny:w , 4 , 0.5\n\ny:w,8,-1e-3\nz:w,8,0\nz:w,4,2\no:w,4,1e2\n"
                               "o:w,8,+3\ny:w,3,7\nx:a,8,1\n";
    const struct folder *f = *state;
    struct search_bed b;
    struct mp_harm h;
    struct mp_err err;
    search_small(&b, W(4) | W(8), 1);
    const char *path = in_folder(f, "harm.csv");
    const size_t y = search_unit(&b.m.space, "y:w"), o = search_unit(&b.m.space, "o:w");
    char *own = patched(&b.m.z.arena, text, "x:a", b.m.space.units[0].name);
    put_file(path, own, strlen(own));
    assert_ok(mp_harm_load(path, &b.m.space, &b.m.z.arena, &h, &err), err);
    assert_string_equal(h.unit, "1");
    near_to(harm_of(&h, y, 4), 0.5);
    near_to(harm_of(&h, y, 8), -1e-3);
    near_to(harm_of(&h, y, 3), 7);
    near_to(harm_of(&h, o, 4), 100);
    near_to(harm_of(&h, o, 8), 3);
    near_to(harm_of(&h, y, 5), 0);
    char *crlf = patched(&b.m.z.arena, own, "unit,bits,harm\n", "unit,bits,harm\r\n");
    put_file(path, crlf, strlen(crlf));
    assert_ok(mp_harm_load(path, &b.m.space, &b.m.z.arena, &h, &err), err);
    char *short_of = patched(&b.m.z.arena, own, "o:w,8,+3\n", "");
    put_file(path, short_of, strlen(short_of));
    assert_fails(mp_harm_load(path, &b.m.space, &b.m.z.arena, &h, &err), err,
                 mp_arena_printf(&b.m.z.arena, "%s: unit \"o:w\" at 8 bits: missing", path));
    search_finish(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves),
        cmocka_unit_test(reasons),
        cmocka_unit_test_setup_teardown(harms_of_a_file, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
