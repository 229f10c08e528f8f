// SPDX-License-Identifier: Apache-2.0
// Images in chunks, whose means are summed each on its own and added in order, so that any number of threads gives the same
// numbers. Histograms are counts: a thread has its own.
#include "sim/nn/calibrate.h"

#include "sim/base/pool.h"
#include "sim/nn/infer.h"

#include <math.h>
#include <stdatomic.h>
#include <string.h>

#define CHUNK 16                         // images, at least
#define CHUNKS 64                        // at most: each has sums of its own
#define HISTOGRAM_BYTES ((size_t)1 << 30) // of all threads, when there is more than one

struct chunk {
    struct mp_arena arena;
    double **taps; // by layer; NULL before it began
    size_t bad;    // tensor with a number that is not finite, or MP_NO_VALUE
};

struct work {
    const struct mp_network *n;
    const struct mp_dataset *d;
    uint64_t images, chunk; // chunk: images of one
    bool (*stopped)(void);
    struct mp_infer **infer;           // by thread
    struct mp_histogram **tensors;     // by thread and tensor
    struct chunk *chunks;
    atomic_bool over;
};

static size_t elements(const struct mp_tensor *t) {
    return t->c * t->h * t->w;
}

static size_t tap_count(const struct mp_layer *l) {
    return mp_layer_has_weights(l) ? l->geo.groups * l->geo.ic * l->geo.kh * l->geo.kw : 0;
}

void mp_network_tensor(const struct mp_network *n, const struct mp_infer *f, size_t tensor, float *out) {
    mp_network_gather(n, tensor, mp_infer_value(f, n->value[tensor])->f, out);
}

// Outputs [first, end) whose tap lies in the input.
struct span {
    size_t first, end;
};

static struct span inside(size_t out, size_t in, size_t stride, size_t offset, size_t pad) {
    struct span s = {offset >= pad ? 0 : (pad - offset + stride - 1) / stride, 0};
    s.end = in + pad > offset ? (in + pad - offset + stride - 1) / stride : 0;
    s.end = s.end > out ? out : s.end;
    return s;
}

static double tap_mean(const struct mp_geometry *g, const double *plane, size_t pixel, size_t kh, size_t kw) {
    const struct span ys = inside(g->oh, g->ih, g->sh, kh * g->dh, g->pt), xs = inside(g->ow, g->iw, g->sw, kw * g->dw, g->pl);
    double sum = 0;
    for (size_t y = ys.first; y < ys.end; y++) {
        const double *row = plane + (y * g->sh + kh * g->dh - g->pt) * g->iw * pixel;
        for (size_t x = xs.first; x < xs.end; x++)
            sum += row[(x * g->sw + kw * g->dw - g->pl) * pixel];
    }
    return sum / (double)(g->oh * g->ow);
}

void mp_tap_add(const struct mp_geometry *g, const double *input, bool channels_last, double *sum) {
    const size_t channels = g->groups * g->ic, plane = channels_last ? 1 : g->ih * g->iw, pixel = channels_last ? channels : 1;
    for (size_t c = 0; c < channels; c++)
        for (size_t kh = 0; kh < g->kh; kh++)
            for (size_t kw = 0; kw < g->kw; kw++)
                *sum++ += tap_mean(g, input + c * plane, pixel, kh, kw);
}

static void add_taps(const struct mp_network *n, struct chunk *k, size_t tensor, const float *x, double *wide) {
    const size_t count = elements(&n->workload.tensors[tensor]);
    bool widened = false;
    for (size_t i = 0; i < n->workload.layer_count; i++) {
        const struct mp_layer *l = &n->workload.layers[i];
        if (!k->taps[i] || l->inputs[0] != tensor)
            continue;
        for (size_t e = 0; !widened && e < count; e++)
            wide[e] = x[e];
        widened = true;
        mp_tap_add(&l->geo, wide, false, k->taps[i]);
    }
}

static bool all_finite(const float *x, size_t count) {
    bool finite = true;
    for (size_t i = 0; i < count; i++)
        finite = finite && isfinite(x[i]);
    return finite;
}

static void add_image(struct work *k, unsigned thread, struct chunk *c, float *x, double *wide) {
    const struct mp_infer *f = k->infer[thread];
    const struct mp_workload *w = &k->n->workload;
    mp_infer_run(k->infer[thread]);
    for (size_t t = 0; t < w->tensor_count && c->bad == MP_NO_VALUE; t++) {
        const size_t count = elements(&w->tensors[t]);
        mp_network_tensor(k->n, f, t, x);
        if (!all_finite(x, count)) {
            c->bad = t;
            return;
        }
        mp_histogram_add(&k->tensors[thread][t], x, count);
        add_taps(k->n, c, t, x, wide);
    }
}

static void make_chunk(const struct mp_workload *w, struct chunk *c) {
    c->bad = MP_NO_VALUE;
    c->taps = mp_arena_alloc(&c->arena, w->layer_count, sizeof *c->taps);
    for (size_t i = 0; i < w->layer_count; i++)
        c->taps[i] = tap_count(&w->layers[i]) ? mp_arena_alloc(&c->arena, tap_count(&w->layers[i]), sizeof **c->taps) : NULL;
}

static struct mp_infer *make_infer(const struct mp_network *n) {
    struct mp_infer *f = mp_infer_create(&n->graph);
    for (size_t t = 0; t < n->workload.tensor_count; t++)
        mp_infer_keep(f, n->value[t]);
    return f;
}

static void do_chunk(void *user, unsigned thread, size_t number) {
    struct work *k = user;
    const struct mp_workload *w = &k->n->workload;
    struct mp_arena scratch = {0};
    size_t most = 0;
    for (size_t t = 0; t < w->tensor_count; t++)
        most = elements(&w->tensors[t]) > most ? elements(&w->tensors[t]) : most;
    float *x = mp_arena_alloc(&scratch, most, sizeof *x);
    double *wide = mp_arena_alloc(&scratch, most, sizeof *wide);
    struct chunk *c = &k->chunks[number];
    if (!k->infer[thread])
        k->infer[thread] = make_infer(k->n);
    make_chunk(w, c);
    for (uint64_t i = number * k->chunk; i < (number + 1) * k->chunk && i < k->images; i++) {
        if (k->over || (k->stopped && k->stopped())) {
            k->over = true;
            break;
        }
        mp_dataset_image(k->d, i, mp_infer_input(k->infer[thread], 0)->f);
        add_image(k, thread, c, x, wide);
    }
    mp_arena_finish(&scratch);
}

static void make_result(const struct mp_workload *w, struct mp_arena *a, struct mp_calibration *c) {
    c->tensors = mp_arena_alloc(a, w->tensor_count, sizeof *c->tensors);
    c->taps = mp_arena_alloc(a, w->layer_count, sizeof *c->taps);
    for (size_t t = 0; t < w->tensor_count; t++)
        c->tensors[t] = mp_arena_alloc(a, 1, sizeof **c->tensors);
    for (size_t i = 0; i < w->layer_count; i++) {
        c->taps[i].count = tap_count(&w->layers[i]);
        c->taps[i].at = c->taps[i].count ? mp_arena_alloc(a, c->taps[i].count, sizeof(double)) : NULL;
    }
}

static void merge(const struct work *k, const struct chunk *from, struct mp_calibration *c) {
    const struct mp_workload *w = &k->n->workload;
    for (size_t i = 0; i < w->layer_count; i++)
        for (size_t e = 0; e < c->taps[i].count; e++)
            c->taps[i].at[e] += from->taps[i][e] / (double)k->images;
}

// Threads for so many chunks and tensors: each has a histogram of each tensor.
static unsigned threads_for(unsigned threads, size_t chunks, size_t tensors) {
    size_t most = HISTOGRAM_BYTES / (tensors * sizeof(struct mp_histogram));
    most = most < chunks ? most : chunks;
    return most == 0 ? 1 : threads < most ? threads : (unsigned)most;
}

bool mp_calibrate(const struct mp_network *n, const struct mp_dataset *d, uint64_t images, unsigned threads,
                  bool (*stopped)(void), struct mp_arena *a, struct mp_calibration *c, struct mp_err *err) {
    const size_t tensors = n->workload.tensor_count;
    struct mp_infer *infer[MP_MAX_THREADS] = {0};
    struct mp_histogram *histograms[MP_MAX_THREADS];
    struct work k = {.n = n, .d = d, .images = images < d->count ? images : d->count, .stopped = stopped, .infer = infer,
                     .tensors = histograms};
    k.chunk = k.images > CHUNK * CHUNKS ? (k.images + CHUNKS - 1) / CHUNKS : CHUNK;
    const size_t count = (k.images + k.chunk - 1) / k.chunk;
    struct mp_arena arena = {0};
    size_t bad = MP_NO_VALUE;
    k.chunks = mp_arena_alloc(&arena, count, sizeof *k.chunks);
    threads = threads_for(threads, count, tensors);
    for (unsigned i = 0; i < threads; i++)
        histograms[i] = mp_arena_alloc(&arena, tensors, sizeof **histograms);
    mp_pool_run(threads, count, do_chunk, &k);
    make_result(&n->workload, a, c);
    c->images = k.images;
    for (size_t i = 0; i < count; i++) {
        if (k.chunks[i].taps && bad == MP_NO_VALUE)
            bad = k.chunks[i].bad;
        if (k.chunks[i].taps && !k.over && bad == MP_NO_VALUE)
            merge(&k, &k.chunks[i], c);
        mp_arena_finish(&k.chunks[i].arena);
    }
    for (unsigned i = 0; i < threads; i++) {
        for (size_t t = 0; t < tensors; t++)
            mp_histogram_merge(c->tensors[t], &histograms[i][t]);
        mp_infer_destroy(infer[i]);
    }
    mp_arena_finish(&arena);
    if (k.over)
        return mp_fail(err, "interrupted");
    return bad == MP_NO_VALUE || mp_fail(err, "%s: tensor \"%s\" has a number that is not finite", n->graph.source,
                                         n->workload.tensors[bad].name);
}
