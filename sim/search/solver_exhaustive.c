// SPDX-License-Identifier: Apache-2.0
// Every choice of a small space, priced as a whole: the front also where costs are no sums over layers.
#include "sim/search/seek.h"
#include "sim/search/solve.h"
#include "sim/search/solvers.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define MOST (UINT64_C(1) << 22)

struct visitor {
    struct mp_seek *s;
    struct mp_point *at; // ascending values, falling harms
    double *value;
    size_t count, room;
    struct mp_arena scratch;
};

// Where a point with this value would stand.
static size_t place(const struct visitor *v, double value) {
    size_t low = 0, high = v->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (v->value[middle] < value)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void make_room(struct visitor *v) {
    if (v->count < v->room)
        return;
    size_t room = v->room ? 2 * v->room : 64;
    v->at = mp_arena_grow(&v->scratch, v->at, v->count, room, sizeof *v->at);
    v->value = mp_arena_grow(&v->scratch, v->value, v->count, room, sizeof *v->value);
    v->room = room;
}

// Whether a point that is there is no worse.
static bool dominated(const struct visitor *v, const struct mp_point *p, double value) {
    const size_t at = place(v, value);
    const double harm = p->sum[MP_HARM];
    return (at > 0 && v->at[at - 1].sum[MP_HARM] <= harm) ||
           (at < v->count && v->value[at] <= value && v->at[at].sum[MP_HARM] <= harm);
}

static void insert(struct visitor *v, const struct mp_point *p, double value) {
    size_t at = place(v, value), end = at;
    while (end < v->count && v->at[end].sum[MP_HARM] >= p->sum[MP_HARM])
        end++;
    make_room(v);
    memmove(v->at + at + 1, v->at + end, (v->count - end) * sizeof *v->at);
    memmove(v->value + at + 1, v->value + end, (v->count - end) * sizeof *v->value);
    v->at[at] = *p;
    v->value[at] = value;
    v->count = v->count - (end - at) + 1;
}

static bool visit(void *user, const uint8_t *option, const double sum[MP_QUANTITIES]) {
    struct visitor *v = user;
    struct mp_point p = {.option = option};
    memcpy(p.sum, sum, sizeof p.sum);
    if (v->s->job->price) {
        struct mp_err *err = v->s->err;
        if (!v->s->job->price(v->s->job->price_user, option, &p.sum[MP_COST_AT(0)], err)) {
            v->s->failed = true;
            return false;
        }
    }
    if (!mp_seek_within(v->s, &p))
        return !mp_seek_stopped(v->s);
    const double value = mp_seek_front_value(v->s->job, &p);
    if (dominated(v, &p, value))
        return !mp_seek_stopped(v->s);
    uint8_t *own = mp_arena_alloc(&v->scratch, v->s->job->problem->var_count, sizeof *own);
    memcpy(own, option, v->s->job->problem->var_count);
    p.option = own;
    insert(v, &p, value);
    return !mp_seek_stopped(v->s);
}

static bool run(const struct mp_search_job *job, struct mp_arena *a, struct mp_search_result *out, struct mp_err *err) {
    struct mp_seek s = mp_seek_begin(job, a, out, err);
    struct visitor v = {.s = &s};
    const uint64_t all = mp_combinations(job->problem);
    size_t room = 0;
    if (all > MOST)
        return mp_fail(err, "solver exhaustive takes at most %" PRIu64 " choices: there are %s%" PRIu64 "; take fewer widths, "
                       "fix or link layers, or another solver", MOST, all == UINT64_MAX ? "more than " : "",
                       all == UINT64_MAX ? MP_EXHAUSTIVE_MAX : all);
    mp_enumerate(job->problem, visit, &v);
    for (size_t i = 0; i < v.count; i++) {
        struct mp_point p;
        if (!mp_seek_price(&s, v.at[i].option, &p))
            break;
        mp_seek_add_front(&s, &p, &room);
    }
    mp_arena_finish(&v.scratch);
    out->front_exact = !mp_seek_over(&s);
    if (out->front_count == 0 && !mp_seek_over(&s))
        out->why = "no choice keeps all bounds";
    bool ok = !s.failed && mp_seek_pick(&s);
    out->proven = out->front_exact && out->found && !(job->max_drop < INFINITY) && job->objective != MP_DROP_QUANTITY;
    return ok;
}

const struct mp_solver mp_solver_exhaustive = {
    .name = "exhaustive",
    .help = "every choice of a small space, priced as a whole",
    .source = "enumeration",
    .run = run,
};
