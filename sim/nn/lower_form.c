// SPDX-License-Identifier: Apache-2.0
// Forms of values: which dimensions become channels, rows and columns, and views where a layer asks for another form than
// the value lies in.
#include "sim/nn/lower_build.h"

static uint64_t product(const struct mp_shape *s, unsigned from, unsigned to) {
    uint64_t n = 1;
    for (unsigned d = from; d < to; d++)
        n *= s->dim[d];
    return n;
}

struct mp_form mp_form_around(const struct mp_shape *s, unsigned first, unsigned last) {
    uint64_t c = product(s, first, last), pre = product(s, 0, first), post = product(s, last, s->rank);
    struct mp_form f = {.c = c, .h = pre, .w = post, .at = {.inner = c, .step = post, .row = c * post, .col = 1}};
    if (pre == 1) {
        f.w = s->rank == last + 2 ? s->dim[last + 1] : 1;
        f.h = post / f.w;
        f.at.row = f.w;
    } else if (post == 1 && first == 3) {
        f.h = s->dim[0] * s->dim[1];
        f.w = s->dim[2];
        f.at.row = f.w * c;
        f.at.col = c;
    }
    return f;
}

struct mp_form mp_form_resized(const struct mp_form *f, const struct mp_shape *s, unsigned dim, uint64_t size) {
    uint64_t old = s->dim[dim], post = product(s, dim + 1, s->rank);
    struct mp_form r = *f;
    r.c = r.at.inner = size;
    r.at.row = f->at.row >= old * post ? f->at.row / old * size : f->at.row;
    r.at.col = f->at.col >= old * post ? f->at.col / old * size : f->at.col;
    return r;
}

struct mp_form mp_form_image(const struct mp_shape *s) {
    return mp_form_around(s, s->rank > 1 ? 1 : 0, s->rank > 1 ? 2 : s->rank);
}

bool mp_form_equal(const struct mp_form *a, const struct mp_form *b) {
    struct mp_place pa = mp_place_of(a), pb = mp_place_of(b);
    return a->c == b->c && a->h == b->h && a->w == b->w && mp_place_equal(&pa, &pb);
}

// Of the tensor itself; false when no layout says where its elements lie in the value.
static bool own_form(const struct mp_lower *l, const struct mp_spot *s, struct mp_form *f) {
    if (s->tensor == MP_NO_TENSOR || s->moved)
        return false;
    *f = l->tensors[s->tensor].form;
    return mp_place_form(&s->place, f);
}

struct mp_form mp_lower_form(const struct mp_lower *l, size_t value) {
    const struct mp_spot *s = &l->spots[value];
    const struct mp_shape *shape = mp_lower_shape(l, value);
    struct mp_form f;
    if (own_form(l, s, &f))
        return f;
    unsigned d = s->channel < shape->rank ? s->channel : 0;
    return mp_form_around(shape, d, shape->rank ? d + 1 : 0);
}

struct mp_form mp_lower_form_of(const struct mp_lower *l, size_t value, unsigned dim) {
    const struct mp_shape *shape = mp_lower_shape(l, value);
    struct mp_form f, around = mp_form_around(shape, dim, dim + 1);
    if (own_form(l, &l->spots[value], &f) && f.c == around.c && f.at.inner == f.c && (f.c == 1 || f.at.step == around.at.step))
        return f;
    return around;
}

bool mp_lower_has(const struct mp_lower *l, size_t value, const struct mp_form *f) {
    struct mp_form own;
    if (own_form(l, &l->spots[value], &own) && mp_form_equal(&own, f))
        return true;
    for (const struct mp_made *m = l->spots[value].made; m; m = m->next)
        if (mp_form_equal(&l->tensors[m->tensor].form, f))
            return true;
    return false;
}

static size_t chain_nodes(struct mp_lower *l, const struct mp_chain *chain, size_t **nodes) {
    size_t count = 0;
    for (const struct mp_chain *c = chain; c; c = c->up)
        count++;
    *nodes = mp_arena_alloc(l->arena, count, sizeof **nodes);
    size_t at = count;
    for (const struct mp_chain *c = chain; c; c = c->up)
        (*nodes)[--at] = c->node;
    return count;
}

static size_t producer_of(const struct mp_lower *l, size_t tensor) {
    const struct mp_low_tensor *t = &l->tensors[tensor];
    return t->layer == MP_NO_LAYER ? MP_NO_NODE : l->layers[t->layer].node;
}

static size_t add_view(struct mp_lower *l, size_t value, const struct mp_form *f) {
    const struct mp_spot from = l->spots[value];
    struct mp_layer_spec s = mp_layer_spec_default(MP_VIEW);
    size_t *nodes, count = chain_nodes(l, from.chain, &nodes);
    s.inputs = &from.tensor;
    s.input_count = 1;
    s.shape[0] = f->c, s.shape[1] = f->h, s.shape[2] = f->w;
    struct mp_low_layer *view =
        mp_lower_add(l, &s, count ? nodes[count - 1] : producer_of(l, from.tensor), value, f);
    view->params.nodes = nodes;
    view->params.node_count = count;
    return l->tensor_count - 1;
}

size_t mp_lower_want(struct mp_lower *l, size_t value, const struct mp_form *f) {
    const struct mp_spot old = l->spots[value];
    struct mp_form own;
    if (own_form(l, &old, &own) && mp_form_equal(&own, f))
        return old.tensor;
    for (const struct mp_made *m = old.made; m; m = m->next)
        if (mp_form_equal(&l->tensors[m->tensor].form, f))
            return m->tensor;
    bool constant = mp_lower_is_constant(l, value);
    size_t tensor = constant ? mp_lower_tensor(l, value, f, MP_NO_LAYER) : add_view(l, value, f);
    struct mp_made *made = mp_arena_alloc(l->arena, 1, sizeof *made);
    *made = (struct mp_made){tensor, old.made};
    // mp_lower_add has taken the value for the view's own: it stays where it was, unless it was nowhere.
    if (!constant && !old.moved)
        l->spots[value] = old;
    l->spots[value].made = made;
    return tensor;
}
