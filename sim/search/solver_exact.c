// SPDX-License-Identifier: Apache-2.0
// The exact front of harm against the objective, or the exact optimum under bounds. Where costs are bounded besides, the front
// is a ladder: the exact optimum at each of some levels of harm.
#include "sim/search/front.h"
#include "sim/search/seek.h"
#include "sim/search/solve.h"
#include "sim/search/solvers.h"

#include <math.h>

#define RUNGS 64 // of a ladder

static bool is_bounded(const struct mp_search_job *job, size_t q) {
    return job->bound[q] < INFINITY;
}

static bool others_bounded(const struct mp_search_job *job, size_t cost) {
    for (size_t q = 1; q < MP_QUANTITIES; q++)
        if (q != cost && is_bounded(job, q))
            return true;
    return false;
}

// How sums are told: what one of the unit is in the quantity's own.
static const struct {
    const char *name;
    double of;
} units[] = {{"", 1}, {" cycles", 1}, {" uJ", 1e6}, {" bytes", 8}, {" BOPs", 1}, {" bytes", 8}};

static const char *name_of(size_t q) {
    return q == MP_HARM ? "harm" : mp_cost_names[q - 1];
}

static void say_impossible(struct mp_seek *s, const struct mp_solution *found) {
    const char *other = found->jointly ? ", where the other bounds are kept," : "";
    const size_t q = found->tight;
    s->out->why = mp_arena_printf(s->arena, "%s%s is at least %.15g%s, its bound is %.15g", name_of(q), other,
                                  found->least / units[q].of, units[q].name, s->job->bound[q] / units[q].of);
}

// Takes the optimum as a point; false when it is over. `*there` tells whether there was one.
static bool optimum(struct mp_seek *s, const struct mp_solve_request *r, struct mp_point *p, bool *there) {
    uint8_t *option = mp_arena_alloc(s->arena, s->job->problem->var_count, sizeof *option);
    struct mp_solution found = {.option = option};
    *there = false;
    switch (mp_solve(s->job->problem, r, s->job->stopped, &found, s->err)) {
    case MP_SOLVED:
        *there = true;
        return mp_seek_price(s, option, p);
    case MP_SOLVE_IMPOSSIBLE:
        say_impossible(s, &found);
        return true;
    case MP_SOLVE_FAILED:
        break;
    }
    if (!mp_seek_stopped(s))
        s->failed = true;
    return false;
}

static struct mp_solve_request request(const struct mp_search_job *job, size_t objective) {
    struct mp_solve_request r = mp_solve_for(objective);
    for (size_t q = 0; q <= job->problem->cost_count; q++)
        r.bound[q] = job->bound[q];
    return r;
}

static bool take_front(struct mp_seek *s, const struct mp_front *f) {
    uint8_t *option = mp_arena_alloc(s->arena, s->job->problem->var_count, sizeof *option);
    size_t room = 0;
    for (size_t i = 0; i < f->count; i++) {
        struct mp_point p;
        mp_front_option(f, i, option);
        if (!mp_seek_price(s, option, &p))
            return false;
        mp_seek_add_front(s, &p, &room);
    }
    return true;
}

// The least cost at this harm at most; false when it is over. Adds to the front what costs more than the last point.
static bool rung(struct mp_seek *s, size_t cost, double harm, bool *there, size_t *room) {
    struct mp_solve_request r = request(s->job, cost);
    struct mp_point p;
    r.bound[MP_HARM] = harm;
    if (!optimum(s, &r, &p, there))
        return false;
    const struct mp_search_result *o = s->out;
    if (*there && (o->front_count == 0 || p.sum[cost] > o->front[o->front_count - 1].sum[cost]))
        mp_seek_add_front(s, &p, room);
    return true;
}

// The least harm that there is within the bounds, at the least cost.
static bool last_rung(struct mp_seek *s, size_t cost, size_t *room) {
    const struct mp_solve_request r = request(s->job, MP_HARM);
    struct mp_point p;
    bool there;
    return optimum(s, &r, &p, &there) && (!there || rung(s, cost, p.sum[MP_HARM], &there, room));
}

// The first rung is the optimum without a level, which may be more harmful than any point of the front without bounds; the
// levels below it are harms of that front, down to the first that is too low.
static bool ladder(struct mp_seek *s, const struct mp_front *f, size_t cost) {
    size_t first = 0, room = 0;
    bool there;
    if (!rung(s, cost, s->job->bound[MP_HARM], &there, &room))
        return false;
    if (!there)
        return true;
    while (first < f->count && f->harm[first] >= s->out->front[0].sum[MP_HARM])
        first++;
    const size_t left = f->count - first, rungs = left < RUNGS ? left : RUNGS;
    for (size_t i = 0; i < rungs && there; i++)
        if (!rung(s, cost, f->harm[first + (rungs > 1 ? i * (left - 1) / (rungs - 1) : 0)], &there, &room))
            return false;
    if (!there && !last_rung(s, cost, &room))
        return false;
    s->out->why = NULL; // only a level was impossible
    return true;
}

static bool make_front(struct mp_seek *s) {
    const size_t cost = mp_seek_front_cost(s->job);
    struct mp_front f;
    if (!mp_front_make(&f, s->job->problem, cost - 1, s->job->stopped, s->err)) {
        if (!mp_seek_stopped(s))
            s->failed = true;
        return false;
    }
    const bool whole = !others_bounded(s->job, cost);
    bool ok = whole ? take_front(s, &f) : ladder(s, &f, cost);
    s->out->front_exact = ok && whole;
    mp_front_finish(&f);
    return ok;
}

static bool some_within(const struct mp_seek *s) {
    for (size_t i = 0; i < s->out->front_count; i++)
        if (mp_seek_within(s, &s->out->front[i]))
            return true;
    return false;
}

// By the metric and the bounds alone.
static bool take_optimum(struct mp_seek *s, size_t objective) {
    const struct mp_solve_request r = request(s->job, objective);
    struct mp_point p;
    bool there;
    if (!optimum(s, &r, &p, &there))
        return !s->failed;
    if (!there)
        return true;
    const bool kept = mp_seek_offer(s, &p);
    s->out->proven = kept;
    if (!kept && !mp_seek_over(s))
        s->out->why = "the plan of least harm within the bounds does not keep the drop";
    return !s->failed;
}

static bool run(const struct mp_search_job *job, struct mp_arena *a, struct mp_search_result *out, struct mp_err *err) {
    struct mp_seek s = mp_seek_begin(job, a, out, err);
    const bool harm = job->objective == MP_HARM || job->objective == MP_DROP_QUANTITY;
    if (!make_front(&s))
        return !s.failed;
    if (harm)
        return take_optimum(&s, MP_HARM);
    if (mp_seek_unconstrained(job) || (job->max_drop < INFINITY && some_within(&s)))
        return mp_seek_pick(&s);
    return take_optimum(&s, job->objective); // where there is none it says why
}

const struct mp_solver mp_solver_exact = {
    .name = "exact",
    .help = "the whole front of harm against cost, and the optimum under bounds, proven",
    .source = "dynamic programming and branch and bound with Lagrangian bounds (Fisher, Management Science 27, 1981)",
    .adds_up = true,
    .run = run,
};
