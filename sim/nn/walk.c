// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/walk.h"

#include <string.h>

bool mp_shape_broadcast(const struct mp_shape *a, const struct mp_shape *b, struct mp_shape *out) {
    struct mp_shape s = {.rank = a->rank > b->rank ? a->rank : b->rank};
    for (unsigned d = 0; d < s.rank; d++) {
        uint64_t x = d + a->rank < s.rank ? 1 : a->dim[d + a->rank - s.rank];
        uint64_t y = d + b->rank < s.rank ? 1 : b->dim[d + b->rank - s.rank];
        if (x != y && x != 1 && y != 1)
            return false;
        s.dim[d] = x == 1 ? y : x;
    }
    *out = s;
    return true;
}

void mp_shape_steps(const struct mp_shape *s, int64_t step[MP_MAX_RANK]) {
    int64_t n = 1;
    for (unsigned d = s->rank; d-- > 0;) {
        step[d] = n;
        n *= (int64_t)s->dim[d];
    }
}

void mp_walk_over(struct mp_walk *w, const struct mp_shape *out) {
    *w = (struct mp_walk){.rank = out->rank};
    memcpy(w->dim, out->dim, sizeof w->dim);
}

void mp_walk_input(struct mp_walk *w, unsigned k, const struct mp_shape *s) {
    int64_t step[MP_MAX_RANK];
    mp_shape_steps(s, step);
    for (unsigned d = 0; d < s->rank; d++)
        w->step[k][d + w->rank - s->rank] = s->dim[d] == 1 ? 0 : step[d];
}

// Dimension `d` runs on where `d + 1` ends, in every input.
static bool joins(const struct mp_walk *w, unsigned d) {
    bool yes = true;
    for (unsigned k = 0; k < MP_MAX_WALK; k++)
        yes = yes && w->step[k][d] == w->step[k][d + 1] * (int64_t)w->dim[d + 1];
    return yes;
}

static void drop(struct mp_walk *w, unsigned d) {
    w->rank--;
    for (unsigned e = d; e < w->rank; e++) {
        w->dim[e] = w->dim[e + 1];
        for (unsigned k = 0; k < MP_MAX_WALK; k++)
            w->step[k][e] = w->step[k][e + 1];
    }
}

void mp_walk_begin(struct mp_walk *w) {
    w->more = true;
    for (unsigned d = 0; d < w->rank; d++)
        w->more = w->more && w->dim[d] > 0;
    for (unsigned d = w->rank; d-- > 0;)
        if (w->dim[d] == 1)
            drop(w, d);
    for (unsigned d = w->rank; d-- > 1;)
        if (joins(w, d - 1)) {
            w->dim[d] *= w->dim[d - 1];
            drop(w, d - 1);
        }
    memset(w->index, 0, sizeof w->index);
    w->out = 0;
    w->row = w->rank ? w->dim[w->rank - 1] : 1;
    for (unsigned k = 0; k < MP_MAX_WALK; k++)
        w->row_step[k] = w->rank ? w->step[k][w->rank - 1] : 0;
}

void mp_walk_next(struct mp_walk *w) {
    w->out += w->row;
    for (unsigned d = w->rank; d-- > 1;) {
        unsigned e = d - 1;
        for (unsigned k = 0; k < MP_MAX_WALK; k++)
            w->at[k] += w->step[k][e];
        if (++w->index[e] < w->dim[e])
            return;
        for (unsigned k = 0; k < MP_MAX_WALK; k++)
            w->at[k] -= w->step[k][e] * (int64_t)w->dim[e];
        w->index[e] = 0;
    }
    w->more = false;
}

static void copy_real(const struct mp_walk *w, const float *in, float *out) {
    if (w->row_step[0] == 1)
        memcpy(out, in, w->row * sizeof *out);
    else
        for (uint64_t i = 0; i < w->row; i++)
            out[i] = in[(int64_t)i * w->row_step[0]];
}

static void copy_whole(const struct mp_walk *w, const int64_t *in, int64_t *out) {
    for (uint64_t i = 0; i < w->row; i++)
        out[i] = in[(int64_t)i * w->row_step[0]];
}

void mp_walk_copy(struct mp_walk *w, const struct mp_array *in, struct mp_array *out) {
    for (mp_walk_begin(w); w->more; mp_walk_next(w))
        if (in->whole)
            copy_whole(w, in->i + w->at[0], out->i + w->out);
        else
            copy_real(w, in->f + w->at[0], out->f + w->out);
}
