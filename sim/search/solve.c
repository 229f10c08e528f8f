// SPDX-License-Identifier: Apache-2.0
// A label is a partial solution: its sums so far. It goes where a bound cannot be kept any more, where the threshold cannot be
// reached by one of the Lagrangian bounds, or where another label of the same state is at least as good in all that counts.
#include "sim/search/solve.h"

#include "sim/search/dual.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_STEP 1e-4 // of the objective's range: how far above its bound the threshold begins
#define STEP_GROWTH 5
#define COMPARED 400    // labels that one is compared with

struct label {
    uint32_t parent, arc;
};

struct solver {
    const struct mp_problem *p;
    struct mp_solve_request r;
    struct mp_stages s;
    struct mp_arena arena;
    struct mp_duals duals;
    size_t track[MP_QUANTITIES], tracked; // quantities that labels have: the objective, then the bounded ones
    double *least[MP_QUANTITIES];         // by tracked quantity: of what is still to come, by state
    double slack[MP_QUANTITIES];          // by tracked quantity: what rounding may be off by
    double noise[MP_DUALS];               // and the weighted sum of a dual
    struct label **back;                  // by stage
    double *now, *next;                   // sums, `tracked` a label
    struct label *next_back;
    size_t *first, *next_first;           // by state: labels
    size_t next_room;
    uint32_t *order;
    size_t order_room;
    uint64_t labels, all_labels;
    double threshold;
    bool (*stopped)(void);
};

struct mp_solve_request mp_solve_for(size_t objective) {
    struct mp_solve_request r = {.objective = objective};
    for (size_t q = 0; q < MP_QUANTITIES; q++)
        r.bound[q] = INFINITY;
    return r;
}

static void *grown(void *old, size_t count, size_t size) {
    void *p = realloc(old, (count > 0 ? count : 1) * size);
    if (!p)
        mp_out_of_memory();
    return p;
}

static void set_tracked(struct solver *k) {
    k->track[k->tracked++] = k->r.objective;
    for (size_t q = 0; q <= k->p->cost_count; q++)
        if (q != k->r.objective && k->r.bound[q] < INFINITY)
            k->track[k->tracked++] = q;
}

// The least of each tracked quantity. False when a bound is below it.
static bool bounds_alone(struct solver *k, struct mp_solution *out) {
    for (size_t i = 0; i < k->tracked; i++) {
        double weight[MP_QUANTITIES] = {0};
        const size_t q = k->track[i];
        weight[q] = 1;
        k->least[i] = mp_arena_alloc(&k->arena, k->s.state_count, sizeof *k->least[i]);
        double least = mp_stages_least(&k->s, weight, k->least[i]);
        k->slack[i] = mp_stages_rounding(&k->s, q);
        if (least <= k->r.bound[q] + k->slack[i])
            continue;
        out->tight = q, out->least = least, out->jointly = false;
        return false;
    }
    return true;
}

static bool fits(const struct solver *k, const double *sum, size_t state) {
    for (size_t i = 0; i < k->tracked; i++)
        if (k->s.base[k->track[i]] + sum[i] + k->least[i][state] > k->r.bound[k->track[i]] + k->slack[i])
            return false;
    return true;
}

// Below the threshold by every bound.
static bool promising(const struct solver *k, const double *sum, size_t state) {
    if (k->s.base[k->r.objective] + sum[0] + k->least[0][state] > k->threshold)
        return false;
    for (size_t d = 0; d < k->duals.count; d++) {
        const struct mp_dual *dual = &k->duals.at[d];
        double value = dual->least[state];
        for (size_t i = 0; i < k->tracked; i++) {
            const size_t q = k->track[i];
            const double w = dual->weight[q], bound = k->r.bound[q];
            value += w * (k->s.base[q] + sum[i]);
            value -= bound < INFINITY ? (w - (i == 0)) * bound : 0;
        }
        if (value > k->threshold + k->noise[d])
            return false;
    }
    return true;
}

static void make_room(struct solver *k, size_t count) {
    if (count <= k->next_room)
        return;
    k->next_room = count > 2 * k->next_room ? count : 2 * k->next_room;
    k->next = grown(k->next, k->next_room * k->tracked, sizeof *k->next);
    k->next_back = grown(k->next_back, k->next_room, sizeof *k->next_back);
}

static size_t follow(struct solver *k, const struct mp_stage *g, size_t arc, size_t state, size_t n) {
    const struct mp_arc *a = &g->arcs[arc];
    const size_t first = k->first[a->from], end = k->first[a->from + 1];
    make_room(k, n + end - first);
    for (size_t i = first; i < end; i++) {
        double *sum = k->next + n * k->tracked;
        for (size_t t = 0; t < k->tracked; t++)
            sum[t] = k->now[i * k->tracked + t] + a->add[k->track[t]];
        if (fits(k, sum, state) && promising(k, sum, state))
            k->next_back[n++] = (struct label){(uint32_t)i, (uint32_t)arc};
    }
    return n;
}

// Dominance

static int by_sums(const void *x, const void *y, void *user) {
    const struct solver *k = user;
    const double *a = k->next + *(const uint32_t *)x * k->tracked, *b = k->next + *(const uint32_t *)y * k->tracked;
    for (size_t i = 0; i < k->tracked; i++)
        if (a[i] < b[i] || a[i] > b[i])
            return a[i] < b[i] ? -1 : 1;
    return *(const uint32_t *)x < *(const uint32_t *)y ? -1 : 1;
}

static bool beaten(const struct solver *k, const double *sums, size_t kept, const double *x) {
    if (k->tracked == 1)
        return kept > 0;
    if (k->tracked == 2) // ascending in the first, kept ones fall in the second
        return kept > 0 && sums[(kept - 1) * 2 + 1] <= x[1];
    const size_t first = kept > COMPARED ? kept - COMPARED : 0;
    for (size_t i = kept; i-- > first;) {
        bool worse = true;
        for (size_t t = 1; t < k->tracked && worse; t++)
            worse = sums[i * k->tracked + t] <= x[t];
        if (worse)
            return true;
    }
    return false;
}

// The labels [first, n) of a state: those that no other one beats, in order. Returns where they end.
static size_t thin_out(struct solver *k, size_t first, size_t n) {
    const size_t count = n - first, width = k->tracked * sizeof *k->next;
    if (count == 0)
        return first;
    if (count > k->order_room)
        k->order = grown(k->order, k->order_room = 2 * count, sizeof *k->order);
    for (size_t i = 0; i < count; i++)
        k->order[i] = (uint32_t)(first + i);
    qsort_r(k->order, count, sizeof *k->order, by_sums, k);
    double *sums = grown(NULL, count * k->tracked, sizeof *sums);
    struct label *back = grown(NULL, count, sizeof *back);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        const double *x = k->next + k->order[i] * k->tracked;
        if (beaten(k, sums, kept, x))
            continue;
        memcpy(sums + kept * k->tracked, x, width);
        back[kept++] = k->next_back[k->order[i]];
    }
    memcpy(k->next + first * k->tracked, sums, kept * width);
    memcpy(k->next_back + first, back, kept * sizeof *back);
    free(sums);
    free(back);
    return first + kept;
}

// Stages

static void one_stage(struct solver *k, size_t stage) {
    const struct mp_stage *g = &k->s.stages[stage];
    const size_t states = stage + 1 < k->s.count ? k->s.stages[stage + 1].states : 1, base = g->first_state + g->states;
    size_t n = 0;
    k->next_first = grown(k->next_first, states + 1, sizeof *k->next_first);
    for (size_t state = 0, arc = 0; state < states; state++) {
        const size_t first = n;
        k->next_first[state] = first;
        for (; arc < g->arc_count && g->arcs[arc].to == state; arc++)
            n = follow(k, g, arc, base + state, n);
        n = thin_out(k, first, n);
    }
    k->next_first[states] = n;
    make_room(k, 1);
    k->back[stage] = grown(k->back[stage], n, sizeof *k->back[stage]);
    memcpy(k->back[stage], k->next_back, n * sizeof *k->next_back);
    k->now = grown(k->now, n * k->tracked, sizeof *k->now);
    memcpy(k->now, k->next, n * k->tracked * sizeof *k->now);
    size_t *swap = k->first;
    k->first = k->next_first;
    k->next_first = swap;
    k->labels += n;
}

static void trace(const struct solver *k, uint8_t *option) {
    static const double none[MP_QUANTITIES];
    uint32_t label = 0;
    double *zero = calloc(k->s.state_count, sizeof *zero);
    if (!zero)
        mp_out_of_memory();
    mp_stages_trace(&k->s, none, zero, option); // variables that no term has
    free(zero);
    for (size_t i = k->s.count; i-- > 0;) {
        const struct label *b = &k->back[i][label];
        const struct mp_stage *g = &k->s.stages[i];
        for (size_t v = 0; v < g->var_count; v++)
            option[g->vars[v]] = g->arcs[b->arc].option[v];
        label = b->parent;
    }
}

// Everything below the threshold. Whether a solution was: it is the best then, and traced.
static enum mp_solve_end walk(struct solver *k, uint8_t *option, bool *found, struct mp_err *err) {
    k->now = grown(k->now, k->tracked, sizeof *k->now);
    k->first = grown(k->first, 2, sizeof *k->first);
    memset(k->now, 0, k->tracked * sizeof *k->now);
    k->first[0] = 0, k->first[1] = 1;
    k->labels = 0;
    for (size_t i = 0; i < k->s.count; i++) {
        one_stage(k, i);
        if (k->stopped && k->stopped())
            return mp_fail(err, "interrupted"), MP_SOLVE_FAILED;
        if (k->labels > MP_SOLVE_LABELS)
            return mp_fail(err, "search: the exact optimum needs more than 2^26 partial solutions: take fewer widths or "
                           "constraints, fix or link layers, or another solver"), MP_SOLVE_FAILED;
    }
    k->all_labels += k->labels;
    *found = k->first[1] > 0;
    if (*found)
        trace(k, option);
    return MP_SOLVED;
}

// The slack of bounds, and what rounding of weighted sums is off by: much, where a bound is hard to keep.
static void set_noise(struct solver *k) {
    for (size_t d = 0; d < k->duals.count; d++)
        for (size_t i = 0; i < k->tracked; i++) {
            const size_t q = k->track[i];
            const double bound = k->r.bound[q] < INFINITY ? fabs(k->r.bound[q]) : 0;
            k->noise[d] += k->duals.at[d].weight[q] * (k->slack[i] + mp_problem_rounding(k->p, q) + 4 * DBL_EPSILON * bound);
        }
}

static void finish(struct solver *k) {
    for (size_t i = 0; k->back && i < k->s.count; i++)
        free(k->back[i]);
    free(k->now);
    free(k->next);
    free(k->next_back);
    free(k->first);
    free(k->next_first);
    free(k->order);
    mp_arena_finish(&k->arena);
}

// With the threshold rising from the bound to the best solution known, or to what no solution exceeds.
static enum mp_solve_end deepen(struct solver *k, uint8_t *option, bool *found, struct mp_err *err) {
    const double highest = mp_problem_highest(k->p, k->r.objective), noise = mp_problem_rounding(k->p, k->r.objective);
    const double top = k->duals.feasible < INFINITY ? k->duals.feasible : highest;
    double step = FIRST_STEP * fmax(top - k->duals.best, 1e-6 * fabs(top));
    enum mp_solve_end end = MP_SOLVED;
    for (bool last = false; end == MP_SOLVED && !*found && !last; step *= STEP_GROWTH) {
        last = k->duals.best + step >= top || !(step > 0);
        k->threshold = (last ? top : k->duals.best + step) + noise;
        end = walk(k, option, found, err);
    }
    return end;
}

static enum mp_solve_end optimum(struct solver *k, struct mp_solution *out, struct mp_err *err) {
    bool found = false;
    unsigned wanted = 0;
    set_tracked(k);
    for (size_t i = 0; i < k->tracked; i++)
        wanted |= 1u << k->track[i];
    if (!mp_stages_make(&k->s, k->p, wanted, &k->arena, err))
        return MP_SOLVE_FAILED;
    if (!bounds_alone(k, out))
        return MP_SOLVE_IMPOSSIBLE;
    k->back = mp_arena_alloc(&k->arena, k->s.count, sizeof *k->back);
    mp_duals_make(&k->duals, &k->s, k->r.objective, k->r.bound, &k->arena);
    set_noise(k);
    enum mp_solve_end end = deepen(k, out->option, &found, err);
    if (end != MP_SOLVED)
        return end;
    for (size_t q = 0; found && q <= k->p->cost_count; q++)
        out->sum[q] = mp_problem_sum(k->p, q, out->option);
    return found ? MP_SOLVED : MP_SOLVE_IMPOSSIBLE;
}

static enum mp_solve_end solve_once(const struct mp_problem *p, const struct mp_solve_request *r, bool (*stopped)(void),
                                    struct mp_solution *out, struct mp_err *err) {
    struct solver k = {.p = p, .r = *r, .stopped = stopped};
    enum mp_solve_end end = optimum(&k, out, err);
    out->labels += k.all_labels;
    finish(&k);
    return end;
}

// What the first bounded quantity is at least where the other bounds are kept; without it when these are impossible already.
static enum mp_solve_end explain(const struct mp_problem *p, const struct mp_solve_request *r, bool (*stopped)(void),
                                 struct mp_solution *out, struct mp_err *err) {
    struct mp_solve_request other = *r;
    size_t q = 0;
    while (!(r->bound[q] < INFINITY))
        q++;
    other.objective = q;
    other.bound[q] = INFINITY;
    enum mp_solve_end end = solve_once(p, &other, stopped, out, err);
    if (end == MP_SOLVE_IMPOSSIBLE)
        return explain(p, &other, stopped, out, err);
    if (end == MP_SOLVED)
        out->tight = q, out->least = out->sum[q], out->jointly = true;
    return end == MP_SOLVED ? MP_SOLVE_IMPOSSIBLE : end;
}

// Of equal optima the better one.
static enum mp_solve_end break_tie(const struct mp_problem *p, const struct mp_solve_request *r, bool (*stopped)(void),
                                   struct mp_solution *out, struct mp_err *err) {
    struct mp_solve_request second = *r;
    size_t q = MP_HARM;
    if (r->objective == MP_HARM) {
        q = 1;
        while (q <= p->cost_count && !(r->bound[q] < INFINITY))
            q++;
        if (q > p->cost_count)
            return MP_SOLVED;
    }
    second.objective = q;
    second.bound[r->objective] = fmin(r->bound[r->objective], out->sum[r->objective]);
    return solve_once(p, &second, stopped, out, err);
}

enum mp_solve_end mp_solve(const struct mp_problem *p, const struct mp_solve_request *r, bool (*stopped)(void),
                           struct mp_solution *out, struct mp_err *err) {
    out->labels = 0;
    out->jointly = false;
    out->least = INFINITY;
    enum mp_solve_end end = solve_once(p, r, stopped, out, err);
    if (end == MP_SOLVE_IMPOSSIBLE && out->least == INFINITY)
        return explain(p, r, stopped, out, err);
    return end == MP_SOLVED ? break_tie(p, r, stopped, out, err) : end;
}
