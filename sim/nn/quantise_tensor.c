// SPDX-License-Identifier: Apache-2.0
// A scale for each tensor. Tensors between which nothing is scaled (views, concatenations, max pools, ReLU on its own) share
// theirs. Signed tensors are symmetric around 0 unless a zero point is asked for, or the model has one, and every reader can take
// it. Where the model says how far a tensor reaches, its word counts, else what was measured.
#include "sim/nn/quantise_parts.h"

#include "sim/nn/hint.h"

#include <math.h>

// Classes of tensors with one scale (union-find).

static size_t find(size_t *root, size_t t) {
    while (root[t] != t) {
        root[t] = root[root[t]];
        t = root[t];
    }
    return t;
}

static bool keeps_scale(const struct mp_layer *l) {
    switch (l->type) {
    case MP_POOL:
        return l->pool == MP_POOL_MAX;
    case MP_ACTIVATION:
        return l->act == MP_ACT_RELU || l->act == MP_ACT_RELU6;
    default:
        return mp_layer_moves_nothing(l);
    }
}

static size_t *classes(const struct mp_quantiser *z, struct mp_arena *a) {
    size_t *root = mp_arena_alloc(a, z->w->tensor_count, sizeof *root);
    for (size_t t = 0; t < z->w->tensor_count; t++)
        root[t] = t;
    for (size_t i = 0; i < z->w->layer_count; i++) {
        const struct mp_layer *l = &z->w->layers[i];
        for (size_t k = 0; keeps_scale(l) && k < l->input_count; k++)
            root[find(root, l->inputs[k])] = find(root, l->output);
    }
    return root;
}

// Ranges

static void narrow(struct mp_range *r, const struct mp_range *to) {
    r->low = r->low > to->low ? r->low : to->low;
    r->high = r->high < to->high ? r->high : to->high;
}

// Of a matrix product's second operand the largest number is that of a signed one: the core reads its bits as such. What is
// moved as it is fits where it comes to, which may have a sign where it has none itself: hence from the last layer to the first.
static void set_ranges(struct mp_quantiser *z) {
    z->ranges = mp_arena_alloc(z->arena, z->w->tensor_count, sizeof *z->ranges);
    for (size_t t = 0; t < z->w->tensor_count; t++)
        z->ranges[t] = mp_range_of(z->plan->tensor_bits[t], z->w->tensors[t].is_signed);
    for (size_t i = z->w->layer_count; i-- > 0;) {
        const struct mp_layer *l = &z->w->layers[i];
        if (l->type == MP_MATMUL && !z->w->tensors[l->inputs[1]].is_signed)
            narrow(&z->ranges[l->inputs[1]],
                   &(struct mp_range){0, mp_range_of(z->plan->tensor_bits[l->inputs[1]], true).high});
        for (size_t k = 0; mp_layer_moves_nothing(l) && k < l->input_count; k++)
            narrow(&z->ranges[l->inputs[k]], &z->ranges[l->output]);
    }
}

static bool by_table(const struct mp_layer *l) {
    return l->type == MP_ACTIVATION && l->act != MP_ACT_RELU && l->act != MP_ACT_RELU6;
}

// A zero point goes into the biases of the readers, and their padding is the zero point; tables of functions are made for it.
static bool takes_zero(const struct mp_layer *l, size_t tensor) {
    return (mp_layer_has_weights(l) && l->inputs[0] == tensor) || by_table(l);
}

static bool may_be_affine(const struct mp_quantiser *z, size_t *root, size_t t) {
    const struct mp_tensor *tensor = &z->w->tensors[t];
    size_t readers = 0;
    if (!tensor->is_signed || z->plan->tensor_bits[t] < 2)
        return false;
    if (tensor->producer != MP_NO_LAYER && !mp_layer_has_weights(&z->w->layers[tensor->producer]) &&
        !by_table(&z->w->layers[tensor->producer]))
        return false;
    for (size_t i = 0; i < z->w->tensor_count; i++)
        if (i != t && find(root, i) == find(root, t))
            return false;
    for (size_t i = 0; i < z->w->layer_count; i++)
        for (size_t k = 0; k < z->w->layers[i].input_count; k++)
            if (z->w->layers[i].inputs[k] == t && ++readers > 0 && !takes_zero(&z->w->layers[i], t))
                return false;
    return readers > 0;
}

// What the model says of a tensor, or NULL.
static const struct mp_quant_hint *hint_of(const struct mp_quantiser *z, size_t t) {
    return z->o->model_ranges ? mp_hint_of_tensor(z->n, t) : NULL;
}

// Zero is not in the middle of the range.
static bool has_zero_point(const struct mp_quant_hint *h) {
    return h->zero != (h->is_signed ? 0 : INT64_C(1) << (h->bits - 1));
}

static bool wants_zero(const struct mp_quantiser *z, size_t t) {
    const struct mp_quant_hint *h = hint_of(z, t);
    const struct mp_histogram *seen = z->c->tensors[t];
    if (h)
        return has_zero_point(h);
    return z->o->affine && seen->count > 0 && (seen->low < seen->high || seen->low > seen->high);
}

static struct mp_affine measured_affine(const struct mp_quantiser *z, size_t t) {
    struct mp_affine found;
    if (z->cache && mp_cache_find(z->cache, t, MP_CACHE_AFFINE, &z->ranges[t], &found))
        return found;
    found = mp_range_affine(z->o, z->c->tensors[t], &z->ranges[t]);
    if (z->cache)
        mp_cache_put(z->cache, t, MP_CACHE_AFFINE, &z->ranges[t], found);
    return found;
}

static void put_affine(struct mp_qtensor *t, struct mp_affine a) {
    t->scale = a.scale;
    t->zero = a.zero;
}

static void set_zero(const struct mp_quantiser *z, size_t t) {
    const struct mp_quant_hint *h = hint_of(z, t);
    double low, high;
    if (!h) {
        put_affine(&z->q->tensors[t], measured_affine(z, t));
        return;
    }
    mp_hint_reach(h, &low, &high);
    put_affine(&z->q->tensors[t], mp_affine_of(z->o, low, high, &z->ranges[t]));
}

// The largest that a member of the class needs for the model's range of it; 0 when the model says nothing.
static double model_scale(const struct mp_quantiser *z, size_t *root, size_t class) {
    double scale = 0, low, high;
    for (size_t t = 0; t < z->w->tensor_count; t++) {
        const struct mp_range *r = &z->ranges[t];
        const struct mp_quant_hint *h = find(root, t) == class ? hint_of(z, t) : NULL;
        if (!h)
            continue;
        mp_hint_reach(h, &low, &high);
        scale = fmax(scale, fmax(high / (r->high > 0 ? r->high : 1), r->low < 0 ? low / r->low : 0));
    }
    return scale;
}

// What any of a class holds.
static void merge_class(const struct mp_quantiser *z, size_t *root, size_t class, struct mp_histogram *all) {
    for (size_t t = 0; t < z->w->tensor_count; t++)
        if (find(root, t) == class)
            mp_histogram_merge(all, z->c->tensors[t]);
}

// One scale for all of a class by what was measured: it covers what any of them holds on the grid of each.
static double class_scale(const struct mp_quantiser *z, size_t *root, size_t class) {
    struct mp_histogram all = {0};
    double scale = 0;
    for (size_t t = 0; t < z->w->tensor_count; t++) {
        struct mp_affine found = {0};
        if (find(root, t) != class)
            continue;
        if (!z->cache || !mp_cache_find(z->cache, class, MP_CACHE_SCALE, &z->ranges[t], &found)) {
            if (all.count == 0)
                merge_class(z, root, class, &all);
            found.scale = mp_range_scale(z->o, &all, &z->ranges[t]);
            if (z->cache)
                mp_cache_put(z->cache, class, MP_CACHE_SCALE, &z->ranges[t], found);
        }
        scale = fmax(scale, found.scale);
    }
    return scale;
}

void mp_quantise_tensors(struct mp_quantiser *z) {
    struct mp_arena scratch = {0};
    size_t *root = classes(z, &scratch);
    double *scale = mp_arena_alloc(&scratch, z->w->tensor_count, sizeof *scale);
    bool *model = mp_arena_alloc(&scratch, z->w->tensor_count, sizeof *model);
    set_ranges(z);
    for (size_t t = 0; t < z->w->tensor_count; t++) {
        if (find(root, t) != t)
            continue;
        scale[t] = model_scale(z, root, t);
        model[t] = scale[t] > 0;
        if (!model[t])
            scale[t] = class_scale(z, root, t);
        if (z->o->power_of_two)
            scale[t] = mp_power_of_two(scale[t]);
    }
    for (size_t t = 0; t < z->w->tensor_count; t++) {
        z->q->model_ranges += model[find(root, t)];
        struct mp_qtensor *q = &z->q->tensors[t];
        *q = (struct mp_qtensor){scale[find(root, t)], 0, z->plan->tensor_bits[t], z->w->tensors[t].is_signed};
        if (wants_zero(z, t) && may_be_affine(z, root, t))
            set_zero(z, t);
    }
    mp_arena_finish(&scratch);
}
