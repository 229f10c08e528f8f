// SPDX-License-Identifier: Apache-2.0
// Layers off the array, element by element in the order [row][column][channel].
#include "sim/nn/integer_parts.h"

#include "sim/nn/integer_norm.h"

#include <string.h>

struct mp_int_vector {
    size_t *from;      // of a view: element of the input for each element of the output, or SIZE_MAX
    int32_t *sum;      // of a pool: by channel
    struct mp_requant_rows rows; // its requantisation, the same for every channel
};

// [channel][row][column] to [row][column][channel].
static size_t place(const struct mp_tensor *t, size_t at) {
    size_t plane = t->h * t->w;
    return at % plane * t->c + at / plane;
}

static void make_view(struct mp_integer *r, size_t layer, struct mp_int_vector *v) {
    const struct mp_layer *l = &r->w->layers[layer];
    const struct mp_tensor *in = &r->w->tensors[l->inputs[0]], *out = &r->w->tensors[l->output];
    const int64_t *gather = r->q->layers[layer].gather;
    size_t count = mp_tensor_count(out);
    v->from = mp_arena_alloc(&r->arena, count, sizeof *v->from);
    for (size_t i = 0; i < count; i++) {
        int64_t at = gather ? gather[i] : (int64_t)i;
        v->from[place(out, i)] = at < 0 ? SIZE_MAX : place(in, (size_t)at);
    }
}

static void make_pool(struct mp_integer *r, size_t layer, struct mp_int_vector *v) {
    const struct mp_requant *q = &r->q->layers[layer].op[0];
    size_t channels = r->w->tensors[r->w->layers[layer].inputs[0]].c;
    int32_t *bias = mp_arena_alloc(&r->arena, channels, sizeof *bias), *mul = mp_arena_alloc(&r->arena, channels, sizeof *mul);
    uint8_t *shift = mp_arena_alloc(&r->arena, channels, sizeof *shift);
    for (size_t c = 0; c < channels; c++) {
        mul[c] = (int32_t)q->mul;
        shift[c] = (uint8_t)q->shift;
    }
    v->rows = (struct mp_requant_rows){bias, mul, shift};
    v->sum = mp_arena_alloc(&r->arena, channels, sizeof *v->sum);
}

struct mp_int_vector *mp_int_vector_make(struct mp_integer *r, size_t layer) {
    struct mp_int_vector *v = mp_arena_alloc(&r->arena, 1, sizeof *v);
    if (r->w->layers[layer].type == MP_VIEW)
        make_view(r, layer, v);
    if (r->w->layers[layer].type == MP_POOL)
        make_pool(r, layer, v);
    return v;
}

// Pools

struct span {
    size_t first, end; // taps that lie in the input
};

static struct span taps(size_t at, size_t stride, size_t pad, size_t dilation, size_t kernel, size_t size) {
    struct span s = {SIZE_MAX, 0};
    for (size_t k = 0; k < kernel; k++) {
        size_t i = at * stride + k * dilation;
        if (i < pad || i - pad >= size)
            continue;
        s.first = s.first == SIZE_MAX ? k : s.first;
        s.end = k + 1;
    }
    return s;
}

static void pool_tap(const int16_t *in, size_t channels, bool avg, bool first, int32_t *restrict sum) {
    if (first)
        for (size_t c = 0; c < channels; c++)
            sum[c] = in[c];
    else if (avg)
        for (size_t c = 0; c < channels; c++)
            sum[c] += in[c];
    else
        for (size_t c = 0; c < channels; c++)
            sum[c] = in[c] > sum[c] ? in[c] : sum[c];
}

// An average of no tap is 0, a maximum of none the least value.
static void pool_one(struct mp_integer *r, size_t layer, size_t y, size_t x, int16_t *out) {
    const struct mp_layer *l = &r->w->layers[layer];
    const struct mp_qlayer *q = &r->q->layers[layer];
    const struct mp_geometry *g = &l->geo;
    const size_t channels = g->groups;
    struct mp_int_vector *v = r->vector[layer];
    struct span rows = taps(y, g->sh, g->pt, g->dh, g->kh, g->ih), cols = taps(x, g->sw, g->pl, g->dw, g->kw, g->iw);
    bool avg = l->pool == MP_POOL_AVG, first = true;
    for (size_t c = 0; c < channels; c++)
        v->sum[c] = avg ? 0 : q->low;
    for (size_t kh = rows.first; kh < rows.end; kh++)
        for (size_t kw = cols.first; kw < cols.end; kw++, first = false) {
            size_t at = ((y * g->sh + kh * g->dh - g->pt) * g->iw + x * g->sw + kw * g->dw - g->pl) * channels;
            pool_tap(r->tensor[l->inputs[0]] + at, channels, avg, first, v->sum);
        }
    if (avg)
        r->kernel->requantise(v->sum, &v->rows, channels, q->low, q->high, out);
    for (size_t c = 0; !avg && c < channels; c++)
        out[c] = (int16_t)mp_clamp(v->sum[c], q->low, q->high);
}

static void pool(struct mp_integer *r, size_t layer) {
    const struct mp_layer *l = &r->w->layers[layer];
    const struct mp_geometry *g = &l->geo;
    const size_t all = r->w->tensors[l->output].c;
    int16_t *out = r->tensor[l->output];
    for (size_t p = 0; p < g->oh * g->ow; p++, out += all) {
        memset(out, 0, all * sizeof *out);
        pool_one(r, layer, p / g->ow, p % g->ow, out + l->first_channel);
    }
}

// Others

static void add(struct mp_integer *r, const struct mp_layer *l, const struct mp_qlayer *q) {
    const struct mp_tensor *a = &r->w->tensors[l->inputs[0]], *b = &r->w->tensors[l->inputs[1]];
    const uint32_t mul[] = {q->op[0].mul, q->op[1].mul};
    const unsigned shift[] = {q->op[0].shift, q->op[1].shift};
    const size_t pixels = a->h * a->w, again = b->h * b->w == pixels ? pixels : 1;
    for (size_t p = 0; p < pixels; p += again) // at once, or the second one's channels for each pixel
        r->kernel->add(r->tensor[l->inputs[0]] + p * a->c, r->tensor[l->inputs[1]], mul, shift, again * a->c, q->low, q->high,
                       r->tensor[l->output] + p * a->c);
}

static void multiply(struct mp_integer *r, const struct mp_layer *l, const struct mp_qlayer *q) {
    const struct mp_tensor *a = &r->w->tensors[l->inputs[0]], *b = &r->w->tensors[l->inputs[1]];
    const int16_t *x = r->tensor[l->inputs[0]], *y = r->tensor[l->inputs[1]];
    const size_t count = mp_tensor_count(a), again = mp_tensor_count(b);
    for (size_t i = 0; i < count; i++)
        r->tensor[l->output][i] =
            (int16_t)mp_requantise((int64_t)x[i] * y[i % again], q->op[0].mul, q->op[0].shift, q->low, q->high);
}

static void activate(struct mp_integer *r, const struct mp_layer *l, const struct mp_qlayer *q) {
    const struct mp_qtensor *in = &r->q->tensors[l->inputs[0]];
    const int32_t base = mp_range_of(in->bits, in->is_signed).low;
    const int16_t *x = r->tensor[l->inputs[0]];
    const size_t count = mp_tensor_count(&r->w->tensors[l->output]);
    for (size_t i = 0; i < count; i++)
        r->tensor[l->output][i] = (int16_t)(q->table ? q->table[x[i] - base] : mp_clamp(x[i], q->low, q->high));
}

static void concatenate(struct mp_integer *r, const struct mp_layer *l) {
    const size_t all = r->w->tensors[l->output].c, pixels = r->w->tensors[l->output].h * r->w->tensors[l->output].w;
    int16_t *out = r->tensor[l->output];
    for (size_t i = 0; i < l->input_count; i++) {
        const size_t channels = r->w->tensors[l->inputs[i]].c;
        for (size_t p = 0; p < pixels; p++)
            memcpy(out + p * all, r->tensor[l->inputs[i]] + p * channels, channels * sizeof *out);
        out += channels;
    }
}

static void view(struct mp_integer *r, size_t layer) {
    const struct mp_layer *l = &r->w->layers[layer];
    const size_t *from = r->vector[layer]->from;
    const int16_t *in = r->tensor[l->inputs[0]];
    const size_t count = mp_tensor_count(&r->w->tensors[l->output]);
    for (size_t i = 0; i < count; i++)
        r->tensor[l->output][i] = (int16_t)(from[i] == SIZE_MAX ? r->q->layers[layer].fill : in[from[i]]);
}

// Vectors of a softmax are the channels of a group, those of a normalisation all channels.
static void by_vectors(struct mp_integer *r, const struct mp_layer *l, const struct mp_qlayer *q) {
    const struct mp_geometry *g = &l->geo;
    const size_t all = g->groups * g->ic, pixels = g->oh;
    for (size_t p = 0; p < pixels; p++)
        for (size_t i = 0; i < g->groups; i++) {
            const int16_t *x = r->tensor[l->inputs[0]] + p * all + i * g->ic;
            int16_t *y = r->tensor[l->output] + p * all + i * g->ic;
            if (l->type == MP_SOFTMAX)
                mp_int_softmax(q, x, g->ic, y);
            else
                mp_int_layer_norm(q, x, g->ic, y);
        }
}

void mp_int_vector_run(struct mp_integer *r, size_t layer) {
    const struct mp_layer *l = &r->w->layers[layer];
    const struct mp_qlayer *q = &r->q->layers[layer];
    switch (l->type) {
    case MP_POOL:
        pool(r, layer);
        break;
    case MP_ADD:
        add(r, l, q);
        break;
    case MP_MUL:
        multiply(r, l, q);
        break;
    case MP_ACTIVATION:
        activate(r, l, q);
        break;
    case MP_SOFTMAX:
    case MP_LAYER_NORM:
        by_vectors(r, l, q);
        break;
    case MP_CONCAT:
        concatenate(r, l);
        break;
    default:
        view(r, layer);
        break;
    }
}
