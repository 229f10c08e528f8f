// SPDX-License-Identifier: Apache-2.0
// Multipliers by subgradients with Polyak's step (Polyak, "Minimization of unsmooth functionals", 1969), towards the best
// solution known or, without one, a target that moves ahead of the bound.
#include "sim/search/dual.h"

#include <math.h>
#include <string.h>

#define STEPS 160

struct ascent {
    const struct mp_stages *s;
    size_t objective, quantities;
    const double *bound;
    struct mp_arena *arena, scratch;
    double *least, scale[MP_QUANTITIES]; // scale: of a bounded quantity's excess
    uint8_t *option;
    struct mp_duals *out;
};

static bool bounded(const struct ascent *k, size_t q) {
    return k->bound[q] < INFINITY;
}

// Over a full set the lowest bound goes; equal ones are not kept twice.
static void keep(struct ascent *k, const double *weight, double value) {
    struct mp_duals *d = k->out;
    size_t at = 0;
    for (size_t i = 0; i < d->count; i++) {
        if (memcmp(d->at[i].weight, weight, sizeof d->at[i].weight) == 0)
            return;
        at = d->at[i].value < d->at[at].value ? i : at;
    }
    if (d->count < MP_DUALS) {
        at = d->count++;
        d->at[at].least = mp_arena_alloc(k->arena, k->s->state_count, sizeof *d->at[at].least);
    } else if (value <= d->at[at].value) {
        return;
    }
    memcpy(d->at[at].weight, weight, sizeof d->at[at].weight);
    memcpy(d->at[at].least, k->least, k->s->state_count * sizeof *k->least);
    d->at[at].value = value;
}

// The bound of a weight; excess[q] of its solution, and that solution's objective when it keeps the bounds.
static double evaluate(struct ascent *k, const double *weight, double *excess) {
    double value = mp_stages_least(k->s, weight, k->least);
    bool kept = true;
    mp_stages_trace(k->s, weight, k->least, k->option);
    for (size_t q = 0; q < k->quantities; q++) {
        if (!bounded(k, q))
            continue;
        excess[q] = mp_problem_sum(k->s->p, q, k->option) - k->bound[q];
        kept = kept && excess[q] <= 0;
        value -= (weight[q] - (q == k->objective)) * k->bound[q];
    }
    if (kept)
        k->out->feasible = fmin(k->out->feasible, mp_problem_sum(k->s->p, k->objective, k->option));
    k->out->best = fmax(k->out->best, value);
    keep(k, weight, value);
    return value;
}

static void set_scales(struct ascent *k, const double *excess, double range) {
    for (size_t q = 0; q < k->quantities; q++) {
        double size = fmax(fabs(excess[q]), 1e-3 * fabs(k->bound[q] < INFINITY ? k->bound[q] : 0));
        k->scale[q] = size > 0 ? range / size : 1;
    }
}

// The objective from its least to what it is where nothing else counts.
static double range_of(struct ascent *k, const double *weight) {
    double most[MP_QUANTITIES] = {0}, sum;
    for (size_t q = 0; q < k->quantities; q++)
        most[q] = bounded(k, q) && q != k->objective;
    mp_stages_least(k->s, most, k->least);
    mp_stages_trace(k->s, most, k->least, k->option);
    sum = mp_problem_sum(k->s->p, k->objective, k->option);
    double range = sum - mp_stages_least(k->s, weight, k->least);
    return range > 0 ? range : fabs(sum) > 0 ? fabs(sum) : 1;
}

static void climb(struct ascent *k, double *weight, double range) {
    double excess[MP_QUANTITIES] = {0}, theta = 1, last = -INFINITY;
    for (int step = 0; step < STEPS; step++) {
        double value = evaluate(k, weight, excess), norm = 0;
        if (step == 0)
            set_scales(k, excess, range);
        theta = value > last ? theta * 1.05 : theta * 0.8;
        last = value;
        for (size_t q = 0; q < k->quantities; q++)
            norm += bounded(k, q) ? excess[q] * k->scale[q] * excess[q] * k->scale[q] : 0;
        if (!(norm > 0))
            return;
        const double goal = k->out->feasible < INFINITY ? k->out->feasible : k->out->best + 0.05 * range;
        const double length = theta * fmax(goal - value, 1e-9 * range) / norm;
        for (size_t q = 0; q < k->quantities; q++)
            if (bounded(k, q)) {
                double least = q == k->objective;
                weight[q] = fmax(least, weight[q] + length * excess[q] * k->scale[q] * k->scale[q]);
            }
    }
}

void mp_duals_make(struct mp_duals *d, const struct mp_stages *s, size_t objective, const double bound[MP_QUANTITIES],
                   struct mp_arena *a) {
    struct ascent k = {.s = s, .objective = objective, .quantities = s->p->cost_count + 1, .bound = bound, .arena = a,
                       .out = d};
    double weight[MP_QUANTITIES] = {0}, excess[MP_QUANTITIES] = {0};
    *d = (struct mp_duals){.best = -INFINITY, .feasible = INFINITY};
    k.least = mp_arena_alloc(&k.scratch, s->state_count, sizeof *k.least);
    k.option = mp_arena_alloc(&k.scratch, s->p->var_count, sizeof *k.option);
    weight[objective] = 1;
    const double range = range_of(&k, weight);
    evaluate(&k, weight, excess);
    climb(&k, weight, range);
    mp_arena_finish(&k.scratch);
}
