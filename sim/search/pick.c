// SPDX-License-Identifier: Apache-2.0
// From a front to a plan. Along a front harm falls as cost rises, and so, about, does the measured drop: halving finds where it
// passes its bound. It is not monotone to the last point, hence the look further down.
#include "sim/search/seek.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#define LOOKS 6 // points below the one found, at growing distances

// Whether point `i` keeps the drop.
static bool keeps(struct mp_seek *s, size_t i) {
    return mp_seek_offer(s, &s->out->front[i]);
}

static bool look_down(struct mp_seek *s, size_t *at) {
    for (size_t k = 0, step = 2; k < LOOKS && step <= *at; k++, step += step / 2) {
        size_t i = *at - step;
        if (s->out->front[i].measured)
            continue;
        if (keeps(s, i)) {
            *at = i;
            return true;
        }
        if (mp_seek_over(s))
            return false;
    }
    return false;
}

static const char *drop_text(struct mp_seek *s, const struct mp_point *p) {
    const double drop = mp_drop_of(s->job->drop, &p->at, s->job->reference);
    if (s->job->drop == MP_DROP_LOSS)
        return mp_arena_printf(s->arena, "a loss %.4g above float's", drop);
    return mp_arena_printf(s->arena, "a drop of %.2f %%", 100 * drop);
}

// Decisions in which a plan differs from the widest one, by what they save.
struct way {
    struct mp_seek *s;
    const struct mp_point *end;
    size_t *decision;
    double *saved;
    size_t count;
};

static int by_saving(const void *a, const void *b, void *user) {
    const struct way *k = user;
    const size_t x = *(const size_t *)a, y = *(const size_t *)b;
    if (k->saved[x] < k->saved[y] || k->saved[x] > k->saved[y])
        return k->saved[x] > k->saved[y] ? -1 : 1;
    return x < y ? -1 : x > y;
}

// The widest plan with the first `n` of these decisions as at the end.
static bool on_way(struct way *k, size_t n, struct mp_point *p) {
    uint8_t *option = mp_seek_widest(k->s);
    for (size_t i = 0; i < n; i++)
        option[k->decision[i]] = k->end->option[k->decision[i]];
    return mp_seek_price(k->s, option, p);
}

static bool make_way(struct way *k, const struct mp_point *widest) {
    const size_t all = k->s->job->problem->var_count;
    k->decision = mp_arena_alloc(k->s->arena, all, sizeof *k->decision);
    k->saved = mp_arena_alloc(k->s->arena, all, sizeof *k->saved);
    for (size_t v = 0; v < all; v++) {
        struct mp_point p;
        if (k->end->option[v] == 0)
            continue;
        k->decision[0] = v; // alone
        if (!on_way(k, 1, &p))
            return false;
        k->saved[v] = mp_seek_front_value(k->s->job, widest) - mp_seek_front_value(k->s->job, &p);
    }
    for (size_t v = 0; v < all; v++)
        if (k->end->option[v] > 0)
            k->decision[k->count++] = v;
    qsort_r(k->decision, k->count, sizeof *k->decision, by_saving, k);
    return true;
}

// A metric may see no harm at all where there is some, so that its least harmful plan `end`, measured, does not keep the drop.
// Then the widest widths are the beginning, which need not be on the front, and halving finds how far the way from there to
// `end` can be gone.
static bool from_widest(struct mp_seek *s, const struct mp_point *end) {
    struct way k = {.s = s, .end = end};
    struct mp_point p;
    if (!mp_seek_price(s, mp_seek_widest(s), &p))
        return false;
    if (!mp_seek_offer(s, &p)) {
        if (!mp_seek_over(s))
            s->out->why = p.measured ? mp_arena_printf(s->arena, "the plan at the widest widths has %s", drop_text(s, &p))
                                     : mp_arena_printf(s->arena, "the least harmful plan within the bounds has %s",
                                                       drop_text(s, end));
        return !s->failed;
    }
    if (!make_way(&k, &p))
        return false;
    for (size_t low = 0, high = k.count > 0 ? k.count - 1 : 0; low < high && !mp_seek_over(s);) {
        const size_t middle = low + (high - low + 1) / 2;
        if (!on_way(&k, middle, &p))
            return false;
        if (mp_seek_offer(s, &p))
            low = middle;
        else
            high = middle - 1;
    }
    return !s->failed;
}

static bool halve(struct mp_seek *s) {
    size_t low = 0, high = s->out->front_count - 1; // the answer lies in low..high
    while (high > 0 && !mp_seek_within(s, &s->out->front[high])) // a whole front goes on beyond the bound on its cost
        high--;
    if (!mp_seek_within(s, &s->out->front[high])) {
        s->out->why = "no plan of the front keeps all bounds";
        return true;
    }
    for (size_t k = 0, least = high; !keeps(s, high); k++, high--) // the least harmful one need not have the least drop
        if (mp_seek_over(s) || k == LOOKS || high == 0)
            return mp_seek_over(s) ? !s->failed : from_widest(s, &s->out->front[least]);
    while (low < high && !mp_seek_over(s)) {
        size_t middle = low + (high - low) / 2;
        if (keeps(s, middle))
            high = middle;
        else if (!mp_seek_over(s))
            low = middle + 1;
    }
    while (!mp_seek_over(s) && look_down(s, &high))
        ;
    return !s->failed;
}

// The best by what is known; it alone is measured.
static bool take_best(struct mp_seek *s) {
    const struct mp_search_job *job = s->job;
    struct mp_point *best = NULL;
    const size_t q = job->objective == MP_DROP_QUANTITY ? MP_HARM : job->objective;
    for (size_t i = 0; i < s->out->front_count; i++) {
        struct mp_point *p = &s->out->front[i];
        if (!mp_seek_within(s, p))
            continue;
        double x = q < MP_QUANTITIES ? p->sum[q] : mp_seek_objective(job, p);
        double y = !best ? INFINITY : q < MP_QUANTITIES ? best->sum[q] : mp_seek_objective(job, best);
        if (x < y || (x <= y && p->sum[MP_HARM] < best->sum[MP_HARM]))
            best = p;
    }
    if (best)
        mp_seek_offer(s, best);
    return !s->failed;
}

bool mp_seek_pick(struct mp_seek *s) {
    s->out->unconstrained = mp_seek_unconstrained(s->job);
    if (s->out->front_count == 0 || s->out->unconstrained)
        return true;
    return s->job->max_drop < INFINITY ? halve(s) : take_best(s);
}
