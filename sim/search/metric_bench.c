// SPDX-License-Identifier: Apache-2.0
// The float network on the job's images, over threads: a thread has a network whose weights are its own, so that steps may
// change them; what a step computes depends on the thread in nothing.
#include "sim/search/metric_parts.h"

#include "sim/base/pool.h"

#include <math.h>
#include <string.h>

// Random numbers

struct mp_random mp_metric_stream(uint64_t seed, uint64_t a, uint64_t b, uint64_t c) {
    const uint64_t of[] = {a, b, c};
    struct mp_random r = {seed};
    for (size_t i = 0; i < 3; i++)
        r.state = mp_random_next(&r) + of[i];
    r.state = mp_random_next(&r);
    return r;
}

void mp_random_gauss(struct mp_random *r, float *out, uint64_t count) {
    const double turn = 6.283185307179586;
    for (uint64_t i = 0; i < count; i += 2) {
        const double u = (double)((mp_random_next(r) >> 11) + 1) * 0x1p-53, v = (double)(mp_random_next(r) >> 11) * 0x1p-53;
        const double radius = sqrt(-2 * log(u));
        out[i] = (float)(radius * cos(turn * v));
        if (i + 1 < count)
            out[i + 1] = (float)(radius * sin(turn * v));
    }
}

void mp_random_signs(struct mp_random *r, float *out, uint64_t count) {
    uint64_t bits = 0;
    for (uint64_t i = 0; i < count; i++, bits >>= 1) {
        if (i % 64 == 0)
            bits = mp_random_next(r);
        out[i] = bits & 1 ? 1 : -1;
    }
}

// Kits

static bool make_kit(const struct mp_bench *b, struct mp_kit *kit, struct mp_err *err) {
    const struct mp_network *n = b->job->net;
    const struct mp_tensor *image = &n->workload.tensors[mp_network_image(n)];
    mp_network_copy(&kit->net, n, &kit->arena);
    kit->image = mp_arena_alloc(&kit->arena, image->c * image->h * image->w, sizeof *kit->image);
    kit->grad = mp_grad_create(&kit->net, err);
    return kit->grad;
}

const float *mp_bench_image(const struct mp_bench *b, struct mp_kit *kit, uint64_t i) {
    mp_dataset_image(b->job->data, i, kit->image);
    return kit->image;
}

void mp_kit_take(struct mp_kit *kit, const struct mp_unit_part *p) {
    mp_network_put_weights(&kit->net, p->layer);
}

void mp_kit_restore(const struct mp_bench *b, struct mp_kit *kit, const struct mp_unit_part *p) {
    memcpy(mp_kit_weights(kit, p), b->job->net->params[p->layer].weight + p->first * p->terms,
           (size_t)p->count * sizeof(float));
    mp_kit_take(kit, p);
}

// Runs

struct run {
    struct mp_bench *b;
    mp_bench_step *step;
    void *user;
};

bool mp_bench_stopped(struct mp_bench *b) {
    if (!b->over && b->job->stopped && b->job->stopped())
        b->over = true;
    return b->over;
}

static void one_step(void *user, unsigned thread, size_t i) {
    struct run *r = user;
    struct mp_bench *b = r->b;
    struct mp_kit *kit = &b->kits[thread];
    struct mp_err err;
    if (mp_bench_stopped(b))
        return;
    if (!kit->grad && !make_kit(b, kit, &err)) { // was made once already: it can be
        b->over = true;
        return;
    }
    r->step(r->user, b, kit, i);
    const uint64_t done = b->all > 0 ? atomic_fetch_add(&b->done, 1) + 1 : 0;
    if (thread == 0 && done > 0 && b->job->progress)
        b->job->progress(b->job->user, done, b->all);
}

bool mp_bench_run(struct mp_bench *b, size_t count, mp_bench_step *step, void *user, struct mp_err *err) {
    struct run r = {b, step, user};
    mp_pool_run(b->job->threads, count, one_step, &r);
    return !b->over || mp_fail(err, "interrupted");
}

// What the network says as it is

static size_t score_count(const struct mp_network *n) {
    const struct mp_tensor *t = &n->workload.tensors[mp_network_output(n)];
    return t->c * t->h * t->w;
}

static double log_sum(const double *score, size_t count) {
    double most = score[0], sum = 0;
    for (size_t i = 1; i < count; i++)
        most = fmax(most, score[i]);
    for (size_t i = 0; i < count; i++)
        sum += exp(score[i] - most);
    return most + log(sum);
}

static void first_image(const struct mp_bench *b, struct mp_kit *kit, uint64_t i) {
    double *target = b->target + i * b->scores, *output = b->output + i * b->scores;
    mp_grad_loss(kit->grad, mp_bench_image(b, kit, i), target, output);
    const double all = log_sum(output, b->scores);
    for (size_t k = 0; k < b->scores; k++) {
        const double log_p = output[k] - all;
        target[k] = b->job->data->labels ? k == b->job->data->labels[i] : exp(log_p);
        b->loss[i] -= target[k] * log_p;
    }
}

static void first_step(void *user, struct mp_bench *b, struct mp_kit *kit, size_t chunk) {
    (void)user;
    for (uint64_t i = chunk * MP_BENCH_CHUNK; i < mp_bench_end(b, chunk) && !mp_bench_stopped(b); i++)
        first_image(b, kit, i);
}

static bool check(const struct mp_bench *b, struct mp_err *err) {
    const struct mp_dataset *d = b->job->data;
    if (b->images == 0)
        return mp_fail(err, "%s: must have at least one image", d->name);
    return !d->labels || d->classes <= b->scores ||
           mp_fail(err, "%s: must have at most the %zu classes of network \"%s\" (got %ju)", d->name, b->scores,
                   b->space->workload->name, (uintmax_t)d->classes);
}

static bool check_losses(struct mp_bench *b, struct mp_err *err) {
    for (uint64_t i = 0; i < b->images; i++) {
        if (!isfinite(b->loss[i]))
            return mp_fail(err, "%s: image %ju has a loss that is not finite", b->job->data->name, (uintmax_t)i);
        b->mean_loss += b->loss[i] / (double)b->images;
    }
    return true;
}

bool mp_bench_make(struct mp_bench *b, const struct mp_metric_job *job, const struct mp_space *s, struct mp_err *err) {
    *b = (struct mp_bench){.job = job, .space = s, .images = job->images < job->data->count ? job->images : job->data->count,
                           .scores = score_count(job->net)};
    b->chunks = (b->images + MP_BENCH_CHUNK - 1) / MP_BENCH_CHUNK;
    b->kits = mp_arena_alloc(&b->arena, job->threads, sizeof *b->kits);
    if (!check(b, err))
        return false;
    b->parts = mp_parts_make(job, s, &b->arena);
    b->target = mp_arena_alloc(&b->arena, b->images * b->scores, sizeof *b->target);
    b->output = mp_arena_alloc(&b->arena, b->images * b->scores, sizeof *b->output);
    b->loss = mp_arena_alloc(&b->arena, b->images, sizeof *b->loss);
    return make_kit(b, &b->kits[0], err) && mp_bench_run(b, b->chunks, first_step, NULL, err) && check_losses(b, err);
}

void mp_bench_finish(struct mp_bench *b) {
    for (unsigned i = 0; i < b->job->threads; i++) {
        mp_grad_destroy(b->kits[i].grad);
        mp_arena_finish(&b->kits[i].arena);
    }
    mp_arena_finish(&b->arena);
}
