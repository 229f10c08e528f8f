// SPDX-License-Identifier: Apache-2.0
// Derivative of a convolution. A strip of output rows at a time, the input's elements are laid out as columns, [channel of the
// group][tap][output pixel] (im2col): then dw += dy columns^T, and dx += w^T dy put back where the columns come from.
#include "sim/nn/grad_parts.h"
#include "sim/nn/window.h"

#include <cblas.h>
#include <string.h>

#define STRIP ((uint64_t)1 << 16) // floats of columns, about: they stay in the cache

struct conv {
    struct mp_window w;
    uint64_t images, groups, channels, out_channels; // channels: of a group
    uint64_t depth, pixels, in_pixels;               // depth: rows of the columns
    bool plain; // a window of one element that moves one by one: the columns are the image itself
    uint64_t rows; // of a strip
};

static bool is_plain(const struct mp_window *w) {
    bool plain = true;
    for (unsigned a = 0; a < 2; a++)
        plain = plain && w->kernel[a] == 1 && w->stride[a] == 1 && w->before[a] == 0 && w->after[a] == 0;
    return plain;
}

static struct conv find_conv(const struct mp_grad_step *s) {
    const struct mp_shape *x = &s->in[0]->shape, *k = &s->in[1]->shape;
    struct conv c = {.images = x->dim[0], .groups = (uint64_t)mp_attr_int(s->node, "group", 1), .channels = k->dim[1]};
    struct mp_err never;
    if (!mp_window_find(&c.w, s->g, s->node, x, k, &never)) // infer has checked it
        return c;
    c.out_channels = k->dim[0] / c.groups;
    c.depth = c.channels * c.w.kernel[0] * c.w.kernel[1];
    c.pixels = c.w.out[0] * c.w.out[1];
    c.in_pixels = c.w.in[0] * c.w.in[1];
    c.plain = is_plain(&c.w);
    c.rows = c.depth > 0 ? STRIP / (c.depth * c.w.out[1]) : 0;
    c.rows = c.plain || c.rows > c.w.out[0] ? c.w.out[0] : c.rows < 1 ? 1 : c.rows;
    return c;
}

uint64_t mp_grad_conv_scratch(const struct mp_grad_step *s) {
    const struct conv c = find_conv(s);
    return c.plain ? 0 : c.rows * c.w.out[1] * c.depth;
}

// Outputs [first, end) of an axis whose tap `k` meets the input.
struct span {
    uint64_t first, end;
};

static struct span span_of(const struct mp_window *w, unsigned a, uint64_t k) {
    const uint64_t at = k * w->dilation[a], stride = w->stride[a], limit = w->before[a] + w->in[a];
    struct span s = {at < w->before[a] ? (w->before[a] - at + stride - 1) / stride : 0,
                     at < limit ? (limit - at + stride - 1) / stride : 0};
    s.end = s.end < w->out[a] ? s.end : w->out[a];
    s.first = s.first < s.end ? s.first : s.end;
    return s;
}

// One row of one tap: `image` is what output s.first meets.
static void take_row(const float *image, uint64_t stride, struct span s, uint64_t out, float *row) {
    const uint64_t count = s.end - s.first;
    memset(row, 0, s.first * sizeof *row);
    if (stride == 1)
        memcpy(row + s.first, image, count * sizeof *row);
    else
        for (uint64_t i = 0; i < count; i++)
            row[s.first + i] = image[i * stride];
    memset(row + s.end, 0, (out - s.end) * sizeof *row);
}

static void give_row(float *image, uint64_t stride, struct span s, const float *row) {
    const uint64_t count = s.end - s.first;
    row += s.first;
    if (stride == 1)
        for (uint64_t i = 0; i < count; i++)
            image[i] += row[i];
    else
        for (uint64_t i = 0; i < count; i++)
            image[i * stride] += row[i];
}

// Output rows [first, first + rows) and the columns of one tap.
struct strip {
    uint64_t first, rows;
};

// Where output (y, x) meets the plane of a channel with a tap.
static uint64_t meets_at(const struct mp_window *w, uint64_t y, uint64_t x, uint64_t ky, uint64_t kx) {
    const uint64_t row = y * w->stride[0] + ky * w->dilation[0] - w->before[0];
    return row * w->in[1] + x * w->stride[1] + kx * w->dilation[1] - w->before[1];
}

static bool meets(struct span s, uint64_t y) {
    return y >= s.first && y < s.end;
}

static void take_columns(const struct conv *c, struct strip p, const float *image, float *to) {
    for (uint64_t i = 0; i < c->channels; i++)
        for (uint64_t ky = 0; ky < c->w.kernel[0]; ky++)
            for (uint64_t kx = 0; kx < c->w.kernel[1]; kx++) {
                const struct span ys = span_of(&c->w, 0, ky), xs = span_of(&c->w, 1, kx);
                for (uint64_t y = p.first; y < p.first + p.rows; y++, to += c->w.out[1])
                    if (!meets(ys, y) || xs.first == xs.end)
                        memset(to, 0, c->w.out[1] * sizeof *to);
                    else
                        take_row(image + i * c->in_pixels + meets_at(&c->w, y, xs.first, ky, kx), c->w.stride[1], xs,
                                 c->w.out[1], to);
            }
}

static void give_columns(const struct conv *c, struct strip p, const float *from, float *image) {
    for (uint64_t i = 0; i < c->channels; i++)
        for (uint64_t ky = 0; ky < c->w.kernel[0]; ky++)
            for (uint64_t kx = 0; kx < c->w.kernel[1]; kx++) {
                const struct span ys = span_of(&c->w, 0, ky), xs = span_of(&c->w, 1, kx);
                for (uint64_t y = p.first; y < p.first + p.rows; y++, from += c->w.out[1])
                    if (meets(ys, y) && xs.first < xs.end)
                        give_row(image + i * c->in_pixels + meets_at(&c->w, y, xs.first, ky, kx), c->w.stride[1], xs, from);
            }
}

// One group of one image.
struct part {
    const float *image, *weight, *d_out;
    float *d_image, *d_weight; // or NULL
};

static void run_strip(const struct conv *c, const struct part *p, struct strip s, float *columns) {
    const float *d = p->d_out + s.first * c->w.out[1];
    const blasint m = (blasint)c->out_channels, k = (blasint)c->depth, n = (blasint)(s.rows * c->w.out[1]);
    const blasint pixels = (blasint)c->pixels, pitch = c->plain ? pixels : n;
    if (p->d_weight) {
        if (!c->plain)
            take_columns(c, s, p->image, columns);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, m, k, n, 1, d, pixels, c->plain ? p->image : columns, pitch, 1,
                    p->d_weight, k);
    }
    if (p->d_image) {
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, k, n, m, 1, p->weight, k, d, pixels, c->plain ? 1 : 0,
                    c->plain ? p->d_image : columns, pitch);
        if (!c->plain)
            give_columns(c, s, columns, p->d_image);
    }
}

static void add_bias(const struct conv *c, const float *d, float *to) {
    for (uint64_t o = 0; o < c->groups * c->out_channels; o++, d += c->pixels) {
        double sum = 0;
        for (uint64_t i = 0; i < c->pixels; i++)
            sum += (double)d[i];
        to[o] += (float)sum;
    }
}

void mp_grad_conv(const struct mp_grad_step *s) {
    const struct conv c = find_conv(s);
    const uint64_t of_in = c.channels * c.in_pixels, of_out = c.out_channels * c.pixels, of_weight = c.out_channels * c.depth;
    for (uint64_t i = 0; c.depth > 0 && i < c.images * c.groups; i++) {
        const uint64_t group = i % c.groups;
        const struct part p = {
            .image = s->in[0]->f + i * of_in,
            .weight = s->in[1]->f + group * of_weight,
            .d_out = s->d_out[0] + i * of_out,
            .d_image = s->d_in[0] ? s->d_in[0] + i * of_in : NULL,
            .d_weight = s->d_in[1] ? s->d_in[1] + group * of_weight : NULL,
        };
        for (uint64_t y = 0; y < c.w.out[0]; y += c.rows)
            run_strip(&c, &p, (struct strip){y, c.w.out[0] - y < c.rows ? c.w.out[0] - y : c.rows}, s->scratch);
    }
    for (uint64_t i = 0; s->node->input_count > 2 && s->d_in[2] && i < c.images; i++)
        add_bias(&c, s->d_out[0] + i * c.groups * of_out, s->d_in[2]);
}
