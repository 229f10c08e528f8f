// SPDX-License-Identifier: Apache-2.0
// A span is the layers up to the next one whose biases are to be corrected: every image goes through all of it at once.
#include "sim/nn/pass.h"

#include "sim/base/pool.h"
#include "sim/nn/integer.h"
#include "sim/nn/quantise_parts.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define CHUNK 16 // images of a job: sums of numbers below 2^15 stay in 32 bits

// What a thread works with.
struct kit {
    struct mp_integer *r;
    size_t packed;  // the layer whose corrected biases were packed last
    float *image;
    struct mp_arena arena;
};

struct span {
    bool input;             // quantises the images, and no layer
    size_t first, end;      // layers
    size_t *fetch, fetches; // tensors that it reads and does not make
    size_t *made, mades;    // tensors that it makes and something is kept of:
    bool *stored, *summed;  // by place in `made`: its numbers, its sums
};

struct work {
    const struct mp_pass *p;
    const struct mp_workload *w;
    size_t image;          // tensor
    bool *run, *correct;   // by layer
    bool *sums, *numbers;  // by tensor: somebody asks for them
    size_t *last;          // by tensor: the last layer that runs and reads it, or MP_NO_LAYER
    bool *constant;        // by tensor
    void **room;           // by tensor: its numbers, where they are there
    bool *own;             // by tensor: the room was made here
    bool run_input;
    struct span span;
    struct mp_integer_options how;
    struct kit *kits;
    pthread_mutex_t lock;
    atomic_bool over;
    struct mp_arena arena;
};

// What has to be run

static bool lacks(const struct work *k, size_t tensor) {
    const struct mp_held *h = k->p->held[tensor];
    return (k->numbers[tensor] && !k->room[tensor]) || (k->sums[tensor] && !(h && h->sum));
}

static void find_needs(struct work *k) {
    for (size_t i = k->w->layer_count; i-- > 0;) {
        const struct mp_layer *l = &k->w->layers[i];
        k->run[i] = lacks(k, l->output);
        k->correct[i] = k->p->calibration && mp_layer_has_weights(l) && !(k->p->right && k->p->right[i]);
        if (k->correct[i])
            k->sums[l->inputs[0]] = true;
        for (size_t t = 0; k->run[i] && t < l->input_count; t++) {
            k->numbers[l->inputs[t]] = true;
            if (k->last[l->inputs[t]] == MP_NO_LAYER)
                k->last[l->inputs[t]] = i;
        }
        if (k->p->ran)
            k->p->ran[i] = k->run[i];
    }
    k->run_input = lacks(k, k->image);
}

static void init(struct work *k) {
    const size_t tensors = k->w->tensor_count, layers = k->w->layer_count;
    k->run = mp_arena_alloc(&k->arena, layers, sizeof *k->run);
    k->correct = mp_arena_alloc(&k->arena, layers, sizeof *k->correct);
    k->sums = mp_arena_alloc(&k->arena, tensors, sizeof *k->sums);
    k->numbers = mp_arena_alloc(&k->arena, tensors, sizeof *k->numbers);
    k->last = mp_arena_alloc(&k->arena, tensors, sizeof *k->last);
    k->constant = mp_arena_alloc(&k->arena, tensors, sizeof *k->constant);
    k->room = mp_arena_alloc(&k->arena, tensors, sizeof *k->room);
    k->own = mp_arena_alloc(&k->arena, tensors, sizeof *k->own);
    k->kits = mp_arena_alloc(&k->arena, k->p->threads, sizeof *k->kits);
    k->span.fetch = mp_arena_alloc(&k->arena, tensors, sizeof *k->span.fetch);
    k->span.made = mp_arena_alloc(&k->arena, tensors, sizeof *k->span.made);
    k->span.stored = mp_arena_alloc(&k->arena, tensors, sizeof *k->span.stored);
    k->span.summed = mp_arena_alloc(&k->arena, tensors, sizeof *k->span.summed);
    for (size_t t = 0; t < tensors; t++) {
        k->numbers[t] = k->p->keep && k->p->keep[t];
        k->last[t] = MP_NO_LAYER;
        k->constant[t] = t < k->w->input_count && t != k->image;
        k->room[t] = k->p->held[t] ? k->p->held[t]->numbers : NULL;
    }
    k->how = (struct mp_integer_options){.accumulator = k->p->accumulator, .layers = k->run};
}

// Spans

static bool stays(const struct work *k, size_t tensor) {
    return k->p->keep && k->p->keep[tensor];
}

// Room for what is kept of a tensor that the span makes.
static void make(struct work *k, size_t tensor) {
    struct mp_held **held = &k->p->held[tensor];
    const bool later = k->last[tensor] != MP_NO_LAYER && k->last[tensor] >= k->span.end;
    const bool numbers = !k->room[tensor] && (stays(k, tensor) || later);
    const bool sums = k->sums[tensor] && !(*held && (*held)->sum);
    if (!numbers && !sums)
        return;
    assert(!*held || (!sums && !stays(k, tensor)));
    if (!*held)
        *held = mp_held_make(&k->w->tensors[tensor], &k->p->q->tensors[tensor]);
    if (sums && !((*held)->sum = calloc((*held)->elements, sizeof *(*held)->sum)))
        mp_out_of_memory();
    if (numbers) {
        k->room[tensor] = mp_held_room(*held, k->p->images);
        k->own[tensor] = true;
    }
    k->span.stored[k->span.mades] = numbers;
    k->span.summed[k->span.mades] = sums;
    k->span.made[k->span.mades++] = tensor;
}

static bool listed(const size_t *list, size_t count, size_t tensor) {
    for (size_t i = 0; i < count; i++)
        if (list[i] == tensor)
            return true;
    return false;
}

static bool makes(const struct work *k, size_t tensor) {
    const size_t producer = k->w->tensors[tensor].producer;
    return producer != MP_NO_LAYER && producer >= k->span.first && producer < k->span.end && k->run[producer];
}

static void plan_layer(struct work *k, size_t layer) {
    const struct mp_layer *l = &k->w->layers[layer];
    struct span *s = &k->span;
    for (size_t t = 0; t < l->input_count; t++)
        if (!makes(k, l->inputs[t]) && !k->constant[l->inputs[t]] && !listed(s->fetch, s->fetches, l->inputs[t]))
            s->fetch[s->fetches++] = l->inputs[t];
}

static void plan_span(struct work *k) {
    struct span *s = &k->span;
    s->fetches = s->mades = 0;
    if (s->input)
        make(k, k->image);
    for (size_t i = s->first; i < s->end; i++)
        if (k->run[i]) {
            plan_layer(k, i);
            make(k, k->w->layers[i].output);
        }
}

// Images

static void add_up(const int16_t *x, size_t count, int32_t *restrict sum) {
    for (size_t i = 0; i < count; i++)
        sum[i] += x[i];
}

static void one_image(struct work *k, struct kit *kit, uint64_t image, int32_t **part) {
    const struct span *s = &k->span;
    for (size_t i = 0; i < s->fetches; i++)
        mp_held_get(k->p->held[s->fetch[i]], k->room[s->fetch[i]], image, mp_integer_tensor(kit->r, s->fetch[i]));
    if (s->input) {
        mp_dataset_image(k->p->data, image, kit->image);
        mp_integer_input(kit->r, k->image, kit->image);
    }
    for (size_t i = s->first; i < s->end; i++)
        if (k->run[i])
            mp_integer_run_layer(kit->r, i);
    for (size_t i = 0; i < s->mades; i++) {
        const struct mp_held *h = k->p->held[s->made[i]];
        const int16_t *x = mp_integer_tensor(kit->r, s->made[i]);
        if (s->stored[i])
            mp_held_put(h, k->room[s->made[i]], image, x);
        if (s->summed[i])
            add_up(x, h->elements, part[i]);
    }
}

static void make_kit(struct work *k, struct kit *kit) {
    const struct mp_tensor *in = &k->w->tensors[k->image];
    struct mp_err err;
    if (!kit->r) // the first thread's is there: it can be
        kit->r = mp_integer_create(k->p->q, &k->how, &err);
    kit->image = mp_arena_alloc(&kit->arena, in->c * in->h * in->w, sizeof *kit->image);
    kit->packed = MP_NO_LAYER;
}

static void add_part(struct work *k, size_t made, const int32_t *part) {
    const struct mp_held *h = k->p->held[k->span.made[made]];
    pthread_mutex_lock(&k->lock);
    for (size_t i = 0; i < h->elements; i++)
        h->sum[i] += part[i];
    pthread_mutex_unlock(&k->lock);
}

static void do_chunk(void *user, unsigned thread, size_t number) {
    struct work *k = user;
    struct kit *kit = &k->kits[thread];
    const struct span *s = &k->span;
    const uint64_t first = number * CHUNK, end = first + CHUNK < k->p->images ? first + CHUNK : k->p->images;
    struct mp_arena scratch = {0};
    int32_t **part = mp_arena_alloc(&scratch, s->mades, sizeof *part);
    for (size_t i = 0; i < s->mades; i++)
        if (s->summed[i])
            part[i] = mp_arena_alloc(&scratch, k->p->held[s->made[i]]->elements, sizeof **part);
    if (!kit->image)
        make_kit(k, kit);
    if (!s->input && k->run[s->first] && k->correct[s->first] && kit->packed != s->first)
        mp_integer_reload(kit->r, kit->packed = s->first);
    for (uint64_t i = first; i < end && !k->over; i++) {
        one_image(k, kit, i, part);
        if (k->p->stopped && k->p->stopped())
            k->over = true;
    }
    for (size_t i = 0; i < s->mades; i++)
        if (s->summed[i])
            add_part(k, i, part[i]);
    mp_arena_finish(&scratch);
}

// What nobody reads any more, and nobody asked for.
static void give_back(struct work *k, bool all) {
    for (size_t t = 0; t < k->w->tensor_count; t++)
        if (k->own[t] && (all || (!stays(k, t) && k->last[t] < k->span.end))) {
            free(k->room[t]);
            k->room[t] = NULL;
            k->own[t] = false;
        }
}

static void run_span(struct work *k) {
    plan_span(k);
    if (k->span.fetches + k->span.mades > 0)
        mp_pool_run(k->p->threads, (k->p->images + CHUNK - 1) / CHUNK, do_chunk, k);
    give_back(k, false);
}

// A constant of the model is the same in every image.
static void sum_constants(struct work *k) {
    for (size_t t = 0; t < k->w->input_count; t++) {
        struct mp_held **held = &k->p->held[t];
        if (!k->constant[t] || !k->sums[t] || (*held && (*held)->sum))
            continue;
        *held = mp_held_make(&k->w->tensors[t], &k->p->q->tensors[t]);
        (*held)->sum = calloc((*held)->elements, sizeof *(*held)->sum);
        if (!(*held)->sum)
            mp_out_of_memory();
        for (size_t i = 0; i < (*held)->elements; i++)
            (*held)->sum[i] = mp_integer_tensor(k->kits[0].r, t)[i] * (int64_t)k->p->images;
    }
}

static void run_all(struct work *k) {
    sum_constants(k);
    if (k->run_input) {
        k->span.input = true;
        run_span(k);
        k->span.input = false;
    }
    for (size_t i = 0; i < k->w->layer_count && !k->over; i = k->span.end) {
        k->span.first = i;
        k->span.end = i + 1;
        while (k->span.end < k->w->layer_count && !k->correct[k->span.end])
            k->span.end++;
        if (k->correct[i])
            mp_correct_layer(k->p->q, k->p->calibration, i, k->p->held[k->w->layers[i].inputs[0]]->sum, k->p->images);
        run_span(k);
    }
}

static void finish(struct work *k) {
    for (size_t t = 0; t < k->w->tensor_count; t++)
        if (k->own[t] && stays(k, t) && !k->over) {
            k->p->held[t]->numbers = k->room[t];
            k->own[t] = false;
        }
    give_back(k, true);
    for (unsigned i = 0; i < k->p->threads; i++) {
        mp_integer_destroy(k->kits[i].r);
        mp_arena_finish(&k->kits[i].arena);
    }
    pthread_mutex_destroy(&k->lock);
    mp_arena_finish(&k->arena);
}

bool mp_pass_run(const struct mp_pass *p, struct mp_err *err) {
    struct work k = {.p = p, .w = &p->q->net->workload, .image = mp_network_image(p->q->net)};
    assert(k.image != MP_NO_VALUE);
    init(&k);
    find_needs(&k);
    pthread_mutex_init(&k.lock, NULL);
    k.kits[0].r = mp_integer_create(p->q, &k.how, err);
    const bool ok = k.kits[0].r;
    if (ok)
        run_all(&k);
    const bool over = k.over;
    finish(&k);
    return ok && (!over || mp_fail(err, "interrupted"));
}
