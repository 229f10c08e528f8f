// SPDX-License-Identifier: Apache-2.0
// Units in the order of execution, a layer's input before its weights, and the decisions that they belong to. Weights
// are cut into slices only where these can differ: the layer stands alone, is not fixed, and there are widths to choose from.
#include "sim/search/space.h"

#include "sim/search/space_groups.h"

#include <assert.h>
#include <inttypes.h>

struct maker {
    struct mp_space *s;
    const struct mp_workload *w;
    const struct mp_space_options *o;
    struct mp_groups g;
    struct mp_arena *arena;
    struct mp_unit *units;
    struct mp_decision *decisions;
    size_t *members;       // by representative: nodes of the group that have units
    size_t *decision_of;   // by representative
    size_t *unit_of;       // by node: its first unit
    size_t unit_cap;
};

static uint32_t set_of(const struct mp_space_options *o, enum mp_unit_kind kind) {
    return kind == MP_UNIT_WEIGHT ? o->w_set : o->a_set;
}

static bool is_weight(const struct maker *m, size_t node) {
    return node < m->w->layer_count;
}

// A class that leaves the network has the width of outputs; it is nothing to decide.
static bool has_unit(const struct maker *m, size_t node) {
    return m->g.node[node] && m->g.output[node] == MP_NO_DECISION;
}

// Slices of a layer's weights

static uint64_t pieces_of(const struct mp_layer *l) {
    return l->geo.groups > 1 ? l->geo.groups : l->geo.oc;
}

// Assignments of `widths` to `slices`, or more than MP_MAX_OPTIONS.
static uint64_t assignments(uint64_t widths, uint64_t slices) {
    uint64_t count = 1;
    for (uint64_t i = 0; i < slices && count <= MP_MAX_OPTIONS; i++)
        count *= widths;
    return count;
}

static uint64_t slices_of(const struct maker *m, size_t node) {
    size_t rep = mp_groups_find(&m->g, node);
    uint64_t pieces = is_weight(m, node) ? pieces_of(&m->w->layers[node]) : 1;
    if (m->members[rep] > 1 || m->g.fixed[rep].by != MP_FIXED_BY_NOBODY || __builtin_popcount(m->o->w_set) < 2)
        return 1;
    return m->o->slices < pieces ? m->o->slices : pieces;
}

static bool check_slices(const struct maker *m, uint64_t slices, struct mp_err *err) {
    uint64_t widths = (uint64_t)__builtin_popcount(m->o->w_set), most = 1;
    if (assignments(widths, slices) <= MP_MAX_OPTIONS)
        return true;
    while (assignments(widths, most + 1) <= MP_MAX_OPTIONS)
        most++;
    return mp_fail(err, "slices: must be at most %" PRIu64 " with %" PRIu64 " widths of weights, for at most %d assignments "
                   "to a layer's slices (got %" PRIu64 ")", most, widths, MP_MAX_OPTIONS, m->o->slices);
}

// Units

static struct mp_unit *add_unit(struct maker *m, size_t node) {
    if (m->s->unit_count == m->unit_cap) {
        size_t cap = m->unit_cap ? 2 * m->unit_cap : 64;
        m->units = mp_arena_grow(m->arena, m->units, m->s->unit_count, cap, sizeof *m->units);
        m->unit_cap = cap;
    }
    size_t *decision = &m->decision_of[mp_groups_find(&m->g, node)];
    if (*decision == MP_NO_DECISION)
        *decision = m->s->decision_count++;
    struct mp_unit *u = &m->units[m->s->unit_count++];
    *u = (struct mp_unit){.name = m->g.name[node], .decision = *decision};
    return u;
}

static bool add_weights(struct maker *m, size_t node, struct mp_err *err) {
    const struct mp_layer *l = &m->w->layers[node];
    uint64_t slices = slices_of(m, node), pieces = pieces_of(l), piece = l->geo.groups * l->geo.oc / pieces;
    if (!check_slices(m, slices, err))
        return false;
    m->unit_of[node] = m->s->unit_count;
    for (uint64_t i = 0; i < slices; i++) {
        struct mp_unit *u = add_unit(m, node);
        u->kind = MP_UNIT_WEIGHT;
        u->layer = node;
        u->first = i * pieces / slices * piece;
        u->channels = (i + 1) * pieces / slices * piece - u->first;
        if (slices > 1)
            u->name = mp_arena_printf(m->arena, "%s[%" PRIu64 "..%" PRIu64 "]", u->name, u->first, u->first + u->channels - 1);
    }
    return true;
}

static void add_activation(struct maker *m, size_t tensor) {
    size_t node = mp_groups_of_tensor(&m->g, tensor);
    if (!has_unit(m, node) || m->unit_of[node] != MP_NO_DECISION)
        return;
    m->unit_of[node] = m->s->unit_count;
    struct mp_unit *u = add_unit(m, node);
    u->kind = MP_UNIT_ACTIVATION;
    u->layer = MP_NO_LAYER;
    u->tensor = m->g.class_of[tensor];
}

static bool add_units(struct maker *m, struct mp_err *err) {
    for (size_t l = 0; l < m->w->layer_count; l++) {
        const struct mp_layer *layer = &m->w->layers[l];
        for (size_t k = 0; k < layer->input_count; k++)
            add_activation(m, layer->inputs[k]);
        if (m->g.node[l] && !add_weights(m, l, err))
            return false;
    }
    m->s->units = m->units;
    return true;
}

// Decisions

static void list_units(struct maker *m) {
    size_t *list = mp_arena_alloc(m->arena, m->s->unit_count, sizeof *list), at = 0;
    m->decisions = mp_arena_alloc(m->arena, m->s->decision_count, sizeof *m->decisions);
    for (size_t u = 0; u < m->s->unit_count; u++)
        m->decisions[m->units[u].decision].unit_count++;
    for (size_t d = 0; d < m->s->decision_count; d++) {
        m->decisions[d].units = list + at;
        at += m->decisions[d].unit_count;
        m->decisions[d].unit_count = 0;
    }
    for (size_t u = 0; u < m->s->unit_count; u++) {
        struct mp_decision *d = &m->decisions[m->units[u].decision];
        list[(size_t)(d->units - list) + d->unit_count++] = u;
    }
    m->s->decisions = m->decisions;
}

static const char *name_of(const struct maker *m, const struct mp_decision *d) {
    struct mp_buf names = {0};
    for (size_t i = 0; i < d->unit_count; i++)
        mp_buf_addf(&names, "%s%s", i ? "," : "", m->units[d->units[i]].name);
    const char *kept = mp_arena_strdup(m->arena, names.text);
    mp_buf_finish(&names);
    return kept;
}

// Widths from the widest; of slices each its own, the first one's changing last.
static void set_options(struct maker *m, struct mp_decision *d, uint32_t set, bool slices) {
    unsigned width[MP_WIDTHS];
    size_t n = 0, count;
    for (unsigned b = MP_WIDTHS - 1; b > 0; b--)
        if (set >> b & 1)
            width[n++] = b;
    count = slices ? (size_t)assignments(n, d->unit_count) : n;
    uint8_t *bits = mp_arena_alloc(m->arena, count, d->unit_count);
    for (size_t i = 0; i < count; i++)
        for (size_t u = d->unit_count, code = i; u-- > 0; code = slices ? code / n : code)
            bits[i * d->unit_count + u] = (uint8_t)width[code % n];
    d->bits = bits;
    d->option_count = count;
}

static bool no_common_width(const struct maker *m, const struct mp_decision *d, struct mp_err *err) {
    size_t of[2] = {d->units[0], d->units[0]}; // a unit of each kind
    for (size_t i = 0; i < d->unit_count; i++)
        of[m->units[d->units[i]].kind] = d->units[i];
    return mp_fail(err, "\"%.200s\" and \"%.200s\" have one width, but no width is in both sets, of weights and of activations",
                   m->units[of[MP_UNIT_ACTIVATION]].name, m->units[of[MP_UNIT_WEIGHT]].name);
}

static bool decide(struct maker *m, size_t rep, struct mp_err *err) {
    struct mp_decision *d = &m->decisions[m->decision_of[rep]];
    const struct mp_fixed *fixed = &m->g.fixed[rep];
    uint32_t set = ~0u;
    bool alone = m->members[rep] == 1;
    d->name = name_of(m, d);
    for (size_t i = 0; i < d->unit_count; i++)
        set &= set_of(m->o, m->units[d->units[i]].kind);
    if (fixed->by != MP_FIXED_BY_NOBODY)
        set = 1u << fixed->bits;
    d->fixed_by_user = fixed->by == MP_FIXED_BY_USER;
    d->fixed_by_default = fixed->by == MP_FIXED_BY_DEFAULT;
    if (set == 0)
        return no_common_width(m, d, err);
    set_options(m, d, set, alone && d->unit_count > 1);
    return true;
}

// By layer and by tensor

static void set_look_ups(struct maker *m) {
    size_t layers = m->w->layer_count, tensors = m->w->tensor_count;
    size_t *wd = mp_arena_alloc(m->arena, layers, sizeof *wd), *wu = mp_arena_alloc(m->arena, layers, sizeof *wu);
    size_t *td = mp_arena_alloc(m->arena, tensors, sizeof *td), *tu = mp_arena_alloc(m->arena, tensors, sizeof *tu);
    unsigned *given = mp_arena_alloc(m->arena, tensors, sizeof *given);
    for (size_t l = 0; l < layers; l++) {
        size_t node = mp_groups_of_weights(&m->g, l);
        wu[l] = node == MP_NO_DECISION ? MP_NO_DECISION : m->unit_of[node];
        wd[l] = wu[l] == MP_NO_DECISION ? MP_NO_DECISION : m->units[wu[l]].decision;
    }
    for (size_t t = 0; t < tensors; t++) {
        tu[t] = m->unit_of[mp_groups_of_tensor(&m->g, t)];
        td[t] = tu[t] == MP_NO_DECISION ? MP_NO_DECISION : m->units[tu[t]].decision;
        given[t] = tu[t] == MP_NO_DECISION ? m->o->output_bits : 0;
    }
    m->s->weight_decision = wd, m->s->weight_unit = wu;
    m->s->tensor_decision = td, m->s->tensor_unit = tu, m->s->tensor_bits = given;
}

static bool check_sets(const struct mp_space_options *o, struct mp_err *err) {
    assert(((o->w_set | o->a_set) & ~0x1feu) == 0 && o->output_bits >= 1 && o->output_bits <= 32 && o->batch >= 1);
    if (o->w_set == 0 || o->a_set == 0)
        return mp_fail(err, "widths of %s: must not be empty", o->w_set == 0 ? "weights" : "activations");
    return o->slices >= 1 || mp_fail(err, "slices: must be at least 1 (got 0)");
}

static bool make(struct maker *m, struct mp_err *err) {
    if (!mp_groups_make(&m->g, m->w, m->o, m->arena, err))
        return false;
    m->members = mp_arena_alloc(m->arena, m->g.count, sizeof *m->members);
    m->decision_of = mp_arena_alloc(m->arena, m->g.count, sizeof *m->decision_of);
    m->unit_of = mp_arena_alloc(m->arena, m->g.count, sizeof *m->unit_of);
    for (size_t n = 0; n < m->g.count; n++) {
        m->members[mp_groups_find(&m->g, n)] += has_unit(m, n);
        m->decision_of[n] = m->unit_of[n] = MP_NO_DECISION;
    }
    if (!add_units(m, err))
        return false;
    list_units(m);
    for (size_t n = 0; n < m->g.count; n++)
        if (m->decision_of[n] != MP_NO_DECISION && !decide(m, n, err))
            return false;
    set_look_ups(m);
    return true;
}

// One for all: what resolving refuses, a batch that is too large, it refuses for any widths.
static bool try_plan(const struct mp_space *s, struct mp_arena *a, struct mp_err *err) {
    struct mp_plan widest;
    return mp_space_plan(s, mp_arena_alloc(a, s->decision_count, 1), s->base.name, a, &widest, err);
}

bool mp_space_make(struct mp_space *s, const struct mp_workload *w, const char *name, const char *workload_path,
                   const struct mp_space_options *o, struct mp_arena *a, struct mp_err *err) {
    struct maker m = {.s = s, .w = w, .o = o, .arena = a};
    *s = (struct mp_space){
        .workload = w,
        .base = {.path = name, .name = name, .workload = workload_path, .batch = o->batch, .default_w_bits = 8,
                 .default_a_bits = 8, .output_bits = o->output_bits, .default_encoding = o->encoding},
    };
    return check_sets(o, err) && make(&m, err) && try_plan(s, a, err);
}
