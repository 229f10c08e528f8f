// SPDX-License-Identifier: Apache-2.0
// Groups of weights and activations by union-find: a layer's two when they are tied, and what is linked. A width that
// the network's outputs or the user give to one of a group is all of its members'; else the first and the last layer
// on the array have 8 bits.
#include "sim/search/space_groups.h"

#include "sim/base/say.h"

#include <stdio.h>
#include <string.h>

#define END_BITS 8

size_t mp_groups_of_weights(const struct mp_groups *g, size_t layer) {
    const struct mp_layer *l = &g->w->layers[layer];
    if (!mp_layer_has_weights(l))
        return MP_NO_DECISION;
    return l->weights_of == MP_NO_LAYER ? layer : l->weights_of;
}

size_t mp_groups_of_tensor(const struct mp_groups *g, size_t tensor) {
    return g->w->layer_count + g->class_of[tensor];
}

size_t mp_groups_find(const struct mp_groups *g, size_t node) {
    while (g->parent[node] != node)
        node = g->parent[node];
    return node;
}

static void join(struct mp_groups *g, size_t a, size_t b) {
    a = mp_groups_find(g, a), b = mp_groups_find(g, b);
    g->parent[a > b ? a : b] = a > b ? b : a;
}

// Nodes and their names

static void name_inputs(struct mp_groups *g, size_t layer, struct mp_arena *a) {
    const struct mp_layer *l = &g->w->layers[layer];
    for (size_t k = 0; mp_layer_on_array(l) && k < l->input_count; k++) {
        const char **name = &g->name[mp_groups_of_tensor(g, l->inputs[k])];
        if (!*name)
            *name = mp_arena_printf(a, "%s:%c", l->name, "aw"[k]);
    }
}

static void make_nodes(struct mp_groups *g, struct mp_arena *a) {
    const struct mp_workload *w = g->w;
    size_t *output = mp_arena_alloc(a, g->count, sizeof *output);
    for (size_t n = 0; n < g->count; n++)
        g->parent[n] = n, output[n] = MP_NO_DECISION;
    for (size_t l = 0; l < w->layer_count; l++) {
        name_inputs(g, l, a);
        g->node[l] = mp_groups_of_weights(g, l) == l;
        if (g->node[l])
            g->name[l] = mp_arena_printf(a, "%s:w", w->layers[l].name);
    }
    for (size_t t = 0; t < w->tensor_count; t++) {
        size_t n = mp_groups_of_tensor(g, t);
        g->node[n] = true;
        if (w->tensors[t].last_consumer == MP_NO_LAYER && output[n] == MP_NO_DECISION)
            output[n] = t;
        if (!g->name[w->layer_count + t])
            g->name[w->layer_count + t] = w->tensors[t].name;
    }
    g->output = output;
}

// What users name

static bool no_weights(const struct mp_layer *l, const char *place, struct mp_err *err) {
    return mp_fail(err, "%s: a layer of type \"%s\" has no weights: its input is \"%s:a\"", place, mp_layer_type_names[l->type],
                   l->name);
}

// Nodes that "LAYER", "LAYER:w" or "LAYER:a" stands for; MP_NO_DECISION for the part that it leaves out.
static bool find_named(const struct mp_groups *g, const char *what, size_t len, const char *place, size_t *weights,
                       size_t *input, struct mp_err *err) {
    char name[600], hint[MP_NAMES_HINT_BYTES], part = '\0';
    snprintf(name, sizeof name, "%.*s", (int)(len < sizeof name ? len : sizeof name - 1), what);
    size_t at = mp_names_find(&g->layers, name), end = strlen(name);
    if (at == MP_NO_NAME && end > 2 && name[end - 2] == ':' && strchr("wa", name[end - 1])) {
        part = name[end - 1];
        name[end - 2] = '\0';
        at = mp_names_find(&g->layers, name);
    }
    if (at == MP_NO_NAME) {
        char shown[MP_SAY_BYTES];
        return mp_fail(err, "%s: workload \"%s\" has no layer \"%s\"%s", place, g->w->name,
                       mp_say_text(name, strlen(name), shown), mp_names_hint(&g->layers, name, hint));
    }
    const struct mp_layer *l = &g->w->layers[at];
    *input = part == 'w' ? MP_NO_DECISION : mp_groups_of_tensor(g, l->inputs[0]);
    *weights = part == 'a'              ? MP_NO_DECISION
               : l->type == MP_MATMUL   ? mp_groups_of_tensor(g, l->inputs[1])
               : mp_layer_on_array(l)   ? mp_groups_of_weights(g, at)
                                        : MP_NO_DECISION;
    return mp_layer_on_array(l) || part == 'a' || no_weights(l, place, err);
}

static void place_of(const char *option, const char *what, char out[MP_SAY_BYTES + 32]) {
    char shown[MP_SAY_BYTES];
    snprintf(out, MP_SAY_BYTES + 32, "%s \"%s\"", option, mp_say_text(what, strlen(what), shown));
}

static bool join_link(struct mp_groups *g, const char *link, struct mp_err *err) {
    char place[MP_SAY_BYTES + 32];
    size_t count = 0, first = MP_NO_DECISION, node[2];
    place_of("link", link, place);
    for (const char *at = link;; count++) {
        size_t len = strcspn(at, ",");
        if (!find_named(g, at, len, place, &node[0], &node[1], err))
            return false;
        for (int i = 0; i < 2; i++) {
            if (node[i] == MP_NO_DECISION)
                continue;
            first = first == MP_NO_DECISION ? node[i] : first;
            join(g, first, node[i]);
        }
        if (at[len] == '\0')
            break;
        at += len + 1;
    }
    return count > 0 || mp_fail(err, "%s: must name at least two, separated by commas", place);
}

static bool join_all(struct mp_groups *g, struct mp_err *err) {
    for (size_t l = 0; g->o->tie && l < g->w->layer_count; l++)
        if (mp_layer_has_weights(&g->w->layers[l]))
            join(g, mp_groups_of_weights(g, l), mp_groups_of_tensor(g, g->w->layers[l].inputs[0]));
    for (size_t i = 0; i < g->o->link_count; i++)
        if (!join_link(g, g->o->links[i], err))
            return false;
    return true;
}

// Widths that are fixed. What is fixed first stays: a default gives way.

// `"conv1:w" is fixed at 4 bits`
static void say_fixed(const struct mp_groups *g, const struct mp_fixed *f, char *out, size_t size) {
    if (f->by == MP_FIXED_BY_OUTPUT)
        snprintf(out, size, "tensor \"%.250s\" leaves the network at %u bits", g->w->tensors[g->output[f->node]].name, f->bits);
    else
        snprintf(out, size, "\"%.250s\" is fixed at %u bits", g->name[f->node], f->bits);
}

static bool contradict(const struct mp_groups *g, const struct mp_fixed *a, const struct mp_fixed *b, struct mp_err *err) {
    char first[320], second[320];
    say_fixed(g, a, first, sizeof first);
    say_fixed(g, b, second, sizeof second);
    if (a->by == b->by && a->node == b->node)
        return mp_fail(err, "%s and at %u bits", first, b->bits);
    return mp_fail(err, "%s and %s, but they have one width", first, second);
}

static bool set_fixed(struct mp_groups *g, enum mp_fixed_by by, size_t node, unsigned bits, struct mp_err *err) {
    struct mp_fixed *have = &g->fixed[mp_groups_find(g, node)];
    const struct mp_fixed want = {by, bits, node};
    if (have->by == MP_FIXED_BY_NOBODY || (have->by == MP_FIXED_BY_OUTPUT && have->bits == bits))
        *have = want;
    return have->bits == bits || by == MP_FIXED_BY_DEFAULT || contradict(g, have, &want, err);
}

static bool fix_outputs(struct mp_groups *g, struct mp_err *err) {
    for (size_t n = 0; n < g->count; n++)
        if (g->node[n] && g->output[n] != MP_NO_DECISION &&
            !set_fixed(g, MP_FIXED_BY_OUTPUT, n, g->o->output_bits, err))
            return false;
    return true;
}

static bool fix_named(struct mp_groups *g, const struct mp_space_fix *f, struct mp_err *err) {
    char place[MP_SAY_BYTES + 32];
    size_t weights, input, at = mp_names_find(&g->layers, f->what);
    place_of("fix", f->what, place);
    if (f->w_bits > 8 || f->a_bits > 8)
        return mp_fail(err, "%s: must be 1..8 bits (got %u)", place, f->w_bits > 8 ? f->w_bits : f->a_bits);
    // The input of a layer without weights may go by the layer's name where no weights are asked for.
    if (at != MP_NO_NAME && !mp_layer_on_array(&g->w->layers[at]) && f->w_bits == 0)
        weights = MP_NO_DECISION, input = mp_groups_of_tensor(g, g->w->layers[at].inputs[0]);
    else if (!find_named(g, f->what, strlen(f->what), place, &weights, &input, err))
        return false;
    return (weights == MP_NO_DECISION || f->w_bits == 0 || set_fixed(g, MP_FIXED_BY_USER, weights, f->w_bits, err)) &&
           (input == MP_NO_DECISION || f->a_bits == 0 || set_fixed(g, MP_FIXED_BY_USER, input, f->a_bits, err));
}

static void fix_end(struct mp_groups *g, size_t layer) {
    const struct mp_layer *l = &g->w->layers[layer];
    size_t weights = mp_groups_of_weights(g, layer);
    if (weights != MP_NO_DECISION)
        set_fixed(g, MP_FIXED_BY_DEFAULT, weights, END_BITS, NULL);
    for (size_t k = 0; k < l->input_count; k++)
        set_fixed(g, MP_FIXED_BY_DEFAULT, mp_groups_of_tensor(g, l->inputs[k]), END_BITS, NULL);
}

static void fix_ends(struct mp_groups *g) {
    size_t first = MP_NO_LAYER, last = MP_NO_LAYER;
    for (size_t l = 0; l < g->w->layer_count; l++)
        if (mp_layer_on_array(&g->w->layers[l])) {
            first = first == MP_NO_LAYER ? l : first;
            last = l;
        }
    if (first == MP_NO_LAYER || g->o->open_ends)
        return;
    fix_end(g, first);
    fix_end(g, last);
}

// Outputs may be wider than what the array takes; what shares their width then cannot be.
static bool check_wide(const struct mp_groups *g, size_t node, struct mp_err *err) {
    size_t output = MP_NO_DECISION, rep = mp_groups_find(g, node);
    if (g->o->output_bits <= 8 || g->fixed[rep].by != MP_FIXED_BY_OUTPUT)
        return true;
    for (size_t n = 0; n < g->count && output == MP_NO_DECISION; n++)
        if (mp_groups_find(g, n) == rep)
            output = g->output[n];
    return mp_fail(err, "\"%s\" has 1 to 8 bits, it cannot have the %u at which tensor \"%s\" leaves the network",
                   g->name[node], g->o->output_bits, g->w->tensors[output].name);
}

static bool check_all_wide(const struct mp_groups *g, struct mp_err *err) {
    for (size_t n = 0; n < g->count; n++)
        if (g->node[n] && g->output[n] == MP_NO_DECISION && !check_wide(g, n, err))
            return false;
    for (size_t l = 0; l < g->w->layer_count; l++)
        for (size_t k = 0; mp_layer_on_array(&g->w->layers[l]) && k < g->w->layers[l].input_count; k++)
            if (!check_wide(g, mp_groups_of_tensor(g, g->w->layers[l].inputs[k]), err))
                return false;
    return true;
}

bool mp_groups_make(struct mp_groups *g, const struct mp_workload *w, const struct mp_space_options *o, struct mp_arena *a,
                    struct mp_err *err) {
    *g = (struct mp_groups){.w = w, .o = o, .count = w->layer_count + w->tensor_count};
    g->class_of = mp_arena_alloc(a, w->tensor_count, sizeof *g->class_of);
    g->node = mp_arena_alloc(a, g->count, sizeof *g->node);
    g->name = mp_arena_alloc(a, g->count, sizeof *g->name);
    g->parent = mp_arena_alloc(a, g->count, sizeof *g->parent);
    g->fixed = mp_arena_alloc(a, g->count, sizeof *g->fixed);
    mp_names_init(&g->layers, a, w->layer_count);
    for (size_t l = 0; l < w->layer_count; l++)
        mp_names_add(&g->layers, w->layers[l].name);
    mp_tensor_classes(w, g->class_of);
    make_nodes(g, a);
    if (!join_all(g, err) || !fix_outputs(g, err))
        return false;
    for (size_t i = 0; i < o->fix_count; i++)
        if (!fix_named(g, &o->fix[i], err))
            return false;
    fix_ends(g);
    return check_all_wide(g, err);
}
