// SPDX-License-Identifier: Apache-2.0
// Variables come in with the first term that has them and go with the last. Those of no term, and with a term of no variable
// what it costs, are settled beforehand.
#include "sim/search/stage.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct builder {
    struct mp_stages *s;
    const struct mp_problem *p;
    struct mp_arena *arena, scratch;
    unsigned wanted;
    size_t *first, *last;     // by variable: terms
    size_t *live, live_count; // variables, ascending by when they came in
    uint8_t *option;          // by variable, while arcs are listed
    size_t arcs;
};

static size_t quantities(const struct mp_problem *p) {
    return p->cost_count + 1;
}

static void find_spans(struct builder *b) {
    for (size_t v = 0; v < b->p->var_count; v++)
        b->first[v] = b->last[v] = SIZE_MAX;
    for (size_t t = 0; t < b->p->term_count; t++)
        for (size_t i = 0; i < b->p->terms[t].var_count; i++) {
            size_t v = b->p->terms[t].vars[i];
            b->first[v] = b->first[v] == SIZE_MAX ? t : b->first[v];
            b->last[v] = t;
        }
}

// The number of a state, from the options of its variables.
static size_t state_of(const struct builder *b, const size_t *vars, size_t count) {
    size_t at = 0;
    for (size_t i = 0; i < count; i++)
        at = at * b->p->vars[vars[i]].options + b->option[vars[i]];
    return at;
}

static void set_state(struct builder *b, const size_t *vars, size_t count, size_t at) {
    for (size_t i = count; i-- > 0; at /= b->p->vars[vars[i]].options)
        b->option[vars[i]] = (uint8_t)(at % b->p->vars[vars[i]].options);
}

static size_t combinations(const struct mp_problem *p, const size_t *vars, size_t count) {
    size_t n = 1;
    for (size_t i = 0; i < count && n <= MP_MAX_ARCS; i++)
        n *= p->vars[vars[i]].options;
    return n;
}

static int by_ends(const void *x, const void *y) {
    const struct mp_arc *a = x, *b = y;
    if (a->to != b->to)
        return a->to < b->to ? -1 : 1;
    if (a->from != b->from)
        return a->from < b->from ? -1 : 1;
    return memcmp(a->option, b->option, sizeof a->option);
}

static bool at_least_as_good(const struct builder *b, const struct mp_arc *x, const struct mp_arc *y) {
    for (size_t q = 0; q < quantities(b->p); q++)
        if (b->wanted >> q & 1 && x->add[q] > y->add[q])
            return false;
    return true;
}

// Of arcs with the same ends, the first of equals stays.
static void thin_out(const struct builder *b, struct mp_stage *g) {
    size_t kept = 0;
    for (size_t i = 0, group = 0; i < g->arc_count; i++) {
        const struct mp_arc arc = g->arcs[i];
        if (kept == 0 || g->arcs[kept - 1].to != arc.to || g->arcs[kept - 1].from != arc.from)
            group = kept;
        bool worse = false;
        for (size_t k = group; k < kept && !worse; k++)
            worse = at_least_as_good(b, &g->arcs[k], &arc);
        if (worse)
            continue;
        size_t end = group;
        for (size_t k = group; k < kept; k++)
            if (!at_least_as_good(b, &arc, &g->arcs[k]))
                g->arcs[end++] = g->arcs[k];
        g->arcs[end] = arc;
        kept = end + 1;
    }
    g->arc_count = kept;
}

static void fill_arc(const struct builder *b, const struct mp_stage *g, const struct mp_term *t, struct mp_arc *arc) {
    const size_t index = mp_term_index(b->p, t, b->option);
    for (size_t i = 0; i < g->var_count; i++) {
        arc->option[i] = b->option[g->vars[i]];
        arc->add[MP_HARM] += b->p->vars[g->vars[i]].harm[arc->option[i]];
    }
    for (size_t k = 0; k < b->p->cost_count; k++)
        arc->add[MP_COST_AT(k)] = t->cost[k][index];
}

static bool list_arcs(struct builder *b, struct mp_stage *g, const struct mp_term *t, const size_t *next, size_t next_count,
                      struct mp_err *err) {
    const size_t news = combinations(b->p, g->vars, g->var_count);
    g->states = combinations(b->p, b->live, b->live_count);
    if (g->states > MP_MAX_ARCS || news > MP_MAX_ARCS / g->states || (b->arcs += g->states * news) > MP_MAX_ARCS)
        return mp_fail(err, "search: the widths of %zu tensors or linked layers are open at once, which makes more than %zu "
                       "combinations: fix or link some", b->live_count + g->var_count, MP_MAX_ARCS);
    g->arcs = mp_arena_alloc(b->arena, g->states * news, sizeof *g->arcs);
    for (size_t s = 0; s < g->states; s++)
        for (size_t n = 0; n < news; n++) {
            struct mp_arc *arc = &g->arcs[g->arc_count++];
            set_state(b, b->live, b->live_count, s);
            set_state(b, g->vars, g->var_count, n);
            arc->from = (uint32_t)s;
            arc->to = (uint32_t)state_of(b, next, next_count);
            fill_arc(b, g, t, arc);
        }
    qsort(g->arcs, g->arc_count, sizeof *g->arcs, by_ends);
    thin_out(b, g);
    return true;
}

// The variables that are open behind a term, and those that it settles.
static bool add_stage(struct builder *b, size_t term, struct mp_err *err) {
    const struct mp_term *t = &b->p->terms[term];
    struct mp_stage *g = &b->s->stages[b->s->count++];
    size_t *next = mp_arena_alloc(&b->scratch, b->live_count + t->var_count, sizeof *next), count = 0;
    for (size_t i = 0; i < b->live_count; i++)
        if (b->last[b->live[i]] != term)
            next[count++] = b->live[i];
    for (size_t i = 0; i < t->var_count; i++) {
        if (b->first[t->vars[i]] != term)
            continue;
        g->vars[g->var_count++] = t->vars[i];
        if (b->last[t->vars[i]] != term)
            next[count++] = t->vars[i];
    }
    if (!list_arcs(b, g, t, next, count, err))
        return false;
    b->live = next, b->live_count = count;
    return true;
}

// What the least harmful option of a variable without terms adds.
static void settle_free(struct builder *b) {
    for (size_t v = 0; v < b->p->var_count; v++) {
        double least = INFINITY;
        if (b->first[v] != SIZE_MAX)
            continue;
        for (size_t o = 0; o < b->p->vars[v].options; o++)
            least = fmin(least, b->p->vars[v].harm[o]);
        b->s->base[MP_HARM] += least;
    }
}

static bool build(struct builder *b, struct mp_err *err) {
    const struct mp_problem *p = b->p;
    b->first = mp_arena_alloc(&b->scratch, p->var_count, sizeof *b->first);
    b->last = mp_arena_alloc(&b->scratch, p->var_count, sizeof *b->last);
    b->option = mp_arena_alloc(&b->scratch, p->var_count, sizeof *b->option);
    b->s->stages = mp_arena_alloc(b->arena, p->term_count, sizeof *b->s->stages);
    find_spans(b);
    settle_free(b);
    for (size_t t = 0; t < p->term_count; t++) {
        if (p->terms[t].var_count > 0) {
            if (!add_stage(b, t, err))
                return false;
            continue;
        }
        for (size_t k = 0; k < p->cost_count; k++)
            b->s->base[MP_COST_AT(k)] += p->terms[t].cost[k][0];
    }
    for (size_t i = 0; i < b->s->count; i++) {
        b->s->stages[i].first_state = b->s->state_count;
        b->s->state_count += b->s->stages[i].states;
    }
    b->s->state_count++;
    return true;
}

bool mp_stages_make(struct mp_stages *s, const struct mp_problem *p, unsigned wanted, struct mp_arena *a, struct mp_err *err) {
    struct builder b = {.s = s, .p = p, .arena = a, .wanted = wanted};
    *s = (struct mp_stages){.p = p};
    bool ok = build(&b, err);
    mp_arena_finish(&b.scratch);
    return ok;
}

// States of the stage behind `stage`.
static size_t next_first(const struct mp_stages *s, size_t stage) {
    return stage + 1 < s->count ? s->stages[stage + 1].first_state : s->state_count - 1;
}

double mp_stages_least(const struct mp_stages *s, const double weight[MP_QUANTITIES], double *least) {
    const size_t n = quantities(s->p);
    double base = 0;
    least[s->state_count - 1] = 0;
    for (size_t i = s->count; i-- > 0;) {
        const struct mp_stage *g = &s->stages[i];
        const double *next = least + next_first(s, i);
        double *here = least + g->first_state;
        for (size_t k = 0; k < g->states; k++)
            here[k] = INFINITY;
        for (size_t k = 0; k < g->arc_count; k++) {
            const struct mp_arc *a = &g->arcs[k];
            double sum = mp_arc_weighted(a, weight, n) + next[a->to];
            here[a->from] = sum < here[a->from] ? sum : here[a->from];
        }
    }
    for (size_t q = 0; q < n; q++)
        base += weight[q] * s->base[q];
    return base + least[0];
}

// Variables that no term has take their least harmful option.
static void trace_free(const struct mp_problem *p, uint8_t *option) {
    for (size_t v = 0; v < p->var_count; v++)
        for (size_t o = option[v] = 0; o < p->vars[v].options; o++)
            if (p->vars[v].harm[o] < p->vars[v].harm[option[v]])
                option[v] = (uint8_t)o;
}

void mp_stages_trace(const struct mp_stages *s, const double weight[MP_QUANTITIES], const double *least, uint8_t *option) {
    const size_t n = quantities(s->p);
    size_t at = 0;
    trace_free(s->p, option);
    for (size_t i = 0; i < s->count; i++) {
        const struct mp_stage *g = &s->stages[i];
        const double *next = least + next_first(s, i);
        const struct mp_arc *best = NULL;
        double lowest = INFINITY;
        for (size_t k = 0; k < g->arc_count; k++) {
            const struct mp_arc *a = &g->arcs[k];
            double sum = mp_arc_weighted(a, weight, n) + next[a->to];
            if (a->from == at && sum < lowest)
                lowest = sum, best = a;
        }
        for (size_t k = 0; k < g->var_count; k++)
            option[g->vars[k]] = best->option[k];
        at = best->to;
    }
}

static bool is_integer(double x) {
    return !(x < rint(x)) && !(x > rint(x));
}

static bool are_integers(const struct mp_stages *s, size_t quantity) {
    bool yes = is_integer(s->base[quantity]);
    for (size_t i = 0; i < s->count && yes; i++)
        for (size_t k = 0; k < s->stages[i].arc_count && yes; k++)
            yes = is_integer(s->stages[i].arcs[k].add[quantity]);
    return yes;
}

double mp_stages_rounding(const struct mp_stages *s, size_t quantity) {
    const double highest = mp_problem_highest(s->p, quantity);
    return highest < 0x1p53 && are_integers(s, quantity) ? 0 : mp_problem_rounding(s->p, quantity);
}
