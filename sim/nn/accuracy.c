// SPDX-License-Identifier: Apache-2.0
// Images in chunks over threads; sums of a chunk are its own and are added in order.
#include "sim/nn/accuracy.h"

#include "sim/base/pool.h"
#include "sim/nn/calibrate.h"
#include "sim/nn/infer.h"

#include <assert.h>
#include <math.h>
#include <stdatomic.h>
#include <time.h>

#define CHUNK 16 // images

struct chunk {
    struct mp_accuracy sums;
    size_t bad; // tensor with a number in float that is not finite, or MP_NO_VALUE
    bool done;
};

// What a thread works with; made by its first chunk.
struct kit {
    struct mp_infer *lean, *full;             // float: outputs only; all tensors
    struct mp_infer *other_lean, *other_full; // of job->other
    struct mp_integer *integer;
    float *image, *reference, *value;
    int32_t *numbers;
    struct mp_arena arena;
};

struct work {
    const struct mp_accuracy_job *job;
    const struct mp_workload *w;
    size_t image, output; // tensors
    struct kit *kits;
    struct chunk *chunks;
    struct mp_arena arena;
    atomic_bool over;
    atomic_uint_fast64_t done;
};

static size_t elements(const struct mp_tensor *t) {
    return t->c * t->h * t->w;
}

static double cpu_now(void) {
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

size_t mp_top_float(const float *x, size_t count) {
    size_t top = 0;
    for (size_t i = 1; i < count; i++)
        top = x[i] > x[top] ? i : top;
    return top;
}

static size_t top_number(const int32_t *x, size_t count) {
    size_t top = 0;
    for (size_t i = 1; i < count; i++)
        top = x[i] > x[top] ? i : top;
    return top;
}

static struct mp_infer *make_infer(const struct mp_network *n, size_t output, bool all) {
    struct mp_infer *f = mp_infer_create(&n->graph);
    mp_infer_keep(f, n->value[output]);
    for (size_t t = 0; all && t < n->workload.tensor_count; t++)
        mp_infer_keep(f, n->value[t]);
    return f;
}

static void make_kit(struct work *k, struct kit *kit) {
    const struct mp_accuracy_job *job = k->job;
    struct mp_err err;
    size_t most = 0;
    for (size_t t = 0; t < k->w->tensor_count; t++)
        most = elements(&k->w->tensors[t]) > most ? elements(&k->w->tensors[t]) : most;
    kit->lean = make_infer(job->net, k->output, false);
    if (job->compare > 0)
        kit->full = make_infer(job->net, k->output, true);
    if (job->other) {
        kit->other_lean = make_infer(job->other, k->output, false);
        kit->other_full = make_infer(job->other, k->output, true);
    }
    if (job->q) // was created once already: it can be
        kit->integer = mp_integer_create(job->q, &job->integer, &err);
    kit->image = mp_arena_alloc(&kit->arena, elements(&k->w->tensors[k->image]), sizeof *kit->image);
    kit->reference = mp_arena_alloc(&kit->arena, most, sizeof *kit->reference);
    kit->value = mp_arena_alloc(&kit->arena, most, sizeof *kit->value);
    kit->numbers = mp_arena_alloc(&kit->arena, most, sizeof *kit->numbers);
}

static void finish_kit(struct kit *kit) {
    mp_infer_destroy(kit->lean);
    mp_infer_destroy(kit->full);
    mp_infer_destroy(kit->other_lean);
    mp_infer_destroy(kit->other_full);
    mp_integer_destroy(kit->integer);
    mp_arena_finish(&kit->arena);
}

static void feed(struct mp_infer *f, const float *image, size_t count) {
    float *to = mp_infer_input(f, 0)->f;
    for (size_t i = 0; i < count; i++)
        to[i] = image[i];
}

static void check_finite(const struct work *k, size_t tensor, const float *x, struct chunk *c) {
    const size_t count = elements(&k->w->tensors[tensor]);
    for (size_t i = 0; i < count && c->bad == MP_NO_VALUE; i++)
        if (!isfinite(x[i]))
            c->bad = tensor;
}

// Runs and times; the class.
static size_t run_float(struct work *k, const struct mp_network *n, struct kit *kit, struct mp_infer *f, double *seconds,
                        struct chunk *c) {
    const struct mp_tensor *out = &k->w->tensors[k->output];
    feed(f, kit->image, elements(&k->w->tensors[k->image]));
    double before = cpu_now();
    mp_infer_run(f);
    *seconds += cpu_now() - before;
    mp_network_tensor(n, f, k->output, kit->value);
    check_finite(k, k->output, kit->value, c);
    return mp_top_float(kit->value, elements(out));
}

static size_t run_integer(struct work *k, struct kit *kit, double *seconds) {
    double before = cpu_now();
    mp_integer_input(kit->integer, k->image, kit->image);
    mp_integer_run(kit->integer);
    *seconds += cpu_now() - before;
    mp_integer_take(kit->integer, k->output, kit->numbers);
    return top_number(kit->numbers, elements(&k->w->tensors[k->output]));
}

static void take_other(struct work *k, struct kit *kit, size_t tensor) {
    if (k->job->other) {
        mp_network_tensor(k->job->other, kit->other_full, tensor, kit->value);
        return;
    }
    const struct mp_qtensor *q = &k->job->q->tensors[tensor];
    mp_integer_take(kit->integer, tensor, kit->numbers);
    for (size_t i = 0; i < elements(&k->w->tensors[tensor]); i++)
        kit->value[i] = (float)(q->scale * (double)(kit->numbers[i] - q->zero));
}

static void compare(struct work *k, struct kit *kit, struct chunk *c) {
    struct mp_accuracy *s = &c->sums;
    const size_t inputs = elements(&k->w->tensors[k->image]);
    feed(kit->full, kit->image, inputs);
    mp_infer_run(kit->full);
    if (k->job->other) {
        feed(kit->other_full, kit->image, inputs);
        mp_infer_run(kit->other_full);
    }
    for (size_t t = 0; t < k->w->tensor_count; t++) {
        mp_network_tensor(k->job->net, kit->full, t, kit->reference);
        take_other(k, kit, t);
        check_finite(k, t, kit->reference, c);
        for (size_t i = 0; i < elements(&k->w->tensors[t]); i++) {
            double x = (double)kit->reference[i], e = x - (double)kit->value[i];
            s->tensors[t].signal += x * x;
            s->tensors[t].noise += e * e;
        }
    }
    s->compared++;
}

static void one_image(struct work *k, struct kit *kit, uint64_t i, struct chunk *c) {
    const struct mp_accuracy_job *job = k->job;
    struct mp_accuracy *s = &c->sums;
    mp_dataset_image(job->data, i, kit->image);
    size_t class = run_float(k, job->net, kit, kit->lean, &s->float_cpu_s, c), other = class;
    if (job->other)
        other = run_float(k, job->other, kit, kit->other_lean, &s->other_cpu_s, c);
    else if (job->q)
        other = run_integer(k, kit, &s->other_cpu_s);
    bool known = job->data->labels, right = known && class == job->data->labels[i],
         other_right = known && other == job->data->labels[i];
    s->images++;
    s->agree += class == other;
    s->float_right += right;
    s->other_right += other_right;
    s->only_float += right && !other_right;
    s->only_other += other_right && !right;
    if (job->right)
        job->right[i] = other_right;
    if (i < job->compare)
        compare(k, kit, c);
}

static void do_chunk(void *user, unsigned thread, size_t number) {
    struct work *k = user;
    struct kit *kit = &k->kits[thread];
    struct chunk *c = &k->chunks[number];
    const uint64_t first = number * CHUNK, end = first + CHUNK < k->job->images ? first + CHUNK : k->job->images;
    if (!kit->lean)
        make_kit(k, kit);
    for (uint64_t i = first; i < end && !k->over; i++) {
        one_image(k, kit, i, c);
        uint64_t done = atomic_fetch_add(&k->done, 1) + 1;
        if (thread == 0 && k->job->progress)
            k->job->progress(k->job->user, done, k->job->images);
        if (k->job->stopped && k->job->stopped())
            k->over = true;
    }
    c->done = true;
}

static void add_sums(const struct mp_workload *w, const struct mp_accuracy *s, struct mp_accuracy *out) {
    out->images += s->images;
    out->compared += s->compared;
    out->float_right += s->float_right;
    out->other_right += s->other_right;
    out->agree += s->agree;
    out->only_float += s->only_float;
    out->only_other += s->only_other;
    out->float_cpu_s += s->float_cpu_s;
    out->other_cpu_s += s->other_cpu_s;
    for (size_t t = 0; out->tensors && t < w->tensor_count; t++) {
        out->tensors[t].signal += s->tensors[t].signal;
        out->tensors[t].noise += s->tensors[t].noise;
    }
}

static void add_overflows(const struct mp_workload *w, const struct mp_integer *r, struct mp_layer_overflows *out) {
    for (size_t i = 0; i < w->layer_count; i++) {
        const uint64_t *by_channel = mp_integer_channel_overflows(r, i);
        const uint64_t channels = w->layers[i].geo.groups * w->layers[i].geo.oc;
        for (uint64_t c = 0; by_channel && c < channels; c++) {
            if (by_channel[c] > 0 && (out[i].count == 0 || c < out[i].first_channel))
                out[i].first_channel = c;
            out[i].count += by_channel[c];
        }
    }
}

static void gather(struct work *k, struct mp_arena *a, struct mp_accuracy *out) {
    const size_t chunks = (k->job->images + CHUNK - 1) / CHUNK;
    if (k->job->q || k->job->other)
        out->tensors = mp_arena_alloc(a, k->w->tensor_count, sizeof *out->tensors);
    for (size_t i = 0; i < chunks; i++)
        if (k->chunks[i].done)
            add_sums(k->w, &k->chunks[i].sums, out);
    if (k->job->q)
        out->overflows = mp_arena_alloc(a, k->w->layer_count, sizeof *out->overflows);
    for (unsigned i = 0; i < k->job->threads; i++)
        if (k->kits[i].integer)
            add_overflows(k->w, k->kits[i].integer, out->overflows);
}

bool mp_accuracy_fits(const struct mp_network *n, const struct mp_dataset *d, struct mp_err *err) {
    const struct mp_workload *w = &n->workload;
    const size_t image = mp_network_image(n), classes = elements(&w->tensors[mp_network_output(n)]);
    if (image == MP_NO_VALUE)
        return mp_fail(err, "%s: must have one input (got %zu)", n->graph.source, n->graph.input_count);
    const struct mp_tensor *in = &w->tensors[image], *out = &w->tensors[mp_network_output(n)];
    if (in->c != d->channels || in->h != d->height || in->w != d->width)
        return mp_fail(err, "%s: images must be %jux%jux%ju, as network \"%s\" takes them (got %jux%jux%ju)", d->name,
                       (uintmax_t)in->c, (uintmax_t)in->h, (uintmax_t)in->w, w->name, (uintmax_t)d->channels,
                       (uintmax_t)d->height, (uintmax_t)d->width);
    if (d->labels && d->classes > classes)
        return mp_fail(err, "%s: must have at most the %zu classes of network \"%s\" (got %ju)", d->name, classes, w->name,
                       (uintmax_t)d->classes);
    return !d->labels || out->h * out->w == 1 ||
           mp_fail(err, "%s: output \"%s\" must be a score for each class (got %jux%jux%ju)", n->graph.source, out->name,
                   (uintmax_t)out->c, (uintmax_t)out->h, (uintmax_t)out->w);
}

static bool check(const struct mp_accuracy_job *job, struct mp_err *err) {
    if (!mp_accuracy_fits(job->net, job->data, err))
        return false;
    struct mp_integer *r = job->q ? mp_integer_create(job->q, &job->integer, err) : NULL;
    bool ok = !job->q || r;
    mp_integer_destroy(r);
    return ok;
}

static size_t first_bad(const struct work *k, size_t chunks) {
    size_t i = 0;
    while (i < chunks && k->chunks[i].bad == MP_NO_VALUE)
        i++;
    return i < chunks ? k->chunks[i].bad : MP_NO_VALUE;
}

bool mp_accuracy_run(const struct mp_accuracy_job *job, struct mp_arena *a, struct mp_accuracy *out, struct mp_err *err) {
    const struct mp_workload *w = &job->net->workload;
    const size_t chunks = (job->images + CHUNK - 1) / CHUNK;
    if (!check(job, err))
        return false;
    struct work k = {.job = job, .w = w, .image = mp_network_image(job->net), .output = mp_network_output(job->net)};
    k.kits = mp_arena_alloc(&k.arena, job->threads, sizeof *k.kits);
    k.chunks = mp_arena_alloc(&k.arena, chunks, sizeof *k.chunks);
    for (size_t i = 0; i < chunks; i++)
        k.chunks[i] = (struct chunk){
            .sums.tensors = mp_arena_alloc(&k.arena, w->tensor_count, sizeof(struct mp_fidelity)), .bad = MP_NO_VALUE};
    *out = (struct mp_accuracy){.labelled = job->data->labels, .scores = elements(&w->tensors[k.output])};
    mp_pool_run(job->threads, chunks, do_chunk, &k);
    gather(&k, a, out);
    out->interrupted = k.over;
    if (job->q)
        out->kernel = job->integer.kernel ? job->integer.kernel->name : mp_kernel_best()->name;
    for (unsigned i = 0; i < job->threads; i++)
        finish_kit(&k.kits[i]);
    const size_t bad = first_bad(&k, chunks);
    mp_arena_finish(&k.arena);
    return bad == MP_NO_VALUE || mp_fail(err, "%s: tensor \"%s\" has a number that is not finite", job->net->graph.source,
                                         w->tensors[bad].name);
}

struct mp_share mp_share_of(uint64_t k, uint64_t n) {
    if (n == 0)
        return (struct mp_share){0, 0, 1};
    const double z = 1.959963984540054, size = (double)n, p = (double)k / size; // 97.5 % point of the normal distribution
    const double middle = (p + z * z / (2 * size)) / (1 + z * z / size);
    const double half = z / (1 + z * z / size) * sqrt(p * (1 - p) / size + z * z / (4 * size * size));
    return (struct mp_share){p, fmax(0, middle - half), fmin(1, middle + half)};
}

struct mp_share mp_paired_difference(uint64_t gained, uint64_t lost, uint64_t n) {
    if (n == 0)
        return (struct mp_share){0, -1, 1};
    const double z = 1.959963984540054, size = (double)n, b = (double)gained, c = (double)lost, d = (b - c) / size;
    const double half = z * sqrt(b + c - (b - c) * (b - c) / size) / size;
    return (struct mp_share){d, d - half, d + half};
}

// Twice the sum of C(n, i) / 2^n for i up to the smaller count. Scaled by powers of two, so that no term overflows.
double mp_mcnemar_p(uint64_t gained, uint64_t lost) {
    const uint64_t n = gained + lost, few = gained < lost ? gained : lost;
    double term = 1, sum = 1;
    int64_t exponent = 1 - (int64_t)n;
    for (uint64_t i = 1; i <= few; i++) {
        term *= (double)(n - i + 1) / (double)i;
        sum += term;
        if (sum > 0x1p900) {
            term *= 0x1p-900, sum *= 0x1p-900;
            exponent += 900;
        }
    }
    return fmin(1, ldexp(sum, exponent < -10000 ? -10000 : (int)exponent));
}

double mp_sqnr_db(const struct mp_fidelity *f) {
    return f->noise > 0 ? 10 * log10(f->signal / f->noise) : INFINITY;
}
