// SPDX-License-Identifier: Apache-2.0
// What one unit on its grid of b bits, all else in float, does to the network's first output: power of the noise over that of
// the signal, over all images. Weights to the nearest.
#include "sim/search/metric_parts.h"

#include "sim/nn/infer.h"

#include <math.h>
#include <string.h>

#define MOST_DB 300 // without noise

// By width: grids of all tensors.
struct grids {
    struct mp_qtensor *q[MP_WIDTHS];
    struct mp_range *range[MP_WIDTHS];
};

struct work {
    struct mp_harm *out;
    struct grids grids;
    double signal;
};

static double noise_of(const struct mp_bench *b, uint64_t image, const double *scores) {
    double sum = 0;
    for (size_t i = 0; i < b->scores; i++) {
        const double e = scores[i] - b->output[image * b->scores + i];
        sum += e * e;
    }
    return sum;
}

static void weights(struct work *k, struct mp_bench *b, struct mp_kit *kit, const struct mp_unit_part *p, double *scores) {
    const uint32_t set = mp_unit_widths(b->job, b->space, p->unit);
    const struct mp_geometry *g = &b->space->workload->layers[p->layer].geo;
    struct mp_arena scratch = {0};
    float *all = mp_arena_alloc(&scratch, g->groups * g->oc * p->terms, sizeof *all);
    for (unsigned bits = 1; bits < MP_WIDTHS; bits++) {
        if (!(set >> bits & 1))
            continue;
        mp_weights_on_grid(b->job, b->space, p->layer, bits, all);
        memcpy(mp_kit_weights(kit, p), all + p->first * p->terms, (size_t)p->count * sizeof *all);
        mp_kit_take(kit, p);
        mp_grad_reload(kit->grad);
        for (uint64_t i = 0; i < b->images && !mp_bench_stopped(b); i++) {
            mp_grad_loss(kit->grad, mp_bench_image(b, kit, i), mp_bench_target(b, i), scores);
            *mp_harm_at(k->out, p->unit, bits) += noise_of(b, i, scores);
        }
    }
    mp_kit_restore(b, kit, p);
    mp_grad_reload(kit->grad);
    mp_arena_finish(&scratch);
}

// The tensors of a unit.
struct values {
    const struct mp_unit_part *parts;
    size_t count;
    float **x, **delta; // by part
    struct mp_infer *infer;
};

static void run_float(const struct mp_bench *b, struct mp_kit *kit, const struct values *v, uint64_t image) {
    const struct mp_tensor *in = &b->space->workload->tensors[mp_network_image(&kit->net)];
    memcpy(mp_infer_input(v->infer, 0)->f, mp_bench_image(b, kit, image), in->c * in->h * in->w * sizeof(float));
    mp_infer_run(v->infer);
    for (size_t p = 0; p < v->count; p++)
        mp_network_tensor(&kit->net, v->infer, v->parts[p].tensor, v->x[p]);
}

static void shift(const struct work *k, struct mp_kit *kit, const struct values *v, unsigned bits) {
    for (size_t p = 0; p < v->count; p++) {
        const size_t tensor = v->parts[p].tensor;
        const struct mp_qtensor *t = &k->grids.q[bits][tensor];
        const struct mp_range *r = &k->grids.range[bits][tensor];
        for (uint64_t i = 0; i < v->parts[p].count; i++) {
            double x = (double)v->x[p][i], q = nearbyint(x / t->scale) + t->zero;
            q = q < r->low ? r->low : q > r->high ? r->high : q;
            v->delta[p][i] = (float)(t->scale * (q - t->zero) - x);
        }
        mp_grad_shift(kit->grad, tensor, v->delta[p]);
    }
}

static void activation(struct work *k, struct mp_bench *b, struct mp_kit *kit, const struct values *v, double *scores) {
    const size_t unit = v->parts[0].unit;
    const uint32_t set = mp_unit_widths(b->job, b->space, unit);
    for (uint64_t i = 0; i < b->images && !mp_bench_stopped(b); i++) {
        run_float(b, kit, v, i);
        for (unsigned bits = 1; bits < MP_WIDTHS; bits++) {
            if (!(set >> bits & 1))
                continue;
            shift(k, kit, v, bits);
            mp_grad_loss(kit->grad, kit->image, mp_bench_target(b, i), scores);
            *mp_harm_at(k->out, unit, bits) += noise_of(b, i, scores);
        }
    }
    for (size_t p = 0; p < v->count; p++)
        mp_grad_shift(kit->grad, v->parts[p].tensor, NULL);
}

static void one_activation(struct work *k, struct mp_bench *b, struct mp_kit *kit, size_t unit, double *scores) {
    struct mp_arena scratch = {0};
    struct values v = {.parts = &b->parts.of[b->parts.first[unit]], .count = b->parts.first[unit + 1] - b->parts.first[unit]};
    if (v.count == 0)
        return;
    v.x = mp_part_buffers(v.parts, v.count, &scratch);
    v.delta = mp_part_buffers(v.parts, v.count, &scratch);
    v.infer = mp_infer_create(&kit->net.graph);
    for (size_t p = 0; p < v.count; p++)
        mp_infer_keep(v.infer, kit->net.value[v.parts[p].tensor]);
    activation(k, b, kit, &v, scores);
    mp_infer_destroy(v.infer);
    mp_arena_finish(&scratch);
}

static void one_unit(void *user, struct mp_bench *b, struct mp_kit *kit, size_t unit) {
    struct work *k = user;
    struct mp_arena scratch = {0};
    double *scores = mp_arena_alloc(&scratch, b->scores, sizeof *scores);
    if (b->space->units[unit].kind == MP_UNIT_WEIGHT)
        weights(k, b, kit, &b->parts.of[b->parts.first[unit]], scores);
    else
        one_activation(k, b, kit, unit, scores);
    for (unsigned bits = 1; bits < MP_WIDTHS; bits++)
        *mp_harm_at(k->out, unit, bits) /= k->signal;
    const double harm = *mp_harm_at(k->out, unit, mp_narrowest(mp_unit_asked(b->job, b->space, unit)));
    k->out->score[unit] = harm > 0 ? fmin(MOST_DB, -10 * log10(harm)) : MOST_DB;
    mp_arena_finish(&scratch);
}

static void one_grid(void *user, struct mp_bench *b, struct mp_kit *kit, size_t i) {
    struct grids *g = user;
    const unsigned bits = (unsigned)i + 1;
    (void)kit;
    mp_quantise_tensors_at(b->job->net, bits, b->job->calibration, b->job->how, g->q[bits], g->range[bits]);
}

static bool make_grids(struct work *k, struct mp_bench *b, struct mp_err *err) {
    const size_t tensors = b->space->workload->tensor_count;
    for (size_t i = 0; i < b->images * b->scores; i++)
        k->signal += b->output[i] * b->output[i];
    if (!(k->signal > 0))
        return mp_fail(err, "%s: the first output is 0 throughout", b->job->net->graph.source);
    for (unsigned bits = 1; bits < MP_WIDTHS; bits++) {
        k->grids.q[bits] = mp_arena_alloc(&b->arena, tensors, sizeof **k->grids.q);
        k->grids.range[bits] = mp_arena_alloc(&b->arena, tensors, sizeof **k->grids.range);
    }
    return mp_bench_run(b, MP_WIDTHS - 1, one_grid, &k->grids, err);
}

static bool run(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out,
                struct mp_err *err) {
    struct work k = {.out = out};
    struct mp_bench b;
    mp_harm_make(out, s, "1", "SQNR dB", a);
    bool ok = mp_bench_make(&b, job, s, err) && make_grids(&k, &b, err);
    b.all = s->unit_count;
    ok = ok && mp_bench_run(&b, s->unit_count, one_unit, &k, err);
    mp_bench_finish(&b);
    return ok;
}

const struct mp_search_metric mp_metric_sqnr = {
    .name = "sqnr",
    .help = "noise over signal at the network's output with one unit on its grid; score: in dB at the narrowest width",
    .source = "A practical mixed precision algorithm for post-training quantization, arXiv 2302.05397",
    .images = true,
    .run = run,
};
