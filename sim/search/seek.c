// SPDX-License-Identifier: Apache-2.0
#include "sim/search/seek.h"

#include <math.h>
#include <string.h>

#define DROP_SLACK 1e-12 // of drops: 0.7 / 100 is less than 7 / 1000

struct mp_seek mp_seek_begin(const struct mp_search_job *job, struct mp_arena *a, struct mp_search_result *out,
                             struct mp_err *err) {
    struct mp_seek s = {.job = job, .arena = a, .out = out, .err = err};
    for (size_t q = 0; q <= job->problem->cost_count; q++)
        s.slack[q] = mp_problem_rounding(job->problem, q);
    return s;
}

bool mp_seek_over(const struct mp_seek *s) {
    return s->failed || s->out->interrupted || s->out->out_of_budget;
}

bool mp_seek_stopped(struct mp_seek *s) {
    if (s->job->stopped && s->job->stopped())
        s->out->interrupted = true;
    return mp_seek_over(s);
}

bool mp_seek_sum(struct mp_seek *s, const uint8_t *option, struct mp_point *p) {
    const struct mp_problem *problem = s->job->problem;
    *p = (struct mp_point){.option = option};
    p->sum[MP_HARM] = mp_problem_harm(problem, option);
    if (s->job->price) {
        if (s->job->price(s->job->price_user, option, &p->sum[MP_COST_AT(0)], s->err))
            return true;
        s->failed = true;
        return false;
    }
    for (size_t k = 0; k < problem->cost_count; k++)
        p->sum[MP_COST_AT(k)] = mp_problem_cost(problem, k, option);
    return true;
}

void mp_seek_own(struct mp_seek *s, struct mp_point *p) {
    const size_t count = s->job->problem->var_count;
    uint8_t *own = mp_arena_alloc(s->arena, count, sizeof *own);
    memcpy(own, p->option, count);
    p->option = own;
}

bool mp_seek_price(struct mp_seek *s, const uint8_t *option, struct mp_point *p) {
    if (!mp_seek_sum(s, option, p))
        return false;
    mp_seek_own(s, p);
    return true;
}

static void record(struct mp_seek *s, const struct mp_point *p) {
    struct mp_search_result *r = s->out;
    if (r->measured_count == r->measured_room) {
        size_t room = r->measured_room ? 2 * r->measured_room : 64;
        r->measured = mp_arena_grow(s->arena, r->measured, r->measured_count, room, sizeof *r->measured);
        r->measured_room = room;
    }
    r->measured[r->measured_count++] = *p;
}

bool mp_seek_measure(struct mp_seek *s, struct mp_point *p) {
    if (p->measured)
        return true;
    if (mp_seek_stopped(s))
        return false;
    const uint64_t before = mp_oracle_stats(s->job->oracle).evaluations;
    switch (mp_oracle_measure(s->job->oracle, p->option, &p->at, s->err)) {
    case MP_MEASURED:
        p->measured = true;
        if (mp_oracle_stats(s->job->oracle).evaluations > before)
            record(s, p);
        return true;
    case MP_OUT_OF_BUDGET:
        s->out->out_of_budget = true;
        return false;
    case MP_MEASURE_FAILED:
        break;
    }
    if (!mp_seek_stopped(s))
        s->failed = true;
    return false;
}

bool mp_seek_within(const struct mp_seek *s, const struct mp_point *p) {
    for (size_t q = 0; q < MP_QUANTITIES; q++)
        if (p->sum[q] > s->job->bound[q] + s->slack[q])
            return false;
    return true;
}

bool mp_seek_unconstrained(const struct mp_search_job *job) {
    bool bounded = job->max_drop < INFINITY || job->objective == MP_HARM || job->objective == MP_DROP_QUANTITY;
    for (size_t q = 0; q < MP_QUANTITIES; q++)
        bounded = bounded || job->bound[q] < INFINITY;
    return !bounded;
}

bool mp_seek_keeps_drop(const struct mp_seek *s, const struct mp_point *p) {
    return !(s->job->max_drop < INFINITY) ||
           (p->measured && mp_drop_of(s->job->drop, &p->at, s->job->reference) <= s->job->max_drop + DROP_SLACK);
}

double mp_seek_objective(const struct mp_search_job *job, const struct mp_point *p) {
    if (job->objective == MP_EDP_QUANTITY)
        return p->sum[MP_COST_AT(MP_COST_LATENCY)] * p->sum[MP_COST_AT(MP_COST_ENERGY)];
    if (job->objective == MP_DROP_QUANTITY)
        return mp_drop_of(job->drop, &p->at, job->reference);
    return p->sum[job->objective];
}

// Of equal objectives the less harmful one.
static bool better(const struct mp_search_job *job, const struct mp_point *p, const struct mp_point *than) {
    double a = mp_seek_objective(job, p), b = mp_seek_objective(job, than);
    return a < b || (a <= b && p->sum[MP_HARM] < than->sum[MP_HARM]);
}

bool mp_seek_offer(struct mp_seek *s, struct mp_point *p) {
    // Where no drop counts, a plan is measured to tell of it: one that cannot be any more is a plan all the same.
    const bool needed = s->job->max_drop < INFINITY || s->job->objective == MP_DROP_QUANTITY;
    if (!mp_seek_within(s, p) || (s->job->oracle && !mp_seek_measure(s, p) && needed) || !mp_seek_keeps_drop(s, p))
        return false;
    if (!s->out->found || better(s->job, p, &s->out->best))
        s->out->best = *p;
    s->out->found = true;
    return true;
}

size_t mp_seek_front_cost(const struct mp_search_job *job) {
    if (job->objective > MP_HARM && job->objective < MP_QUANTITIES)
        return job->objective;
    for (size_t k = 0; k < MP_COSTS; k++)
        if (job->bound[MP_COST_AT(k)] < INFINITY)
            return MP_COST_AT(k);
    return MP_COST_AT(MP_COST_LATENCY);
}

double mp_seek_front_value(const struct mp_search_job *job, const struct mp_point *p) {
    return job->objective == MP_EDP_QUANTITY ? mp_seek_objective(job, p) : p->sum[mp_seek_front_cost(job)];
}

void mp_seek_add_front(struct mp_seek *s, const struct mp_point *p, size_t *room) {
    struct mp_search_result *r = s->out;
    if (r->front_count == *room) {
        size_t more = *room ? 2 * *room : 64;
        r->front = mp_arena_grow(s->arena, r->front, r->front_count, more, sizeof *r->front);
        *room = more;
    }
    r->front[r->front_count++] = *p;
}

uint8_t *mp_seek_widest(struct mp_seek *s) {
    return mp_arena_alloc(s->arena, s->job->problem->var_count, sizeof(uint8_t)); // option 0
}

// Units of a decision that `option` gives other widths than `now`.
static size_t changes(const struct mp_decision *d, size_t option, size_t now) {
    size_t n = 0;
    for (size_t u = 0; u < d->unit_count; u++)
        n += d->bits[option * d->unit_count + u] != d->bits[now * d->unit_count + u];
    return n;
}

bool mp_seek_move(const struct mp_space *s, const uint8_t *option, size_t unit, unsigned bits, struct mp_move *out) {
    const struct mp_decision *d = &s->decisions[s->units[unit].decision];
    const size_t now = option[s->units[unit].decision];
    size_t at = 0, best = SIZE_MAX, fewest = SIZE_MAX;
    while (d->units[at] != unit)
        at++;
    if (d->bits[now * d->unit_count + at] == bits)
        return false;
    for (size_t o = 0; o < d->option_count; o++)
        if (d->bits[o * d->unit_count + at] == bits && changes(d, o, now) < fewest)
            fewest = changes(d, o, now), best = o;
    if (best == SIZE_MAX)
        return false;
    *out = (struct mp_move){.decision = s->units[unit].decision, .unit = unit, .option = (uint8_t)best, .bits = bits};
    return true;
}
