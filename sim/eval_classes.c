// SPDX-License-Identifier: Apache-2.0
// Two layers are the same when all that tasks, prices and figures are made of is: geometry, work, widths, constraint.
#include "sim/eval_classes.h"

#include "sim/engine/vector.h"

#include <string.h>

struct compared {
    const struct mp_workload *w;
    const struct mp_plan *plan;
    const struct mp_constraint_set *constraints;
};

static bool same_tensor(const struct compared *k, size_t x, size_t y) {
    const struct mp_tensor *a = &k->w->tensors[x], *b = &k->w->tensors[y];
    return a->c == b->c && a->h == b->h && a->w == b->w && a->is_signed == b->is_signed &&
           k->plan->tensor_bits[x] == k->plan->tensor_bits[y];
}

static bool same_operands(const struct compared *k, const struct mp_layer *a, const struct mp_layer *b) {
    if (a->input_count != b->input_count || a->broadcast != b->broadcast || !same_tensor(k, a->output, b->output))
        return false;
    for (size_t i = 0; i < a->input_count; i++)
        if (!same_tensor(k, a->inputs[i], b->inputs[i]))
            return false;
    return true;
}

static bool same_work(const struct mp_layer *a, const struct mp_layer *b) {
    struct mp_vector_work x = mp_vector_work_of(a), y = mp_vector_work_of(b);
    return x.passes == y.passes && x.requant == y.requant && x.alu == y.alu && x.mul == y.mul && x.special == y.special;
}

static bool same_widths(const struct mp_layer_bits *a, const struct mp_layer_bits *b) {
    if (a->a_bits != b->a_bits || a->encoding != b->encoding || a->slice_count != b->slice_count)
        return false;
    for (size_t i = 0; i < a->slice_count; i++)
        if (a->slices[i].channels != b->slices[i].channels || a->slices[i].w_bits != b->slices[i].w_bits)
            return false;
    return true;
}

static bool same(const struct compared *k, size_t x, size_t y) {
    const struct mp_layer *a = &k->w->layers[x], *b = &k->w->layers[y];
    bool shared_a = a->weights_of != MP_NO_LAYER, shared_b = b->weights_of != MP_NO_LAYER;
    return a->type == b->type && memcmp(&a->geo, &b->geo, sizeof a->geo) == 0 && shared_a == shared_b && same_work(a, b) &&
           same_operands(k, a, b) && same_widths(&k->plan->layers[x], &k->plan->layers[y]) &&
           (!k->constraints || mp_constraint_find(k->constraints, a->name) == mp_constraint_find(k->constraints, b->name));
}

void mp_layer_classes_make(struct mp_layer_classes *c, struct mp_arena *a, const struct mp_workload *w,
                           const struct mp_plan *plan, const struct mp_constraint_set *constraints) {
    const struct compared k = {w, plan, constraints};
    *c = (struct mp_layer_classes){.first = mp_arena_alloc(a, w->layer_count, sizeof *c->first),
                                   .size = mp_arena_alloc(a, w->layer_count, sizeof *c->size),
                                   .of = mp_arena_alloc(a, w->layer_count, sizeof *c->of)};
    for (size_t l = 0; l < w->layer_count; l++) {
        size_t i = 0;
        while (i < c->count && !same(&k, c->first[i], l))
            i++;
        if (i == c->count)
            c->first[c->count++] = l;
        c->of[l] = i;
        c->size[i]++;
    }
}
