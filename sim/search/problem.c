// SPDX-License-Identifier: Apache-2.0
#include "sim/search/problem.h"

#include <float.h>
#include <math.h>

size_t mp_term_index(const struct mp_problem *p, const struct mp_term *t, const uint8_t *option) {
    size_t index = 0;
    for (size_t i = 0; i < t->var_count; i++)
        index = index * p->vars[t->vars[i]].options + option[t->vars[i]];
    return index;
}

size_t mp_term_entries(const struct mp_problem *p, const struct mp_term *t) {
    size_t n = 1;
    for (size_t i = 0; i < t->var_count; i++)
        n *= p->vars[t->vars[i]].options;
    return n;
}

double mp_problem_harm(const struct mp_problem *p, const uint8_t *option) {
    double sum = 0;
    for (size_t v = 0; v < p->var_count; v++)
        sum += p->vars[v].harm[option[v]];
    return sum;
}

double mp_problem_cost(const struct mp_problem *p, size_t kind, const uint8_t *option) {
    double sum = 0;
    for (size_t t = 0; t < p->term_count; t++)
        sum += p->terms[t].cost[kind][mp_term_index(p, &p->terms[t], option)];
    return sum;
}

double mp_problem_sum(const struct mp_problem *p, size_t quantity, const uint8_t *option) {
    return quantity == MP_HARM ? mp_problem_harm(p, option) : mp_problem_cost(p, quantity - 1, option);
}

static double farthest(const double *value, size_t count) {
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, fabs(value[i]));
    return most;
}

double mp_problem_highest(const struct mp_problem *p, size_t quantity) {
    double sum = 0;
    for (size_t v = 0; quantity == MP_HARM && v < p->var_count; v++)
        sum += farthest(p->vars[v].harm, p->vars[v].options);
    for (size_t t = 0; quantity != MP_HARM && t < p->term_count; t++)
        sum += farthest(p->terms[t].cost[quantity - 1], mp_term_entries(p, &p->terms[t]));
    return sum;
}

double mp_problem_rounding(const struct mp_problem *p, size_t quantity) {
    return (double)(p->var_count + p->term_count + 8) * DBL_EPSILON * mp_problem_highest(p, quantity);
}
