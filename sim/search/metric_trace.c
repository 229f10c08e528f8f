// SPDX-License-Identifier: Apache-2.0
// Traces of the loss's Hessian by Hutchinson's estimator (1990): v of -1 and 1 at random, E v.Hv = trace H, Hv from gradients
// on both sides. One v lies over all weights at once: v_l.(Hv)_l is without bias for the block of a layer, since what other
// blocks bring in has mean 0, and costs less variance than a run for each layer would cost time. Of activations it does not:
// what others bring in is 10 to 80 times the block's own deviation, so each tensor is moved alone. Weights have a v for each
// chunk of images, activations for each image, whose Hessian alone it meets. Where the loss has kinks (ReLU) a difference sees
// the curvature over its reach.
//
// Traces may be negative, which the metrics' theory, at a minimum, rules out: scores keep their sign, harms their size. To take
// 0 would let such a unit go down for nothing.
#include "sim/search/metric_parts.h"

#include <math.h>

// Shift of an element, over the root mean square of its part: in float, the error of rounding goes with 1 / e, so does the
// variance of kinks, and the error of the difference with e^2.
#define SHIFT 1e-2

struct work {
    double *shift;  // by part
    uint64_t probes;
    size_t *tensors; // parts that are tensors
    double *sum;    // of a step's v.(g+ - g-): weights [step][part]; activations [step]
};

static double dot(const float *v, const float *g, uint64_t count) {
    double sum = 0;
    for (uint64_t i = 0; i < count; i++)
        sum += (double)v[i] * (double)g[i];
    return sum;
}

static void move_weights(const struct mp_bench *b, const struct work *k, struct mp_kit *kit, float **v, double side) {
    for (size_t p = 0; p < b->parts.count; p++) {
        const struct mp_unit_part *part = &b->parts.of[p];
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

static void add_products(const struct mp_bench *b, const struct mp_kit *kit, float **v, int side, double *sum) {
    for (size_t p = 0; p < b->parts.count; p++) {
        const struct mp_unit_part *part = &b->parts.of[p];
        if (v[p])
            sum[p] += side * dot(v[p], mp_grad_weight(kit->grad, part->layer) + part->first * part->terms, part->count);
    }
}

// All weights, one chunk of images.
static void weights_step(void *user, struct mp_bench *b, struct mp_kit *kit, size_t step) {
    const struct work *k = user;
    const uint64_t chunk = step % b->chunks;
    struct mp_random r = mp_metric_stream(b->job->seed, 0, step / b->chunks, chunk);
    struct mp_arena scratch = {0};
    float **v = mp_arena_alloc(&scratch, b->parts.count, sizeof *v);
    for (size_t p = 0; p < b->parts.count; p++)
        if (b->parts.of[p].weights) {
            v[p] = mp_arena_alloc(&scratch, (size_t)b->parts.of[p].count, sizeof **v);
            mp_random_signs(&r, v[p], b->parts.of[p].count);
        }
    for (int side = 1; side >= -1; side -= 2) {
        move_weights(b, k, kit, v, side);
        for (uint64_t i = chunk * MP_BENCH_CHUNK; i < mp_bench_end(b, chunk) && !mp_bench_stopped(b); i++) {
            mp_grad_run(kit->grad, mp_bench_image(b, kit, i), mp_bench_target(b, i));
            add_products(b, kit, v, side, k->sum + step * b->parts.count);
        }
    }
    move_weights(b, k, kit, v, 0);
    mp_arena_finish(&scratch);
}

// One image, one tensor: v.(g+ - g-). `shift` is e v, then -e v.
static double both_sides(const struct mp_bench *b, struct mp_kit *kit, const struct mp_unit_part *p, double by, uint64_t image,
                         float *shift, float *g) {
    double sum = 0;
    for (uint64_t e = 0; e < p->count; e++)
        shift[e] *= (float)by;
    for (int side = 0; side < 2; side++) {
        mp_grad_run(kit->grad, mp_bench_image(b, kit, image), mp_bench_target(b, image));
        mp_grad_tensor(kit->grad, p->tensor, g);
        sum += dot(shift, g, p->count) / by;
        for (uint64_t e = 0; e < p->count; e++)
            shift[e] = -shift[e];
    }
    return sum;
}

// One tensor, one chunk of images.
static void tensor_step(void *user, struct mp_bench *b, struct mp_kit *kit, size_t step) {
    const struct work *k = user;
    const size_t part = k->tensors[step / b->chunks / k->probes];
    const uint64_t chunk = step % b->chunks, probe = step / b->chunks % k->probes;
    const struct mp_unit_part *p = &b->parts.of[part];
    struct mp_arena scratch = {0};
    float *shift = mp_arena_alloc(&scratch, (size_t)p->count, sizeof *shift);
    float *g = mp_arena_alloc(&scratch, (size_t)p->count, sizeof *g);
    mp_grad_shift(kit->grad, p->tensor, shift);
    for (uint64_t i = chunk * MP_BENCH_CHUNK; i < mp_bench_end(b, chunk) && !mp_bench_stopped(b); i++) {
        struct mp_random r = mp_metric_stream(b->job->seed, 1 + part, probe, i);
        mp_random_signs(&r, shift, p->count);
        k->sum[step] += both_sides(b, kit, p, k->shift[part], i, shift, g);
    }
    mp_grad_shift(kit->grad, p->tensor, NULL);
    mp_arena_finish(&scratch);
}

static bool traces_of_weights(struct mp_bench *b, struct work *k, double *trace, struct mp_err *err) {
    const size_t parts = b->parts.count, steps = k->probes * b->chunks;
    k->sum = mp_arena_alloc(&b->arena, steps * parts, sizeof *k->sum);
    if (!mp_bench_run(b, steps, weights_step, k, err))
        return false;
    for (size_t i = 0; i < steps * parts; i++)
        trace[i % parts] += k->sum[i] / (2 * k->shift[i % parts] * (double)(k->probes * b->images));
    return true;
}

static bool traces_of_tensors(struct mp_bench *b, struct work *k, double *trace, struct mp_err *err) {
    size_t count = 0, steps;
    k->tensors = mp_arena_alloc(&b->arena, b->parts.count, sizeof *k->tensors);
    for (size_t p = 0; p < b->parts.count; p++)
        if (!b->parts.of[p].weights)
            k->tensors[count++] = p;
    steps = count * k->probes * b->chunks;
    k->sum = mp_arena_alloc(&b->arena, steps, sizeof *k->sum);
    if (!mp_bench_run(b, steps, tensor_step, k, err))
        return false;
    for (size_t i = 0; i < steps; i++) {
        const size_t p = k->tensors[i / b->chunks / k->probes];
        trace[p] += k->sum[i] / (2 * k->shift[p] * (double)(k->probes * b->images));
    }
    return true;
}

// A probe of the weights is a vector for each chunk; so many vectors meet a tensor too, but at least one each image.
static bool make_traces(struct mp_bench *b, const struct mp_metric_job *job, const struct mp_space *s, double **trace,
                        struct mp_err *err) {
    struct work k = {.probes = job->probes > 0 ? job->probes : 1};
    const uint64_t tensor_probes = (k.probes + MP_BENCH_CHUNK - 1) / MP_BENCH_CHUNK;
    if (!mp_bench_make(b, job, s, err))
        return false;
    *trace = mp_arena_alloc(&b->arena, b->parts.count, sizeof **trace);
    k.shift = mp_arena_alloc(&b->arena, b->parts.count, sizeof *k.shift);
    for (size_t p = 0; p < b->parts.count; p++) {
        k.shift[p] = SHIFT * (b->parts.of[p].square > 0 ? sqrt(b->parts.of[p].square) : 1);
        b->all += b->chunks * (b->parts.of[p].weights ? 0 : tensor_probes);
    }
    b->all += b->chunks * k.probes;
    if (!traces_of_weights(b, &k, *trace, err))
        return false;
    k.probes = tensor_probes;
    return traces_of_tensors(b, &k, *trace, err);
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
        const struct mp_unit_part *p = &b.parts.of[i];
        const uint32_t set = mp_unit_widths(job, s, p->unit);
        const double mean = p->share * fabs(trace[i]) / (double)p->count;
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
                fabs(trace[i]) / (double)b.parts.of[i].count * at[i * MP_WIDTHS + bits].error;
    mp_bench_finish(&b);
    return ok;
}

const struct mp_search_metric mp_metric_hessian = {
    .name = "hessian",
    .help = "mean of the Hessian's diagonal, by Hutchinson's estimator, times the noise power 4^-bits of a grid that reaches "
            "the largest magnitude; slices by their share of the channels",
    .source = "Sensitivity-guided post-training search, arXiv 2302.01382",
    .images = true,
    .probes = true,
    .run = run_hessian,
};

const struct mp_search_metric mp_metric_hawq = {
    .name = "hawq",
    .help = "mean of the Hessian's diagonal, by Hutchinson's estimator, times the squared change on the quantiser's grid",
    .source = "HAWQ-V2, arXiv 1911.03852",
    .images = true,
    .probes = true,
    .run = run_hawq,
};
