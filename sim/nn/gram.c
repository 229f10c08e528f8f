// SPDX-License-Identifier: Apache-2.0
// A job is a few layers: it runs the network on every image, so that sums do not depend on the number of threads.
#include "sim/nn/gram.h"

#include "sim/base/pool.h"
#include "sim/nn/infer.h"

#include <cblas.h>
#include <stdatomic.h>

#define PIXELS 256 // of an image, at most
#define LAYERS 4   // of a job, at least
#define JOBS 64    // at most: each runs the network on all images

struct work {
    const struct mp_network *n;
    const struct mp_dataset *d;
    uint64_t images;
    size_t layers; // of a job
    bool (*stopped)(void);
    struct mp_calibration *c;
    atomic_bool over;
};

static size_t operands(const struct mp_geometry *g) {
    return g->ic * g->kh * g->kw;
}

static bool has_gram(const struct mp_layer *l) {
    return mp_layer_has_weights(l) && operands(&l->geo) <= MP_GRAM_MAX;
}

// Operands of one output pixel.
static void take_patch(const struct mp_geometry *g, const float *input, size_t group, size_t pixel, double *to) {
    size_t y = pixel / g->ow * g->sh, x = pixel % g->ow * g->sw;
    for (size_t c = group * g->ic; c < (group + 1) * g->ic; c++)
        for (size_t kh = 0; kh < g->kh; kh++)
            for (size_t kw = 0; kw < g->kw; kw++) {
                size_t row = y + kh * g->dh - g->pt, col = x + kw * g->dw - g->pl; // wraps before the input
                *to++ = row < g->ih && col < g->iw ? (double)input[(c * g->ih + row) * g->iw + col] : 0;
            }
}

static void add_image(const struct mp_geometry *g, const float *input, uint64_t image, double scale, double *patches,
                      double *gram) {
    const size_t count = operands(g), pixels = g->oh * g->ow, step = (pixels + PIXELS - 1) / PIXELS;
    for (size_t group = 0; group < g->groups; group++) {
        size_t rows = 0;
        for (size_t p = image % step; p < pixels; p += step)
            take_patch(g, input, group, p, patches + rows++ * count);
        cblas_dsyrk(CblasRowMajor, CblasUpper, CblasTrans, (int)count, (int)rows, scale, patches, (int)count, 1,
                    gram + group * count * count, (int)count);
    }
}

static void fill_lower(size_t count, double *gram) {
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < i; j++)
            gram[i * count + j] = gram[j * count + i];
}

static void add_layer(struct work *k, const struct mp_infer *f, size_t layer, uint64_t image, float *x, double *patches) {
    const struct mp_layer *l = &k->n->workload.layers[layer];
    if (!k->c->gram[layer])
        return;
    mp_network_tensor(k->n, f, l->inputs[0], x);
    add_image(&l->geo, x, image, 1 / (double)k->images, patches, k->c->gram[layer]);
}

static void finish_layer(struct work *k, size_t layer) {
    const struct mp_geometry *g = &k->n->workload.layers[layer].geo;
    for (size_t i = 0; k->c->gram[layer] && i < g->groups; i++)
        fill_lower(operands(g), k->c->gram[layer] + i * operands(g) * operands(g));
}

static bool any_gram(const struct work *k, size_t first, size_t end) {
    while (first < end && !k->c->gram[first])
        first++;
    return first < end;
}

static void do_layers(void *user, unsigned thread, size_t job) {
    struct work *k = user;
    const struct mp_workload *w = &k->n->workload;
    const size_t first = job * k->layers, left = w->layer_count - first, end = first + (left < k->layers ? left : k->layers);
    struct mp_arena scratch = {0};
    size_t most = 0;
    (void)thread;
    if (!any_gram(k, first, end))
        return;
    struct mp_infer *f = mp_infer_create(&k->n->graph);
    for (size_t i = first; i < end; i++) {
        const struct mp_tensor *in = &w->tensors[w->layers[i].inputs[0]];
        mp_infer_keep(f, k->n->value[w->layers[i].inputs[0]]);
        most = in->c * in->h * in->w > most ? in->c * in->h * in->w : most;
    }
    float *x = mp_arena_alloc(&scratch, most, sizeof *x);
    double *patches = mp_arena_alloc(&scratch, (size_t)PIXELS * MP_GRAM_MAX, sizeof *patches);
    for (uint64_t i = 0; i < k->images && !k->over; i++) {
        if (k->stopped && k->stopped())
            k->over = true;
        mp_dataset_image(k->d, i, mp_infer_input(f, 0)->f);
        mp_infer_run(f);
        for (size_t layer = first; layer < end; layer++)
            add_layer(k, f, layer, i, x, patches);
    }
    for (size_t layer = first; layer < end; layer++)
        finish_layer(k, layer);
    mp_infer_destroy(f);
    mp_arena_finish(&scratch);
}

bool mp_calibrate_gram(const struct mp_network *n, const struct mp_dataset *d, uint64_t images, unsigned threads,
                       bool (*stopped)(void), struct mp_arena *a, struct mp_calibration *c, struct mp_err *err) {
    const struct mp_workload *w = &n->workload;
    struct work k = {.n = n, .d = d, .images = images < d->count ? images : d->count, .stopped = stopped, .c = c};
    uint64_t left = MP_GRAM_BYTES;
    c->gram = mp_arena_alloc(a, w->layer_count, sizeof *c->gram);
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_geometry *g = &w->layers[i].geo;
        const uint64_t count = has_gram(&w->layers[i]) ? g->groups * operands(g) * operands(g) : 0; // below 2^47
        if (count == 0 || count * sizeof(double) > left)
            continue;
        c->gram[i] = mp_arena_alloc(a, count, sizeof(double));
        left -= count * sizeof(double);
    }
    k.layers = w->layer_count > LAYERS * JOBS ? (w->layer_count + JOBS - 1) / JOBS : LAYERS;
    mp_pool_run(threads, (w->layer_count + k.layers - 1) / k.layers, do_layers, &k);
    return !k.over || mp_fail(err, "interrupted");
}
