// SPDX-License-Identifier: Apache-2.0
// Traces of the loss's Hessian by Hutchinson's estimator (1990): v of -1 and 1 at random, E v.Hv = trace H, Hv from gradients on
// both sides. One v lies over all weights at once, another over all activations: v_l.(Hv)_l is without bias for the block of l,
// since what other blocks bring in has mean 0. Weights have a v for each chunk of images, activations for each image, whose
// Hessian alone it meets. Where the loss has kinks (ReLU) a difference sees the curvature over its reach.
//
// Traces may be negative, which the metrics' theory, at a minimum, rules out: scores keep them, harms take 0.
#include "sim/search/metric_parts.h"

#include <math.h>

// Shift of an element, over the root mean square of its part: in float, the error of rounding goes with 1 / e, that of the
// difference with e^2.
#define SHIFT 5e-3

struct work {
    bool weights;      // or activations
    double *shift;     // by part
    double *sum;       // [probe][chunk][part]: v.(g+ - g-)
};

static void draw(const struct mp_bench *b, const struct work *k, uint64_t probe, uint64_t at, float **v) {
    struct mp_random r = mp_metric_stream(b->job->seed, k->weights, probe, at);
    for (size_t p = 0; p < b->parts.count; p++)
        if (v[p])
            mp_random_signs(&r, v[p], b->parts.of[p].count);
}

static double dot(const float *v, const float *g, uint64_t count) {
    double sum = 0;
    for (uint64_t i = 0; i < count; i++)
        sum += (double)v[i] * (double)g[i];
    return sum;
}

static void move_weights(const struct mp_bench *b, const struct work *k, struct mp_kit *kit, float **v, double side) {
    for (size_t p = 0; p < b->parts.count; p++) {
        const struct mp_part *part = &b->parts.of[p];
        if (!v[p])
            continue;
        const float *from = b->job->net->params[part->layer].weight + part->first * part->terms;
        float *to = mp_kit_weights(kit, part);
        for (uint64_t i = 0; i < part->count; i++)
            to[i] = (float)((double)from[i] + side * k->shift[p] * (double)v[p][i]);
        mp_kit_take(kit, part);
    }
    mp_grad_reload(kit->grad);
}

static void weights_chunk(struct mp_bench *b, const struct work *k, struct mp_kit *kit, uint64_t probe, uint64_t chunk,
                          float **v, double *sum) {
    draw(b, k, probe, chunk, v);
    for (int side = 1; side >= -1; side -= 2) {
        move_weights(b, k, kit, v, side);
        for (uint64_t i = chunk * MP_BENCH_CHUNK; i < mp_bench_end(b, chunk) && !mp_bench_stopped(b); i++) {
            mp_grad_run(kit->grad, mp_bench_image(b, kit, i), mp_bench_target(b, i));
            for (size_t p = 0; p < b->parts.count; p++)
                if (v[p])
                    sum[p] += side * dot(v[p], mp_grad_weight(kit->grad, b->parts.of[p].layer) +
                                                   b->parts.of[p].first * b->parts.of[p].terms, b->parts.of[p].count);
        }
    }
    move_weights(b, k, kit, v, 0);
}

// The shifts are side e v: their product with the gradient over e is side v.g.
static void activations_side(struct mp_bench *b, const struct work *k, struct mp_kit *kit, uint64_t image, float **shift,
                             float *g, double *sum) {
    for (size_t p = 0; p < b->parts.count; p++)
        if (shift[p])
            mp_grad_shift(kit->grad, b->parts.of[p].tensor, shift[p]);
    mp_grad_run(kit->grad, mp_bench_image(b, kit, image), mp_bench_target(b, image));
    for (size_t p = 0; p < b->parts.count; p++) {
        if (!shift[p])
            continue;
        mp_grad_tensor(kit->grad, b->parts.of[p].tensor, g);
        sum[p] += dot(shift[p], g, b->parts.of[p].count) / k->shift[p];
    }
}

static void multiply(const struct mp_bench *b, float **v, const double *by, double side) {
    for (size_t p = 0; p < b->parts.count; p++)
        for (uint64_t i = 0; v[p] && i < b->parts.of[p].count; i++)
            v[p][i] = (float)(side * (by ? by[p] : 1) * (double)v[p][i]);
}

static void activations_chunk(struct mp_bench *b, const struct work *k, struct mp_kit *kit, uint64_t probe, uint64_t chunk,
                              float **v, float *g, double *sum) {
    for (uint64_t i = chunk * MP_BENCH_CHUNK; i < mp_bench_end(b, chunk) && !mp_bench_stopped(b); i++) {
        draw(b, k, probe, i, v);
        multiply(b, v, k->shift, 1);
        activations_side(b, k, kit, i, v, g, sum);
        multiply(b, v, NULL, -1);
        activations_side(b, k, kit, i, v, g, sum);
    }
    for (size_t p = 0; p < b->parts.count; p++)
        if (v[p])
            mp_grad_shift(kit->grad, b->parts.of[p].tensor, NULL);
}

static void one_step(void *user, struct mp_bench *b, struct mp_kit *kit, size_t step) {
    const struct work *k = user;
    const uint64_t probe = step / b->chunks, chunk = step % b->chunks;
    struct mp_arena scratch = {0};
    float **v = mp_arena_alloc(&scratch, b->parts.count, sizeof *v);
    uint64_t most = 0;
    for (size_t p = 0; p < b->parts.count; p++) {
        const uint64_t count = b->parts.of[p].count;
        if (b->parts.of[p].weights != k->weights)
            continue;
        v[p] = mp_arena_alloc(&scratch, (size_t)count, sizeof **v);
        most = count > most ? count : most;
    }
    double *sum = k->sum + step * b->parts.count;
    if (k->weights)
        weights_chunk(b, k, kit, probe, chunk, v, sum);
    else
        activations_chunk(b, k, kit, probe, chunk, v, mp_arena_alloc(&scratch, (size_t)most, sizeof(float)), sum);
    mp_arena_finish(&scratch);
}

// Of weights or of activations, into `trace` by part.
static bool traces_of(struct mp_bench *b, bool weights, uint64_t probes, double *trace, struct mp_err *err) {
    struct mp_arena scratch = {0};
    struct work k = {.weights = weights};
    const size_t parts = b->parts.count, steps = probes * b->chunks;
    k.shift = mp_arena_alloc(&scratch, parts, sizeof *k.shift);
    k.sum = mp_arena_alloc(&scratch, steps * parts, sizeof *k.sum);
    for (size_t p = 0; p < parts; p++)
        k.shift[p] = SHIFT * (b->parts.of[p].square > 0 ? sqrt(b->parts.of[p].square) : 1);
    bool ok = mp_bench_run(b, steps, one_step, &k, err);
    for (size_t p = 0; p < parts; p++) {
        double sum = 0;
        for (size_t i = 0; i < steps; i++)
            sum += k.sum[i * parts + p];
        if (b->parts.of[p].weights == weights)
            trace[p] = sum / (2 * k.shift[p] * (double)probes * (double)b->images);
    }
    mp_arena_finish(&scratch);
    return ok;
}

// By part.
static bool make_traces(struct mp_bench *b, const struct mp_metric_job *job, const struct mp_space *s, double **trace,
                        struct mp_err *err) {
    const uint64_t probes = job->probes > 0 ? job->probes : 1;
    if (!mp_bench_make(b, job, s, 2 * probes * mp_bench_chunks(job), err))
        return false;
    *trace = mp_arena_alloc(&b->arena, b->parts.count, sizeof **trace);
    return traces_of(b, true, probes, *trace, err) && traces_of(b, false, probes, *trace, err);
}

// The mean of the diagonal over all elements of a unit.
static void set_scores(const struct mp_bench *b, const double *trace, struct mp_harm *out) {
    for (size_t u = 0; u < b->space->unit_count; u++) {
        double sum = 0, count = 0;
        for (size_t p = b->parts.first[u]; p < b->parts.first[u + 1]; p++) {
            sum += trace[p];
            count += (double)b->parts.of[p].count;
        }
        out->score[u] = count > 0 ? sum / count : 0;
    }
}

static bool run_hessian(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out,
                        struct mp_err *err) {
    struct mp_bench b;
    double *trace;
    bool ok = make_traces(&b, job, s, &trace, err);
    mp_harm_make(out, s, "nats", "mean Hessian trace", a);
    if (ok)
        set_scores(&b, trace, out);
    for (size_t i = 0; ok && i < b.parts.count; i++) {
        const struct mp_part *p = &b.parts.of[i];
        const uint32_t set = mp_unit_widths(job, s, p->unit);
        const double mean = p->share * fmax(0, trace[i]) / (double)p->count;
        for (unsigned bits = 1; bits < MP_WIDTHS; bits++)
            if (set >> bits & 1)
                *mp_harm_at(out, p->unit, bits) += mean * p->most * p->most * ldexp(1, -2 * (int)bits);
    }
    mp_bench_finish(&b);
    return ok;
}

static bool run_hawq(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out,
                     struct mp_err *err) {
    struct mp_bench b;
    struct mp_on_grid *at;
    double *trace;
    bool ok = make_traces(&b, job, s, &trace, err) && mp_parts_on_grids(job, s, &b.parts, &b.arena, &at, err);
    mp_harm_make(out, s, "nats", "mean Hessian trace", a);
    if (ok)
        set_scores(&b, trace, out);
    for (size_t i = 0; ok && i < b.parts.count; i++)
        for (unsigned bits = 1; bits < MP_WIDTHS; bits++)
            *mp_harm_at(out, b.parts.of[i].unit, bits) +=
                fmax(0, trace[i]) / (double)b.parts.of[i].count * at[i * MP_WIDTHS + bits].error;
    mp_bench_finish(&b);
    return ok;
}

const struct mp_search_metric mp_metric_hessian = {
    .name = "hessian",
    .help = "mean of the Hessian's diagonal, by Hutchinson's estimator, times the noise power 4^-bits of a grid that reaches "
            "the largest magnitude; slices by their share of the channels",
    .source = "Sensitivity-guided post-training search, arXiv 2302.01382",
    .run = run_hessian,
};

const struct mp_search_metric mp_metric_hawq = {
    .name = "hawq",
    .help = "mean of the Hessian's diagonal, by Hutchinson's estimator, times the squared change on the quantiser's grid",
    .source = "HAWQ-V2, arXiv 1911.03852",
    .run = run_hawq,
};
