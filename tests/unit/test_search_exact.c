// SPDX-License-Identifier: Apache-2.0
// The exact solvers against brute force: on random problems (500 of each test, or as many as the argument says; each has its
// own seed), and on problems that are small in some way.
#include "sim/search/front.h"
#include "tests/unit/brute_search.h"
#include "tests/unit/cost_fixture.h"
#include "tests/unit/json_fixture.h"
#include "tests/unit/random_problem.h"
#include "tests/unit/spec_fixture.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>

#define MOST 10000 // combinations
#define VARS 12

static int cases = 500;

static void same(const struct brute *b, size_t quantity, double got, double want, int seed, const char *what) {
    if (!(fabs(got - want) <= b->tolerance[quantity]))
        fail_msg("seed %d: %s %.17g, brute force %.17g", seed, what, got, want);
}

static void sums_are_the_options(const struct brute *b, const struct mp_solution *s, int seed) {
    for (size_t v = 0; v < b->p->var_count; v++)
        assert_in_range(s->option[v], 0, b->p->vars[v].options - 1);
    for (size_t q = 0; q <= b->p->cost_count; q++)
        if (s->sum[q] < mp_problem_sum(b->p, q, s->option) || s->sum[q] > mp_problem_sum(b->p, q, s->option))
            fail_msg("seed %d: sum %zu is not that of the options", seed, q);
}

static void check_optimum(const struct brute *b, const struct mp_solve_request *r, const struct mp_solution *s, int seed) {
    const struct brute_optimum want = brute_solve(b, r);
    sums_are_the_options(b, s, seed);
    same(b, r->objective, s->sum[r->objective], want.best, seed, "optimum");
    if (want.tie_by != SIZE_MAX)
        same(b, want.tie_by, s->sum[want.tie_by], want.tie, seed, "of equal optima");
    for (size_t q = 0; q <= b->p->cost_count; q++)
        if (s->sum[q] > r->bound[q] + b->tolerance[q])
            fail_msg("seed %d: %zu is %.17g, bound %.17g", seed, q, s->sum[q], r->bound[q]);
}

// Alone; or jointly, together with bounds of quantities behind it, when no bound is tight alone.
static void check_tight(const struct brute *b, const struct mp_solve_request *r, const struct mp_solution *s, int seed) {
    struct mp_solve_request others = mp_solve_for(s->tight);
    assert_in_range(s->tight, 0, b->p->cost_count);
    for (size_t q = 0; s->jointly && q <= b->p->cost_count; q++) {
        const struct mp_solve_request free = mp_solve_for(q);
        if (brute_least(b, q, free.bound) > r->bound[q] + b->tolerance[q])
            fail_msg("seed %d: bound %zu is tight alone", seed, q);
        others.bound[q] = q > s->tight ? r->bound[q] : INFINITY;
    }
    same(b, s->tight, s->least, brute_least(b, s->tight, others.bound), seed, "least of the tight one");
    if (!(s->least > r->bound[s->tight] + b->tolerance[s->tight]))
        fail_msg("seed %d: %zu can be %.17g, bound %.17g", seed, s->tight, s->least, r->bound[s->tight]);
}

static enum mp_solve_end check_solve(const struct brute *b, const struct mp_solve_request *r, struct mp_solution *s, int seed) {
    struct mp_err err;
    s->tight = SIZE_MAX;
    const enum mp_solve_end end = mp_solve(b->p, r, NULL, s, &err);
    if (end == MP_SOLVE_FAILED)
        fail_msg("seed %d: %s", seed, err.text);
    if ((end == MP_SOLVED) != (brute_solve(b, r).best < INFINITY))
        fail_msg("seed %d: end %d, brute force says the other", seed, end);
    if (end == MP_SOLVED)
        check_optimum(b, r, s, seed);
    else
        check_tight(b, r, s, seed);
    return end;
}

static void check_front(const struct brute *b, size_t cost, struct mp_arena *a, int seed) {
    struct brute_point *want = mp_arena_alloc(a, b->count, sizeof *want);
    struct mp_front f;
    struct mp_err err;
    uint8_t option[VARS];
    assert_ok(mp_front_make(&f, b->p, cost, NULL, &err), err);
    struct brute_point *got = mp_arena_alloc(a, f.count, sizeof *got);
    for (size_t i = 0; i < f.count; i++) {
        got[i] = (struct brute_point){f.cost[i], f.harm[i]};
        if (i > 0 && !(f.cost[i] > f.cost[i - 1] && f.harm[i] < f.harm[i - 1]))
            fail_msg("seed %d: point %zu is not on the front", seed, i);
        mp_front_option(&f, i, option);
        same(b, MP_COST_AT(cost), f.cost[i], mp_problem_cost(b->p, cost, option), seed, "cost of a point's options");
        same(b, MP_HARM, f.harm[i], mp_problem_harm(b->p, option), seed, "harm of a point's options");
    }
    const size_t count = brute_thin(b, cost, got, f.count);
    if (count != brute_front(b, cost, want))
        fail_msg("seed %d: %zu points, brute force %zu", seed, count, brute_front(b, cost, want));
    for (size_t i = 0; i < count; i++) {
        same(b, MP_COST_AT(cost), got[i].cost, want[i].cost, seed, "cost of a point");
        same(b, MP_HARM, got[i].harm, want[i].harm, seed, "harm of a point");
    }
    mp_front_finish(&f);
}

static void draw(struct brute *b, struct mp_problem *p, struct mp_arena *a, struct mp_random *r, int seed, size_t costs) {
    const enum numbers numbers = (enum numbers)(seed % NUMBERS);
    random_problem(p, a, r, numbers, VARS, costs, MOST);
    brute_list(b, p, a);
    for (size_t q = 0; q <= costs; q++)
        b->tolerance[q] = numbers_tolerance(numbers, q);
}

// Often just what some combination has, sometimes the least of all; else between the least and the mean.
static double draw_bound(const struct brute *b, size_t q, struct mp_random *r) {
    const struct mp_solve_request free = mp_solve_for(q);
    const double least = brute_least(b, q, free.bound);
    double some = b->sum[mp_random_range(r, 0, (int64_t)b->count - 1)][q], mean = 0;
    for (size_t i = 0; i < b->count; i++)
        mean += b->sum[i][q] / (double)b->count;
    switch (mp_random_range(r, 0, 7)) {
    case 0: return least;
    case 1: return least - 0.1 * random_unit(r);
    case 2:
    case 3: return least + random_unit(r) * fmax(mean - least, 0);
    default: return fmin(some, fmax(mean, least));
    }
}

static void bound_some(const struct brute *b, struct mp_solve_request *r, size_t count, struct mp_random *random) {
    while (count-- > 0) {
        const size_t q = (size_t)mp_random_range(random, 0, (int64_t)b->p->cost_count);
        r->bound[q] = draw_bound(b, q, random);
    }
}

static void optimum_is_brute_force(void **state) {
    (void)state;
    int ends[2] = {0};
    for (int seed = 0; seed < cases; seed++)
        for (size_t bounds = 0; bounds <= 2; bounds++) {
            struct mp_arena a = {0};
            struct mp_random random = {(uint64_t)seed};
            struct mp_problem p;
            struct brute b;
            uint8_t option[VARS];
            struct mp_solution s = {.option = option};
            draw(&b, &p, &a, &random, seed, 2);
            struct mp_solve_request r = mp_solve_for((size_t)mp_random_range(&random, 0, 2));
            bound_some(&b, &r, bounds, &random);
            ends[check_solve(&b, &r, &s, seed)]++;
            mp_arena_finish(&a);
        }
    assert_true(ends[MP_SOLVED] > 2 * cases && ends[MP_SOLVE_IMPOSSIBLE] > cases / 20);
}

// With up to four bounds there are some of which all but the first are impossible together.
static void impossible_bounds_are_explained(void **state) {
    (void)state;
    int alone = 0, all = 0, later = 0;
    for (int seed = 0; seed < cases; seed++) {
        struct mp_arena a = {0};
        struct mp_random random = {(uint64_t)seed + 1000000};
        struct mp_problem p;
        struct brute b;
        uint8_t option[VARS];
        struct mp_solution s = {.option = option};
        draw(&b, &p, &a, &random, seed, 3);
        struct mp_solve_request r = mp_solve_for((size_t)mp_random_range(&random, 0, 3));
        for (size_t q = 0; q <= 3; q++) {
            const struct mp_solve_request free = mp_solve_for(q);
            const double room = b.tolerance[q] > 0 && b.tolerance[q] < 1e-12 ? 1e-6 : 1;
            if (mp_random_range(&random, 0, 3))
                r.bound[q] = brute_least(&b, q, free.bound) + room * (double)mp_random_range(&random, -1, 15) / 10;
        }
        if (check_solve(&b, &r, &s, seed) == MP_SOLVE_IMPOSSIBLE) {
            size_t first = 0;
            while (!(r.bound[first] < INFINITY))
                first++;
            alone += !s.jointly;
            all += s.jointly && s.tight == first;
            later += s.jointly && s.tight != first;
        }
        mp_arena_finish(&a);
    }
    print_message("# impossible: %d alone, %d jointly, %d without the first\n", alone, all, later);
    assert_true(alone > cases / 20 && all > cases / 20 && later > cases / 50);
}

static void front_is_brute_force(void **state) {
    (void)state;
    for (int seed = 0; seed < cases; seed++) {
        struct mp_arena a = {0};
        struct mp_random random = {(uint64_t)seed + 2000000};
        struct mp_problem p;
        struct brute b;
        draw(&b, &p, &a, &random, seed, 2);
        check_front(&b, (size_t)seed / NUMBERS % 2, &a, seed);
        mp_arena_finish(&a);
    }
}

// Small problems

// Both solvers, for both objectives, with bounds of just what each combination has, or a little less.
static void check_small(const struct mp_problem *p) {
    struct mp_arena a = {0};
    struct brute b;
    uint8_t option[VARS];
    struct mp_solution s = {.option = option};
    brute_list(&b, p, &a);
    b.tolerance[MP_HARM] = b.tolerance[MP_COST_AT(0)] = 1e-12;
    check_front(&b, 0, &a, -1);
    for (size_t objective = 0; objective <= 1; objective++)
        for (size_t q = 0; q <= 1; q++) {
            struct mp_solve_request r = mp_solve_for(objective);
            assert_int_equal(check_solve(&b, &r, &s, -1), MP_SOLVED);
            for (size_t i = 0; i < b.count; i++) {
                r.bound[q] = b.sum[i][q];
                assert_int_equal(check_solve(&b, &r, &s, -1), MP_SOLVED);
                r.bound[q] -= 0.01;
                check_solve(&b, &r, &s, -1);
            }
        }
    mp_arena_finish(&a);
}

static const double zeros[8], tenths[] = {0.1, 0.2, -0.3, 0.3}, falling[] = {3, 2, 1, 0}, rising[] = {0, 1, 4, 9},
                    equal[] = {2, 2, 2, 2}, negative[] = {-1, -2, -4, -3};

static void one_variable(void **state) {
    (void)state;
    const struct mp_var v[] = {{4, falling}, {1, rising + 2}, {4, negative}, {4, equal}};
    const struct mp_term t = {.vars = {0}, .var_count = 1, .cost = {rising}};
    for (size_t i = 0; i < COUNT(v); i++)
        check_small(&(struct mp_problem){&v[i], 1, &t, 1, 1});
}

static void no_variable(void **state) {
    (void)state;
    const struct mp_term t = {.cost = {rising + 3}};
    struct mp_solution s = {.option = NULL};
    struct mp_solve_request r = mp_solve_for(MP_HARM);
    struct mp_err err;
    const struct mp_problem p = {NULL, 0, &t, 1, 1};
    check_small(&p);
    assert_int_equal(mp_solve(&p, &r, NULL, &s, &err), MP_SOLVED);
    near(s.sum[1], 9, 0);
    r.bound[1] = 8;
    assert_int_equal(mp_solve(&p, &r, NULL, &s, &err), MP_SOLVE_IMPOSSIBLE);
    assert_true(s.tight == 1 && !s.jointly);
    near(s.least, 9, 0);
}

static void no_terms(void **state) {
    (void)state;
    const struct mp_var v[] = {{4, negative}, {3, falling}, {1, equal}};
    check_small(&(struct mp_problem){v, COUNT(v), NULL, 0, 1});
}

// Variable 1 has no term, a term no variable, and one comes twice.
static void loose_variables_and_terms(void **state) {
    (void)state;
    const struct mp_var v[] = {{4, falling}, {4, negative}, {2, tenths}};
    const struct mp_term t[] = {{.cost = {equal}},
                                {.vars = {0}, .var_count = 1, .cost = {rising}},
                                {.vars = {0, 2}, .var_count = 2, .cost = {zeros}},
                                {.cost = {rising + 2}},
                                {.vars = {0}, .var_count = 1, .cost = {rising}}};
    check_small(&(struct mp_problem){v, COUNT(v), t, COUNT(t), 1});
}

static void equal_options(void **state) {
    (void)state;
    const struct mp_var v[] = {{4, equal}, {4, equal}, {4, falling}};
    const struct mp_term t[] = {{.vars = {0}, .var_count = 1, .cost = {equal}},
                                {.vars = {1}, .var_count = 1, .cost = {rising}},
                                {.vars = {2}, .var_count = 1, .cost = {equal}}};
    check_small(&(struct mp_problem){v, 1, t, 1, 1});
    check_small(&(struct mp_problem){v, COUNT(v), t, COUNT(t), 1});
}

static void costs_of_zero(void **state) {
    (void)state;
    const struct mp_var v[] = {{4, falling}, {4, negative}};
    const struct mp_term t[] = {{.vars = {0}, .var_count = 1, .cost = {zeros}}, {.vars = {1}, .var_count = 1, .cost = {zeros}}};
    check_small(&(struct mp_problem){v, COUNT(v), t, COUNT(t), 1});
}

// 0.1 + 0.2 - 0.3 is 0 in one order and not in another, and nothing is large beside it.
static void sums_that_vanish(void **state) {
    (void)state;
    const double a[] = {0.1, 0.4}, b[] = {0.2, 0.5}, c[] = {-0.3, 0.1};
    const struct mp_var v[] = {{2, a}, {2, b}, {2, c}};
    const struct mp_term t[] = {{.vars = {1, 2}, .var_count = 2, .cost = {rising}},
                                {.vars = {0}, .var_count = 1, .cost = {falling}}};
    check_small(&(struct mp_problem){v, COUNT(v), t, COUNT(t), 1});
}

static bool at_once(void) {
    return true;
}

static void both_can_be_stopped(void **state) {
    (void)state;
    const struct mp_var v = {4, falling};
    const struct mp_term t = {.vars = {0}, .var_count = 1, .cost = {rising}};
    const struct mp_problem p = {&v, 1, &t, 1, 1};
    const struct mp_solve_request r = mp_solve_for(MP_HARM);
    uint8_t option[1];
    struct mp_solution s = {.option = option};
    struct mp_front f;
    struct mp_err err;
    assert_int_equal(mp_solve(&p, &r, at_once, &s, &err), MP_SOLVE_FAILED);
    assert_string_equal(err.text, "interrupted");
    assert_fails(mp_front_make(&f, &p, 0, at_once, &err), err, "interrupted");
}

int main(int argc, char **argv) {
    if (argc > 1)
        cases = atoi(argv[1]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optimum_is_brute_force), cmocka_unit_test(impossible_bounds_are_explained),
        cmocka_unit_test(front_is_brute_force),   cmocka_unit_test(one_variable),
        cmocka_unit_test(no_variable),            cmocka_unit_test(no_terms),
        cmocka_unit_test(loose_variables_and_terms), cmocka_unit_test(equal_options),
        cmocka_unit_test(costs_of_zero),          cmocka_unit_test(sums_that_vanish),
        cmocka_unit_test(both_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
