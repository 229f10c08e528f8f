// SPDX-License-Identifier: Apache-2.0
// The table of solvers, and what comes before and behind each.
#include "sim/search/search.h"

#include "sim/search/seek.h"
#include "sim/search/solvers.h"

#include <math.h>

const char *const mp_drop_names[] = {"agreement", "accuracy", "loss", NULL};

#define SOLVERS(x) x(exact) x(exhaustive) x(nsga2) x(greedy) x(bisection) x(descent) x(random)
#define ENTRY(name) &mp_solver_##name,
#define NAME(name) #name,
const struct mp_solver *const mp_solvers[] = {SOLVERS(ENTRY) NULL};
const char *const mp_solver_names[] = {SOLVERS(NAME) NULL};

double mp_drop_of(enum mp_drop d, const struct mp_measured *m, const struct mp_measured *reference) {
    const double images = m->images > 0 ? (double)m->images : 1;
    switch (d) {
    case MP_DROP_ACCURACY:
        return ((double)reference->right - (double)m->right) / images;
    case MP_DROP_LOSS:
        return m->loss - reference->loss;
    case MP_DROP_AGREEMENT:
        break;
    }
    return (double)(m->images - m->agree) / images;
}

void mp_search_problem(struct mp_problem *p, const struct mp_space *s, const double *harm, const struct mp_term *terms,
                       struct mp_arena *a) {
    struct mp_var *vars = mp_arena_alloc(a, s->decision_count, sizeof *vars);
    for (size_t v = 0; v < s->decision_count; v++) {
        const struct mp_decision *d = &s->decisions[v];
        double *sum = mp_arena_alloc(a, d->option_count, sizeof *sum);
        for (size_t o = 0; o < d->option_count; o++)
            for (size_t u = 0; u < d->unit_count; u++)
                sum[o] += harm[d->units[u] * MP_WIDTHS + d->bits[o * d->unit_count + u]];
        vars[v] = (struct mp_var){d->option_count, sum};
    }
    *p = (struct mp_problem){vars, s->decision_count, terms, s->workload->layer_count, MP_COSTS};
}

bool mp_search_fits(const struct mp_search_job *job, const struct mp_solver *solver, bool measurable, struct mp_err *err) {
    if (solver->measures && !measurable)
        return mp_fail(err, "solver %s measures plans: it needs a trained model and images (--model, --data)", solver->name);
    if (job->refine && !measurable)
        return mp_fail(err, "--refine measures plans: it needs a trained model and images (--model, --data)");
    if ((job->max_drop < INFINITY || job->objective == MP_DROP_QUANTITY) && !measurable)
        return mp_fail(err, "a drop is measured: it needs a trained model and images (--model, --data)");
    if (solver->measures && mp_seek_unconstrained(job))
        return mp_fail(err, "solver %s needs a constraint: nothing says how much harm may come of the least %s (--max-drop, "
                       "...)", solver->name, job->objective == MP_EDP_QUANTITY ? "edp" : mp_cost_names[job->objective - 1]);
    if (solver->adds_up && job->price)
        return mp_fail(err, "solver %s needs costs that are sums over layers: with keep_on_chip they are not; take nsga2, "
                       "exhaustive, greedy, bisection, descent or random", solver->name);
    if (solver->adds_up && job->objective == MP_EDP_QUANTITY)
        return mp_fail(err, "solver %s needs costs that are sums over layers: the energy-delay product is none; take nsga2, "
                       "exhaustive, greedy, bisection, descent or random", solver->name);
    return true;
}

bool mp_search_run(const struct mp_search_job *job, const struct mp_solver *solver, struct mp_arena *a,
                   struct mp_search_result *out, struct mp_err *err) {
    *out = (struct mp_search_result){0};
    if (!mp_search_fits(job, solver, job->oracle, err) || !solver->run(job, a, out, err))
        return false;
    if (!job->refine || !out->found || out->interrupted || out->out_of_budget)
        return true;
    struct mp_seek s = mp_seek_begin(job, a, out, err);
    return mp_descend(&s, out->best.option);
}
