// SPDX-License-Identifier: Apache-2.0
// Scales are lists, as a tensor meets few ranges; weights are found before anything else, as layers are independent.
#include "sim/nn/quantise_parts.h"

#include "sim/base/pool.h"

#include <stdatomic.h>
#include <stdlib.h>

#define WIDTHS 8     // of weights, 1 to 8
#define ENCODINGS 2

// A layer's weights on the grids of one width.
struct grid_weights {
    double *scale;
    int8_t *q;
    bool *kept; // by channel: the scale is the model's
};

struct known_scale {
    struct known_scale *next;
    struct mp_range range;
    struct mp_affine value;
};

struct mp_quantise_cache {
    const struct mp_network *n;
    const struct mp_workload *w;
    const struct mp_calibration *c;
    const struct mp_quantise_options *o;
    struct mp_arena arena;
    struct mp_arena *arenas;                   // by layer, of its weights
    struct grid_weights (*weights)[ENCODINGS][WIDTHS]; // by layer
    struct known_scale *(*scales)[MP_CACHE_KINDS];     // by tensor
    int64_t **gather;                          // by layer
};

struct mp_quantise_cache *mp_quantise_cache_create(const struct mp_network *n, const struct mp_calibration *c,
                                                   const struct mp_quantise_options *o) {
    struct mp_quantise_cache *k = calloc(1, sizeof *k);
    if (!k)
        mp_out_of_memory();
    k->n = n;
    k->w = &n->workload;
    k->c = c;
    k->o = o;
    k->arenas = mp_arena_alloc(&k->arena, k->w->layer_count, sizeof *k->arenas);
    k->weights = mp_arena_alloc(&k->arena, k->w->layer_count, sizeof *k->weights);
    k->scales = mp_arena_alloc(&k->arena, k->w->tensor_count, sizeof *k->scales);
    k->gather = mp_arena_alloc(&k->arena, k->w->layer_count, sizeof *k->gather);
    return k;
}

void mp_quantise_cache_destroy(struct mp_quantise_cache *k) {
    if (!k)
        return;
    for (size_t i = 0; i < k->w->layer_count; i++)
        mp_arena_finish(&k->arenas[i]);
    mp_arena_finish(&k->arena);
    free(k);
}

// Scales

bool mp_cache_find(const struct mp_quantise_cache *k, size_t tensor, enum mp_cache_kind kind, const struct mp_range *r,
                   struct mp_affine *out) {
    const struct known_scale *s = k->scales[tensor][kind];
    while (s && (s->range.low != r->low || s->range.high != r->high))
        s = s->next;
    if (s)
        *out = s->value;
    return s;
}

void mp_cache_put(struct mp_quantise_cache *k, size_t tensor, enum mp_cache_kind kind, const struct mp_range *r,
                  struct mp_affine value) {
    struct known_scale *s = mp_arena_alloc(&k->arena, 1, sizeof *s);
    *s = (struct known_scale){k->scales[tensor][kind], *r, value};
    k->scales[tensor][kind] = s;
}

int64_t **mp_cache_gather(struct mp_quantise_cache *k, size_t layer, struct mp_arena **arena) {
    *arena = &k->arena;
    return &k->gather[layer];
}

// Weights

static size_t channels_of(const struct mp_layer *l) {
    return l->geo.groups * l->geo.oc;
}

static size_t terms_of(const struct mp_layer *l) {
    return l->geo.ic * l->geo.kh * l->geo.kw;
}

static struct grid_weights *known(struct mp_quantise_cache *k, size_t layer, const struct mp_layer_bits *bits, size_t slice) {
    return &k->weights[layer][bits->encoding == MP_ODD][bits->slices[slice].w_bits - 1];
}

// A scale for all channels is one of all their widths together.
static bool is_kept(const struct mp_quantise_cache *k, const struct mp_layer_bits *bits) {
    return bits->slice_count == 1 || !(k->o->weights_per_tensor || k->o->power_of_two);
}

// The whole layer in one width.
static void find_weights(struct mp_quantise_cache *k, size_t layer, enum mp_encoding encoding, unsigned width,
                         struct grid_weights *to) {
    const struct mp_layer *l = &k->w->layers[layer];
    const size_t channels = channels_of(l), count = channels * terms_of(l);
    struct mp_arena scratch = {0}, *arena = &k->arenas[layer];
    struct mp_slice all = {channels, width};
    const struct mp_layer_bits bits = {.encoding = encoding, .slices = &all, .slice_count = 1};
    int32_t *wide = mp_arena_alloc(&scratch, count, sizeof *wide);
    int8_t *narrow = mp_arena_alloc(arena, count, sizeof *narrow);
    double *scale = mp_arena_alloc(arena, channels, sizeof *scale);
    bool *kept = mp_arena_alloc(arena, channels, sizeof *kept);
    mp_quantise_layer_weights(k->n, k->c, k->o, layer, &bits, scale, wide, kept);
    for (size_t i = 0; i < count; i++)
        narrow[i] = (int8_t)wide[i];
    *to = (struct grid_weights){scale, narrow, kept};
    mp_arena_finish(&scratch);
}

bool mp_cache_weights(struct mp_quantise_cache *k, size_t layer, const struct mp_layer_bits *bits, double *scale, int32_t *q) {
    const size_t terms = terms_of(&k->w->layers[layer]);
    bool all = true;
    if (!is_kept(k, bits))
        return mp_quantise_layer_weights(k->n, k->c, k->o, layer, bits, scale, q, NULL);
    for (size_t s = 0, first = 0; s < bits->slice_count; first += bits->slices[s++].channels) {
        struct grid_weights *g = known(k, layer, bits, s);
        if (!g->q)
            find_weights(k, layer, bits->encoding, bits->slices[s].w_bits, g);
        for (size_t c = first; c < first + bits->slices[s].channels; c++) {
            scale[c] = g->scale[c];
            all = all && g->kept[c];
            for (size_t i = c * terms; i < (c + 1) * terms; i++)
                q[i] = g->q[i];
        }
    }
    return all;
}

struct work {
    struct mp_quantise_cache *k;
    const struct mp_plan *plan;
    atomic_bool over;
};

static bool over(struct work *work) {
    if (!work->over && work->k->o->stopped && work->k->o->stopped())
        work->over = true;
    return work->over;
}

// From the last layer to the first: the last ones tend to have the most weights.
static void find_missing(void *user, unsigned thread, size_t job) {
    struct work *work = user;
    const size_t layer = work->k->w->layer_count - 1 - job;
    const struct mp_layer_bits *bits = &work->plan->layers[layer];
    (void)thread;
    if (!mp_layer_has_weights(&work->k->w->layers[layer]) || work->k->n->params[layer].float_only || !is_kept(work->k, bits))
        return;
    for (size_t s = 0; s < bits->slice_count && !over(work); s++) {
        struct grid_weights *g = known(work->k, layer, bits, s);
        if (!g->q)
            find_weights(work->k, layer, bits->encoding, bits->slices[s].w_bits, g);
    }
}

bool mp_quantise_cached(struct mp_quantise_cache *k, const struct mp_plan *plan, unsigned threads, struct mp_arena *a,
                        struct mp_qnet *q, struct mp_err *err) {
    struct work work = {.k = k, .plan = plan};
    mp_pool_run(threads, k->w->layer_count, find_missing, &work);
    if (work.over)
        return mp_fail(err, "interrupted");
    return mp_quantise_by(&(struct mp_quantiser){.n = k->n, .w = k->w, .plan = plan, .c = k->c, .o = k->o, .arena = a, .q = q,
                                                 .cache = k}, err);
}
