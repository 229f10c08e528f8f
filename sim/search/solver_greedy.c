// SPDX-License-Identifier: Apache-2.0
// Sensitivity-guided search (arXiv 2302.01382; the abstract's two algorithms, details ours): units in the order of the metric's
// harm, width after width from the widest down. Greedy tries each move that lowers the objective or a cost that is over its
// bound, and keeps those that keep the drop; bisection finds by halving how long a prefix of the order can go down. Without a
// bound on the drop both go down until the costs keep their bounds.
#include "sim/search/seek.h"
#include "sim/search/solvers.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct lowering {
    struct mp_seek *s;
    const struct mp_space *space;
    uint8_t *option;      // where we are
    const uint8_t *widest;
    struct mp_point here;
    struct mp_move *moves;
    size_t count;
};

// Harm of a move: what the decision's harm rises by, from its widest option. Other slices of the layer stay at their widest, so
// that what was moved before does not count.
static double harm_of(const struct lowering *k, const struct mp_move *m) {
    const double *harm = k->s->job->problem->vars[m->decision].harm;
    struct mp_move alone;
    return mp_seek_move(k->space, k->widest, m->unit, m->bits, &alone) ? harm[alone.option] - harm[0] : 0;
}

static int by_harm(const void *a, const void *b) {
    const struct mp_move *x = a, *y = b;
    if (x->harm < y->harm || x->harm > y->harm)
        return x->harm < y->harm ? -1 : 1;
    return x->unit < y->unit ? -1 : x->unit > y->unit;
}

static bool is_repeat(const struct lowering *k, const struct mp_move *m) {
    for (size_t i = 0; i < k->count; i++)
        if (k->moves[i].decision == m->decision && k->moves[i].option == m->option)
            return true;
    return false;
}

// All that can go down to `bits`, the least harmful first.
static void list_moves(struct lowering *k, unsigned bits) {
    k->count = 0;
    for (size_t u = 0; u < k->space->unit_count; u++) {
        struct mp_move m;
        if (bits >= mp_space_bits(k->space, u, k->option) || !mp_seek_move(k->space, k->option, u, bits, &m) ||
            is_repeat(k, &m))
            continue;
        m.harm = harm_of(k, &m);
        k->moves[k->count++] = m;
    }
    qsort(k->moves, k->count, sizeof *k->moves, by_harm);
}

static bool enough(const struct lowering *k) {
    return !(k->s->job->max_drop < INFINITY) && mp_seek_within(k->s, &k->here);
}

// Whether the objective falls there, or a cost that is over its bound.
static bool helps(const struct lowering *k, const struct mp_point *p) {
    const struct mp_search_job *job = k->s->job;
    bool some = mp_seek_front_value(job, p) < mp_seek_front_value(job, &k->here);
    for (size_t q = MP_COST_AT(0); q < MP_QUANTITIES; q++)
        some = some || (k->here.sum[q] > job->bound[q] + k->s->slack[q] && p->sum[q] < k->here.sum[q]);
    return some;
}

// The first `n` moves from where we are, priced.
static bool moved(struct lowering *k, size_t first, size_t n, struct mp_point *p) {
    uint8_t *option = mp_arena_alloc(k->s->arena, k->s->job->problem->var_count, sizeof *option);
    memcpy(option, k->option, k->s->job->problem->var_count);
    for (size_t i = first; i < first + n; i++) {
        struct mp_move m; // of slices of one layer, the option that has the earlier moves too
        if (mp_seek_move(k->space, option, k->moves[i].unit, k->moves[i].bits, &m))
            option[m.decision] = m.option;
    }
    return mp_seek_price(k->s, option, p);
}

static void go(struct lowering *k, const struct mp_point *p) {
    memcpy(k->option, p->option, k->s->job->problem->var_count);
    k->here = *p;
}

// Whether the drop is kept there; bounds on costs may still be ahead.
static bool keeps(struct lowering *k, struct mp_point *p) {
    if (!(k->s->job->max_drop < INFINITY))
        return true;
    if (!mp_seek_measure(k->s, p) || !mp_seek_keeps_drop(k->s, p))
        return false;
    mp_seek_offer(k->s, p);
    mp_oracle_keep(k->s->job->oracle);
    return true;
}

static bool one_by_one(struct lowering *k) {
    for (size_t i = 0; i < k->count && !mp_seek_stopped(k->s) && !enough(k); i++) {
        struct mp_point p;
        if (!moved(k, i, 1, &p))
            return false;
        if (helps(k, &p) && keeps(k, &p))
            go(k, &p);
    }
    return !k->s->failed;
}

static bool longest_prefix(struct lowering *k) {
    size_t low = 0, high = k->count; // low moves keep the drop; more than high do not
    struct mp_point best = k->here, p;
    while (low < high && !mp_seek_stopped(k->s)) {
        size_t middle = low + (high - low + 1) / 2;
        if (!moved(k, 0, middle, &p))
            return false;
        bool fine = k->s->job->max_drop < INFINITY ? keeps(k, &p) : !mp_seek_within(k->s, &p);
        if (fine)
            low = middle, best = p;
        else
            high = middle - 1;
    }
    // Without a drop the bounds are met by one move more.
    if (!(k->s->job->max_drop < INFINITY) && low < k->count && !moved(k, 0, low + 1, &best))
        return false;
    go(k, &best);
    return !k->s->failed;
}

static bool lower(const struct mp_search_job *job, struct mp_arena *a, struct mp_search_result *out, struct mp_err *err,
                  bool (*pass)(struct lowering *k)) {
    struct mp_seek s = mp_seek_begin(job, a, out, err);
    struct lowering k = {.s = &s, .space = job->space, .option = mp_seek_widest(&s), .widest = mp_seek_widest(&s)};
    k.moves = mp_arena_alloc(a, job->space->unit_count, sizeof *k.moves);
    if (!mp_seek_price(&s, k.option, &k.here))
        return false;
    if (!keeps(&k, &k.here)) {
        if (!mp_seek_over(&s))
            out->why = "the plan at the widest widths does not keep the drop";
        return !s.failed;
    }
    for (unsigned bits = 7; bits >= 1 && !mp_seek_stopped(&s) && !enough(&k); bits--) {
        list_moves(&k, bits);
        if (k.count > 0 && !pass(&k))
            return false;
    }
    if (!out->found && !mp_seek_over(&s) && !mp_seek_offer(&s, &k.here) && !mp_seek_over(&s))
        out->why = "the moves that keep the drop do not reach the bounds";
    return !s.failed;
}

static bool run_greedy(const struct mp_search_job *job, struct mp_arena *a, struct mp_search_result *out, struct mp_err *err) {
    return lower(job, a, out, err, one_by_one);
}

static bool run_bisection(const struct mp_search_job *job, struct mp_arena *a, struct mp_search_result *out,
                          struct mp_err *err) {
    return lower(job, a, out, err, longest_prefix);
}

#define SOURCE "sensitivity-guided search (arXiv 2302.01382)"

const struct mp_solver mp_solver_greedy = {
    .name = "greedy",
    .help = "each unit in the metric's order goes down where the measured drop allows it",
    .source = SOURCE,
    .measures = true,
    .run = run_greedy,
};

const struct mp_solver mp_solver_bisection = {
    .name = "bisection",
    .help = "width by width, the longest prefix of the metric's order that the measured drop allows",
    .source = SOURCE,
    .measures = true,
    .run = run_bisection,
};
