// SPDX-License-Identifier: Apache-2.0
// Digits of a tensor's index in a value.
#include "sim/nn/place.h"

static bool push(struct mp_place *p, uint64_t size, uint64_t stride) {
    if (size == 1)
        return true;
    if (p->count > 0 && p->digit[p->count - 1].stride == size * stride) {
        p->digit[p->count - 1].size *= size;
        p->digit[p->count - 1].stride = stride;
        return true;
    }
    if (p->count == MP_PLACE_DIGITS)
        return false;
    p->digit[p->count].size = size;
    p->digit[p->count++].stride = stride;
    return true;
}

struct mp_place mp_place_of(const struct mp_form *f) {
    struct mp_place p = {0};
    push(&p, f->c / f->at.inner, f->at.outer);
    push(&p, f->at.inner, f->at.step);
    push(&p, f->h, f->at.row);
    push(&p, f->w, f->at.col);
    return p;
}

bool mp_place_equal(const struct mp_place *a, const struct mp_place *b) {
    if (a->count != b->count)
        return false;
    for (unsigned i = 0; i < a->count; i++)
        if (a->digit[i].size != b->digit[i].size || a->digit[i].stride != b->digit[i].stride)
            return false;
    return true;
}

// Takes `want` off the least significant end as one digit; its stride, 0 for size 1.
static bool take(struct mp_place *p, uint64_t want, uint64_t *stride) {
    *stride = 0;
    if (want == 1)
        return true;
    if (p->count == 0 || p->digit[p->count - 1].size % want != 0)
        return false;
    *stride = p->digit[p->count - 1].stride;
    p->digit[p->count - 1].size /= want;
    p->digit[p->count - 1].stride *= want;
    p->count -= p->digit[p->count - 1].size == 1;
    return true;
}

bool mp_place_form(const struct mp_place *place, struct mp_form *f) {
    struct mp_place p = *place;
    if (!take(&p, f->w, &f->at.col) || !take(&p, f->h, &f->at.row))
        return false;
    f->at.inner = f->c;
    f->at.outer = 0;
    if (p.count > 1)
        f->at.inner = p.digit[p.count - 1].size;
    if (!take(&p, f->at.inner, &f->at.step))
        return false;
    return f->at.inner == f->c ? p.count == 0 : p.count == 1 && take(&p, f->c / f->at.inner, &f->at.outer);
}

// Which dimension of a value a stride falls into; its stride goes to `unit`. The value has more elements than `stride`.
static unsigned dim_of(const struct mp_shape *s, uint64_t stride, uint64_t *unit) {
    *unit = 1;
    for (unsigned d = s->rank; d-- > 0;) {
        if (stride < *unit * s->dim[d])
            return d;
        *unit *= s->dim[d];
    }
    return s->rank;
}

bool mp_place_turn(struct mp_place *p, const struct mp_shape *from, const unsigned *perm) {
    uint64_t to[MP_MAX_RANK], stride = 1, unit;
    struct mp_place low = {0}, turned = {0}; // low: least significant first
    for (unsigned i = from->rank; i-- > 0; stride *= from->dim[perm[i]])
        to[perm[i]] = stride;
    for (unsigned i = p->count; i-- > 0;)
        for (uint64_t size = p->digit[i].size, at = p->digit[i].stride; size > 1;) {
            unsigned d = dim_of(from, at, &unit);
            if (d == from->rank || at % unit != 0 || from->dim[d] % (at / unit) != 0 || low.count == MP_PLACE_DIGITS)
                return false;
            uint64_t room = from->dim[d] / (at / unit), part = size < room ? size : room;
            if (size % part != 0)
                return false;
            low.digit[low.count].size = part;
            low.digit[low.count++].stride = at / unit * to[d];
            size /= part;
            at *= part;
        }
    for (unsigned i = low.count; i-- > 0;)
        if (!push(&turned, low.digit[i].size, low.digit[i].stride))
            return false;
    *p = turned;
    return true;
}
