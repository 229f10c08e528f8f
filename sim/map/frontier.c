// SPDX-License-Identifier: Apache-2.0
// The heap of open parts.
#include "sim/map/frontier.h"

bool mp_open_before(const struct mp_open *a, const struct mp_open *b) {
    if (a->roles != b->roles)
        return a->roles < b->roles;
    static const unsigned char dims[MP_DIMS] = {MP_B, MP_OH, MP_OW, MP_G, MP_OC, MP_IC};
    for (int i = 0; i < MP_DIMS; i++)
        if (a->at[dims[i]] != b->at[dims[i]])
            return a->at[dims[i]] < b->at[dims[i]];
    return a->order < b->order;
}

static bool sooner(const struct mp_open *a, const struct mp_open *b) {
    if (a->bound.first != b->bound.first)
        return a->bound.first < b->bound.first;
    if (a->bound.second != b->bound.second)
        return a->bound.second < b->bound.second;
    return a->level != b->level ? a->level > b->level : mp_open_before(a, b);
}

void mp_frontier_push(struct mp_frontier *f, struct mp_arena *a, const struct mp_open *n) {
    if (f->count == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 256;
        f->heap = mp_arena_grow(a, f->heap, f->count, cap, sizeof *f->heap);
        f->cap = cap;
    }
    size_t at = f->count++;
    for (; at > 0 && sooner(n, &f->heap[(at - 1) / 2]); at = (at - 1) / 2)
        f->heap[at] = f->heap[(at - 1) / 2];
    f->heap[at] = *n;
}

bool mp_frontier_pop(struct mp_frontier *f, struct mp_open *out) {
    if (f->count == 0)
        return false;
    *out = f->heap[0];
    struct mp_open last = f->heap[--f->count];
    size_t at = 0;
    for (;;) {
        size_t next = 2 * at + 1;
        if (next >= f->count)
            break;
        if (next + 1 < f->count && sooner(&f->heap[next + 1], &f->heap[next]))
            next++;
        if (!sooner(&f->heap[next], &last))
            break;
        f->heap[at] = f->heap[next];
        at = next;
    }
    f->heap[at] = last;
    return true;
}
