// SPDX-License-Identifier: Apache-2.0
// FIT: the trace of the empirical Fisher information, the sum over elements of the mean over images of the squared gradient,
// times the square of the grid's step. The sum and not the mean of the elements: there is noise on each.
#include "sim/search/metric_parts.h"

#include <math.h>

// Squares by chunk: of weights by output channel, of a tensor one.
struct work {
    size_t *at, width; // at: by part, where its squares begin; width: of all parts
    double *sum;       // [chunk][width]
};

static double squares(const float *g, uint64_t count) {
    double sum = 0;
    for (uint64_t i = 0; i < count; i++)
        sum += (double)g[i] * (double)g[i];
    return sum;
}

static void add_part(struct mp_kit *kit, const struct mp_unit_part *p, float *buffer, double *sum) {
    if (!p->weights) {
        mp_grad_tensor(kit->grad, p->tensor, buffer);
        *sum += squares(buffer, p->count);
        return;
    }
    const float *g = mp_grad_weight(kit->grad, p->layer) + p->first * p->terms;
    for (uint64_t c = 0; c < p->channels; c++)
        sum[c] += squares(g + c * p->terms, p->terms);
}

static void one_chunk(void *user, struct mp_bench *b, struct mp_kit *kit, size_t chunk) {
    struct work *k = user;
    struct mp_arena scratch = {0};
    uint64_t most = 0;
    for (size_t i = 0; i < b->parts.count; i++)
        most = !b->parts.of[i].weights && b->parts.of[i].count > most ? b->parts.of[i].count : most;
    float *buffer = mp_arena_alloc(&scratch, (size_t)most, sizeof *buffer);
    for (uint64_t i = chunk * MP_BENCH_CHUNK; i < mp_bench_end(b, chunk) && !mp_bench_stopped(b); i++) {
        mp_grad_run(kit->grad, mp_bench_image(b, kit, i), mp_bench_target(b, i));
        for (size_t p = 0; p < b->parts.count; p++)
            add_part(kit, &b->parts.of[p], buffer, k->sum + chunk * k->width + k->at[p]);
    }
    mp_arena_finish(&scratch);
}

static void make_places(struct mp_bench *b, struct work *k) {
    k->at = mp_arena_alloc(&b->arena, b->parts.count, sizeof *k->at);
    for (size_t i = 0; i < b->parts.count; i++) {
        k->at[i] = k->width;
        k->width += b->parts.of[i].weights ? b->parts.of[i].channels : 1;
    }
    k->sum = mp_arena_alloc(&b->arena, b->chunks * k->width, sizeof *k->sum);
}

static double trace_of(const struct mp_bench *b, const struct work *k, size_t place) {
    double sum = 0;
    for (uint64_t chunk = 0; chunk < b->chunks; chunk++)
        sum += k->sum[chunk * k->width + place];
    return sum / (double)b->images;
}

static double range_of(const float *w, uint64_t count) {
    float low = w[0], high = w[0];
    for (uint64_t i = 1; i < count; i++) {
        low = fminf(low, w[i]);
        high = fmaxf(high, w[i]);
    }
    return (double)high - (double)low;
}

// Sum of trace times squared range: by output channel when each has a grid.
static double weigh_weights(const struct mp_bench *b, const struct work *k, size_t part, double *trace) {
    const struct mp_unit_part *p = &b->parts.of[part];
    const struct mp_geometry *g = &b->space->workload->layers[p->layer].geo;
    const float *w = b->job->net->params[p->layer].weight;
    const bool one = b->job->how->weights_per_tensor || b->job->how->power_of_two;
    double sum = 0, range = one ? range_of(w, g->groups * g->oc * p->terms) : 0;
    for (uint64_t c = 0; c < p->channels; c++) {
        const double t = trace_of(b, k, k->at[part] + c);
        range = one ? range : range_of(w + (p->first + c) * p->terms, p->terms);
        *trace += t;
        sum += t * range * range;
    }
    return sum;
}

static double weigh(const struct mp_bench *b, const struct work *k, size_t part, double *trace) {
    const struct mp_unit_part *p = &b->parts.of[part];
    if (p->weights)
        return weigh_weights(b, k, part, trace);
    const struct mp_histogram *h = b->job->calibration->tensors[p->tensor];
    const double t = trace_of(b, k, k->at[part]), range = h->count > 0 ? (double)h->high - (double)h->low : 0;
    *trace += t;
    return t * range * range;
}

static void set_harm(const struct mp_bench *b, const struct work *k, size_t part, struct mp_harm *out) {
    const size_t unit = b->parts.of[part].unit;
    const uint32_t set = mp_unit_widths(b->job, b->space, unit);
    const double weighed = weigh(b, k, part, &out->score[unit]);
    for (unsigned bits = 1; bits < MP_WIDTHS; bits++)
        if (set >> bits & 1)
            *mp_harm_at(out, unit, bits) += weighed / pow(ldexp(1, (int)bits) - 1, 2);
}

static bool run(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out,
                struct mp_err *err) {
    struct work k = {0};
    struct mp_bench b;
    mp_harm_make(out, s, "nats", "Fisher trace", a);
    bool ok = mp_bench_make(&b, job, s, err);
    b.all = b.chunks;
    if (ok)
        make_places(&b, &k);
    ok = ok && mp_bench_run(&b, b.chunks, one_chunk, &k, err);
    for (size_t i = 0; ok && i < b.parts.count; i++)
        set_harm(&b, &k, i, out);
    mp_bench_finish(&b);
    return ok;
}

const struct mp_search_metric mp_metric_fit = {
    .name = "fit",
    .help = "trace of the empirical Fisher information times the squared step of the grid from least to greatest",
    .source = "FIT, arXiv 2210.08502",
    .images = true,
    .run = run,
};
