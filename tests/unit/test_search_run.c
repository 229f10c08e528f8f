// SPDX-License-Identifier: Apache-2.0
// Solvers by metric, without images, on problems small enough to try every choice: optima, fronts, bounds, costs that do not
// add up, interruptions. Drops by hand.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/search/solvers.h"
#include "tests/unit/brute_search.h"
#include "tests/unit/random_problem.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <string.h>

#define CASES 500
#define VARS 8
#define MOST 1500 // combinations
#define KEPT 1e9  // a bound on the harm that every choice keeps

struct bench {
    struct mp_arena a;
    struct mp_problem p;
    struct brute all;
    struct mp_search_job job;
    struct mp_search_result r;
    double value, harm; // of a choice, while choices are gone through: the least
    size_t count, most;
};

static void set_job(struct bench *b, size_t objective) {
    b->job = (struct mp_search_job){
        .problem = &b->p, .objective = objective, .max_drop = INFINITY, .seed = 1, .population = 32, .generations = 30};
    for (size_t q = 0; q < MP_QUANTITIES; q++)
        b->job.bound[q] = INFINITY;
}

static void begin(struct bench *b, int seed) {
    const enum numbers numbers = (enum numbers)(seed % NUMBERS);
    struct mp_random r = {(uint64_t)seed};
    *b = (struct bench){0};
    random_problem(&b->p, &b->a, &r, numbers, VARS, MP_COSTS, MOST);
    brute_list(&b->all, &b->p, &b->a);
    for (size_t q = 0; q < MP_QUANTITIES; q++)
        b->all.tolerance[q] = numbers_tolerance(numbers, q);
    set_job(b, (size_t)seed % (MP_COSTS + 1));
}

static void run(struct bench *b, const struct mp_solver *solver) {
    struct mp_err err;
    assert_ok(mp_search_run(&b->job, solver, &b->a, &b->r, &err), err);
}

// Bounds on up to three quantities: what some choice has, so that it is possible; or less, so that it may not be.
static void draw_bounds(struct bench *b, int seed) {
    struct mp_random r = {(uint64_t)seed + 1000};
    const size_t at = (size_t)mp_random_range(&r, 0, (int64_t)b->all.count - 1);
    for (int64_t n = mp_random_range(&r, 1, 3); n > 0; n--) {
        const size_t q = (size_t)mp_random_range(&r, 0, MP_COSTS);
        b->job.bound[q] = b->all.sum[at][q] - (mp_random_range(&r, 0, 3) == 0 ? 0.4 * fabs(b->all.sum[at][q]) : 0);
    }
}

static void check_found(const struct bench *b, int seed, const char *solver) {
    const double least = brute_least(&b->all, b->job.objective, b->job.bound), tolerance = b->all.tolerance[b->job.objective];
    const struct mp_point *p = &b->r.best;
    for (size_t q = 0; q <= MP_COSTS; q++) {
        const double sum = mp_problem_sum(&b->p, q, p->option);
        if (!(fabs(sum - p->sum[q]) <= 0) || sum > b->job.bound[q] + b->all.tolerance[q])
            fail_msg("seed %d, %s: sum %zu is %.17g (%.17g), bound %.17g", seed, solver, q, p->sum[q], sum, b->job.bound[q]);
    }
    if (p->sum[b->job.objective] < least - tolerance)
        fail_msg("seed %d, %s: %.17g is less than the least, %.17g", seed, solver, p->sum[b->job.objective], least);
    if (b->r.proven && p->sum[b->job.objective] > least + tolerance)
        fail_msg("seed %d, %s: %.17g is said to be the best, %.17g is", seed, solver, p->sum[b->job.objective], least);
}

// In order, and each point within the bounds where the solver leaves the others out.
static void check_front(const struct bench *b, bool within, int seed, const char *solver) {
    for (size_t i = 0; i < b->r.front_count; i++) {
        const struct mp_point *p = &b->r.front[i];
        if (i > 0 && !(p->sum[MP_HARM] < p[-1].sum[MP_HARM]))
            fail_msg("seed %d, %s: harm of point %zu does not fall", seed, solver, i);
        for (size_t q = 0; within && q <= MP_COSTS; q++)
            if (p->sum[q] > b->job.bound[q] + b->all.tolerance[q])
                fail_msg("seed %d, %s: point %zu breaks bound %zu", seed, solver, i, q);
    }
}

// Bounded: the optimum of each solver is the best there is, or of nsga2 no better; what is impossible has a reason.
static void optima(void **state) {
    (void)state;
    int impossible = 0, equal = 0, all = 0;
    for (int seed = 0; seed < CASES; seed++) {
        const struct mp_solver *const solvers[] = {&mp_solver_exact, &mp_solver_exhaustive, &mp_solver_nsga2};
        struct bench b;
        begin(&b, seed);
        draw_bounds(&b, seed);
        const double least = brute_least(&b.all, b.job.objective, b.job.bound);
        for (int i = 0; i < 3; i++) {
            run(&b, solvers[i]);
            if (b.r.found ? !(least < INFINITY) : b.r.why == NULL)
                fail_msg("seed %d, %s: found %d, the least is %g", seed, solvers[i]->name, b.r.found, least);
            if (i < 2 && b.r.found != (least < INFINITY))
                fail_msg("seed %d, %s: %s, the least is %g", seed, solvers[i]->name, b.r.why, least);
            if (b.r.found)
                check_found(&b, seed, solvers[i]->name);
            assert_true(b.r.found || !b.r.proven);
            assert_true(i > 1 || !b.r.found || b.r.proven);
            check_front(&b, i > 0, seed, solvers[i]->name);
        }
        impossible += !(least < INFINITY);
        all += least < INFINITY;
        equal += b.r.found && b.r.best.sum[b.job.objective] <= least + b.all.tolerance[b.job.objective];
        mp_arena_finish(&b.a);
    }
    if (impossible < CASES / 20 || equal < all * 9 / 10)
        fail_msg("%d impossible, %d of %d found by nsga2", impossible, equal, all);
}

// Without bounds: exact and exhaustive have the front that brute force has.
static void fronts(void **state) {
    (void)state;
    for (int seed = 0; seed < CASES; seed++) {
        const struct mp_solver *const solvers[] = {&mp_solver_exact, &mp_solver_exhaustive};
        struct bench b;
        begin(&b, seed);
        set_job(&b, MP_COST_AT((size_t)seed % MP_COSTS));
        const size_t k = b.job.objective - 1;
        struct brute_point *want = mp_arena_alloc(&b.a, b.all.count, sizeof *want), *got;
        const size_t count = brute_front(&b.all, k, want);
        for (int i = 0; i < 2; i++) {
            run(&b, solvers[i]);
            assert_true(b.r.front_exact && b.r.unconstrained && !b.r.found && !b.r.why && !b.r.interrupted);
            got = mp_arena_alloc(&b.a, b.r.front_count, sizeof *got);
            for (size_t n = 0; n < b.r.front_count; n++)
                got[n] = (struct brute_point){b.r.front[n].sum[MP_COST_AT(k)], b.r.front[n].sum[MP_HARM]};
            if (brute_thin(&b.all, k, got, b.r.front_count) != count)
                fail_msg("seed %d, %s: %zu points, brute force %zu", seed, solvers[i]->name, b.r.front_count, count);
            for (size_t n = 0; n < count; n++)
                if (!(fabs(got[n].cost - want[n].cost) <= b.all.tolerance[MP_COST_AT(k)] &&
                      fabs(got[n].harm - want[n].harm) <= b.all.tolerance[MP_HARM]))
                    fail_msg("seed %d, %s: point %zu", seed, solvers[i]->name, n);
        }
        mp_arena_finish(&b.a);
    }
}

// Bounds on other costs force more harm than any plan of the front has that is made without them.
static void ladder_beyond_the_front(void **state) {
    (void)state;
    static const double harm[] = {0, 1, 3, 4}, latency[] = {10, 10, 1, 1}, energy[] = {10, 1, 5, 4};
    const struct mp_var var = {4, harm};
    const struct mp_term term = {.var_count = 1, .cost = {latency, energy, energy, energy, energy}};
    struct bench b = {.p = {&var, 1, &term, 1, MP_COSTS}};
    set_job(&b, MP_COST_AT(MP_COST_ENERGY));
    b.job.bound[MP_COST_AT(MP_COST_LATENCY)] = 5;
    run(&b, &mp_solver_exact);
    assert_true(b.r.found && b.r.proven && b.r.best.option[0] == 3 && !b.r.why);
    assert_int_equal(b.r.front_count, 2); // the cheapest, and the least harmful
    assert_true(b.r.front[0].option[0] == 3 && b.r.front[1].option[0] == 2);
    b.job.bound[MP_COST_AT(MP_COST_LATENCY)] = 0.5;
    run(&b, &mp_solver_exact);
    assert_true(!b.r.found && b.r.front_count == 0);
    assert_string_equal(b.r.why, "latency is at least 1 cycles, its bound is 0.5");
    mp_arena_finish(&b.a);
}

// Costs that do not add up: more, the more neighbours differ.
static bool price(void *user, const uint8_t *option, double cost[MP_COSTS], struct mp_err *err) {
    const struct mp_problem *p = user;
    double factor = 1;
    (void)err;
    for (size_t v = 1; v < p->var_count; v++)
        factor += option[v] != option[v - 1] ? 0.2 : 0;
    for (size_t k = 0; k < MP_COSTS; k++)
        cost[k] = factor * mp_problem_cost(p, k, option);
    return true;
}

static bool no_price(void *user, const uint8_t *option, double cost[MP_COSTS], struct mp_err *err) {
    size_t *left = user;
    (void)option;
    for (size_t k = 0; k < MP_COSTS; k++)
        cost[k] = 1;
    return --*left > 0 || mp_fail(err, "no price");
}

static double value_of(const struct mp_search_job *job, const double cost[MP_COSTS]) {
    return job->objective == MP_EDP_QUANTITY ? cost[MP_COST_LATENCY] * cost[MP_COST_ENERGY] : cost[job->objective - 1];
}

// The least value within the bounds.
static bool visit(void *user, const uint8_t *option, const double sum[MP_QUANTITIES]) {
    struct bench *b = user;
    struct mp_err err;
    double cost[MP_COSTS];
    memcpy(cost, sum + 1, sizeof cost);
    if (b->job.price)
        price(&b->p, option, cost, &err);
    for (size_t k = 0; k < MP_COSTS; k++)
        if (cost[k] > b->job.bound[MP_COST_AT(k)])
            return true;
    if (sum[MP_HARM] <= b->job.bound[MP_HARM])
        b->value = fmin(b->value, value_of(&b->job, cost));
    return true;
}

// Area of the front below its worst corner, by the exhaustive one's.
static double volume(const struct mp_search_job *job, const struct mp_search_result *r, double value, double harm) {
    double sum = 0;
    for (size_t i = 0; i < r->front_count; i++) {
        const struct mp_point *p = &r->front[i];
        const double above = i > 0 ? r->front[i - 1].sum[MP_HARM] : harm;
        sum += fmax(0, value - value_of(job, &p->sum[1])) * (above - p->sum[MP_HARM]);
    }
    return sum;
}

static void as_a_whole(struct bench *b, int seed) {
    struct mp_err err;
    b->job.bound[MP_HARM] = seed % 3 == 0 ? b->all.sum[b->all.count / 2][MP_HARM] : KEPT;
    b->value = INFINITY;
    mp_enumerate(&b->p, visit, b);
    assert_false(mp_search_run(&b->job, &mp_solver_exact, &b->a, &b->r, &err));
    assert_non_null(strstr(err.text, "solver exact needs costs that are sums over layers"));
    run(b, &mp_solver_exhaustive);
    assert_true(b->r.found && b->r.proven && b->r.front_exact);
    if (!(fabs(value_of(&b->job, &b->r.best.sum[1]) - b->value) <= 0))
        fail_msg("seed %d: exhaustive %.17g, the least %.17g", seed, value_of(&b->job, &b->r.best.sum[1]), b->value);
    const struct mp_search_result truth = b->r;
    const struct mp_point *end = &truth.front[truth.front_count - 1];
    b->job.population = 64, b->job.generations = 60;
    run(b, &mp_solver_nsga2);
    assert_true(b->r.found && !b->r.proven && !b->r.front_exact && value_of(&b->job, &b->r.best.sum[1]) >= b->value);
    const double value = 1.1 * value_of(&b->job, &end->sum[1]) + 1, harm = truth.front[0].sum[MP_HARM] + 1;
    const double whole = volume(&b->job, &truth, value, harm), some = volume(&b->job, &b->r, value, harm);
    if (some > whole * (1 + 1e-9) || some < 0.97 * whole)
        fail_msg("seed %d: hypervolume %g of %g", seed, some, whole);
}

static void priced(void **state) {
    (void)state;
    for (int seed = 0; seed < 40; seed++) {
        struct bench b;
        begin(&b, seed);
        for (int i = 0; i < 3; i++) {
            set_job(&b, i == 0 ? MP_COST_AT((size_t)seed % MP_COSTS) : MP_EDP_QUANTITY);
            b.job.price = i < 2 ? price : NULL;
            b.job.price_user = &b.p;
            as_a_whole(&b, seed);
        }
        mp_arena_finish(&b.a);
    }
}

static void price_fails(void **state) {
    (void)state;
    const struct mp_solver *const solvers[] = {&mp_solver_exhaustive, &mp_solver_nsga2};
    for (int i = 0; i < 2; i++) {
        struct bench b;
        struct mp_err err;
        size_t left = 3;
        begin(&b, 7);
        set_job(&b, MP_COST_AT(0));
        b.job.price = no_price, b.job.price_user = &left;
        assert_fails(mp_search_run(&b.job, solvers[i], &b.a, &b.r, &err), err, "no price");
        mp_arena_finish(&b.a);
    }
}

// Interruptions

static size_t left;

static bool after_a_while(void) {
    return left == 0 || left-- == 1;
}

// The best of the first choices in order: what an enumeration has met when it is stopped.
static bool first_ones(void *user, const uint8_t *option, const double sum[MP_QUANTITIES]) {
    struct bench *b = user;
    (void)option;
    b->value = fmin(b->value, sum[b->job.objective]);
    return ++b->count < b->most;
}

static void interrupted(void **state) {
    (void)state;
    for (int seed = 0; seed < 60; seed++) {
        struct bench b;
        begin(&b, seed);
        set_job(&b, MP_COST_AT(MP_COST_ENERGY));
        b.job.bound[MP_HARM] = KEPT;
        b.job.stopped = after_a_while;
        b.most = b.all.count / 2 + 1;
        b.value = INFINITY;
        mp_enumerate(&b.p, first_ones, &b);
        left = b.most;
        run(&b, &mp_solver_exhaustive);
        assert_true(b.r.interrupted && b.r.found && !b.r.proven && !b.r.front_exact && !b.r.why);
        assert_true(b.r.best.sum[b.job.objective] >= b.value && b.r.best.sum[b.job.objective] <= b.value);
        left = b.job.population * 5 / 2;
        run(&b, &mp_solver_nsga2);
        assert_true(b.r.interrupted && b.r.found && b.r.front_count > 0);
        left = 1;
        run(&b, &mp_solver_nsga2);
        assert_true(b.r.interrupted && !b.r.found && !b.r.why);
        left = 1;
        run(&b, &mp_solver_exact);
        assert_true(b.r.interrupted ? !b.r.found && !b.r.proven : b.r.front_exact);
        mp_arena_finish(&b.a);
    }
}

static void refuses(void **state) {
    (void)state;
    struct bench b;
    struct mp_err err;
    begin(&b, 3);
    set_job(&b, MP_COST_AT(0));
    assert_fails(mp_search_run(&b.job, &mp_solver_greedy, &b.a, &b.r, &err), err,
                 "solver greedy measures plans: it needs a trained model and images (--model, --data)");
    b.job.refine = true;
    assert_fails(mp_search_run(&b.job, &mp_solver_exhaustive, &b.a, &b.r, &err), err,
                 "--refine measures plans: it needs a trained model and images (--model, --data)");
    set_job(&b, MP_DROP_QUANTITY);
    assert_fails(mp_search_run(&b.job, &mp_solver_exact, &b.a, &b.r, &err), err,
                 "a drop is measured: it needs a trained model and images (--model, --data)");
    mp_arena_finish(&b.a);
    b = (struct bench){0};
    struct mp_random r = {1};
    random_knapsack(&b.p, &b.a, &r, INTEGERS, 23, 2, MP_COSTS);
    set_job(&b, MP_COST_AT(0));
    assert_fails(mp_search_run(&b.job, &mp_solver_exhaustive, &b.a, &b.r, &err), err,
                 "solver exhaustive takes at most 4194304 choices: there are 8388608; take fewer widths, fix or link layers, "
                 "or another solver");
    mp_arena_finish(&b.a);
}

// By hand

static void drops(void **state) {
    (void)state;
    const struct mp_measured reference = {.images = 200, .right = 190, .agree = 200, .loss = 0.25};
    const struct mp_measured m = {.images = 200, .right = 180, .agree = 185, .loss = 0.75}, none = {0};
    assert_true(fabs(mp_drop_of(MP_DROP_AGREEMENT, &m, &reference) - 0.075) < 1e-15);
    assert_true(fabs(mp_drop_of(MP_DROP_ACCURACY, &m, &reference) - 0.05) < 1e-15);
    assert_true(fabs(mp_drop_of(MP_DROP_LOSS, &m, &reference) - 0.5) < 1e-15);
    assert_true(fabs(mp_drop_of(MP_DROP_ACCURACY, &reference, &m) + 0.05) < 1e-15); // a gain
    assert_true(fabs(mp_drop_of(MP_DROP_AGREEMENT, &none, &none)) <= 0);
}

static void tables(void **state) {
    (void)state;
    size_t n = 0;
    for (; mp_solvers[n]; n++) {
        assert_string_equal(mp_solvers[n]->name, mp_solver_names[n]);
        assert_true(mp_solvers[n]->run && *mp_solvers[n]->help && *mp_solvers[n]->source);
    }
    assert_null(mp_solver_names[n]);
    assert_int_equal(n, 7);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(optima),      cmocka_unit_test(fronts),      cmocka_unit_test(ladder_beyond_the_front),
        cmocka_unit_test(priced),      cmocka_unit_test(price_fails), cmocka_unit_test(interrupted),
        cmocka_unit_test(refuses),     cmocka_unit_test(drops),       cmocka_unit_test(tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
