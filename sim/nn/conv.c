// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/conv.h"

#include "sim/nn/conv_kernel.h"

#include <string.h>

// Where a tap reads: the input, apart by stride, is one plane for each pair of remainders of row and column.
struct phase {
    uint64_t row, col; // remainders
};

struct mp_conv {
    const struct mp_conv_kernel *kernel;
    struct mp_window w;
    uint64_t groups, in_channels, out_channels; // channels of one group
    bool thin;   // channel by channel
    bool direct; // the image is read where it lies
    struct phase *phases;
    uint64_t phase_count, pitch, rows; // of one phase's plane
    size_t *taps, tap_count;           // [channel][kernel row][kernel column]
    struct mp_conv_vector *vectors;
    size_t vector_count;
    uint64_t blocks, block_rows; // of a group's output channels
    float *weights;              // [group][block][tap][row]
};

const struct mp_conv_kernel *const mp_conv_kernels[] = {
#ifdef MP_HAVE_X86
    &mp_conv_avx512, &mp_conv_avx2,
#endif
    &mp_conv_plain, NULL,
};

const struct mp_conv_kernel *mp_conv_best(void) {
    const struct mp_conv_kernel *const *k = mp_conv_kernels;
    while (!(*k)->supported())
        k++;
    return *k;
}

static uint64_t ceil_div(uint64_t a, uint64_t b) {
    return (a + b - 1) / b;
}

static uint64_t plane_size(const struct mp_conv *c) {
    return c->phase_count * c->rows * c->pitch;
}

// The remainders that taps have along an axis: first ones, in the order of the taps.
static uint64_t remainders(const struct mp_window *w, unsigned a) {
    uint64_t n = 1;
    while (n < w->kernel[a] && n * w->dilation[a] % w->stride[a] != 0)
        n++;
    return n;
}

static void find_phases(struct mp_conv *c, struct mp_arena *a) {
    const struct mp_window *w = &c->w;
    uint64_t down = remainders(w, 0), across = remainders(w, 1);
    c->phases = mp_arena_alloc(a, down * across, sizeof *c->phases);
    c->phase_count = 0;
    for (uint64_t y = 0; y < down; y++)
        for (uint64_t x = 0; x < across; x++)
            c->phases[c->phase_count++] =
                (struct phase){y * w->dilation[0] % w->stride[0], x * w->dilation[1] % w->stride[1]};
}

static void find_taps(struct mp_conv *c, struct mp_arena *a) {
    const struct mp_window *w = &c->w;
    uint64_t down = remainders(w, 0), across = remainders(w, 1), size = c->rows * c->pitch;
    c->tap_count = c->in_channels * w->kernel[0] * w->kernel[1];
    c->taps = mp_arena_alloc(a, c->tap_count, sizeof *c->taps);
    size_t at = 0;
    for (uint64_t ch = 0; ch < c->in_channels; ch++)
        for (uint64_t ky = 0; ky < w->kernel[0]; ky++)
            for (uint64_t kx = 0; kx < w->kernel[1]; kx++)
                c->taps[at++] = ch * plane_size(c) + (ky % down * across + kx % across) * size +
                                ky * w->dilation[0] / w->stride[0] * c->pitch + kx * w->dilation[1] / w->stride[1];
}

// Vectors over whole rows, or over the plane as it lies, with what is between the rows: whichever are fewer. A row's last
// vector begins earlier rather than hanging over.
static void vectors_by_row(struct mp_conv *c, struct mp_arena *a, uint64_t lanes) {
    uint64_t each = ceil_div(c->w.out[1], lanes), room = c->w.out[1] < lanes ? c->w.out[1] : lanes;
    struct mp_conv_piece *pieces = mp_arena_alloc(a, c->vector_count, sizeof *pieces);
    for (size_t i = 0; i < c->vector_count; i++) {
        uint64_t y = i / each, x = i % each * lanes;
        if (x + room > c->w.out[1])
            x = c->w.out[1] - room;
        pieces[i] = (struct mp_conv_piece){0, (unsigned)room, y * c->w.out[1] + x};
        c->vectors[i] = (struct mp_conv_vector){y * c->pitch + x, &pieces[i], 1};
    }
}

static void vectors_through(struct mp_conv *c, struct mp_arena *a, uint64_t lanes) {
    size_t room = c->vector_count + c->w.out[0], used = 0, kept = 0;
    struct mp_conv_piece *pieces = mp_arena_alloc(a, room, sizeof *pieces);
    for (size_t i = 0; i < c->vector_count; i++) {
        uint64_t first = i * lanes, end = first + lanes;
        size_t begin = used;
        for (uint64_t y = first / c->pitch; y < c->w.out[0] && y * c->pitch < end; y++) {
            uint64_t from = y * c->pitch > first ? y * c->pitch : first, to = y * c->pitch + c->w.out[1];
            to = to < end ? to : end;
            if (from < to)
                pieces[used++] = (struct mp_conv_piece){(unsigned)(from - first), (unsigned)(to - from),
                                                        y * c->w.out[1] + from - y * c->pitch};
        }
        if (used > begin)
            c->vectors[kept++] = (struct mp_conv_vector){first, &pieces[begin], used - begin};
    }
    c->vector_count = kept;
}

static void find_vectors(struct mp_conv *c, struct mp_arena *a) {
    uint64_t lanes = c->kernel->lanes, by_row = c->w.out[0] * ceil_div(c->w.out[1], lanes);
    uint64_t through = ceil_div((c->w.out[0] - 1) * c->pitch + c->w.out[1], lanes);
    bool rows = by_row <= through + through / 16 || c->pitch > 16 * c->w.out[1];
    c->vector_count = rows ? by_row : through;
    c->vectors = mp_arena_alloc(a, c->vector_count, sizeof *c->vectors);
    if (rows)
        vectors_by_row(c, a, lanes);
    else
        vectors_through(c, a, lanes);
}

// The padded planes must not be far larger than what is computed from and to.
static bool in_proportion(const struct mp_conv *c) {
    const struct mp_window *w = &c->w;
    uint64_t plane, all, fair = 4 * (w->in[0] * w->in[1] + w->out[0] * w->out[1]) + 4096;
    return !__builtin_mul_overflow(c->rows, c->pitch, &plane) &&
           !__builtin_mul_overflow(plane, remainders(w, 0) * remainders(w, 1), &all) && all <= fair;
}

struct mp_conv *mp_conv_create(struct mp_arena *a, const struct mp_conv_kernel *k, const struct mp_window *w,
                               const struct mp_shape *weights, uint64_t groups, bool slack) {
    struct mp_conv *c = mp_arena_alloc(a, 1, sizeof *c);
    c->kernel = k;
    c->w = *w;
    c->groups = groups;
    c->in_channels = weights->dim[1];
    c->out_channels = weights->dim[0] / groups;
    c->rows = w->out[0] + (w->kernel[0] - 1) * w->dilation[0] / w->stride[0];
    c->pitch = w->out[1] + (w->kernel[1] - 1) * w->dilation[1] / w->stride[1];
    if (!in_proportion(c))
        return NULL;
    find_phases(c, a);
    c->direct = slack && w->stride[0] == 1 && w->stride[1] == 1 && c->rows == w->in[0] && c->pitch == w->in[1] &&
                w->before[0] == 0 && w->before[1] == 0;
    find_taps(c, a);
    find_vectors(c, a);
    c->thin = 2 * c->out_channels < c->kernel->rows;
    c->block_rows = c->thin ? 1 : c->kernel->rows;
    c->blocks = ceil_div(c->out_channels, c->block_rows);
    c->weights = mp_arena_alloc(a, c->groups * c->blocks * c->block_rows * c->tap_count, sizeof *c->weights);
    return c;
}

uint64_t mp_conv_scratch(const struct mp_conv *c) {
    return c->direct ? 0 : c->in_channels * plane_size(c) + MP_CONV_SLACK;
}

void mp_conv_pack(struct mp_conv *c, const float *weights) {
    for (uint64_t g = 0; g < c->groups; g++)
        for (uint64_t o = 0; o < c->out_channels; o++) {
            float *block = c->weights + (g * c->blocks + o / c->block_rows) * c->tap_count * c->block_rows;
            for (size_t t = 0; t < c->tap_count; t++)
                block[t * c->block_rows + o % c->block_rows] = weights[(g * c->out_channels + o) * c->tap_count + t];
        }
}

// One row of a phase's plane: every stride-th element of the padded row `from`, NULL when it is all padding.
static void copy_row(const struct mp_conv *c, const float *from, uint64_t col, float *to) {
    const struct mp_window *w = &c->w;
    uint64_t step = w->stride[1], end = w->before[1] + w->in[1];
    uint64_t first = col < w->before[1] ? ceil_div(w->before[1] - col, step) : 0;
    uint64_t last = col < end ? ceil_div(end - col, step) : 0;
    if (!from || first > c->pitch)
        first = c->pitch;
    last = !from || last < first ? first : last > c->pitch ? c->pitch : last;
    memset(to, 0, first * sizeof *to);
    memset(to + last, 0, (c->pitch - last) * sizeof *to);
    if (last == first)
        return;
    from += first * step + col - w->before[1];
    if (step == 1)
        memcpy(to + first, from, (last - first) * sizeof *to);
    else if (step == 2)
        for (uint64_t x = 0; x < last - first; x++)
            to[first + x] = from[2 * x];
    else
        for (uint64_t x = 0; x < last - first; x++)
            to[first + x] = from[x * step];
}

// The channels of one group.
static void copy_input(const struct mp_conv *c, const float *image, float *to) {
    const struct mp_window *w = &c->w;
    for (uint64_t ch = 0; ch < c->in_channels; ch++)
        for (uint64_t p = 0; p < c->phase_count; p++)
            for (uint64_t y = 0; y < c->rows; y++, to += c->pitch) {
                uint64_t row = y * w->stride[0] + c->phases[p].row - w->before[0]; // wraps below 0
                copy_row(c, row < w->in[0] ? image + (ch * w->in[0] + row) * w->in[1] : NULL, c->phases[p].col, to);
            }
}

// Tiles first..end-1 of the vectors, with one block of channels.
static void run_block(const struct mp_conv *c, struct mp_conv_tile *t, size_t first, size_t end) {
    size_t most = c->thin ? c->kernel->thin_vectors : c->kernel->vectors;
    for (size_t tiles = ceil_div(end - first, most); tiles > 0; tiles--) {
        size_t count = ceil_div(end - first, tiles);
        t->vectors = c->vectors + first;
        (c->thin ? c->kernel->thin : c->kernel->tile)(t, (unsigned)count);
        first += count;
    }
}

// Vectors between two passes over the weights: few when the weights lie in the first cache, else as many as keep their inputs
// in the second.
static size_t chunk(const struct mp_conv *c) {
    size_t most = c->thin ? c->kernel->thin_vectors : c->kernel->vectors;
    if (c->blocks * c->block_rows * c->tap_count * sizeof(float) <= 32 << 10)
        return most;
    size_t fit = (512 << 10) / (c->in_channels * c->phase_count * c->kernel->lanes * sizeof(float));
    return fit < most ? most : fit / most * most;
}

static void run_group(const struct mp_conv *c, uint64_t group, const float *in, const struct mp_conv_tail *tail, float *out) {
    uint64_t plane = c->w.out[0] * c->w.out[1], step = chunk(c);
    for (size_t first = 0; first < c->vector_count; first += step)
        for (uint64_t b = 0; b < c->blocks; b++) {
            uint64_t row = b * c->block_rows, channel = group * c->out_channels + row, left = c->out_channels - row;
            struct mp_conv_tile t = {
                .in = in,
                .taps = c->taps,
                .tap_count = c->tap_count,
                .weights = c->weights + (group * c->blocks + b) * c->tap_count * c->block_rows,
                .bias = tail->bias ? tail->bias + channel : NULL,
                .add = tail->add ? tail->add + channel * plane : NULL,
                .low = tail->low,
                .high = tail->high,
                .out = out + channel * plane,
                .plane = plane,
                .rows = (unsigned)(left < c->block_rows ? left : c->block_rows),
            };
            run_block(c, &t, first, first + step < c->vector_count ? first + step : c->vector_count);
        }
}

void mp_conv_run(const struct mp_conv *c, const float *image, const struct mp_conv_tail *tail, float *scratch, float *out) {
    uint64_t channels = c->in_channels * c->w.in[0] * c->w.in[1];
    for (uint64_t g = 0; g < c->groups; g++) {
        const float *in = image + g * channels;
        if (!c->direct) {
            copy_input(c, in, scratch);
            in = scratch;
        }
        run_group(c, g, in, tail, out);
    }
}
