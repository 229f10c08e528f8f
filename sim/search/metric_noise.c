// SPDX-License-Identifier: Apache-2.0
// The rise of the float network's loss under Gaussian noise on a unit, of the power of a grid that reaches its largest
// magnitude. The same draws at all widths: weights' of each chunk of images, activations' of each image. Draws come in pairs of
// opposite signs (antithetic variates, Hammersley and Morton, 1956): what is linear in the noise, and would hide a small rise,
// cancels. A rise may be negative.
#include "sim/search/metric_parts.h"

#include <math.h>

#define PROBES 8 // that a pair of draws stands for

struct work {
    struct mp_harm *out;
    uint64_t draws;
};

// Of a step of the grid over the largest magnitude.
static double step_share(const struct mp_bench *b, const struct mp_unit_part *p, unsigned bits) {
    if (!p->weights) {
        const struct mp_range r = mp_range_of(bits, p->is_signed);
        return 1 / fmax(1, r.high);
    }
    const struct mp_weight_grid g = mp_weight_grid_of(bits, b->space->base.default_encoding == MP_ODD);
    return g.odd ? 2 / (2 * (double)g.high + 1) : 1 / -(double)g.low;
}

static double deviation(const struct mp_bench *b, const struct mp_unit_part *p, unsigned bits) {
    return p->most * step_share(b, p, bits) / sqrt(12);
}

static double side_of(uint64_t draw) {
    return draw % 2 == 0 ? 1 : -1;
}

static void add_weights(const struct mp_bench *b, struct mp_kit *kit, const struct mp_unit_part *p, const float *unit,
                        unsigned bits, double side) {
    const float *from = b->job->net->params[p->layer].weight + p->first * p->terms;
    float *to = mp_kit_weights(kit, p);
    const float by = (float)(side * deviation(b, p, bits));
    for (uint64_t i = 0; i < p->count; i++)
        to[i] = from[i] + by * unit[i];
    mp_kit_take(kit, p);
    mp_grad_reload(kit->grad);
}

static void weights(struct work *k, struct mp_bench *b, struct mp_kit *kit, const struct mp_unit_part *p, uint64_t draw) {
    const uint32_t set = mp_unit_widths(b->job, b->space, p->unit);
    struct mp_arena scratch = {0};
    float *unit = mp_arena_alloc(&scratch, p->count, sizeof *unit);
    for (uint64_t chunk = 0; chunk < b->chunks; chunk++) {
        struct mp_random r = mp_metric_stream(b->job->seed, p->unit, draw / 2, chunk);
        mp_random_gauss(&r, unit, p->count);
        for (unsigned bits = 1; bits < MP_WIDTHS; bits++) {
            if (!(set >> bits & 1))
                continue;
            add_weights(b, kit, p, unit, bits, side_of(draw));
            for (uint64_t i = chunk * MP_BENCH_CHUNK; i < mp_bench_end(b, chunk) && !mp_bench_stopped(b); i++)
                *mp_harm_at(k->out, p->unit, bits) +=
                    mp_grad_loss(kit->grad, mp_bench_image(b, kit, i), mp_bench_target(b, i), NULL) - b->loss[i];
        }
    }
    mp_kit_restore(b, kit, p);
    mp_grad_reload(kit->grad);
    mp_arena_finish(&scratch);
}

// All tensors of a unit.
struct shifts {
    const struct mp_unit_part *parts;
    size_t count;
    float **unit, **delta; // by part
};

static void shift(const struct mp_bench *b, struct mp_kit *kit, const struct shifts *s, unsigned bits, double side) {
    for (size_t i = 0; i < s->count; i++) {
        const float by = (float)(side * deviation(b, &s->parts[i], bits));
        for (uint64_t e = 0; e < s->parts[i].count; e++)
            s->delta[i][e] = by * s->unit[i][e];
        mp_grad_shift(kit->grad, s->parts[i].tensor, s->delta[i]);
    }
}

static void activation(struct work *k, struct mp_bench *b, struct mp_kit *kit, const struct shifts *s, uint64_t draw) {
    const size_t unit = s->parts[0].unit;
    const uint32_t set = mp_unit_widths(b->job, b->space, unit);
    for (uint64_t i = 0; i < b->images && !mp_bench_stopped(b); i++) {
        const float *image = mp_bench_image(b, kit, i);
        struct mp_random r = mp_metric_stream(b->job->seed, unit, draw / 2, i);
        for (size_t p = 0; p < s->count; p++)
            mp_random_gauss(&r, s->unit[p], s->parts[p].count);
        for (unsigned bits = 1; bits < MP_WIDTHS; bits++) {
            if (!(set >> bits & 1))
                continue;
            shift(b, kit, s, bits, side_of(draw));
            *mp_harm_at(k->out, unit, bits) += mp_grad_loss(kit->grad, image, mp_bench_target(b, i), NULL) - b->loss[i];
        }
    }
    for (size_t p = 0; p < s->count; p++)
        mp_grad_shift(kit->grad, s->parts[p].tensor, NULL);
}

static void one_unit(void *user, struct mp_bench *b, struct mp_kit *kit, size_t unit) {
    struct work *k = user;
    const struct mp_unit_part *p = &b->parts.of[b->parts.first[unit]];
    struct mp_arena scratch = {0};
    struct shifts s = {.parts = p, .count = b->parts.first[unit + 1] - b->parts.first[unit]};
    const bool weighs = b->space->units[unit].kind == MP_UNIT_WEIGHT;
    if (!weighs) {
        s.unit = mp_part_buffers(p, s.count, &scratch);
        s.delta = mp_part_buffers(p, s.count, &scratch);
    }
    for (uint64_t draw = 0; draw < k->draws; draw++) {
        if (weighs)
            weights(k, b, kit, p, draw);
        else if (s.count > 0)
            activation(k, b, kit, &s, draw);
    }
    for (unsigned bits = 1; bits < MP_WIDTHS; bits++)
        *mp_harm_at(k->out, unit, bits) /= (double)(k->draws * b->images);
    mp_arena_finish(&scratch);
}

static bool run(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out,
                struct mp_err *err) {
    struct work k = {out, 2 * (1 + (job->probes > 0 ? job->probes - 1 : 0) / PROBES)};
    struct mp_bench b;
    mp_harm_make(out, s, "nats", NULL, a);
    bool ok = mp_bench_make(&b, job, s, err);
    b.all = s->unit_count;
    ok = ok && mp_bench_run(&b, s->unit_count, one_unit, &k, err);
    mp_bench_finish(&b);
    mp_harm_rising(out, job, s);
    return ok;
}

const struct mp_search_metric mp_metric_noise = {
    .name = "noise",
    .help = "rise of the float network's loss under Gaussian noise of the grid's power on one unit",
    .source = "Sensitivity-guided post-training search, arXiv 2302.01382",
    .images = true,
    .probes = true,
    .run = run,
};
