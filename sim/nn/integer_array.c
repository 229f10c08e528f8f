// SPDX-License-Identifier: Apache-2.0
// Layers on the array. Output channels that cannot overflow go through the kernel in blocks; the others are summed step by
// step in the mapping's order.
#include "sim/nn/integer_parts.h"

#include <stdlib.h>
#include <string.h>

// Output channels of one order, when some of them may overflow.
struct range {
    struct mp_steps steps;
    size_t *offset;   // of a term, from the window's first element
    int16_t *ordered; // [output channel of the layer][term], of the range's channels
    int16_t *patch;
    uint64_t first, channels;
};

struct mp_int_array {
    const struct mp_geometry *g;
    const int16_t *input;
    int16_t *padded;      // copy with the zero point around it, or NULL
    size_t width, height; // of what windows lie in, pixels
    size_t channels;      // elements from a pixel to the next
    size_t terms, blocks;
    bool depthwise, by_row; // by_row: a kernel row is one run
    struct mp_windows windows;
    size_t *tap;          // depthwise: offsets
    size_t run_weights;   // numbers of a block
    int16_t *matrix;      // [output channel][term], as values
    int16_t *packed;
    int32_t *bias, *mul;
    uint8_t *shift;
    int32_t *sum;
    size_t *window;
    bool *careful, any_careful; // by output channel
    struct range *ranges;
    size_t range_count;
    uint64_t *overflows;
    uint64_t largest;     // magnitude of an activation
};

static size_t at_least(size_t a, size_t b) {
    return a > b ? a : b;
}

// Setting up

static void set_input(struct mp_integer *r, const struct mp_layer *l, struct mp_int_array *a) {
    const struct mp_geometry *g = a->g;
    size_t high = (g->oh - 1) * g->sh + (g->kh - 1) * g->dh + 1, wide = (g->ow - 1) * g->sw + (g->kw - 1) * g->dw + 1;
    a->channels = g->groups * g->ic;
    a->height = at_least(g->pt + g->ih, high);
    a->width = at_least(g->pl + g->iw, wide);
    a->input = r->tensor[l->inputs[0]];
    if (a->height == g->ih && a->width == g->iw)
        return;
    a->padded = mp_arena_alloc(&r->arena, a->height * a->width * a->channels + MP_SLACK, sizeof *a->padded);
    for (size_t i = 0; i < a->height * a->width * a->channels; i++)
        a->padded[i] = (int16_t)r->q->tensors[l->inputs[0]].zero;
    a->input = a->padded;
}

static void set_windows(struct mp_integer *r, struct mp_int_array *a) {
    const struct mp_geometry *g = a->g;
    a->by_row = g->groups == 1 && g->dw == 1;
    size_t length = a->by_row ? g->kw * g->ic : g->ic, runs = a->by_row ? g->kh : g->kh * g->kw;
    size_t *run = mp_arena_alloc(&r->arena, runs, sizeof *run);
    for (size_t i = 0; i < runs; i++) {
        size_t row = a->by_row ? i : i / g->kw, col = a->by_row ? 0 : i % g->kw;
        run[i] = (row * g->dh * a->width + col * g->dw) * a->channels;
    }
    a->windows = (struct mp_windows){run, runs, (length + 1) / 2};
    a->run_weights = runs * a->windows.pairs * 2 * MP_BLOCK;
    a->tap = run; // of a depthwise layer, each run is a tap
}

static void set_range(struct mp_integer *r, struct mp_int_array *a, struct range *range, const struct mp_order *o) {
    const struct mp_geometry *g = a->g;
    mp_steps_make(&range->steps, &r->arena, g, o);
    range->offset = mp_arena_alloc(&r->arena, a->terms, sizeof *range->offset);
    for (size_t i = 0; i < a->terms; i++) {
        const struct mp_operand *t = &range->steps.term[i];
        range->offset[i] = (t->row * g->dh * a->width + t->col * g->dw) * a->channels + t->channel;
    }
    range->patch = mp_arena_alloc(&r->arena, a->terms, sizeof *range->patch);
    range->ordered = mp_arena_alloc(&r->arena, range->channels * a->terms, sizeof *range->ordered);
}

static void set_ranges(struct mp_integer *r, size_t layer, struct mp_int_array *a) {
    const struct mp_order plain = {.lanes = 1, .part = a->g->ic};
    const struct mp_channel_order all = {a->g->groups * a->g->oc, plain};
    const struct mp_layer_order whole = {&all, 1}, *o = r->orders ? &r->orders[layer] : &whole;
    uint64_t first = 0;
    a->ranges = mp_arena_alloc(&r->arena, o->count, sizeof *a->ranges);
    a->range_count = o->count;
    for (size_t i = 0; i < o->count; first += o->ranges[i++].channels) {
        a->ranges[i].first = first;
        a->ranges[i].channels = o->ranges[i].channels;
        set_range(r, a, &a->ranges[i], &o->ranges[i].order);
    }
}

struct mp_int_array *mp_int_array_make(struct mp_integer *r, size_t layer) {
    const struct mp_layer *l = &r->w->layers[layer];
    const struct mp_qtensor *in = &r->q->tensors[l->inputs[0]];
    struct mp_range range = mp_range_of(in->bits, in->is_signed);
    struct mp_int_array *a = mp_arena_alloc(&r->arena, 1, sizeof *a);
    size_t all = l->geo.groups * l->geo.oc, most;
    a->g = &l->geo;
    a->terms = l->geo.ic * l->geo.kh * l->geo.kw;
    a->blocks = (l->geo.oc + MP_BLOCK - 1) / MP_BLOCK;
    a->depthwise = l->geo.groups > 1 && l->geo.ic == 1 && l->geo.oc == 1 && l->type == MP_CONV2D;
    a->largest = (uint64_t)at_least((size_t)-(int64_t)range.low, (size_t)range.high);
    set_input(r, l, a);
    set_windows(r, a);
    set_ranges(r, layer, a);
    most = at_least(a->blocks * MP_BLOCK, all);
    a->matrix = mp_arena_alloc(&r->arena, all * a->terms, sizeof *a->matrix);
    a->packed = mp_arena_alloc(&r->arena, a->depthwise ? all * a->terms : l->geo.groups * a->blocks * a->run_weights,
                               sizeof *a->packed);
    a->bias = mp_arena_alloc(&r->arena, all, sizeof *a->bias);
    a->mul = mp_arena_alloc(&r->arena, all, sizeof *a->mul);
    a->shift = mp_arena_alloc(&r->arena, all, sizeof *a->shift);
    a->careful = mp_arena_alloc(&r->arena, all, sizeof *a->careful);
    a->overflows = mp_arena_alloc(&r->arena, all, sizeof *a->overflows);
    a->sum = mp_arena_alloc(&r->arena, MP_PIXELS_MAX * most, sizeof *a->sum);
    a->window = mp_arena_alloc(&r->arena, MP_PIXELS_MAX, sizeof *a->window);
    return a;
}

const uint64_t *mp_int_array_overflows(const struct mp_int_array *a) {
    return a->overflows;
}

// Packing

// Term of element `e` of run `i`, as the matrix has it, [channel][row][column]; SIZE_MAX beyond the run.
static size_t term_of(const struct mp_int_array *a, size_t i, size_t e) {
    const struct mp_geometry *g = a->g;
    size_t channel = e % g->ic, row = a->by_row ? i : i / g->kw, col = a->by_row ? e / g->ic : i % g->kw;
    if (e >= (a->by_row ? g->kw * g->ic : g->ic))
        return SIZE_MAX;
    return (channel * g->kh + row) * g->kw + col;
}

static void pack_block(struct mp_int_array *a, size_t group, size_t block) {
    int16_t *to = a->packed + (group * a->blocks + block) * a->run_weights;
    for (size_t i = 0; i < a->windows.runs; i++)
        for (size_t e = 0; e < 2 * a->windows.pairs; e++) {
            size_t term = term_of(a, i, e);
            int16_t *pair = to + (i * a->windows.pairs + e / 2) * 2 * MP_BLOCK + e % 2;
            for (size_t o = 0; o < MP_BLOCK; o++) {
                size_t channel = block * MP_BLOCK + o;
                bool there = term != SIZE_MAX && channel < a->g->oc;
                pair[2 * o] = there ? a->matrix[(group * a->g->oc + channel) * a->terms + term] : 0;
            }
        }
}

static void pack_depthwise(struct mp_int_array *a) {
    for (size_t c = 0; c < a->g->groups; c++)
        for (size_t t = 0; t < a->terms; t++)
            a->packed[t * a->g->groups + c] = a->matrix[c * a->terms + t];
}

static void pack_range(struct mp_int_array *a, struct range *range) {
    const struct mp_geometry *g = a->g;
    for (uint64_t c = 0; c < range->channels; c++)
        for (size_t i = 0; i < a->terms; i++) {
            const struct mp_operand *t = &range->steps.term[i];
            range->ordered[c * a->terms + i] =
                a->matrix[(range->first + c) * a->terms + (t->channel * g->kh + t->row) * g->kw + t->col];
        }
}

static void set_channel(struct mp_integer *r, struct mp_int_array *a, size_t channel, const struct mp_requant *q) {
    uint64_t sum = 0;
    for (size_t i = 0; i < a->terms; i++)
        sum += (uint64_t)abs(a->matrix[channel * a->terms + i]);
    uint64_t bias = (uint64_t)llabs((long long)q->bias);
    a->careful[channel] = !mp_sum_is_safe(&r->acc, sum, a->largest) || sum * a->largest + bias > INT32_MAX;
    a->any_careful = a->any_careful || a->careful[channel];
    a->bias[channel] = q->bias;
    a->mul[channel] = (int32_t)q->mul;
    a->shift[channel] = (uint8_t)q->shift;
}

static void pack(struct mp_integer *r, size_t layer) {
    struct mp_int_array *a = r->array[layer];
    a->any_careful = false;
    for (size_t c = 0; c < a->g->groups * a->g->oc; c++)
        set_channel(r, a, c, &r->q->layers[layer].requant[c]);
    if (a->depthwise)
        pack_depthwise(a);
    for (size_t group = 0; !a->depthwise && group < a->g->groups; group++)
        for (size_t block = 0; block < a->blocks; block++)
            pack_block(a, group, block);
    for (size_t i = 0; a->any_careful && i < a->range_count; i++)
        pack_range(a, &a->ranges[i]);
}

void mp_int_array_pack(struct mp_integer *r, size_t layer) {
    struct mp_int_array *a = r->array[layer];
    const struct mp_qlayer *q = &r->q->layers[layer];
    for (size_t i = 0; i < a->g->groups * a->g->oc * a->terms; i++)
        a->matrix[i] = (int16_t)(q->odd ? 2 * q->weight[i] + 1 : q->weight[i]);
    pack(r, layer);
}

// The second operand of a matrix product as weights.
static void pack_second(struct mp_integer *r, size_t layer) {
    const struct mp_layer *l = &r->w->layers[layer];
    struct mp_int_array *a = r->array[layer];
    const struct mp_geometry *g = a->g;
    const int16_t *second = r->tensor[l->inputs[1]];
    size_t channels = r->w->tensors[l->inputs[1]].c;
    int16_t *to = a->matrix;
    for (size_t group = 0; group < g->groups; group++)
        for (size_t n = 0; n < g->oc; n++)
            for (size_t k = 0; k < g->ic; k++)
                *to++ = l->transpose_b ? second[n * channels + group * g->ic + k] : second[k * channels + group * g->oc + n];
    pack(r, layer);
}

// Running

static void fill_padded(struct mp_int_array *a, const int16_t *from) {
    const struct mp_geometry *g = a->g;
    for (size_t y = 0; y < g->ih; y++)
        memcpy(a->padded + ((y + g->pt) * a->width + g->pl) * a->channels, from + y * g->iw * a->channels,
               g->iw * a->channels * sizeof *from);
}

static size_t window_of(const struct mp_int_array *a, size_t pixel) {
    const struct mp_geometry *g = a->g;
    return (pixel / g->ow * g->sh * a->width + pixel % g->ow * g->sw) * a->channels;
}

static int16_t careful_one(struct mp_integer *r, struct mp_int_array *a, const struct range *range, size_t channel,
                           const struct mp_qlayer *q) {
    const struct mp_requant *m = &q->requant[channel];
    int64_t sum = mp_sum_in_steps(&range->steps, &r->acc, range->patch,
                                  range->ordered + (channel - range->first) * a->terms, &a->overflows[channel]);
    return (int16_t)mp_requantise(sum + m->bias, m->mul, m->shift, q->low, q->high);
}

// The channels of a pixel that the kernel must not sum.
static void run_careful(struct mp_integer *r, struct mp_int_array *a, size_t pixel, const struct mp_qlayer *q,
                        int16_t *out) {
    const struct mp_geometry *g = a->g;
    for (size_t i = 0; i < a->range_count; i++) {
        const struct range *range = &a->ranges[i];
        size_t have = SIZE_MAX; // the group whose operands are in the patch
        for (size_t c = range->first; c < range->first + range->channels; c++) {
            if (!a->careful[c])
                continue;
            const int16_t *input = a->input + window_of(a, pixel) + c / g->oc * g->ic;
            for (size_t t = 0; have != c / g->oc && t < a->terms; t++)
                range->patch[t] = input[range->offset[t]];
            have = c / g->oc;
            out[c] = careful_one(r, a, range, c, q);
        }
    }
}

static void requantise(struct mp_integer *r, const struct mp_int_array *a, const struct mp_qlayer *q, const int32_t *sum,
                       size_t first, size_t count, int16_t *out) {
    const struct mp_requant_rows rows = {a->bias + first, a->mul + first, a->shift + first};
    r->kernel->requantise(sum, &rows, count, q->low, q->high, out + first);
}

static void run_group(struct mp_integer *r, struct mp_int_array *a, const struct mp_qlayer *q, size_t group, int16_t *out) {
    const struct mp_geometry *g = a->g;
    const size_t pixels = g->oh * g->ow, step = r->kernel->pixels, stride = a->blocks * MP_BLOCK, all = g->groups * g->oc;
    for (size_t first = 0; first < pixels; first += step) {
        size_t count = pixels - first < step ? pixels - first : step;
        for (size_t p = 0; p < step; p++) // behind the end: the last one again
            a->window[p] = window_of(a, first + (p < count ? p : count - 1));
        for (size_t b = 0; b < a->blocks; b++)
            r->kernel->dot(a->input + group * g->ic, a->window, &a->windows,
                           a->packed + (group * a->blocks + b) * a->run_weights, a->sum + b * MP_BLOCK, stride);
        for (size_t p = 0; p < count; p++)
            requantise(r, a, q, a->sum + p * stride, group * g->oc, g->oc, out + (first + p) * all);
    }
}

static void run_depthwise(struct mp_integer *r, struct mp_int_array *a, const struct mp_qlayer *q, int16_t *out) {
    const struct mp_geometry *g = a->g;
    for (size_t p = 0; p < g->oh * g->ow; p++) {
        r->kernel->depthwise(a->input + window_of(a, p), a->tap, a->terms, a->packed, g->groups, a->sum);
        requantise(r, a, q, a->sum, 0, g->groups, out + p * g->groups);
    }
}

void mp_int_array_run(struct mp_integer *r, size_t layer) {
    const struct mp_layer *l = &r->w->layers[layer];
    const struct mp_qlayer *q = &r->q->layers[layer];
    struct mp_int_array *a = r->array[layer];
    const struct mp_geometry *g = a->g;
    int16_t *out = r->tensor[l->output];
    if (l->type == MP_MATMUL)
        pack_second(r, layer);
    if (a->padded)
        fill_padded(a, r->tensor[l->inputs[0]]);
    if (a->depthwise)
        run_depthwise(r, a, q, out);
    for (size_t group = 0; !a->depthwise && group < g->groups; group++)
        run_group(r, a, q, group, out);
    for (size_t p = 0; a->any_careful && p < g->oh * g->ow; p++)
        run_careful(r, a, p, q, out + p * g->groups * g->oc);
}
