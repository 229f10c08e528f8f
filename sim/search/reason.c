// SPDX-License-Identifier: Apache-2.0
#include "sim/search/reason.h"

#include "sim/search/seek.h"

#include <math.h>
#include <string.h>

size_t mp_search_front_cost(const struct mp_search_job *job) {
    return mp_seek_front_cost(job);
}

static unsigned bits_of(const struct mp_decision *d, size_t option) {
    unsigned sum = 0;
    for (size_t u = 0; u < d->unit_count; u++)
        sum += d->bits[option * d->unit_count + u];
    return sum;
}

static double cost_with(const struct mp_search_job *job, uint8_t *option, size_t v, size_t o) {
    const uint8_t was = option[v];
    const size_t kind = mp_seek_front_cost(job) - 1;
    double cost[MP_COSTS], sum;
    struct mp_err ignored;
    option[v] = (uint8_t)o;
    if (!job->price)
        sum = mp_problem_cost(job->problem, kind, option);
    else // a plan that cannot be priced is no step to take
        sum = job->price(job->price_user, option, cost, &ignored) ? cost[kind] : INFINITY;
    option[v] = was;
    return sum;
}

// The nearest option with fewer bits (or more), of equally near ones that of the least cost.
static struct mp_step step(const struct mp_search_job *job, uint8_t *option, size_t v, bool up) {
    const struct mp_decision *d = &job->space->decisions[v];
    const double *harm = job->problem->vars[v].harm, here = cost_with(job, option, v, option[v]);
    const unsigned now = bits_of(d, option[v]);
    struct mp_step best = {0};
    unsigned nearest = 0;
    for (size_t o = 0; o < d->option_count; o++) {
        const unsigned bits = bits_of(d, o), far = up ? bits - now : now - bits;
        if (up ? bits <= now : bits >= now)
            continue;
        const double cost = cost_with(job, option, v, o) - here;
        if (cost == INFINITY)
            continue;
        if (!best.there || far < nearest || (far == nearest && cost < best.cost)) {
            best = (struct mp_step){true, (uint8_t)o, cost, harm[o] - harm[option[v]]};
            nearest = far;
        }
    }
    return best;
}

struct mp_reason *mp_search_reasons(const struct mp_search_job *job, const struct mp_point *p, struct mp_arena *a) {
    const size_t count = job->problem->var_count;
    struct mp_reason *reasons = mp_arena_alloc(a, count, sizeof *reasons);
    uint8_t *option = mp_arena_alloc(a, count, sizeof *option);
    memcpy(option, p->option, count);
    for (size_t v = 0; v < count; v++) {
        const struct mp_decision *d = &job->space->decisions[v];
        if (d->option_count == 1) {
            reasons[v].fixed = d->fixed_by_user ? "--fix" : d->fixed_by_default ? "first or last layer" : "one width";
            continue;
        }
        reasons[v].down = step(job, option, v, false);
        reasons[v].up = step(job, option, v, true);
    }
    return reasons;
}
