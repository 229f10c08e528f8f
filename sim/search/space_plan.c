// SPDX-License-Identifier: Apache-2.0
// Plans from a space: a choice of options as the entries that a plan.json would have.
#include "sim/search/space.h"

#include <assert.h>

size_t mp_space_slices(const struct mp_space *s, size_t layer) {
    size_t first = s->weight_unit[layer], n = 1;
    while (first + n < s->unit_count && s->units[first + n].kind == MP_UNIT_WEIGHT &&
           s->units[first + n].layer == s->units[first].layer)
        n++;
    return n;
}

unsigned mp_space_bits(const struct mp_space *s, size_t unit, const uint8_t *option) {
    size_t decision = s->units[unit].decision, at = 0;
    const struct mp_decision *d = &s->decisions[decision];
    assert(option[decision] < d->option_count);
    while (d->units[at] != unit)
        at++;
    return d->bits[option[decision] * d->unit_count + at];
}

static unsigned bits_of_tensor(const struct mp_space *s, size_t tensor, const uint8_t *option) {
    size_t unit = s->tensor_unit[tensor];
    return unit == MP_NO_DECISION ? s->tensor_bits[tensor] : mp_space_bits(s, unit, option);
}

static void set_entry(const struct mp_space *s, size_t layer, const uint8_t *option, struct mp_arena *a,
                      struct mp_plan_entry *e) {
    const struct mp_layer *l = &s->workload->layers[layer];
    bool weights = mp_layer_has_weights(l);
    size_t n = weights ? mp_space_slices(s, layer) : 1, first = s->weight_unit[layer];
    *e = (struct mp_plan_entry){.layer = l->name, .a_bits = bits_of_tensor(s, l->inputs[0], option), .slice_count = n,
                                .uniform = n == 1, .has_encoding = weights, .encoding = s->base.default_encoding};
    e->slices = mp_arena_alloc(a, n, sizeof *e->slices);
    for (size_t i = 0; i < n; i++)
        e->slices[i] = weights ? (struct mp_slice){s->units[first + i].channels, mp_space_bits(s, first + i, option)}
                               : (struct mp_slice){0, bits_of_tensor(s, l->inputs[1], option)};
}

// Which activations layers on the array ask for; the others are given by name.
static bool *asked_for(const struct mp_space *s, struct mp_arena *a) {
    const struct mp_workload *w = s->workload;
    bool *asked = mp_arena_alloc(a, s->unit_count, sizeof *asked);
    for (size_t l = 0; l < w->layer_count; l++)
        for (size_t k = 0; mp_layer_on_array(&w->layers[l]) && k < w->layers[l].input_count; k++)
            if (s->tensor_unit[w->layers[l].inputs[k]] != MP_NO_DECISION)
                asked[s->tensor_unit[w->layers[l].inputs[k]]] = true;
    return asked;
}

static void set_tensors(const struct mp_space *s, const uint8_t *option, struct mp_arena *a, struct mp_plan *p) {
    const bool *asked = asked_for(s, a);
    p->tensors = mp_arena_alloc(a, s->unit_count, sizeof *p->tensors);
    for (size_t u = 0; u < s->unit_count; u++) {
        unsigned bits = mp_space_bits(s, u, option);
        if (s->units[u].kind == MP_UNIT_ACTIVATION && !asked[u] && bits != p->default_a_bits)
            p->tensors[p->named_count++] = (struct mp_plan_tensor){s->workload->tensors[s->units[u].tensor].name, bits};
    }
}

// Whether the resolved plan says what was chosen.
static bool is_choice(const struct mp_space *s, const uint8_t *option, const struct mp_plan *p) {
    bool same = true;
    for (size_t t = 0; t < s->workload->tensor_count; t++)
        same = same && p->tensor_bits[t] == bits_of_tensor(s, t, option);
    for (size_t u = 0; u < s->unit_count; u++) {
        const struct mp_unit *unit = &s->units[u];
        if (unit->kind == MP_UNIT_ACTIVATION)
            continue;
        const struct mp_layer_bits *b = &p->layers[unit->layer];
        uint64_t end = 0;
        size_t i = 0;
        while (i < b->slice_count && (end += b->slices[i].channels) <= unit->first)
            i++;
        same = same && i < b->slice_count && end >= unit->first + unit->channels &&
               b->slices[i].w_bits == mp_space_bits(s, u, option);
    }
    return same;
}

bool mp_space_plan(const struct mp_space *s, const uint8_t *option, const char *name, struct mp_arena *a, struct mp_plan *plan,
                   struct mp_err *err) {
    const struct mp_workload *w = s->workload;
    *plan = s->base;
    plan->path = plan->name = name;
    plan->entries = mp_arena_alloc(a, w->layer_count, sizeof *plan->entries);
    for (size_t l = 0; l < w->layer_count; l++)
        if (mp_layer_on_array(&w->layers[l]))
            set_entry(s, l, option, a, &plan->entries[plan->entry_count++]);
    set_tensors(s, option, a, plan);
    if (!mp_plan_resolve(plan, a, w, err))
        return false;
    bool same = is_choice(s, option, plan);
    assert(same);
    (void)same;
    return true;
}

bool mp_space_uniform(const struct mp_space *s, unsigned w_bits, unsigned a_bits, struct mp_arena *a, struct mp_plan *plan,
                      struct mp_err *err) {
    *plan = s->base;
    plan->path = plan->name = mp_arena_printf(a, "%s_w%ua%u", s->workload->name, w_bits, a_bits);
    plan->default_w_bits = w_bits;
    plan->default_a_bits = a_bits;
    return mp_plan_resolve(plan, a, s->workload, err);
}
