// SPDX-License-Identifier: Apache-2.0
// Coordinate descent on measured plans: options of one decision after another, those first that save most for the harm that the
// metric expects (where the drop is minimised, most harm for its cost); what improves the objective and keeps everything is
// kept, until no option does.
#include "sim/search/seek.h"
#include "sim/search/solvers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct step {
    size_t decision;
    uint8_t option;
    double rank;    // what it gives up for a unit of what it saves
    bool adds_harm; // by the metric: of the drop, tried behind those that save some
};

struct descent {
    struct mp_seek *s;
    uint8_t *option;
    struct mp_point here;
    struct step *steps;
    size_t count;
};

static int by_rank(const void *a, const void *b) {
    const struct step *x = a, *y = b;
    if (x->adds_harm != y->adds_harm)
        return x->adds_harm - y->adds_harm;
    if (x->rank < y->rank || x->rank > y->rank)
        return x->rank < y->rank ? -1 : 1;
    if (x->decision != y->decision)
        return x->decision < y->decision ? -1 : 1;
    return x->option < y->option ? -1 : x->option > y->option;
}

static bool changed(struct descent *k, const struct step *t, bool own, struct mp_point *p) {
    const uint8_t was = k->option[t->decision];
    k->option[t->decision] = t->option;
    bool ok = mp_seek_sum(k->s, k->option, p);
    if (ok && own)
        mp_seek_own(k->s, p);
    k->option[t->decision] = was;
    return ok;
}

// Where the drop is minimised, what the metric expects of it stands for it until it is measured.
static bool saves_harm(const struct descent *k) {
    return k->s->job->objective == MP_DROP_QUANTITY || k->s->job->objective == MP_HARM;
}

static bool promises(const struct descent *k, const struct mp_point *p, double *saved) {
    if (saves_harm(k)) { // of the drop only measuring tells: what saves no harm is tried too, last
        *saved = k->here.sum[MP_HARM] - p->sum[MP_HARM];
        return (*saved > 0 || k->s->job->objective == MP_DROP_QUANTITY) && mp_seek_within(k->s, p);
    }
    *saved = mp_seek_objective(k->s->job, &k->here) - mp_seek_objective(k->s->job, p);
    return *saved > 0 && mp_seek_within(k->s, p);
}

// Harm for cost, or cost for harm.
static double given_up(const struct descent *k, const struct mp_point *p) {
    if (saves_harm(k))
        return mp_seek_front_value(k->s->job, p) - mp_seek_front_value(k->s->job, &k->here);
    return p->sum[MP_HARM] - k->here.sum[MP_HARM];
}

static bool list_steps(struct descent *k) {
    const struct mp_problem *p = k->s->job->problem;
    k->count = 0;
    for (size_t v = 0; v < p->var_count; v++)
        for (size_t o = 0; o < p->vars[v].options; o++) {
            struct step t = {.decision = v, .option = (uint8_t)o};
            struct mp_point point;
            double saved;
            if (o == k->option[v])
                continue;
            if (!changed(k, &t, false, &point))
                return false;
            if (!promises(k, &point, &saved))
                continue;
            t.adds_harm = !(saved > 0);
            t.rank = t.adds_harm ? -saved : given_up(k, &point) / saved;
            k->steps[k->count++] = t;
        }
    qsort(k->steps, k->count, sizeof *k->steps, by_rank);
    return true;
}

// Takes the step when the point keeps everything and is better than where we are.
static bool take(struct descent *k, const struct step *t) {
    struct mp_point p;
    double saved;
    if (k->option[t->decision] == t->option || !changed(k, t, true, &p) || !promises(k, &p, &saved))
        return false;
    if (!mp_seek_offer(k->s, &p))
        return false;
    if (k->s->job->objective == MP_DROP_QUANTITY &&
        mp_seek_objective(k->s->job, &p) >= mp_seek_objective(k->s->job, &k->here))
        return false;
    k->option[t->decision] = t->option;
    k->here = p;
    mp_oracle_keep(k->s->job->oracle);
    return true;
}

bool mp_descend(struct mp_seek *s, const uint8_t *start) {
    const struct mp_problem *p = s->job->problem;
    struct descent k = {.s = s};
    size_t options = 0;
    bool better = true;
    for (size_t v = 0; v < p->var_count; v++)
        options += p->vars[v].options;
    k.option = mp_arena_alloc(s->arena, p->var_count, sizeof *k.option);
    k.steps = mp_arena_alloc(s->arena, options, sizeof *k.steps);
    memcpy(k.option, start, p->var_count);
    if (!mp_seek_price(s, start, &k.here))
        return false;
    if (!mp_seek_measure(s, &k.here))
        return !s->failed;
    mp_oracle_keep(s->job->oracle);
    mp_seek_offer(s, &k.here);
    while (better && !mp_seek_stopped(s)) {
        better = false;
        if (!list_steps(&k))
            return false;
        for (size_t i = 0; i < k.count && !mp_seek_stopped(s); i++)
            better = take(&k, &k.steps[i]) || better;
    }
    return !s->failed;
}

// From the widest widths, or where they do not keep the bounds, from narrower ones: all decisions one option down at a time.
static bool run(const struct mp_search_job *job, struct mp_arena *a, struct mp_search_result *out, struct mp_err *err) {
    struct mp_seek s = mp_seek_begin(job, a, out, err);
    uint8_t *option = mp_seek_widest(&s);
    struct mp_point p;
    bool lower = true;
    if (!mp_seek_price(&s, option, &p))
        return false;
    while (!mp_seek_within(&s, &p) && lower) {
        lower = false;
        for (size_t v = 0; v < job->problem->var_count; v++)
            if (option[v] + 1u < job->problem->vars[v].options)
                option[v]++, lower = true;
        if (!mp_seek_price(&s, option, &p))
            return false;
    }
    if (!mp_seek_within(&s, &p)) {
        out->why = "no widths on the way down, all decisions at once, keep the bounds";
        return true;
    }
    if (!mp_descend(&s, option))
        return false;
    if (!out->found && !mp_seek_over(&s))
        out->why = "the plan that the descent begins with does not keep the drop";
    return true;
}

const struct mp_solver mp_solver_descent = {
    .name = "descent",
    .help = "coordinate descent: one decision after another, by what it saves for its harm, measured",
    .source = "coordinate descent",
    .measures = true,
    .run = run,
};
