// SPDX-License-Identifier: Apache-2.0
// Solvers that measure, on the shipped network with few images, and the oracle behind them: what is found keeps everything, for
// any number of threads; budgets, logs, and a space that is small enough to measure every plan.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/file.h"
#include "sim/search/seek.h"
#include "sim/search/solvers.h"
#include "tests/unit/data_fixture.h"
#include "tests/unit/search_bed.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <string.h>

#define W(bits) (1u << (bits))

// With an oracle of its own. Returns what the oracle counted.
static struct mp_oracle_stats run(struct search_bed *b, const struct mp_solver *solver) {
    struct mp_err err;
    b->job.oracle = mp_oracle_create(&b->how, &err);
    if (!b->job.oracle)
        fail_msg("%s", err.text);
    assert_ok(mp_search_run(&b->job, solver, &b->m.z.arena, &b->r, &err), err);
    const struct mp_oracle_stats stats = mp_oracle_stats(b->job.oracle);
    assert_ok(mp_oracle_destroy(b->job.oracle, &err), err);
    b->job.oracle = NULL;
    return stats;
}

static bool same_options(const struct search_bed *b, const struct mp_point *x, const struct mp_point *y) {
    return memcmp(x->option, y->option, b->p.var_count) == 0;
}

static double drop_of(const struct search_bed *b, const struct mp_point *p) {
    return mp_drop_of(b->job.drop, &p->at, b->job.reference);
}

// What holds of every result: what was found is the best of what was measured, keeps everything and is counted once.
static void check(const struct search_bed *b, const struct mp_oracle_stats *stats) {
    assert_int_equal(b->r.measured_count, stats->evaluations);
    assert_true(stats->evaluations <= b->how.max_evals);
    bool any = false;
    double least = INFINITY;
    for (size_t i = 0; i < b->r.measured_count; i++) {
        const struct mp_point *p = &b->r.measured[i];
        bool keeps = drop_of(b, p) <= b->job.max_drop + 1e-12;
        assert_true(p->measured && p->at.images == b->m.z.data.count);
        for (size_t q = 0; q <= MP_COSTS; q++)
            keeps = keeps && p->sum[q] <= b->job.bound[q];
        for (size_t k = 0; k < i; k++)
            assert_false(same_options(b, p, &b->r.measured[k]));
        any = any || keeps;
        least = keeps ? fmin(least, mp_seek_objective(&b->job, p)) : least;
    }
    assert_int_equal(b->r.found, any);
    assert_true(!b->r.found || fabs(mp_seek_objective(&b->job, &b->r.best) - least) <= 0);
    assert_true(b->r.found || b->r.why || b->r.out_of_budget);
}

static const struct mp_solver *const measuring[] = {&mp_solver_greedy, &mp_solver_bisection, &mp_solver_descent,
                                                    &mp_solver_random, &mp_solver_exact,     &mp_solver_nsga2};
#define MEASURING (sizeof measuring / sizeof measuring[0])

static void set_case(struct search_bed *b, size_t i) {
    static const double drops[] = {0.05, 0.05, 0.03};
    search_job(b, i == 2 ? MP_DROP_QUANTITY : MP_COST_AT(MP_COST_ENERGY), i == 2 ? INFINITY : drops[i]);
    b->how.max_evals = 60;
    if (i > 0) {
        const uint8_t *widest = mp_arena_alloc(&b->m.z.arena, b->p.var_count, 1);
        b->job.bound[MP_COST_AT(MP_COST_LATENCY)] = 0.8 * mp_problem_cost(&b->p, MP_COST_LATENCY, widest);
        b->job.bound[MP_COST_AT(MP_COST_SIZE)] = 0.7 * mp_problem_cost(&b->p, MP_COST_SIZE, widest);
    }
}

// All solvers, bounds, --refine, and threads.
static void keep_everything(void **state) {
    (void)state;
    struct search_bed b, three;
    search_glyphs(&b, 1);
    search_glyphs(&three, 3);
    for (size_t i = 0; i < 3; i++)
        for (size_t n = 0; n < MEASURING; n++) {
            set_case(&b, i), set_case(&three, i);
            const struct mp_oracle_stats stats = run(&b, measuring[n]), other = run(&three, measuring[n]);
            check(&b, &stats);
            // A prefix ends at the first move that harms; a descent that begins at narrow widths does not come back up.
            const bool may_fail = i == 1 && (measuring[n] == &mp_solver_bisection || measuring[n] == &mp_solver_descent);
            if (!b.r.found && !may_fail)
                fail_msg("%s, case %zu: %s", measuring[n]->name, i, b.r.why ? b.r.why : "out of budget");
            assert_true(other.evaluations == stats.evaluations && three.r.found == b.r.found);
            assert_true(!b.r.found || same_options(&b, &b.r.best, &three.r.best));
            for (size_t k = 0; k < b.r.measured_count; k++)
                assert_true(same_options(&b, &b.r.measured[k], &three.r.measured[k]) &&
                            b.r.measured[k].at.agree == three.r.measured[k].at.agree);
            const double before = b.r.found ? mp_seek_objective(&b.job, &b.r.best) : INFINITY;
            b.job.refine = true;
            const struct mp_oracle_stats refined = run(&b, measuring[n]);
            check(&b, &refined);
            assert_true(b.r.found ? mp_seek_objective(&b.job, &b.r.best) <= before : !(before < INFINITY));
            assert_true(refined.evaluations >= stats.evaluations);
        }
    search_finish(&b), search_finish(&three);
}

// The optimum by metric and costs is no worse, by them, than what another solver measures.
static void exact_is_best(void **state) {
    (void)state;
    struct search_bed b;
    search_glyphs(&b, 2);
    for (size_t q = 0; q < 3; q++) {
        set_case(&b, 1);
        b.job.objective = q, b.job.max_drop = INFINITY;
        b.job.bound[MP_HARM] = q > 0 ? 0.5 : INFINITY;
        b.how.max_evals = 25;
        run(&b, &mp_solver_exact);
        assert_true(b.r.found && b.r.proven);
        const double least = b.r.best.sum[q];
        for (size_t n = 0; n < MEASURING; n++) {
            const struct mp_oracle_stats stats = run(&b, measuring[n]);
            check(&b, &stats);
            assert_true(!b.r.found || b.r.best.sum[q] >= least * (1 - 1e-12));
        }
    }
    search_finish(&b);
}

// A metric that sees no harm anywhere: its front is one plan, all at 2 bits, which does not keep the drop. What is found lies
// between that one and the widest, and keeps it.
static void blind_metric(void **state) {
    (void)state;
    struct search_bed b;
    search_glyphs(&b, 2);
    double *none = mp_arena_alloc(&b.m.z.arena, b.m.space.unit_count * MP_WIDTHS, sizeof *none);
    mp_search_problem(&b.p, &b.m.space, none, b.p.terms, &b.m.z.arena);
    search_job(&b, MP_COST_AT(MP_COST_LATENCY), 0.1);
    b.how.max_evals = 50;
    run(&b, &mp_solver_exact);
    assert_true(b.r.found && b.r.front_count == 1);
    assert_true(mp_drop_of(b.job.drop, &b.r.best.at, b.job.reference) <= 0.1);
    size_t narrow = 0, open = 0;
    for (size_t v = 0; v < b.m.space.decision_count; v++) {
        narrow += b.r.best.option[v] > 0;
        open += b.m.space.decisions[v].option_count > 1;
    }
    assert_true(narrow > 0 && narrow < open);
    assert_true(b.r.best.sum[MP_COST_AT(MP_COST_LATENCY)] > b.r.front[0].sum[MP_COST_AT(MP_COST_LATENCY)]);
    search_finish(&b);
}

static void budgets(void **state) {
    (void)state;
    static const uint64_t most[] = {1, 2, 5};
    struct search_bed b;
    search_glyphs(&b, 2);
    for (size_t n = 0; n < MEASURING; n++)
        for (size_t i = 0; i < 3; i++) {
            search_job(&b, MP_COST_AT(MP_COST_ENERGY), n == 3 ? -1 : 0.05); // random: goes on while it finds nothing
            b.how.max_evals = most[i];
            const struct mp_oracle_stats stats = run(&b, measuring[n]);
            check(&b, &stats);
            if (n < 4)
                assert_true(b.r.out_of_budget && stats.evaluations == most[i] && b.r.found == (n != 3));
        }
    search_finish(&b);
}

// The cost that is minimised has a bound too: plans beyond it, the least harmful ones, are passed over.
static void bound_on_the_objective(void **state) {
    (void)state;
    struct search_bed b;
    search_glyphs(&b, 2);
    const uint8_t *widest = mp_arena_alloc(&b.m.z.arena, b.p.var_count, 1);
    b.job.bound[MP_COST_AT(MP_COST_ENERGY)] = 0.8 * mp_problem_cost(&b.p, MP_COST_ENERGY, widest);
    b.job.max_drop = 0.2;
    struct mp_oracle_stats stats = run(&b, &mp_solver_exact);
    check(&b, &stats);
    assert_true(b.r.found && stats.evaluations > 1);
    // Nothing keeps the drop: the reason has that of the least harmful plan within the bound.
    b.job.max_drop = -1;
    stats = run(&b, &mp_solver_exact);
    assert_true(!b.r.found && stats.evaluations > 1 && b.r.measured[0].sum[MP_COST_AT(MP_COST_ENERGY)] > 0);
    assert_string_equal(b.r.why, mp_arena_printf(&b.m.z.arena, "the least harmful plan within the bounds has a drop of %.2f %%",
                                                 100 * drop_of(&b, &b.r.measured[0])));
    b.job.bound[MP_COST_AT(MP_COST_ENERGY)] = 1;
    stats = run(&b, &mp_solver_exact);
    assert_true(!b.r.found && stats.evaluations == 0);
    assert_non_null(strstr(b.r.why, "energy is at least "));
    assert_non_null(strstr(b.r.why, "its bound is "));
    search_finish(&b);
}

static void drop_is_rounded(void **state) {
    (void)state;
    const struct mp_measured reference = {.images = 1000, .right = 900, .agree = 1000};
    const struct mp_problem none = {0};
    struct mp_err err;
    for (unsigned tenths = 1; tenths < 1000; tenths++) {
        const struct mp_search_job job = {.problem = &none, .reference = &reference, .max_drop = tenths / 10.0 / 100};
        struct mp_point p = {.measured = true, .at = {.images = 1000, .agree = 1000 - tenths}};
        const struct mp_seek s = mp_seek_begin(&job, NULL, NULL, &err);
        assert_true(mp_seek_keeps_drop(&s, &p));
        p.at.agree--;
        assert_false(mp_seek_keeps_drop(&s, &p));
        p.measured = false;
        assert_false(mp_seek_keeps_drop(&s, &p));
    }
}

// The log

static void logs(void **state) {
    const struct folder *f = *state;
    struct mp_arena scratch = {0};
    struct search_bed b;
    struct mp_err err;
    char *first, *again;
    size_t len, more;
    search_glyphs(&b, 2);
    b.how.log = in_folder(f, "log");
    const struct mp_oracle_stats whole = run(&b, &mp_solver_greedy);
    const struct mp_search_result found = b.r;
    assert_ok(mp_file_read(&scratch, b.how.log, &first, &len, &err), err);
    assert_true(whole.remembered == 0 && whole.evaluations > 5);

    assert_null(mp_oracle_create(&b.how, &err));
    assert_string_equal(err.text,
                        mp_arena_printf(&scratch, "%s: exists: give --resume to go on with it, or another name", b.how.log));
    b.how.resume = true;
    b.how.depends = "c";
    assert_null(mp_oracle_create(&b.how, &err));
    assert_string_equal(err.text, mp_arena_printf(&scratch, "%s: is the log of other plans: it was made with \"a \"b\"\", this "
                                                  "search is with \"c\"", b.how.log));
    b.how.depends = "a \"b\"";

    struct mp_oracle_stats stats = run(&b, &mp_solver_greedy);
    assert_true(stats.evaluations == whole.evaluations && stats.remembered == whole.evaluations && stats.layers == 0);
    assert_true(same_options(&b, &b.r.best, &found.best) && b.r.measured_count == found.measured_count);
    put_file(b.how.log, first, len - 5); // in the middle of the last line
    stats = run(&b, &mp_solver_greedy);
    assert_true(stats.evaluations == whole.evaluations && stats.remembered == whole.evaluations - 1);
    assert_true(same_options(&b, &b.r.best, &found.best));
    assert_ok(mp_file_read(&scratch, b.how.log, &again, &more, &err), err);
    assert_true(more == len && memcmp(first, again, len) == 0);

    b.how.log = in_folder(f, "empty");
    b.how.resume = true;
    put_file(b.how.log, "{\"schema", 8);
    assert_null(mp_oracle_create(&b.how, &err));
    assert_string_equal(err.text,
                        mp_arena_printf(&scratch, "%s: must begin with the line of a search's log (it is empty)", b.how.log));
    mp_arena_finish(&scratch);
    search_finish(&b);
}

// Budgets count plans of a log as they are asked for.
static void budgets_of_a_log(void **state) {
    const struct folder *f = *state;
    struct search_bed b;
    struct mp_oracle_stats stats;
    search_glyphs(&b, 2);
    // Half of the budget from the log, half of it new: as in one run.
    b.how.log = in_folder(f, "halves");
    b.how.resume = false, b.how.max_evals = 4;
    run(&b, &mp_solver_descent);
    b.how.resume = true, b.how.max_evals = 8;
    stats = run(&b, &mp_solver_descent);
    const struct mp_point halves = b.r.best;
    assert_true(stats.evaluations == 8 && stats.remembered == 4);
    b.how.log = NULL, b.how.resume = false;
    run(&b, &mp_solver_descent);
    assert_true(same_options(&b, &b.r.best, &halves) && b.r.measured_count == 8);

    b.how.log = in_folder(f, "halves");
    b.how.resume = true, b.how.max_evals = 3;
    stats = run(&b, &mp_solver_descent);
    assert_true(b.r.out_of_budget && stats.evaluations == 3 && stats.remembered == 3 && b.r.measured_count == 3);
    search_finish(&b);
}

static void measured_once(void **state) {
    (void)state;
    struct search_bed b;
    struct mp_err err;
    struct mp_measured first, again, other;
    search_glyphs(&b, 1);
    b.how.max_evals = 2;
    struct mp_oracle *o = mp_oracle_create(&b.how, &err);
    uint8_t *option = mp_arena_alloc(&b.m.z.arena, b.p.var_count, 1);
    mp_oracle_keep(o); // of nothing
    assert_int_equal(mp_oracle_measure(o, option, &first, &err), MP_MEASURED);
    assert_int_equal(mp_oracle_measure(o, option, &again, &err), MP_MEASURED);
    assert_memory_equal(&first, &again, sizeof first);
    assert_int_equal(mp_oracle_stats(o).evaluations, 1);
    option[0] = 2;
    assert_int_equal(mp_oracle_measure(o, option, &other, &err), MP_MEASURED);
    option[1] = 2;
    assert_int_equal(mp_oracle_measure(o, option, &other, &err), MP_OUT_OF_BUDGET);
    option[0] = option[1] = 0;
    assert_int_equal(mp_oracle_measure(o, option, &again, &err), MP_MEASURED); // it is known
    assert_int_equal(mp_oracle_stats(o).evaluations, 2);
    assert_ok(mp_oracle_destroy(o, &err), err);
    assert_true(mp_oracle_destroy(NULL, &err));
    search_finish(&b);
}

// What a step costs for the harm that it saves; INFINITY where it saves none or breaks a bound.
static double rate_of(const struct search_bed *b, const struct mp_point *from, const uint8_t *option) {
    const double saved = from->sum[MP_HARM] - mp_problem_harm(&b->p, option);
    for (size_t q = 0; q <= MP_COSTS; q++)
        if (mp_problem_sum(&b->p, q, option) > b->job.bound[q])
            return INFINITY;
    const size_t q = mp_seek_front_cost(&b->job);
    return saved > 0 ? (mp_problem_sum(&b->p, q, option) - from->sum[q]) / saved : INFINITY;
}

// Where the drop is minimised, descent begins with the step that saves most harm for its cost.
static void descent_for_the_drop(void **state) {
    (void)state;
    struct search_bed b;
    double least = INFINITY;
    search_glyphs(&b, 1);
    set_case(&b, 2);
    run(&b, &mp_solver_descent);
    assert_true(b.r.found && b.r.measured_count > 1);
    uint8_t *option = mp_arena_alloc(&b.m.z.arena, b.p.var_count, 1);
    memcpy(option, b.r.measured[0].option, b.p.var_count);
    for (size_t v = 0; v < b.p.var_count; v++) {
        for (size_t o = 0; o < b.p.vars[v].options; o++) {
            option[v] = (uint8_t)o;
            least = fmin(least, rate_of(&b, &b.r.measured[0], option));
        }
        option[v] = b.r.measured[0].option[v];
    }
    assert_true(least < INFINITY && rate_of(&b, &b.r.measured[0], b.r.measured[1].option) <= least);
    search_finish(&b);
}

// Eight plans: a solver that has measured all of them ends.
static void every_plan(void **state) {
    (void)state;
    struct search_bed b;
    search_small(&b, W(4) | W(8), 1);
    for (int i = 0; i < 2; i++) {
        search_job(&b, i == 0 ? MP_DROP_QUANTITY : MP_COST_AT(MP_COST_ENERGY), i == 0 ? INFINITY : -1);
        const struct mp_oracle_stats stats = run(&b, &mp_solver_random);
        assert_int_equal(stats.evaluations, 8);
        check(&b, &stats);
    }
    search_finish(&b);
}

// No bound on the drop: down until both bounds are kept, though size does nothing for latency.
static void lowers_every_cost(void **state) {
    (void)state;
    static const struct mp_solver *const solvers[] = {&mp_solver_greedy, &mp_solver_bisection};
    struct search_bed b;
    search_glyphs(&b, 1);
    const uint8_t *widest = mp_arena_alloc(&b.m.z.arena, b.p.var_count, 1);
    for (int i = 0; i < 2; i++) {
        search_job(&b, MP_HARM, INFINITY);
        b.job.bound[MP_COST_AT(MP_COST_LATENCY)] = 0.9 * mp_problem_cost(&b.p, MP_COST_LATENCY, widest);
        b.job.bound[MP_COST_AT(MP_COST_SIZE)] = 0.4 * mp_problem_cost(&b.p, MP_COST_SIZE, widest);
        const struct mp_oracle_stats stats = run(&b, solvers[i]);
        assert_true(b.r.found && stats.evaluations == 1 && !b.r.why);
        check(&b, &stats);
        b.job.bound[MP_COST_AT(MP_COST_SIZE)] = 1;
        run(&b, solvers[i]);
        assert_true(!b.r.found && b.r.why);
    }
    search_finish(&b);
}

// The harm of a slice that is moved is its own: z's second goes on to 2 bits before o's, though z's first was dear.
static void slices_by_themselves(void **state) {
    (void)state;
    struct search_bed b;
    search_small(&b, W(2) | W(4) | W(8), 2);
    const struct mp_space *s = &b.m.space;
    double *harm = mp_arena_alloc(&b.m.z.arena, s->unit_count * MP_WIDTHS, sizeof *harm);
    for (size_t u = 0; u < s->unit_count; u++)
        harm[u * MP_WIDTHS + 4] = 3, harm[u * MP_WIDTHS + 2] = 50;
    const size_t dear = search_unit(s, "z:w[0..1]"), cheap = search_unit(s, "z:w[2..3]");
    harm[dear * MP_WIDTHS + 4] = 100, harm[dear * MP_WIDTHS + 2] = 200;
    harm[cheap * MP_WIDTHS + 4] = 1, harm[cheap * MP_WIDTHS + 2] = 2;
    mp_search_problem(&b.p, s, harm, NULL, &b.m.z.arena);
    search_terms(&b);
    uint8_t *option = mp_arena_alloc(&b.m.z.arena, b.p.var_count, 1);
    for (size_t u = 0; u < s->unit_count; u++) {
        struct mp_move m;
        if (mp_seek_move(s, option, u, 4, &m))
            option[m.decision] = m.option;
    }
    search_job(&b, MP_HARM, INFINITY); // less than all at 4 bits: one step more
    b.job.bound[MP_COST_AT(MP_COST_SIZE)] = mp_problem_cost(&b.p, MP_COST_SIZE, option) - 1;
    run(&b, &mp_solver_greedy);
    assert_true(b.r.found && mp_space_bits(s, dear, b.r.best.option) == 4 && mp_space_bits(s, cheap, b.r.best.option) == 2);
    search_finish(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keep_everything),
        cmocka_unit_test(exact_is_best),
        cmocka_unit_test(blind_metric),
        cmocka_unit_test(budgets),
        cmocka_unit_test(bound_on_the_objective),
        cmocka_unit_test(drop_is_rounded),
        cmocka_unit_test_setup_teardown(logs, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(budgets_of_a_log, make_folder, remove_folder),
        cmocka_unit_test(measured_once),
        cmocka_unit_test(descent_for_the_drop),
        cmocka_unit_test(every_plan),
        cmocka_unit_test(lowers_every_cost),
        cmocka_unit_test(slices_by_themselves),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
