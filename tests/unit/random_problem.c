// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/random_problem.h"

double random_unit(struct mp_random *r) {
    return (double)(mp_random_next(r) >> 11) * 0x1p-53;
}

double numbers_tolerance(enum numbers numbers, size_t quantity) {
    if (numbers == INTEGERS || (numbers == UNEVEN && quantity != MP_HARM))
        return 0;
    return numbers == UNEVEN ? 1e-15 : 1e-9;
}

double draw_harm(struct mp_random *r, enum numbers numbers) {
    switch (numbers) {
    case INTEGERS: return (double)mp_random_range(r, -3, 16);
    case FEW_REALS: return 0.1 * (double)mp_random_range(r, -3, 5);
    default: return (random_unit(r) - 0.1) * (numbers == UNEVEN ? 1e-6 : 1);
    }
}

double draw_cost(struct mp_random *r, enum numbers numbers) {
    switch (numbers) {
    case INTEGERS: return (double)mp_random_range(r, 0, 29);
    case FEW_REALS: return 0.1 * (double)mp_random_range(r, 0, 7);
    case UNEVEN: return 1e9 + (double)mp_random_range(r, 0, 29);
    default: return random_unit(r);
    }
}

static size_t below(struct mp_random *r, size_t count) {
    return (size_t)mp_random_range(r, 0, (int64_t)count - 1);
}

static void draw_var(struct mp_var *v, struct mp_arena *a, struct mp_random *r, enum numbers numbers, size_t options) {
    double *harm = mp_arena_alloc(a, options, sizeof *harm);
    for (size_t o = 0; o < options; o++)
        harm[o] = draw_harm(r, numbers);
    *v = (struct mp_var){options, harm};
}

static void draw_costs(struct mp_term *t, const struct mp_problem *p, struct mp_arena *a, struct mp_random *r,
                       enum numbers numbers) {
    size_t entries = 1;
    for (size_t i = 0; i < t->var_count; i++)
        entries *= p->vars[t->vars[i]].options;
    for (size_t k = 0; k < p->cost_count; k++) {
        double *cost = mp_arena_alloc(a, entries, sizeof *cost);
        for (size_t i = 0; i < entries; i++)
            cost[i] = draw_cost(r, numbers);
        t->cost[k] = cost;
    }
}

static void one_term_a_variable(struct mp_problem *p, struct mp_arena *a, struct mp_random *r, enum numbers numbers) {
    struct mp_term *terms = mp_arena_alloc(a, p->var_count, sizeof *terms);
    p->terms = terms, p->term_count = p->var_count;
    for (size_t i = 0; i < p->var_count; i++) {
        terms[i].vars[terms[i].var_count++] = i;
        draw_costs(&terms[i], p, a, r, numbers);
    }
}

void random_knapsack(struct mp_problem *p, struct mp_arena *a, struct mp_random *r, enum numbers numbers, size_t vars,
                     size_t options, size_t costs) {
    struct mp_var *v = mp_arena_alloc(a, vars, sizeof *v);
    for (size_t i = 0; i < vars; i++)
        draw_var(&v[i], a, r, numbers, options);
    *p = (struct mp_problem){.vars = v, .var_count = vars, .cost_count = costs};
    one_term_a_variable(p, a, r, numbers);
}

// Of variables that lie within six of each other.
static void overlapping_terms(struct mp_problem *p, struct mp_arena *a, struct mp_random *r, enum numbers numbers) {
    const size_t count = below(r, p->var_count + 4);
    struct mp_term *terms = mp_arena_alloc(a, count, sizeof *terms);
    p->terms = terms, p->term_count = count;
    for (size_t i = 0; i < count; i++) {
        const size_t vars = below(r, 4);
        size_t v = below(r, p->var_count);
        for (size_t k = 0; k < vars && v < p->var_count; k++, v += 1 + below(r, 2))
            terms[i].vars[terms[i].var_count++] = v;
        draw_costs(&terms[i], p, a, r, numbers);
    }
}

void random_problem(struct mp_problem *p, struct mp_arena *a, struct mp_random *r, enum numbers numbers, size_t vars,
                    size_t costs, uint64_t most) {
    const size_t count = 1 + below(r, vars), widest = 2 + below(r, 4);
    struct mp_var *v = mp_arena_alloc(a, count, sizeof *v);
    uint64_t left = most;
    for (size_t i = 0; i < count; i++) {
        size_t options = 1 + below(r, widest);
        options = options <= left ? options : 1;
        left /= options;
        draw_var(&v[i], a, r, numbers, options);
    }
    *p = (struct mp_problem){.vars = v, .var_count = count, .cost_count = costs};
    if (mp_random_range(r, 0, 1))
        one_term_a_variable(p, a, r, numbers);
    else
        overlapping_terms(p, a, r, numbers);
}
