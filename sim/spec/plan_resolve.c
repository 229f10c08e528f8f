// SPDX-License-Identifier: Apache-2.0
// A plan against its workload. First the weights of each layer, then the tensors: a tensor has the width that the plan
// gives it or its readers on the array ask for; a view or concatenation moves nothing, so that its input and output are
// one class of tensors with one width (union-find).
#include "sim/spec/build.h"
#include "sim/spec/plan.h"

#include <stdio.h>

#define BY_PLAN (MP_NO_LAYER - 1)

// Who asks for a width first. `layer` is MP_NO_LAYER when the tensor leaves the network, BY_PLAN when the plan names it.
struct demand {
    unsigned bits; // 0: nobody yet
    size_t layer, tensor;
};

struct resolver {
    struct mp_plan *p;
    const struct mp_workload *w;
    struct mp_arena *arena, scratch;
    const struct mp_plan_entry **entry; // by layer, or NULL
    size_t *root;                       // by tensor: the class's representative
    struct demand *demand;              // by representative
};

static bool find_entries(struct resolver *r, struct mp_err *err) {
    struct mp_names names;
    char hint[MP_NAMES_HINT_BYTES];
    mp_names_init(&names, &r->scratch, r->w->layer_count);
    for (size_t i = 0; i < r->w->layer_count; i++)
        mp_names_add(&names, r->w->layers[i].name);
    for (size_t i = 0; i < r->p->entry_count; i++) {
        const struct mp_plan_entry *e = &r->p->entries[i];
        size_t at = mp_names_find(&names, e->layer);
        if (at == MP_NO_NAME)
            return mp_fail(err, "%s: /layers: workload \"%s\" has no layer \"%s\"%s", r->p->path, r->w->name,
                           e->layer, mp_names_hint(&names, e->layer, hint));
        r->entry[at] = e;
    }
    return true;
}

// Weights

static bool check_kind(const struct resolver *r, const struct mp_plan_entry *e, const struct mp_layer *l,
                       struct mp_err *err) {
    const char *type = mp_layer_type_names[l->type];
    if (e->slice_count > 0 && !mp_layer_on_array(l))
        return mp_fail(err, "%s: /layers/%s/w_bits: must be absent, a layer of type \"%s\" has no weights",
                       r->p->path, l->name, type);
    if (e->slice_count > 0 && !e->uniform && l->type == MP_MATMUL)
        return mp_fail(err, "%s: /layers/%s/w_bits: must be one number, the second operand of a matmul is a "
                       "tensor", r->p->path, l->name);
    if (e->has_encoding && !mp_layer_has_weights(l))
        return mp_fail(err, "%s: /layers/%s/encoding: must be absent, a layer of type \"%s\" has no weights",
                       r->p->path, l->name, type);
    return true;
}

static bool check_slices(const struct resolver *r, const struct mp_plan_entry *e, const struct mp_layer *l,
                         struct mp_err *err) {
    uint64_t want = l->geo.groups * l->geo.oc, sum = 0;
    for (size_t i = 0; i < e->slice_count; i++) {
        uint64_t channels = e->slices[i].channels;
        if (l->geo.groups > 1 && channels % l->geo.oc != 0)
            return mp_fail(err, "%s: /layers/%s/w_bits/%zu/channels: must be a multiple of a group's %ju "
                           "channels (got %ju)", r->p->path, l->name, i, (uintmax_t)l->geo.oc,
                           (uintmax_t)channels);
        if (channels > want - sum)
            return mp_fail(err, "%s: /layers/%s/w_bits: channels must add up to %ju (got more)", r->p->path,
                           l->name, (uintmax_t)want);
        sum += channels;
    }
    return sum == want || mp_fail(err, "%s: /layers/%s/w_bits: channels must add up to %ju (got %ju)",
                                  r->p->path, l->name, (uintmax_t)want, (uintmax_t)sum);
}

static void set_uniform(const struct resolver *r, const struct mp_layer *l, unsigned w_bits,
                        struct mp_layer_bits *b) {
    b->slices = mp_arena_alloc(r->arena, 1, sizeof *b->slices);
    b->slices[0] = (struct mp_slice){.channels = l->geo.groups * l->geo.oc, .w_bits = w_bits};
    b->slice_count = 1;
}

// Neighbours of one width become one slice.
static void set_slices(const struct resolver *r, const struct mp_plan_entry *e, struct mp_layer_bits *b) {
    b->slices = mp_arena_alloc(r->arena, e->slice_count, sizeof *b->slices);
    for (size_t i = 0; i < e->slice_count; i++) {
        struct mp_slice *last = b->slice_count ? &b->slices[b->slice_count - 1] : NULL;
        if (last && last->w_bits == e->slices[i].w_bits)
            last->channels += e->slices[i].channels;
        else
            b->slices[b->slice_count++] = e->slices[i];
    }
}

static bool equal_slices(const struct mp_layer_bits *a, const struct mp_layer_bits *b) {
    bool equal = a->slice_count == b->slice_count;
    for (size_t i = 0; equal && i < a->slice_count; i++)
        equal = a->slices[i].channels == b->slices[i].channels && a->slices[i].w_bits == b->slices[i].w_bits;
    return equal;
}

// A layer with another's weights has that one's widths; its own entry may only repeat them.
static bool share_bits(const struct resolver *r, const struct mp_plan_entry *e, const struct mp_layer *l,
                       struct mp_layer_bits *b, struct mp_err *err) {
    const struct mp_layer_bits *owner = &r->p->layers[l->weights_of];
    const char *name = r->w->layers[l->weights_of].name;
    if (e && e->slice_count > 0 && !equal_slices(b, owner))
        return mp_fail(err, "%s: /layers/%s/w_bits: must be as in \"%s\", whose weights the layer uses",
                       r->p->path, l->name, name);
    if (e && e->has_encoding && e->encoding != owner->encoding)
        return mp_fail(err, "%s: /layers/%s/encoding: must be as in \"%s\", whose weights the layer uses",
                       r->p->path, l->name, name);
    *b = *owner;
    return true;
}

static bool resolve_weights(const struct resolver *r, size_t layer, struct mp_err *err) {
    const struct mp_layer *l = &r->w->layers[layer];
    const struct mp_plan_entry *e = r->entry[layer];
    struct mp_layer_bits *b = &r->p->layers[layer];
    if (e && !check_kind(r, e, l, err))
        return false;
    if (!mp_layer_on_array(l))
        return true;
    b->encoding = e && e->has_encoding      ? e->encoding
                  : mp_layer_has_weights(l) ? r->p->default_encoding
                                            : MP_TWOS;
    if (!e || e->slice_count == 0)
        set_uniform(r, l, r->p->default_w_bits, b);
    else if (e->uniform)
        set_uniform(r, l, e->slices[0].w_bits, b);
    else if (!check_slices(r, e, l, err))
        return false;
    else
        set_slices(r, e, b);
    return l->weights_of == MP_NO_LAYER || share_bits(r, e, l, b, err);
}

// Tensors

static size_t find(size_t *root, size_t tensor) {
    while (root[tensor] != tensor) {
        root[tensor] = root[root[tensor]];
        tensor = root[tensor];
    }
    return tensor;
}

void mp_tensor_classes(const struct mp_workload *w, size_t *root) {
    for (size_t i = 0; i < w->tensor_count; i++)
        root[i] = i;
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_layer *l = &w->layers[i];
        for (size_t k = 0; mp_layer_moves_nothing(l) && k < l->input_count; k++)
            root[find(root, l->inputs[k])] = find(root, l->output);
    }
    for (size_t i = 0; i < w->tensor_count; i++)
        root[i] = find(root, i);
}

static const char *tensor_name(const struct resolver *r, size_t tensor) {
    return r->w->tensors[tensor].name;
}

// `is read by "conv1" at 4 bits`; the verb is left out where the sentence has it already.
static void say_demand(const struct resolver *r, const struct demand *d, bool verb, char *out, size_t size) {
    if (d->layer == MP_NO_LAYER)
        snprintf(out, size, "leaves the network at %u bits", d->bits);
    else if (d->layer == BY_PLAN)
        snprintf(out, size, "is given %u bits by the plan", d->bits);
    else
        snprintf(out, size, "%sby \"%s\" at %u bits", verb ? "is read " : "", r->w->layers[d->layer].name,
                 d->bits);
}

static bool conflict(const struct resolver *r, const struct demand *a, const struct demand *b,
                     struct mp_err *err) {
    char first[320], second[320];
    say_demand(r, a, true, first, sizeof first);
    say_demand(r, b, a->tensor != b->tensor || a->layer == BY_PLAN, second, sizeof second);
    if (a->tensor == b->tensor)
        return mp_fail(err, "%s: tensor \"%s\" %s and %s: one tensor has one width", r->p->path,
                       tensor_name(r, a->tensor), first, second);
    return mp_fail(err, "%s: tensor \"%s\" %s and tensor \"%s\" %s: views and concatenations between them "
                   "keep one width", r->p->path, tensor_name(r, a->tensor), first, tensor_name(r, b->tensor),
                   second);
}

static bool ask(struct resolver *r, size_t tensor, size_t layer, unsigned bits, struct mp_err *err) {
    struct demand *have = &r->demand[r->root[tensor]];
    const struct demand want = {.bits = bits, .layer = layer, .tensor = tensor};
    if (have->bits == 0)
        *have = want;
    return have->bits == bits || conflict(r, have, &want, err);
}

// What the plan says about tensors themselves.
static bool ask_named(struct resolver *r, struct mp_err *err) {
    struct mp_names names;
    char hint[MP_NAMES_HINT_BYTES];
    mp_names_init(&names, &r->scratch, r->w->tensor_count);
    for (size_t t = 0; r->p->named_count > 0 && t < r->w->tensor_count; t++)
        mp_names_add(&names, r->w->tensors[t].name);
    for (size_t i = 0; i < r->p->named_count; i++) {
        const struct mp_plan_tensor *named = &r->p->tensors[i];
        size_t at = mp_names_find(&names, named->tensor);
        if (at == MP_NO_NAME)
            return mp_fail(err, "%s: /tensors: workload \"%s\" has no tensor \"%s\"%s", r->p->path, r->w->name, named->tensor,
                           mp_names_hint(&names, named->tensor, hint));
        if (!ask(r, at, BY_PLAN, named->bits, err))
            return false;
    }
    return true;
}

// What a layer asks of its inputs: on the array always, elsewhere when the plan names it.
static bool ask_inputs(struct resolver *r, size_t layer, struct mp_err *err) {
    const struct mp_layer *l = &r->w->layers[layer];
    const struct mp_plan_entry *e = r->entry[layer];
    unsigned a_bits = e && e->a_bits ? e->a_bits : mp_layer_on_array(l) ? r->p->default_a_bits : 0;
    if (l->type == MP_MATMUL)
        return ask(r, l->inputs[0], layer, a_bits, err) &&
               ask(r, l->inputs[1], layer, r->p->layers[layer].slices[0].w_bits, err);
    for (size_t k = 0; a_bits > 0 && k < l->input_count; k++)
        if (!ask(r, l->inputs[k], layer, a_bits, err))
            return false;
    return true;
}

static bool resolve_tensors(struct resolver *r, struct mp_err *err) {
    mp_tensor_classes(r->w, r->root);
    if (!ask_named(r, err))
        return false;
    for (size_t i = 0; i < r->w->layer_count; i++)
        if (!ask_inputs(r, i, err))
            return false;
    for (size_t t = 0; t < r->w->tensor_count; t++)
        if (r->w->tensors[t].last_consumer == MP_NO_LAYER && !ask(r, t, MP_NO_LAYER, r->p->output_bits, err))
            return false;
    for (size_t t = 0; t < r->w->tensor_count; t++) {
        unsigned bits = r->demand[r->root[t]].bits;
        r->p->tensor_bits[t] = bits ? bits : r->p->default_a_bits;
    }
    for (size_t i = 0; i < r->w->layer_count; i++)
        r->p->layers[i].a_bits = r->p->tensor_bits[r->w->layers[i].inputs[0]];
    return true;
}

static bool resolve(struct resolver *r, struct mp_err *err) {
    const struct mp_workload *w = r->w;
    r->entry = mp_arena_alloc(&r->scratch, w->layer_count, sizeof *r->entry);
    r->root = mp_arena_alloc(&r->scratch, w->tensor_count, sizeof *r->root);
    r->demand = mp_arena_alloc(&r->scratch, w->tensor_count, sizeof *r->demand);
    r->p->layers = mp_arena_alloc(r->arena, w->layer_count, sizeof *r->p->layers);
    r->p->tensor_bits = mp_arena_alloc(r->arena, w->tensor_count, sizeof *r->p->tensor_bits);
    if (mp_workload_macs(w) > MP_MAX_WORK / r->p->batch)
        return mp_fail(err, "%s: /batch: more than 2^53 multiply-accumulates (got %ju)", r->p->path,
                       (uintmax_t)r->p->batch);
    if (!find_entries(r, err))
        return false;
    for (size_t i = 0; i < w->layer_count; i++)
        if (!resolve_weights(r, i, err))
            return false;
    return resolve_tensors(r, err);
}

bool mp_plan_resolve(struct mp_plan *p, struct mp_arena *a, const struct mp_workload *w, struct mp_err *err) {
    struct resolver r = {.p = p, .w = w, .arena = a};
    bool ok = resolve(&r, err);
    mp_arena_finish(&r.scratch);
    return ok;
}
