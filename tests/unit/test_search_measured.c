// SPDX-License-Identifier: Apache-2.0
// Solvers that measure, on the shipped network with few images, and the oracle behind them: what is found keeps everything, for
// any number of threads; budgets, logs, and spaces that are small enough to measure every plan. Moves, reasons, harms of a file.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/file.h"
#include "sim/search/harm_file.h"
#include "sim/search/reason.h"
#include "sim/search/seek.h"
#include "sim/search/solvers.h"
#include "tests/unit/data_fixture.h"
#include "tests/unit/metric_bed.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define W(bits) (1u << (bits))
#define PLENTY 100000
#define IMAGES 40

struct bench {
    struct metric_bed m;
    struct mp_problem p;
    struct mp_oracle_job how;
    struct mp_oracle *oracle;
    struct mp_search_job job;
    struct mp_search_result r;
};

// A term a decision. Latency: bits of activations; size: of weights; energy: both; of the others nothing.
static void set_terms(struct bench *b) {
    const struct mp_space *s = &b->m.space;
    struct mp_arena *a = &b->m.z.arena;
    struct mp_term *terms = mp_arena_alloc(a, s->decision_count, sizeof *terms);
    for (size_t v = 0; v < s->decision_count; v++) {
        const struct mp_decision *d = &s->decisions[v];
        double *cost[MP_COSTS];
        terms[v] = (struct mp_term){.vars = {v}, .var_count = 1};
        for (size_t k = 0; k < MP_COSTS; k++)
            terms[v].cost[k] = cost[k] = mp_arena_alloc(a, d->option_count, sizeof *cost[k]);
        for (size_t i = 0; i < d->option_count * d->unit_count; i++) {
            const size_t u = d->units[i % d->unit_count];
            const double bits = d->bits[i] * (1 + (double)(u % 3));
            cost[s->units[u].kind == MP_UNIT_WEIGHT ? MP_COST_SIZE : MP_COST_LATENCY][i / d->unit_count] += bits;
            cost[MP_COST_ENERGY][i / d->unit_count] += bits;
        }
    }
    b->p.terms = terms, b->p.term_count = s->decision_count;
}

static void set_problem(struct bench *b) {
    const struct mp_space *s = &b->m.space;
    double *harm = mp_arena_alloc(&b->m.z.arena, s->unit_count * MP_WIDTHS, sizeof *harm);
    for (size_t u = 0; u < s->unit_count; u++)
        for (size_t bits = 1; bits < MP_WIDTHS; bits++)
            harm[u * MP_WIDTHS + bits] = (double)(1 + u * 7 % 5) * pow(4, -(double)bits);
    mp_search_problem(&b->p, s, harm, NULL, &b->m.z.arena);
    set_terms(b);
}

static void set_job(struct bench *b, size_t objective, double max_drop) {
    b->job = (struct mp_search_job){.space = &b->m.space, .problem = &b->p, .objective = objective, .max_drop = max_drop,
                                    .reference = mp_measure_float(b->m.job.measure), .seed = 1, .population = 16,
                                    .generations = 10};
    for (size_t q = 0; q < MP_QUANTITIES; q++)
        b->job.bound[q] = INFINITY;
}

static void prepare(struct bench *b, unsigned threads) {
    metric_measure(&b->m, threads);
    set_problem(b);
    b->how = (struct mp_oracle_job){.measure = b->m.job.measure, .space = &b->m.space, .depends = "a \"b\"", .max_evals = PLENTY};
    set_job(b, MP_COST_AT(MP_COST_ENERGY), 0.05);
}

static void begin_glyphs(struct bench *b, unsigned threads) {
    *b = (struct bench){0};
    metric_glyphs(&b->m, IMAGES, W(2) | W(4) | W(8));
    prepare(b, threads);
}

// Three layers; two widths of weights, or slices, and one of activations.
static void begin_small(struct bench *b, uint32_t w_set, uint64_t slices) {
    *b = (struct bench){0};
    quantised_graph(&b->m.z,
                    "in x 1 3 5 5\nconst w 4 3 3 3\nconst v 4 4 1 1\nconst u 3 4 3 3\n"
                    "Conv y x w\nRelu r y\nConv z r v\nRelu s z\nConv o s u\nout o\n",
                    20, 0);
    metric_bed(&b->m, w_set, W(8), slices);
    prepare(b, 1);
}

static void finish(struct bench *b) {
    mp_measure_destroy(b->m.job.measure);
    quantised_finish(&b->m.z);
}

// With an oracle of its own. Returns what the oracle counted.
static struct mp_oracle_stats run(struct bench *b, const struct mp_solver *solver) {
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

static bool same_options(const struct bench *b, const struct mp_point *x, const struct mp_point *y) {
    return memcmp(x->option, y->option, b->p.var_count) == 0;
}

static double drop_of(const struct bench *b, const struct mp_point *p) {
    return mp_drop_of(b->job.drop, &p->at, b->job.reference);
}

// What holds of every result: what was found is the best of what was measured, keeps everything and is counted once.
static void check(const struct bench *b, const struct mp_oracle_stats *stats) {
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

static void set_case(struct bench *b, size_t i) {
    static const double drops[] = {0.05, 0.05, 0.03};
    set_job(b, i == 2 ? MP_DROP_QUANTITY : MP_COST_AT(MP_COST_ENERGY), i == 2 ? INFINITY : drops[i]);
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
    struct bench b, three;
    begin_glyphs(&b, 1);
    begin_glyphs(&three, 3);
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
    finish(&b), finish(&three);
}

// The optimum by metric and costs is no worse, by them, than what another solver measures.
static void exact_is_best(void **state) {
    (void)state;
    struct bench b;
    begin_glyphs(&b, 2);
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
    finish(&b);
}

static void budgets(void **state) {
    (void)state;
    static const uint64_t most[] = {1, 2, 5};
    struct bench b;
    begin_glyphs(&b, 2);
    for (size_t n = 0; n < MEASURING; n++)
        for (size_t i = 0; i < 3; i++) {
            set_job(&b, MP_COST_AT(MP_COST_ENERGY), n == 3 ? -1 : 0.05); // random: goes on while it finds nothing
            b.how.max_evals = most[i];
            const struct mp_oracle_stats stats = run(&b, measuring[n]);
            check(&b, &stats);
            if (n < 4)
                assert_true(b.r.out_of_budget && stats.evaluations == most[i] && b.r.found == (n != 3));
        }
    finish(&b);
}

// The cost that is minimised has a bound too: plans beyond it, the least harmful ones, are passed over.
static void bound_on_the_objective(void **state) {
    (void)state;
    struct bench b;
    begin_glyphs(&b, 2);
    const uint8_t *widest = mp_arena_alloc(&b.m.z.arena, b.p.var_count, 1);
    b.job.bound[MP_COST_AT(MP_COST_ENERGY)] = 0.8 * mp_problem_cost(&b.p, MP_COST_ENERGY, widest);
    b.job.max_drop = 0.2;
    struct mp_oracle_stats stats = run(&b, &mp_solver_exact);
    check(&b, &stats);
    assert_true(b.r.found && stats.evaluations > 1);
    // Nothing keeps the drop: the reason has that of the least harmful plan within the bound.
    b.job.max_drop = -1;
    stats = run(&b, &mp_solver_exact);
    assert_true(!b.r.found && stats.evaluations == 1 && b.r.measured[0].sum[MP_COST_AT(MP_COST_ENERGY)] > 0);
    assert_string_equal(b.r.why, mp_arena_printf(&b.m.z.arena, "the least harmful plan within the bounds has a drop of %.2f %%",
                                                 100 * drop_of(&b, &b.r.measured[0])));
    b.job.bound[MP_COST_AT(MP_COST_ENERGY)] = 1;
    stats = run(&b, &mp_solver_exact);
    assert_true(!b.r.found && stats.evaluations == 0);
    assert_string_equal(b.r.why, "no plan of the front keeps all bounds");
    finish(&b);
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
    struct bench b;
    struct mp_err err;
    char *first, *again;
    size_t len, more;
    begin_glyphs(&b, 2);
    b.how.log = in_folder(f, "log");
    const struct mp_oracle_stats whole = run(&b, &mp_solver_greedy);
    const struct mp_search_result found = b.r;
    assert_ok(mp_file_read(&scratch, b.how.log, &first, &len, &err), err);
    assert_true(whole.remembered == 0 && whole.evaluations > 5);

    assert_null(mp_oracle_create(&b.how, &err));
    assert_string_equal(err.text, mp_arena_printf(&scratch, "%s: exists: give --resume to go on with it, or another name", b.how.log));
    b.how.resume = true;
    b.how.depends = "c";
    assert_null(mp_oracle_create(&b.how, &err));
    assert_string_equal(err.text, mp_arena_printf(&scratch, "%s: is the log of other plans: it was made with \"a \"b\"\", this search "
                                                  "is with \"c\"", b.how.log));
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

    b.how.log = in_folder(f, "empty");
    b.how.resume = true;
    put_file(b.how.log, "{\"schema", 8);
    assert_null(mp_oracle_create(&b.how, &err));
    assert_string_equal(err.text, mp_arena_printf(&scratch, "%s: must begin with the line of a search's log (it is empty)", b.how.log));
    mp_arena_finish(&scratch);
    finish(&b);
}

static void measured_once(void **state) {
    (void)state;
    struct bench b;
    struct mp_err err;
    struct mp_measured first, again, other;
    begin_glyphs(&b, 1);
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
    finish(&b);
}

// Eight plans: a solver that has measured all of them ends.
static void every_plan(void **state) {
    (void)state;
    struct bench b;
    begin_small(&b, W(4) | W(8), 1);
    for (int i = 0; i < 2; i++) {
        set_job(&b, i == 0 ? MP_DROP_QUANTITY : MP_COST_AT(MP_COST_ENERGY), i == 0 ? INFINITY : -1);
        const struct mp_oracle_stats stats = run(&b, &mp_solver_random);
        assert_int_equal(stats.evaluations, 8);
        check(&b, &stats);
    }
    finish(&b);
}

static size_t unit_named(const struct mp_space *s, const char *name) {
    for (size_t u = 0; u < s->unit_count; u++)
        if (strcmp(s->units[u].name, name) == 0)
            return u;
    fail_msg("no unit %s", name);
    return 0;
}

// No bound on the drop: down until both bounds are kept, though size does nothing for latency.
static void lowers_every_cost(void **state) {
    (void)state;
    static const struct mp_solver *const solvers[] = {&mp_solver_greedy, &mp_solver_bisection};
    struct bench b;
    begin_glyphs(&b, 1);
    const uint8_t *widest = mp_arena_alloc(&b.m.z.arena, b.p.var_count, 1);
    for (int i = 0; i < 2; i++) {
        set_job(&b, MP_HARM, INFINITY);
        b.job.bound[MP_COST_AT(MP_COST_LATENCY)] = 0.9 * mp_problem_cost(&b.p, MP_COST_LATENCY, widest);
        b.job.bound[MP_COST_AT(MP_COST_SIZE)] = 0.4 * mp_problem_cost(&b.p, MP_COST_SIZE, widest);
        const struct mp_oracle_stats stats = run(&b, solvers[i]);
        assert_true(b.r.found && stats.evaluations == 1 && !b.r.why);
        check(&b, &stats);
        b.job.bound[MP_COST_AT(MP_COST_SIZE)] = 1;
        run(&b, solvers[i]);
        assert_true(!b.r.found && b.r.why);
    }
    finish(&b);
}

// The harm of a slice that is moved is its own: z's second goes on to 2 bits before o's, though z's first was dear.
static void slices_by_themselves(void **state) {
    (void)state;
    struct bench b;
    begin_small(&b, W(2) | W(4) | W(8), 2);
    const struct mp_space *s = &b.m.space;
    double *harm = mp_arena_alloc(&b.m.z.arena, s->unit_count * MP_WIDTHS, sizeof *harm);
    for (size_t u = 0; u < s->unit_count; u++)
        harm[u * MP_WIDTHS + 4] = 3, harm[u * MP_WIDTHS + 2] = 50;
    const size_t dear = unit_named(s, "z:w[0..1]"), cheap = unit_named(s, "z:w[2..3]");
    harm[dear * MP_WIDTHS + 4] = 100, harm[dear * MP_WIDTHS + 2] = 200;
    harm[cheap * MP_WIDTHS + 4] = 1, harm[cheap * MP_WIDTHS + 2] = 2;
    mp_search_problem(&b.p, s, harm, NULL, &b.m.z.arena);
    set_terms(&b);
    uint8_t *option = mp_arena_alloc(&b.m.z.arena, b.p.var_count, 1);
    for (size_t u = 0; u < s->unit_count; u++) {
        struct mp_move m;
        if (mp_seek_move(s, option, u, 4, &m))
            option[m.decision] = m.option;
    }
    set_job(&b, MP_HARM, INFINITY); // less than all at 4 bits: one step more
    b.job.bound[MP_COST_AT(MP_COST_SIZE)] = mp_problem_cost(&b.p, MP_COST_SIZE, option) - 1;
    run(&b, &mp_solver_greedy);
    assert_true(b.r.found && mp_space_bits(s, dear, b.r.best.option) == 4 && mp_space_bits(s, cheap, b.r.best.option) == 2);
    finish(&b);
}

// By hand

static void moves(void **state) {
    (void)state;
    struct bench b;
    struct mp_move m;
    begin_small(&b, W(2) | W(4) | W(8), 2);
    const struct mp_space *s = &b.m.space;
    const size_t first = unit_named(s, "z:w[0..1]"), second = unit_named(s, "z:w[2..3]"), v = s->units[first].decision;
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
    const size_t y = unit_named(&linked, "y:w"), end = unit_named(&linked, "o:w");
    assert_true(mp_seek_move(&linked, option, end, 4, &m) && m.decision == linked.units[y].decision && m.option == 1);
    option[m.decision] = m.option;
    assert_int_equal(mp_space_bits(&linked, y, option), 4);
    assert_false(mp_seek_move(&linked, option, y, 4, &m));
    finish(&b);
}

static void near_to(double got, double want) {
    if (!(fabs(got - want) <= 1e-12 * (1 + fabs(want))))
        fail_msg("%.17g, not %.17g", got, want);
}

static void reasons(void **state) {
    (void)state;
    struct bench b;
    begin_small(&b, W(2) | W(4) | W(8), 2);
    const struct mp_space *s = &b.m.space;
    const size_t first = unit_named(s, "z:w[0..1]"), v = s->units[first].decision, a = s->units[unit_named(s, "y:a")].decision;
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
    finish(&b);
}

// Comments, empty lines, spaces, any order; widths that are not used; units without a choice may be missing.
static void harms_of_a_file(void **state) {
    static const char text[] = "unit,bits,harm\n# by hand\ny:w , 4 , 0.5\n\ny:w,8,-1e-3\nz:w,8,0\nz:w,4,2\no:w,4,1e2\no:w,8,+3\n"
                               "y:w,3,7\nx:a,8,1\n";
    const struct folder *f = *state;
    struct bench b;
    struct mp_harm h;
    struct mp_err err;
    begin_small(&b, W(4) | W(8), 1);
    const char *path = in_folder(f, "harm.csv");
    const size_t y = unit_named(&b.m.space, "y:w"), o = unit_named(&b.m.space, "o:w");
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
    finish(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keep_everything),
        cmocka_unit_test(exact_is_best),
        cmocka_unit_test(budgets),
        cmocka_unit_test(bound_on_the_objective),
        cmocka_unit_test(drop_is_rounded),
        cmocka_unit_test_setup_teardown(logs, make_folder, remove_folder),
        cmocka_unit_test(measured_once),
        cmocka_unit_test(every_plan),
        cmocka_unit_test(lowers_every_cost),
        cmocka_unit_test(slices_by_themselves),
        cmocka_unit_test(moves),
        cmocka_unit_test(reasons),
        cmocka_unit_test_setup_teardown(harms_of_a_file, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
