// SPDX-License-Identifier: Apache-2.0
// A partial solution stays when some edge of the hull has room for it: when the least that it can come to, weighed by the
// edge's slope, lies below the highest corner of the known staircase over that edge. A first walk with little room finds a
// staircase close to the front, the second one, with all the room that this leaves, the front.
#include "sim/search/front.h"

#include "sim/search/hull.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 0.04 // of the corners over the hull, in the first walk
#define NOISE 1e-11     // relative: sums in another order

struct sum {
    double cost, harm;
};

struct back {
    uint32_t parent, arc; // label of the stage before; arc of the stage
};

struct mp_front_labels {
    struct mp_arena arena;
    struct mp_stages stages;
    struct back **back; // by stage, of the labels behind it
    size_t *counts;
    const uint32_t *final; // by point: label behind the last stage
    uint8_t *only;         // the solution, when one is the best in both
};

// Labels of the states behind a stage, ascending costs and falling harms in each.
struct list {
    struct sum *sum;
    struct back *back;
    size_t *first; // by state, and the end
    size_t count, room;
};

// Of an edge: from a cost on, where it has more room than the others.
struct line {
    double slope, room, from;
};

struct walk {
    const struct mp_stages *s;
    const struct mp_hull *h;
    size_t cost;
    const double *limit; // by edge
    struct line *lines;  // of a state
    size_t line_count;
    struct list now, next, spare;
    size_t *run, run_count; // beginnings of sorted runs in `next`, and the end
    struct back **back;
    size_t *counts;
    uint64_t labels;
    bool (*stopped)(void);
};

static void *grown(void *old, size_t bytes) {
    void *p = realloc(old, bytes > 0 ? bytes : 1);
    if (!p)
        mp_out_of_memory();
    return p;
}

static void make_room(struct list *l, size_t count) {
    if (count <= l->room)
        return;
    l->room = count > 2 * l->room ? count : 2 * l->room;
    l->sum = grown(l->sum, l->room * sizeof *l->sum);
    l->back = grown(l->back, l->room * sizeof *l->back);
}

static void finish_list(struct list *l) {
    free(l->sum);
    free(l->back);
    free(l->first);
}

// The labels of an arc's state, moved along it, as a run.
static void follow(struct walk *w, const struct mp_stage *g, size_t arc) {
    const struct mp_arc *a = &g->arcs[arc];
    const size_t first = w->now.first[a->from], end = w->now.first[a->from + 1];
    const double cost = a->add[MP_COST_AT(w->cost)], harm = a->add[MP_HARM];
    size_t top = 0, n = w->next.count;
    make_room(&w->next, n + end - first);
    for (size_t i = first; i < end; i++) {
        const struct sum sum = {w->now.sum[i].cost + cost, w->now.sum[i].harm + harm};
        while (top + 1 < w->line_count && sum.cost >= w->lines[top + 1].from)
            top++;
        if (!(sum.harm < w->lines[top].room - w->lines[top].slope * sum.cost))
            continue;
        w->next.sum[n] = sum;
        w->next.back[n++] = (struct back){(uint32_t)i, (uint32_t)arc};
    }
    if (n > w->next.count)
        w->run[w->run_count++] = w->next.count;
    w->next.count = n;
}

// Two runs into `to` at `n`; the one behind goes on until it is less harmful. Of equals the first one's stays.
static size_t merge(const struct list *from, size_t i, size_t i_end, size_t k, size_t k_end, struct list *to, size_t n) {
    double least = INFINITY;
    while (i < i_end || k < k_end) {
        const struct sum *a = &from->sum[i], *b = &from->sum[k];
        const bool first = k >= k_end || (i < i_end && (a->cost < b->cost || (a->cost <= b->cost && a->harm <= b->harm)));
        const size_t at = first ? i++ : k++;
        if (from->sum[at].harm >= least)
            continue;
        least = from->sum[at].harm;
        to->sum[n] = from->sum[at];
        to->back[n++] = from->back[at];
    }
    return n;
}

// The runs of a state into one, pair by pair, in `next` from `first` on.
static void merge_runs(struct walk *w, size_t first) {
    while (w->run_count > 1) {
        size_t runs = 0, n = 0;
        w->run[w->run_count] = w->next.count;
        make_room(&w->spare, w->next.count - first);
        for (size_t r = 0; r < w->run_count; r += 2) {
            const size_t middle = w->run[r + 1], end = r + 1 < w->run_count ? w->run[r + 2] : middle;
            const size_t at = n;
            n = merge(&w->next, w->run[r], middle, middle, end, &w->spare, n);
            w->run[runs++] = first + at;
        }
        memcpy(w->next.sum + first, w->spare.sum, n * sizeof *w->next.sum);
        memcpy(w->next.back + first, w->spare.back, n * sizeof *w->next.back);
        w->next.count = first + n;
        w->run_count = runs;
    }
}

// Where a line passes another one that falls faster.
static double crossing(const struct line *steep, const struct line *flat) {
    return (steep->room - flat->room) / (steep->slope - flat->slope);
}

// A label of the state stays when its harm lies below the highest of the edges' lines, room - slope cost. Slopes fall from edge
// to edge: each line is the highest from where it passes the one before it.
static void set_lines(struct walk *w, size_t state) {
    const struct mp_hull *h = w->h;
    w->line_count = 0;
    for (size_t k = 0; k < h->edges; k++) {
        struct line l = {h->slope[k], w->limit[k] - h->least[state * h->edges + k], -INFINITY};
        while (w->line_count > 0) {
            const struct line *last = &w->lines[w->line_count - 1];
            if (l.slope < last->slope)
                l.from = crossing(last, &l);
            if (l.slope < last->slope ? l.from > last->from : l.room <= last->room)
                break;
            w->line_count--;
            l.from = -INFINITY;
        }
        if (w->line_count == 0 || l.slope < w->lines[w->line_count - 1].slope)
            w->lines[w->line_count++] = l;
    }
}

static size_t states_behind(const struct mp_stages *s, size_t stage) {
    return stage + 1 < s->count ? s->stages[stage + 1].states : 1;
}

static void one_stage(struct walk *w, size_t stage) {
    const struct mp_stage *g = &w->s->stages[stage];
    const size_t states = states_behind(w->s, stage), base = g->first_state + g->states;
    w->next.count = 0;
    w->next.first = grown(w->next.first, (states + 1) * sizeof *w->next.first);
    w->run = grown(w->run, (g->arc_count + 1) * sizeof *w->run);
    for (size_t state = 0, arc = 0; state < states; state++) {
        const size_t first = w->next.count;
        w->next.first[state] = first;
        w->run_count = 0;
        set_lines(w, base + state);
        for (; arc < g->arc_count && g->arcs[arc].to == state; arc++)
            follow(w, g, arc);
        merge_runs(w, first);
    }
    w->next.first[states] = w->next.count;
}

static void keep_back(struct walk *w, size_t stage) {
    w->back[stage] = grown(NULL, w->next.count * sizeof *w->back[stage]);
    memcpy(w->back[stage], w->next.back, w->next.count * sizeof *w->back[stage]);
    w->counts[stage] = w->next.count;
    w->labels += w->next.count;
}

// All stages; false when it was stopped or there were too many labels.
static bool walk(struct walk *w, struct mp_err *err) {
    make_room(&w->now, 1);
    w->now.first = grown(w->now.first, 2 * sizeof *w->now.first);
    w->now.first[0] = 0, w->now.first[1] = w->now.count = 1;
    w->now.sum[0] = (struct sum){0, 0};
    w->labels = 0;
    for (size_t i = 0; i < w->s->count; i++) {
        one_stage(w, i);
        keep_back(w, i);
        const struct list swap = w->now;
        w->now = w->next;
        w->next = swap;
        if (w->stopped && w->stopped())
            return mp_fail(err, "interrupted");
        if (w->labels > MP_FRONT_LABELS)
            return mp_fail(err, "search: the exact front needs more than 2^28 partial solutions: take fewer widths, fix or "
                           "link layers, or another solver");
    }
    return true;
}

static void forget_back(struct walk *w) {
    for (size_t i = 0; i < w->s->count; i++) {
        free(w->back[i]);
        w->back[i] = NULL;
    }
}

// Highest corner over an edge of the staircase `at`; costs beside the base.
static double corner(const struct mp_hull *h, size_t edge, const struct sum *at, size_t count, size_t *begin) {
    const double slope = h->slope[edge];
    double most = h->value[edge];
    size_t i = *begin;
    while (i + 1 < count && at[i + 1].cost <= h->cost[edge])
        i++;
    *begin = i;
    for (; i + 1 < count && at[i].cost < h->cost[edge + 1]; i++)
        most = fmax(most, at[i].harm + slope * at[i + 1].cost);
    return most;
}

// Limits without the base, for labels do not have it.
static void set_limits(const struct walk *w, const struct sum *at, size_t count, double share, double *limit) {
    const double cost = w->s->base[MP_COST_AT(w->cost)], harm = w->s->base[MP_HARM];
    const double highest_cost = mp_problem_highest(w->s->p, MP_COST_AT(w->cost));
    const double highest_harm = mp_problem_highest(w->s->p, MP_HARM);
    size_t begin = 0;
    for (size_t k = 0; k < w->h->edges; k++) {
        const double value = w->h->value[k], top = corner(w->h, k, at, count, &begin);
        const double noise = NOISE * (highest_harm + w->h->slope[k] * highest_cost);
        limit[k] = value + share * (top - value) + noise - harm - w->h->slope[k] * cost;
    }
}

// The hull's vertices and the labels behind the last stage, as one staircase.
static struct sum *staircase(const struct walk *w, struct mp_arena *a, size_t *count) {
    const double cost = w->s->base[MP_COST_AT(w->cost)], harm = w->s->base[MP_HARM];
    struct list both = {0}, out = {0};
    make_room(&both, w->h->count + w->now.count);
    make_room(&out, w->h->count + w->now.count);
    for (size_t i = 0; i < w->h->count; i++)
        both.sum[i] = (struct sum){w->h->cost[i], w->h->harm[i]};
    for (size_t i = 0; i < w->now.count; i++)
        both.sum[w->h->count + i] = (struct sum){w->now.sum[i].cost + cost, w->now.sum[i].harm + harm};
    memset(both.back, 0, both.room * sizeof *both.back);
    *count = merge(&both, 0, w->h->count, w->h->count, w->h->count + w->now.count, &out, 0);
    struct sum *at = mp_arena_alloc(a, *count, sizeof *at);
    memcpy(at, out.sum, *count * sizeof *at);
    finish_list(&both);
    finish_list(&out);
    return at;
}

static bool two_walks(struct walk *w, struct mp_arena *a, struct mp_err *err) {
    double *limit = mp_arena_alloc(a, w->h->edges, sizeof *limit);
    size_t count;
    w->limit = limit;
    w->lines = mp_arena_alloc(a, w->h->edges, sizeof *w->lines);
    const struct sum *at = staircase(w, a, &count);
    set_limits(w, at, count, FIRST_ROOM, limit);
    if (!walk(w, err))
        return false;
    forget_back(w);
    at = staircase(w, a, &count);
    set_limits(w, at, count, 1, limit);
    return walk(w, err);
}

static void take_points(struct mp_front *f, const struct walk *w, size_t cost) {
    struct mp_front_labels *from = f->from;
    uint32_t *final = mp_arena_alloc(&from->arena, w->now.count, sizeof *final);
    uint8_t *option = mp_arena_alloc(&from->arena, f->problem->var_count, sizeof *option);
    f->cost = mp_arena_alloc(&from->arena, w->now.count, sizeof *f->cost);
    f->harm = mp_arena_alloc(&from->arena, w->now.count, sizeof *f->harm);
    from->final = final;
    f->labels = w->labels;
    for (uint32_t i = 0; i < w->now.count; i++) {
        final[f->count++] = i;
        mp_front_option(f, f->count - 1, option);
        f->cost[f->count - 1] = mp_problem_cost(f->problem, cost, option);
        f->harm[f->count - 1] = mp_problem_harm(f->problem, option);
        const size_t n = f->count; // sums of another order: one that is no better after all goes
        if (n > 1 && f->harm[n - 1] >= f->harm[n - 2])
            f->count--;
        else if (n > 1 && f->cost[n - 1] <= f->cost[n - 2]) {
            f->cost[n - 2] = f->cost[n - 1], f->harm[n - 2] = f->harm[n - 1], final[n - 2] = i;
            f->count--;
        }
    }
}

static void one_point(struct mp_front *f, const struct mp_hull *h, uint8_t *only) {
    f->cost = mp_arena_alloc(&f->from->arena, 1, sizeof *f->cost);
    f->harm = mp_arena_alloc(&f->from->arena, 1, sizeof *f->harm);
    f->cost[0] = h->cost[0], f->harm[0] = h->harm[0];
    f->count = 1;
    f->from->only = only;
}

// The solution that is the best in both: of the least cost the least harm.
static void trace_only(const struct mp_stages *s, size_t cost, const struct mp_hull *h, struct mp_arena *a, uint8_t *only) {
    static const double shares[] = {0, 1e-9, 1e-6, 1e-3, 1, 1e3, 1e6};
    double *least = mp_arena_alloc(a, s->state_count, sizeof *least);
    for (size_t i = 0; i < sizeof shares / sizeof *shares; i++) {
        double weight[MP_QUANTITIES] = {0};
        weight[MP_HARM] = shares[i];
        weight[MP_COST_AT(cost)] = 1;
        mp_stages_least(s, weight, least);
        mp_stages_trace(s, weight, least, only);
        if (mp_problem_cost(s->p, cost, only) <= h->cost[0] && mp_problem_harm(s->p, only) <= h->harm[0])
            return;
    }
}

bool mp_front_make(struct mp_front *f, const struct mp_problem *p, size_t cost, bool (*stopped)(void), struct mp_err *err) {
    struct mp_front_labels *from = calloc(1, sizeof *from);
    struct mp_arena scratch = {0};
    struct mp_hull h;
    if (!from)
        mp_out_of_memory();
    *f = (struct mp_front){.problem = p, .from = from};
    if (!mp_stages_make(&from->stages, p, 1u << MP_HARM | 1u << MP_COST_AT(cost), &from->arena, err)) {
        mp_front_finish(f);
        return false;
    }
    mp_hull_make(&h, &from->stages, cost, &scratch);
    from->back = mp_arena_alloc(&from->arena, from->stages.count, sizeof *from->back);
    from->counts = mp_arena_alloc(&from->arena, from->stages.count, sizeof *from->counts);
    struct walk w = {.s = &from->stages, .h = &h, .cost = cost, .back = from->back, .counts = from->counts, .stopped = stopped};
    bool ok = true;
    if (h.edges == 0) {
        uint8_t *only = mp_arena_alloc(&from->arena, p->var_count, sizeof *only);
        trace_only(&from->stages, cost, &h, &scratch, only);
        one_point(f, &h, only);
    } else if ((ok = two_walks(&w, &scratch, err))) {
        take_points(f, &w, cost);
    }
    finish_list(&w.now);
    finish_list(&w.next);
    finish_list(&w.spare);
    free(w.run);
    mp_arena_finish(&scratch);
    if (!ok)
        mp_front_finish(f);
    return ok;
}

void mp_front_finish(struct mp_front *f) {
    if (f->from) {
        for (size_t i = 0; f->from->back && i < f->from->stages.count; i++)
            free(f->from->back[i]);
        mp_arena_finish(&f->from->arena);
        free(f->from);
    }
    *f = (struct mp_front){0};
}

void mp_front_option(const struct mp_front *f, size_t point, uint8_t *option) {
    const struct mp_front_labels *from = f->from;
    const struct mp_problem *p = f->problem;
    if (from->only) {
        memcpy(option, from->only, p->var_count);
        return;
    }
    for (size_t v = 0; v < p->var_count; v++) // variables that no term has; the stages set the others
        for (size_t o = option[v] = 0; o < p->vars[v].options; o++)
            if (p->vars[v].harm[o] < p->vars[v].harm[option[v]])
                option[v] = (uint8_t)o;
    uint32_t label = from->final[point];
    for (size_t i = from->stages.count; i-- > 0;) {
        assert(label < from->counts[i]);
        const struct back *b = &from->back[i][label];
        const struct mp_stage *g = &from->stages.stages[i];
        for (size_t k = 0; k < g->var_count; k++)
            option[g->vars[k]] = g->arcs[b->arc].option[k];
        label = b->parent;
    }
}
