// SPDX-License-Identifier: Apache-2.0
// The exact solver against GLPK's: 100 problems of 60 layers with 9 choices each, half of them with one constraint, half with
// two. Both must prove the same optimum. Prints the time of both.
#include "sim/search/solve.h"
#include "tests/unit/random_problem.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <glpk.h>
#include <math.h>
#include <time.h>

#define LAYERS 60
#define CHOICES 9
#define CASES 50

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

// Column of a layer's choice, from 1; rows: the layers, then the constraints.
static int column(size_t layer, size_t choice) {
    return (int)(layer * CHOICES + choice) + 1;
}

static void one_choice_a_layer(glp_prob *g, const struct mp_problem *p) {
    glp_add_rows(g, LAYERS);
    glp_add_cols(g, LAYERS * CHOICES);
    for (size_t i = 0; i < LAYERS; i++) {
        int at[CHOICES + 1];
        double one[CHOICES + 1];
        glp_set_row_bnds(g, (int)i + 1, GLP_FX, 1, 1);
        for (size_t o = 0; o < CHOICES; o++) {
            at[o + 1] = column(i, o);
            one[o + 1] = 1;
            glp_set_col_kind(g, column(i, o), GLP_BV);
            glp_set_obj_coef(g, column(i, o), p->vars[i].harm[o]);
        }
        glp_set_mat_row(g, (int)i + 1, CHOICES, at, one);
    }
}

static void add_constraint(glp_prob *g, const struct mp_problem *p, size_t kind, double bound) {
    int at[LAYERS * CHOICES + 1];
    double cost[LAYERS * CHOICES + 1];
    const int row = glp_add_rows(g, 1);
    for (size_t i = 0; i < LAYERS; i++)
        for (size_t o = 0; o < CHOICES; o++) {
            at[column(i, o)] = column(i, o);
            cost[column(i, o)] = p->terms[i].cost[kind][o];
        }
    glp_set_row_bnds(g, row, GLP_UP, 0, bound);
    glp_set_mat_row(g, row, LAYERS * CHOICES, at, cost);
}

// The sum of what it chose, for it rounds its objective.
static double glpk_optimum(const struct mp_problem *p, const struct mp_solve_request *r, double *seconds) {
    glp_prob *g = glp_create_prob();
    glp_iocp options;
    uint8_t option[LAYERS] = {0};
    glp_init_iocp(&options);
    options.presolve = GLP_ON;
    options.msg_lev = GLP_MSG_OFF;
    options.mip_gap = 0;
    one_choice_a_layer(g, p);
    for (size_t k = 0; k < p->cost_count; k++)
        if (r->bound[MP_COST_AT(k)] < INFINITY)
            add_constraint(g, p, k, r->bound[MP_COST_AT(k)]);
    const double start = now();
    assert_int_equal(glp_intopt(g, &options), 0);
    *seconds += now() - start;
    assert_int_equal(glp_mip_status(g), GLP_OPT);
    for (size_t i = 0; i < LAYERS; i++)
        for (size_t o = 0; o < CHOICES; o++)
            if (glp_mip_col_val(g, column(i, o)) > 0.5)
                option[i] = (uint8_t)o;
    glp_delete_prob(g);
    for (size_t q = 0; q <= p->cost_count; q++)
        assert_true(mp_problem_sum(p, q, option) <= r->bound[q]);
    return mp_problem_harm(p, option);
}

static double our_optimum(const struct mp_problem *p, const struct mp_solve_request *r, double *seconds) {
    uint8_t option[LAYERS];
    struct mp_solution s = {.option = option};
    struct mp_err err;
    const double start = now();
    assert_int_equal(mp_solve(p, r, NULL, &s, &err), MP_SOLVED);
    *seconds += now() - start;
    for (size_t q = 0; q <= p->cost_count; q++)
        assert_true(s.sum[q] <= r->bound[q]);
    return s.sum[MP_HARM];
}

// Harms real, costs integers up to 10^4, bounds at 15 to 35 % of the way from the least to the highest cost.
static void draw(struct mp_problem *p, struct mp_arena *a, uint64_t seed) {
    struct mp_random random = {seed};
    random_knapsack(p, a, &random, REALS, LAYERS, CHOICES, 2);
    for (size_t i = 0; i < LAYERS; i++)
        for (size_t k = 0; k < 2; k++) {
            double *cost = mp_arena_alloc(a, CHOICES, sizeof *cost);
            for (size_t o = 0; o < CHOICES; o++)
                cost[o] = (double)mp_random_range(&random, 1, 10000);
            ((struct mp_term *)p->terms)[i].cost[k] = cost;
        }
}

static void set_bound(const struct mp_problem *p, struct mp_solve_request *r, size_t kind, struct mp_random *random) {
    double least = 0, most = 0;
    for (size_t i = 0; i < LAYERS; i++) {
        double low = INFINITY, high = 0;
        for (size_t o = 0; o < CHOICES; o++) {
            low = fmin(low, p->terms[i].cost[kind][o]);
            high = fmax(high, p->terms[i].cost[kind][o]);
        }
        least += low, most += high;
    }
    r->bound[MP_COST_AT(kind)] = floor(least + (0.15 + 0.2 * random_unit(random)) * (most - least));
}

static void same_optima(size_t constraints) {
    double ours = 0, theirs = 0, our_worst = 0, their_worst = 0;
    for (uint64_t seed = 0; seed < CASES; seed++) {
        struct mp_arena a = {0};
        struct mp_random random = {seed + 1000 * constraints};
        struct mp_problem p;
        struct mp_solve_request r = mp_solve_for(MP_HARM);
        const double our_before = ours, their_before = theirs;
        draw(&p, &a, seed + 1000 * constraints);
        for (size_t k = 0; k < constraints; k++)
            set_bound(&p, &r, k, &random);
        const double want = glpk_optimum(&p, &r, &theirs), got = our_optimum(&p, &r, &ours);
        if (!(fabs(got - want) <= 1e-9 * fabs(want)))
            fail_msg("seed %d: %.17g, GLPK %.17g", (int)seed, got, want);
        our_worst = fmax(our_worst, ours - our_before);
        their_worst = fmax(their_worst, theirs - their_before);
        mp_arena_finish(&a);
    }
    print_message("# %d problems, constraints: %zu: %.3f s (at most %.4f), GLPK %.3f s (at most %.3f)\n", CASES, constraints,
                  ours, our_worst, theirs, their_worst);
}

static void one_constraint(void **state) {
    (void)state;
    same_optima(1);
}

static void two_constraints(void **state) {
    (void)state;
    same_optima(2);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(one_constraint), cmocka_unit_test(two_constraints)};
    glp_term_out(GLP_OFF);
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);
    glp_free_env();
    return failed;
}
