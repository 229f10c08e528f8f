// SPDX-License-Identifier: Apache-2.0
// A job is a layer: it runs the network on every image, so that sums do not depend on the number of threads.
#include "sim/nn/gram.h"

#include "sim/base/pool.h"
#include "sim/nn/infer.h"

#include <cblas.h>
#include <stdatomic.h>

#define PIXELS 256 // of an image, at most

struct work {
    const struct mp_network *n;
    const struct mp_dataset *d;
    uint64_t images;
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

static void do_layer(void *user, unsigned thread, size_t layer) {
    struct work *k = user;
    const struct mp_workload *w = &k->n->workload;
    const struct mp_layer *l = &w->layers[layer];
    const struct mp_tensor *in = &w->tensors[l->inputs[0]];
    (void)thread;
    if (!k->c->gram[layer])
        return;
    struct mp_arena scratch = {0};
    struct mp_infer *f = mp_infer_create(&k->n->graph);
    mp_infer_keep(f, k->n->value[l->inputs[0]]);
    float *x = mp_arena_alloc(&scratch, in->c * in->h * in->w, sizeof *x);
    double *patches = mp_arena_alloc(&scratch, PIXELS * operands(&l->geo), sizeof *patches);
    for (uint64_t i = 0; i < k->images && !k->over; i++) {
        if (k->stopped && k->stopped())
            k->over = true;
        mp_dataset_image(k->d, i, mp_infer_input(f, 0)->f);
        mp_infer_run(f);
        mp_network_tensor(k->n, f, l->inputs[0], x);
        add_image(&l->geo, x, i, 1 / (double)k->images, patches, k->c->gram[layer]);
    }
    for (size_t g = 0; g < l->geo.groups; g++)
        fill_lower(operands(&l->geo), k->c->gram[layer] + g * operands(&l->geo) * operands(&l->geo));
    mp_infer_destroy(f);
    mp_arena_finish(&scratch);
}

bool mp_calibrate_gram(const struct mp_network *n, const struct mp_dataset *d, uint64_t images, unsigned threads,
                       bool (*stopped)(void), struct mp_arena *a, struct mp_calibration *c, struct mp_err *err) {
    const struct mp_workload *w = &n->workload;
    struct work k = {.n = n, .d = d, .images = images < d->count ? images : d->count, .stopped = stopped, .c = c};
    c->gram = mp_arena_alloc(a, w->layer_count, sizeof *c->gram);
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_geometry *g = &w->layers[i].geo;
        if (has_gram(&w->layers[i]))
            c->gram[i] = mp_arena_alloc(a, g->groups * operands(g) * operands(g), sizeof(double));
    }
    mp_pool_run(threads, w->layer_count, do_layer, &k);
    return !k.over || mp_fail(err, "interrupted");
}
