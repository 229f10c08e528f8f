// SPDX-License-Identifier: Apache-2.0
// Scores into classes and losses: those of the network in float, once, and those of a plan. Images go over threads, what is
// summed is summed in their order.
#include "sim/nn/measure_parts.h"

#include "sim/base/pool.h"
#include "sim/nn/accuracy.h"
#include "sim/nn/calibrate.h"
#include "sim/nn/infer.h"

#include <math.h>
#include <stdatomic.h>

#define CHUNK 16 // images

struct verdict {
    size_t top;
    double loss;
};

struct kit {
    struct mp_infer *f;
    int16_t *numbers;
    double *score, *wanted;
    struct mp_arena arena;
};

struct work {
    const struct mp_measure *m;
    const struct mp_outcome *outcome; // NULL: float
    struct kit *kits;
    struct verdict *verdicts;         // by image
    struct mp_arena arena;
    atomic_bool over, bad;
};

static size_t top_of(const double *x, size_t count) {
    size_t top = 0;
    for (size_t i = 1; i < count; i++)
        top = x[i] > x[top] ? i : top;
    return top;
}

// log of the sum of exp(x_i), without what overflows.
static double log_sum(const double *x, size_t count) {
    double most = x[top_of(x, count)], sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += exp(x[i] - most);
    return most + log(sum);
}

// -sum p log softmax(score).
static double loss_of(const struct work *k, const struct kit *kit, uint64_t image) {
    const struct mp_measure *m = k->m;
    const double whole = log_sum(kit->score, m->scores);
    double loss = 0;
    if (m->job.data->labels)
        return whole - kit->score[m->job.data->labels[image]];
    for (size_t i = 0; i < m->scores; i++)
        kit->wanted[i] = (double)m->score[image * m->scores + i];
    const double all = log_sum(kit->wanted, m->scores);
    for (size_t i = 0; i < m->scores; i++)
        loss += exp(kit->wanted[i] - all) * (whole - kit->score[i]);
    return loss;
}

static void run_float(struct work *k, struct kit *kit, uint64_t image) {
    const struct mp_measure *m = k->m;
    float *score = m->score + image * m->scores;
    mp_dataset_image(m->job.data, image, mp_infer_input(kit->f, 0)->f);
    mp_infer_run(kit->f);
    mp_network_tensor(m->job.net, kit->f, m->output, score);
    for (size_t i = 0; i < m->scores; i++) {
        kit->score[i] = (double)score[i];
        if (!isfinite(score[i]))
            k->bad = true;
    }
}

// Numbers lie [row][column][channel].
static void take_scores(struct work *k, struct kit *kit, uint64_t image) {
    const struct mp_measure *m = k->m;
    const struct mp_tensor *t = &m->job.net->workload.tensors[m->output];
    const struct mp_qtensor *q = &k->outcome->q.tensors[m->output];
    const struct mp_held *h = k->outcome->held[m->output];
    const size_t pixels = t->h * t->w;
    mp_held_get(h, h->numbers, image, kit->numbers);
    for (size_t i = 0; i < m->scores; i++)
        kit->score[i] = q->scale * (double)(kit->numbers[i % pixels * t->c + i / pixels] - q->zero);
}

static void make_kit(const struct work *k, struct kit *kit) {
    const struct mp_measure *m = k->m;
    kit->numbers = mp_arena_alloc(&kit->arena, m->scores, sizeof *kit->numbers);
    kit->score = mp_arena_alloc(&kit->arena, m->scores, sizeof *kit->score);
    kit->wanted = mp_arena_alloc(&kit->arena, m->scores, sizeof *kit->wanted);
    if (k->outcome)
        return;
    kit->f = mp_infer_create(&m->job.net->graph);
    mp_infer_keep(kit->f, m->job.net->value[m->output]);
}

static void do_chunk(void *user, unsigned thread, size_t number) {
    struct work *k = user;
    struct kit *kit = &k->kits[thread];
    const uint64_t images = k->m->job.data->count, first = number * CHUNK;
    const uint64_t end = first + CHUNK < images ? first + CHUNK : images;
    if (!kit->score)
        make_kit(k, kit);
    for (uint64_t i = first; i < end && !k->over; i++) {
        if (k->outcome)
            take_scores(k, kit, i);
        else
            run_float(k, kit, i);
        k->verdicts[i] = (struct verdict){top_of(kit->score, k->m->scores), loss_of(k, kit, i)};
        if (!k->outcome && k->m->job.stopped && k->m->job.stopped())
            k->over = true;
    }
}

static void run(struct work *k) {
    const uint64_t images = k->m->job.data->count;
    const unsigned threads = k->m->job.threads;
    k->kits = mp_arena_alloc(&k->arena, threads, sizeof *k->kits);
    k->verdicts = mp_arena_alloc(&k->arena, images, sizeof *k->verdicts);
    mp_pool_run(threads, (images + CHUNK - 1) / CHUNK, do_chunk, k);
    for (unsigned i = 0; i < threads; i++) {
        mp_infer_destroy(k->kits[i].f);
        mp_arena_finish(&k->kits[i].arena);
    }
}

static void sum_up(const struct work *k, struct mp_measured *out) {
    const struct mp_dataset *d = k->m->job.data;
    double loss = 0;
    out->images = d->count;
    out->right = out->agree = 0;
    for (uint64_t i = 0; i < d->count; i++) {
        out->right += d->labels && k->verdicts[i].top == d->labels[i];
        out->agree += k->verdicts[i].top == k->m->top[i];
        loss += k->verdicts[i].loss;
    }
    out->loss = loss / (double)d->count;
}

bool mp_measure_run_float(struct mp_measure *m, struct mp_err *err) {
    const struct mp_network *n = m->job.net;
    struct work k = {.m = m};
    m->score = mp_arena_alloc(&m->arena, m->job.data->count * m->scores, sizeof *m->score);
    m->top = mp_arena_alloc(&m->arena, m->job.data->count, sizeof *m->top);
    run(&k);
    for (uint64_t i = 0; i < m->job.data->count; i++)
        m->top[i] = k.verdicts[i].top;
    sum_up(&k, &m->full);
    m->full.layers = n->workload.layer_count;
    mp_arena_finish(&k.arena);
    if (k.over)
        return mp_fail(err, "interrupted");
    return !k.bad || mp_fail(err, "%s: tensor \"%s\" has a number that is not finite", n->graph.source,
                             n->workload.tensors[m->output].name);
}

void mp_measure_score(const struct mp_measure *m, const struct mp_outcome *o, struct mp_measured *out) {
    struct work k = {.m = m, .outcome = o};
    run(&k);
    sum_up(&k, out);
    mp_arena_finish(&k.arena);
}
