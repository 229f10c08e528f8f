// SPDX-License-Identifier: Apache-2.0
// Parts of units, their widths, and what they are like on their grids: activations from the histograms of the calibration.
#include "sim/search/metric_parts.h"

#include "sim/base/pool.h"

#include <math.h>

#define LEVELS 256 // of 8 bits

// Widths

uint32_t mp_unit_asked(const struct mp_metric_job *job, const struct mp_space *s, size_t unit) {
    uint32_t set = s->units[unit].kind == MP_UNIT_WEIGHT ? job->w_set : job->a_set;
    return set ? set : 1u << 8;
}

uint32_t mp_unit_widths(const struct mp_metric_job *job, const struct mp_space *s, size_t unit) {
    const struct mp_decision *d = &s->decisions[s->units[unit].decision];
    uint32_t set = mp_unit_asked(job, s, unit) | 1u << 8;
    for (size_t i = 0; i < d->option_count * d->unit_count; i++)
        if (d->units[i % d->unit_count] == unit)
            set |= 1u << d->bits[i];
    return set;
}

unsigned mp_widest(uint32_t set) {
    unsigned b = 0;
    for (unsigned i = 1; i < MP_WIDTHS; i++)
        b = set >> i & 1 ? i : b;
    return b;
}

unsigned mp_narrowest(uint32_t set) {
    unsigned b = 1;
    while (b < MP_WIDTHS - 1 && !(set >> b & 1))
        b++;
    return b;
}

void mp_harm_make(struct mp_harm *h, const struct mp_space *s, const char *unit, const char *score_name, struct mp_arena *a) {
    *h = (struct mp_harm){.unit = unit, .score_name = score_name};
    h->of = mp_arena_alloc(a, s->unit_count * MP_WIDTHS, sizeof *h->of);
    h->score = score_name ? mp_arena_alloc(a, s->unit_count, sizeof *h->score) : NULL;
}

void mp_harm_rising(struct mp_harm *h, const struct mp_metric_job *job, const struct mp_space *s) {
    for (size_t u = 0; u < s->unit_count; u++) {
        const uint32_t set = mp_unit_widths(job, s, u);
        double least = -INFINITY;
        for (unsigned bits = MP_WIDTHS - 1; bits > 0; bits--) {
            double *harm = mp_harm_at(h, u, bits);
            if (set >> bits & 1)
                least = *harm = *harm < least ? least : *harm; // what is no number stays so
        }
    }
}

// Parts

static void weights_part(const struct mp_metric_job *job, const struct mp_space *s, size_t unit, struct mp_unit_part *p) {
    const struct mp_unit *u = &s->units[unit];
    const struct mp_geometry *g = &s->workload->layers[u->layer].geo;
    *p = (struct mp_unit_part){.unit = unit, .weights = true, .layer = u->layer, .first = u->first, .channels = u->channels,
                          .terms = g->ic * g->kh * g->kw, .is_signed = true};
    p->count = p->channels * p->terms;
    p->share = (double)u->channels / (double)(g->groups * g->oc);
    const float *w = job->net->params[u->layer].weight + p->first * p->terms;
    for (uint64_t i = 0; i < p->count; i++) {
        p->most = fmax(p->most, fabs((double)w[i]));
        p->square += (double)w[i] * (double)w[i] / (double)p->count;
    }
}

// Zeros are in the first bin above 0 with what is next to 0: they are exactly 0.
static uint64_t beside_zeros(const struct mp_histogram *h, size_t bin) {
    return h->bin[bin] - (bin == MP_BINS / 2 ? h->zeros : 0);
}

static void tensor_part(const struct mp_metric_job *job, const struct mp_space *s, size_t unit, size_t tensor,
                        struct mp_unit_part *p) {
    const struct mp_tensor *t = &s->workload->tensors[tensor];
    const struct mp_histogram *h = job->calibration->tensors[tensor];
    *p = (struct mp_unit_part){
        .unit = unit, .tensor = tensor, .count = t->c * t->h * t->w, .share = 1, .is_signed = t->is_signed};
    if (h->count > 0)
        p->most = fmax(fabs((double)h->low), fabs((double)h->high));
    for (size_t i = 0; i < MP_BINS; i++)
        if (h->bin[i] > 0)
            p->square += (double)beside_zeros(h, i) * pow(mp_histogram_middle(h, i), 2) / (double)h->count;
}

static bool holds_numbers(const struct mp_workload *w, size_t tensor) {
    const size_t producer = w->tensors[tensor].producer;
    return producer == MP_NO_LAYER || !mp_layer_moves_nothing(&w->layers[producer]);
}

struct mp_parts mp_parts_make(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a) {
    const struct mp_workload *w = s->workload;
    struct mp_parts parts = {.of = mp_arena_alloc(a, s->unit_count + w->tensor_count, sizeof *parts.of)};
    parts.first = mp_arena_alloc(a, s->unit_count + 1, sizeof *parts.first);
    for (size_t u = 0; u < s->unit_count; u++) {
        if (s->units[u].kind == MP_UNIT_WEIGHT)
            weights_part(job, s, u, &parts.of[parts.count++]);
        for (size_t t = 0; s->units[u].kind == MP_UNIT_ACTIVATION && t < w->tensor_count; t++)
            if (s->tensor_unit[t] == u && holds_numbers(w, t))
                tensor_part(job, s, u, t, &parts.of[parts.count++]);
        parts.first[u + 1] = parts.count;
    }
    return parts;
}

float **mp_part_buffers(const struct mp_unit_part *p, size_t count, struct mp_arena *a) {
    float **buffers = mp_arena_alloc(a, count, sizeof *buffers);
    for (size_t i = 0; i < count; i++)
        buffers[i] = mp_arena_alloc(a, (size_t)p[i].count, sizeof **buffers);
    return buffers;
}

// Grids

double mp_entropy(const uint64_t *n, size_t count) {
    double all = 0, sum = 0;
    for (size_t i = 0; i < count; i++)
        all += (double)n[i];
    for (size_t i = 0; i < count; i++)
        if (n[i] > 0)
            sum -= (double)n[i] / all * log2((double)n[i] / all);
    return fabs(sum); // never -0
}

struct grids {
    const struct mp_metric_job *job;
    const struct mp_space *space;
    const struct mp_parts *parts;
    struct mp_on_grid *out;
    atomic_bool over;
};

static void weights_at(const struct mp_unit_part *p, const struct mp_weight_grid *g, const float *w, const double *scale,
                       const int32_t *q, struct mp_on_grid *out) {
    uint64_t n[LEVELS] = {0};
    for (uint64_t i = p->first * p->terms; i < p->first * p->terms + p->count; i++) {
        const double e = (double)w[i] - mp_weight_value(g, scale[i / p->terms], q[i]);
        out->error += e * e;
        n[q[i] - g->low]++;
    }
    out->entropy = mp_entropy(n, LEVELS);
}

static void layer_on_grids(struct grids *k, size_t layer) {
    const struct mp_metric_job *job = k->job;
    const struct mp_geometry *geo = &k->space->workload->layers[layer].geo;
    const enum mp_encoding encoding = k->space->base.default_encoding;
    const uint64_t channels = geo->groups * geo->oc;
    struct mp_arena scratch = {0};
    double *scale = mp_arena_alloc(&scratch, channels, sizeof *scale);
    int32_t *q = mp_arena_alloc(&scratch, channels * geo->ic * geo->kh * geo->kw, sizeof *q);
    for (unsigned b = 1; b < MP_WIDTHS; b++) {
        const struct mp_weight_grid g = mp_weight_grid_of(b, encoding == MP_ODD);
        bool made = false;
        for (size_t i = 0; i < k->parts->count; i++) {
            const struct mp_unit_part *p = &k->parts->of[i];
            if (!p->weights || p->layer != layer || !(mp_unit_widths(job, k->space, p->unit) >> b & 1))
                continue;
            if (!made)
                mp_quantise_weights_at(job->net, layer, b, encoding, job->how, scale, q);
            made = true;
            weights_at(p, &g, job->net->params[layer].weight, scale, q, &k->out[i * MP_WIDTHS + b]);
        }
    }
    mp_arena_finish(&scratch);
}

static int32_t number_of(const struct mp_qtensor *t, const struct mp_range *r, double x) {
    const double q = nearbyint(x / t->scale) + t->zero;
    return q < r->low ? r->low : q > r->high ? r->high : (int32_t)q;
}

static void tensor_at(const struct mp_histogram *h, uint64_t images, const struct mp_qtensor *t, const struct mp_range *r,
                      struct mp_on_grid *out) {
    uint64_t n[LEVELS] = {0};
    if (h->count == 0)
        return;
    n[number_of(t, r, 0) - r->low] += h->zeros;
    for (size_t i = 0; i < MP_BINS; i++) {
        const uint64_t count = beside_zeros(h, i);
        if (count == 0)
            continue;
        const double x = mp_histogram_middle(h, i);
        const int32_t q = number_of(t, r, x);
        const double e = x - t->scale * (q - t->zero);
        n[q - r->low] += count;
        out->error += (double)count * e * e / (double)images;
    }
    out->entropy = mp_entropy(n, LEVELS);
}

static void tensors_on_grid(struct grids *k, unsigned bits) {
    const struct mp_metric_job *job = k->job;
    const size_t count = k->space->workload->tensor_count;
    struct mp_arena scratch = {0};
    struct mp_qtensor *q = NULL;
    struct mp_range *r = mp_arena_alloc(&scratch, count, sizeof *r);
    for (size_t i = 0; i < k->parts->count; i++) {
        const struct mp_unit_part *p = &k->parts->of[i];
        if (p->weights || !(mp_unit_widths(job, k->space, p->unit) >> bits & 1))
            continue;
        if (!q) {
            q = mp_arena_alloc(&scratch, count, sizeof *q);
            mp_quantise_tensors_at(job->net, bits, job->calibration, job->how, q, r);
        }
        tensor_at(job->calibration->tensors[p->tensor], job->calibration->images, &q[p->tensor], &r[p->tensor],
                  &k->out[i * MP_WIDTHS + bits]);
    }
    mp_arena_finish(&scratch);
}

// Layers, then widths of tensors.
static void one_grid(void *user, unsigned thread, size_t i) {
    struct grids *k = user;
    (void)thread;
    if (k->over || (k->job->stopped && k->job->stopped()))
        k->over = true;
    else if (i < k->space->workload->layer_count)
        layer_on_grids(k, i);
    else
        tensors_on_grid(k, (unsigned)(i - k->space->workload->layer_count) + 1);
}

bool mp_parts_on_grids(const struct mp_metric_job *job, const struct mp_space *s, const struct mp_parts *parts,
                       struct mp_arena *a, struct mp_on_grid **out, struct mp_err *err) {
    struct grids k = {.job = job, .space = s, .parts = parts};
    k.out = *out = mp_arena_alloc(a, parts->count * MP_WIDTHS, sizeof **out);
    mp_pool_run(job->threads, s->workload->layer_count + MP_WIDTHS - 1, one_grid, &k);
    return !k.over || mp_fail(err, "interrupted");
}

void mp_weights_on_grid(const struct mp_metric_job *job, const struct mp_space *s, size_t layer, unsigned bits, float *out) {
    const struct mp_geometry *geo = &s->workload->layers[layer].geo;
    const enum mp_encoding encoding = s->base.default_encoding;
    const struct mp_weight_grid g = mp_weight_grid_of(bits, encoding == MP_ODD);
    const uint64_t channels = geo->groups * geo->oc, terms = geo->ic * geo->kh * geo->kw;
    struct mp_arena scratch = {0};
    double *scale = mp_arena_alloc(&scratch, channels, sizeof *scale);
    int32_t *q = mp_arena_alloc(&scratch, channels * terms, sizeof *q);
    mp_quantise_weights_at(job->net, layer, bits, encoding, job->how, scale, q);
    for (uint64_t i = 0; i < channels * terms; i++)
        out[i] = (float)mp_weight_value(&g, scale[i / terms], q[i]);
    mp_arena_finish(&scratch);
}
