// SPDX-License-Identifier: Apache-2.0
// Derivatives of poolings and of reductions along axes. Of equal largest elements the first one gets all.
#include "sim/nn/grad_parts.h"
#include "sim/nn/op_check.h"
#include "sim/nn/walk.h"
#include "sim/nn/window.h"

#include <string.h>

// The elements of a plane under one window.
struct under {
    struct mp_taps y, x;
    uint64_t row, col; // of the first tap, before padding is taken off
};

static struct under look_under(const struct mp_window *w, uint64_t y, uint64_t x) {
    return (struct under){mp_window_taps(w, 0, y), mp_window_taps(w, 1, x), y * w->stride[0], x * w->stride[1]};
}

static uint64_t tap_at(const struct mp_window *w, const struct under *u, uint64_t ky, uint64_t kx) {
    return (u->row + ky * w->dilation[0] - w->before[0]) * w->in[1] + u->col + kx * w->dilation[1] - w->before[1];
}

static void give_largest(const struct mp_window *w, const float *plane, uint64_t y, uint64_t x, float d, float *to) {
    const struct under u = look_under(w, y, x);
    uint64_t best = UINT64_MAX;
    for (uint64_t ky = u.y.first; ky < u.y.end; ky++)
        for (uint64_t kx = u.x.first; kx < u.x.end; kx++) {
            const uint64_t at = tap_at(w, &u, ky, kx);
            best = best == UINT64_MAX || plane[at] > plane[best] ? at : best;
        }
    if (best != UINT64_MAX)
        to[best] += d;
}

static void give_mean(const struct mp_window *w, uint64_t y, uint64_t x, bool with_pad, float d, float *to) {
    const struct under u = look_under(w, y, x);
    const uint64_t rows = u.y.end > u.y.first ? u.y.end - u.y.first : 0, cols = u.x.end > u.x.first ? u.x.end - u.x.first : 0;
    const uint64_t count = with_pad ? mp_window_padded_taps(w, 0, y) * mp_window_padded_taps(w, 1, x) : rows * cols;
    for (uint64_t ky = u.y.first; ky < u.y.end; ky++)
        for (uint64_t kx = u.x.first; kx < u.x.end; kx++)
            to[tap_at(w, &u, ky, kx)] += d / (float)count;
}

static void pool(const struct mp_grad_step *s, bool is_max) {
    const struct mp_shape *image = &s->in[0]->shape;
    struct mp_window w;
    struct mp_err never;
    if (!mp_window_find(&w, s->g, s->node, image, NULL, &never)) // infer has checked it
        return;
    const bool with_pad = mp_attr_int(s->node, "count_include_pad", 0) != 0;
    const float *d = s->d_out[0];
    for (uint64_t p = 0; p < image->dim[0] * image->dim[1]; p++) {
        const uint64_t first = p * w.in[0] * w.in[1];
        for (uint64_t y = 0; y < w.out[0]; y++)
            for (uint64_t x = 0; x < w.out[1]; x++, d++)
                if (is_max)
                    give_largest(&w, s->in[0]->f + first, y, x, *d, s->d_in[0] + first);
                else
                    give_mean(&w, y, x, with_pad, *d, s->d_in[0] + first);
    }
}

static void run_max_pool(const struct mp_grad_step *s) {
    pool(s, true);
}

static void run_average_pool(const struct mp_grad_step *s) {
    pool(s, false);
}

// The output's dimensions as those of the input, 1 where it was reduced.
static struct mp_shape kept_dims(const struct mp_grad_step *s) {
    struct mp_shape kept = s->in[0]->shape;
    bool reduced[MP_MAX_RANK] = {0};
    if (strncmp(s->node->op->name, "Global", 6) == 0)
        for (unsigned d = 2; d < kept.rank; d++)
            reduced[d] = true;
    else
        mp_op_reduced(s->node, s->in, reduced);
    for (unsigned d = 0; d < kept.rank; d++)
        kept.dim[d] = reduced[d] ? 1 : kept.dim[d];
    return kept;
}

static void spread(const struct mp_grad_step *s, bool is_mean) {
    const struct mp_shape *in = &s->in[0]->shape, kept = kept_dims(s);
    const float share = is_mean ? (float)mp_shape_count(&kept) / (float)mp_shape_count(in) : 1;
    struct mp_walk w;
    mp_walk_over(&w, in);
    mp_walk_input(&w, 0, &kept);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++)
            s->d_in[0][w.out + i] += share * s->d_out[0][w.at[0] + (int64_t)i * w.row_step[0]];
}

static void run_mean(const struct mp_grad_step *s) {
    spread(s, true);
}

static void run_sum(const struct mp_grad_step *s) {
    spread(s, false);
}

// The scratch holds what has not been given yet.
static void run_top(const struct mp_grad_step *s) {
    const struct mp_shape kept = kept_dims(s);
    struct mp_walk w;
    memcpy(s->scratch, s->d_out[0], mp_grad_output_count(s) * sizeof *s->scratch);
    mp_walk_over(&w, &s->in[0]->shape);
    mp_walk_input(&w, 0, &kept);
    for (mp_walk_begin(&w); w.more; mp_walk_next(&w))
        for (uint64_t i = 0; i < w.row; i++) {
            const int64_t at = w.at[0] + (int64_t)i * w.row_step[0];
            if (s->in[0]->f[w.out + i] < s->out[0]->f[at])
                continue;
            s->d_in[0][w.out + i] += s->scratch[at];
            s->scratch[at] = 0;
        }
}

#define TOP .run = run_top, .reads = MP_GRAD_INPUTS | MP_GRAD_OUTPUT, .inputs = 1, .scratch = mp_grad_output_count
const struct mp_grad_row mp_grad_windows[] = {
    {.op = "AveragePool", .run = run_average_pool, .inputs = 1},
    {.op = "GlobalAveragePool", .run = run_mean, .inputs = 1},
    {.op = "GlobalMaxPool", TOP},
    {.op = "MaxPool", .run = run_max_pool, .reads = MP_GRAD_INPUTS, .inputs = 1},
    {.op = "ReduceMax", TOP},
    {.op = "ReduceMean", .run = run_mean, .inputs = 1},
    {.op = "ReduceSum", .run = run_sum, .inputs = 1},
    {.op = NULL},
};
