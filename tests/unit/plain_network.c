// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/plain_network.h"

#include <string.h>

static int64_t accumulate(const struct mp_accumulator *acc, int64_t sum, int64_t term, uint64_t *overflows) {
    const int64_t span = (int64_t)1 << acc->bits, low = -span / 2, high = span / 2 - 1;
    sum += term;
    if (sum >= low && sum <= high)
        return sum;
    ++*overflows;
    if (acc->on_overflow == MP_SATURATE)
        return sum < low ? low : high;
    while (sum > high)
        sum -= span;
    while (sum < low)
        sum += span;
    return sum;
}

static int32_t between(__int128 x, int32_t low, int32_t high) {
    return x < low ? low : x > high ? high : (int32_t)x;
}

// Division that rounds down.
static __int128 scaled(int64_t x, const struct mp_requant *m) {
    __int128 unit = (__int128)1 << m->shift, y = (__int128)x * m->mul + unit / 2;
    return y >= 0 ? y / unit : -((unit - 1 - y) / unit);
}

struct sum {
    const struct mp_geometry *g;
    const struct mp_accumulator *acc;
    const int32_t *x, *w; // of the group, of the output channel
    bool odd;
    uint64_t row, col;    // of the output
    uint64_t *overflows;
};

static int64_t term(const struct sum *s, uint64_t channel, uint64_t kh, uint64_t kw) {
    const struct mp_geometry *g = s->g;
    const int64_t y = (int64_t)(s->row * g->sh + kh * g->dh) - (int64_t)g->pt;
    const int64_t x = (int64_t)(s->col * g->sw + kw * g->dw) - (int64_t)g->pl;
    if (y < 0 || x < 0 || y >= (int64_t)g->ih || x >= (int64_t)g->iw)
        return 0;
    int64_t w = s->w[(channel * g->kh + kh) * g->kw + kw];
    return (s->odd ? 2 * w + 1 : w) * s->x[(channel * g->ih + (uint64_t)y) * g->iw + (uint64_t)x];
}

// Input channels [first, end): tap by tap, channels innermost; a step ends after `lanes` terms, and with the tap if not flat.
static int64_t part(const struct sum *s, const struct mp_order *o, uint64_t first, uint64_t end) {
    int64_t sum = 0, step = 0;
    uint64_t taken = 0;
    for (uint64_t tap = 0; tap < s->g->kh * s->g->kw; tap++)
        for (uint64_t c = first; c < end; c++) {
            bool last = c + 1 == end && (!o->flat || tap + 1 == s->g->kh * s->g->kw);
            step += term(s, c, tap / s->g->kw, tap % s->g->kw);
            if (++taken < o->lanes && !last)
                continue;
            sum = accumulate(s->acc, sum, step, s->overflows);
            step = 0;
            taken = 0;
        }
    return sum;
}

static int64_t all_parts(const struct sum *s, const struct mp_order *o) {
    int64_t total = 0;
    for (uint64_t c = 0; c < s->g->ic; c += o->part) {
        int64_t one = part(s, o, c, c + o->part < s->g->ic ? c + o->part : s->g->ic);
        total = c == 0 ? one : accumulate(s->acc, total, one, s->overflows);
    }
    return total;
}

static struct mp_order order_of(const struct mp_integer_options *how, size_t layer, const struct mp_geometry *g, uint64_t c) {
    if (!how->orders)
        return (struct mp_order){.lanes = 1, .part = g->ic};
    const struct mp_channel_order *r = how->orders[layer].ranges;
    while (c >= r->channels)
        c -= r++->channels;
    return r->order;
}

static void products(struct plain_network *p, const struct mp_qnet *q, const struct mp_integer_options *how, size_t layer) {
    const struct mp_layer *l = &q->net->workload.layers[layer];
    const struct mp_qlayer *k = &q->layers[layer];
    const struct mp_geometry *g = &l->geo;
    int32_t *out = p->tensor[l->output];
    for (uint64_t c = 0; c < g->groups * g->oc; c++) {
        struct mp_order o = order_of(how, layer, g, c);
        struct sum s = {.g = g, .acc = &how->accumulator, .x = p->tensor[l->inputs[0]] + c / g->oc * g->ic * g->ih * g->iw,
                        .w = k->weight + c * g->ic * g->kh * g->kw, .odd = k->odd, .overflows = &p->overflow[layer][c]};
        for (s.row = 0; s.row < g->oh; s.row++)
            for (s.col = 0; s.col < g->ow; s.col++)
                *out++ = between(scaled(all_parts(&s, &o) + k->requant[c].bias, &k->requant[c]), k->low, k->high);
    }
}

static int32_t pool_at(const struct mp_layer *l, const struct mp_qlayer *k, const int32_t *plane, uint64_t row, uint64_t col) {
    const struct mp_geometry *g = &l->geo;
    int64_t sum = 0, most = INT64_MIN;
    for (uint64_t i = 0; i < g->kh * g->kw; i++) {
        int64_t y = (int64_t)(row * g->sh + i / g->kw * g->dh) - (int64_t)g->pt;
        int64_t x = (int64_t)(col * g->sw + i % g->kw * g->dw) - (int64_t)g->pl;
        if (y < 0 || x < 0 || y >= (int64_t)g->ih || x >= (int64_t)g->iw)
            continue;
        int32_t v = plane[(uint64_t)y * g->iw + (uint64_t)x];
        sum += v;
        most = v > most ? v : most;
    }
    return l->pool == MP_POOL_AVG ? between(scaled(sum, &k->op[0]), k->low, k->high) : between(most, k->low, k->high);
}

static void pool(struct plain_network *p, const struct mp_layer *l, const struct mp_qlayer *k) {
    int32_t *out = p->tensor[l->output];
    for (uint64_t c = 0; c < l->geo.groups; c++)
        for (uint64_t row = 0; row < l->geo.oh; row++)
            for (uint64_t col = 0; col < l->geo.ow; col++)
                *out++ = pool_at(l, k, p->tensor[l->inputs[0]] + c * l->geo.ih * l->geo.iw, row, col);
}

static void element_wise(struct plain_network *p, const struct mp_layer *l, const struct mp_qlayer *k, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        const int32_t a = p->tensor[l->inputs[0]][i];
        __int128 y = l->type == MP_ADD ? scaled(a, &k->op[0]) + scaled(p->tensor[l->inputs[1]][i], &k->op[1]) : a;
        p->tensor[l->output][i] = between(y, k->low, k->high);
    }
}

static void make_room(struct plain_network *p, struct mp_arena *a, const struct mp_workload *w) {
    p->tensor = mp_arena_alloc(a, w->tensor_count, sizeof *p->tensor);
    p->overflow = mp_arena_alloc(a, w->layer_count, sizeof *p->overflow);
    for (size_t t = 0; t < w->tensor_count; t++)
        p->tensor[t] = mp_arena_alloc(a, w->tensors[t].c * w->tensors[t].h * w->tensors[t].w, sizeof **p->tensor);
    for (size_t i = 0; i < w->layer_count; i++)
        if (mp_layer_on_array(&w->layers[i]))
            p->overflow[i] = mp_arena_alloc(a, w->layers[i].geo.groups * w->layers[i].geo.oc, sizeof **p->overflow);
}

void plain_run(struct plain_network *p, struct mp_arena *a, const struct mp_qnet *q, const struct mp_integer_options *how,
               const int32_t *input) {
    const struct mp_workload *w = &q->net->workload;
    if (!p->tensor)
        make_room(p, a, w);
    memcpy(p->tensor[0], input, w->tensors[0].c * w->tensors[0].h * w->tensors[0].w * sizeof *input);
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_layer *l = &w->layers[i];
        const struct mp_tensor *out = &w->tensors[l->output];
        if (mp_layer_has_weights(l))
            products(p, q, how, i);
        else if (l->type == MP_POOL)
            pool(p, l, &q->layers[i]);
        else if (l->type == MP_ADD || (l->type == MP_ACTIVATION && !q->layers[i].table))
            element_wise(p, l, &q->layers[i], out->c * out->h * out->w);
        else
            fail_msg("layer \"%s\" is of no kind that is written down here", l->name);
    }
}
