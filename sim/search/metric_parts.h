// SPDX-License-Identifier: Apache-2.0
// What metrics share. Internal to metric*.c. A unit of weights is one part; a unit of activations has a part for each tensor of
// its class that a layer computes, or that comes into the network: views and concatenations hold nothing of their own. The harm
// of a unit is the sum of its parts'.
#ifndef SIM_SEARCH_METRIC_PARTS_H
#define SIM_SEARCH_METRIC_PARTS_H

#include "sim/search/metric.h"

#include "sim/base/random.h"
#include "sim/nn/grad.h"

#include <stdatomic.h>

struct mp_unit_part {
    size_t unit;
    bool weights;
    size_t layer, tensor;     // one of them
    uint64_t first, channels; // weights: output channels
    uint64_t terms;           // weights: of an output channel
    uint64_t count;           // elements
    double share;             // of the layer's output channels: a slice counts by it where a metric says what a tensor is like
    double most, square;      // largest magnitude; mean of the squares
    bool is_signed;
};

struct mp_parts {
    struct mp_unit_part *of;
    size_t count, *first; // first: by unit, and behind the last one
};

// In the order of the units, of a unit in the order of the tensors.
struct mp_parts mp_parts_make(const struct mp_metric_job *job, const struct mp_space *s, struct mp_arena *a);

// Widths of a unit, bit b for b bits: those asked for (8 when none is), and those that have a harm.
uint32_t mp_unit_asked(const struct mp_metric_job *job, const struct mp_space *s, size_t unit);
uint32_t mp_unit_widths(const struct mp_metric_job *job, const struct mp_space *s, size_t unit);
unsigned mp_widest(uint32_t set);
unsigned mp_narrowest(uint32_t set);

// A buffer for each of `count` parts.
float **mp_part_buffers(const struct mp_unit_part *p, size_t count, struct mp_arena *a);

// All harms 0; scores when `score_name` is set.
void mp_harm_make(struct mp_harm *h, const struct mp_space *s, const char *unit, const char *score_name, struct mp_arena *a);
// Of metrics that measure: a width that comes out better than a wider one gets that one's harm. What measuring scatters by is
// no gain, and sums of it over many units would be taken for one.
void mp_harm_rising(struct mp_harm *h, const struct mp_metric_job *job, const struct mp_space *s);
static inline double *mp_harm_at(struct mp_harm *h, size_t unit, unsigned bits) {
    return &h->of[unit * MP_WIDTHS + bits];
}

// A part on its grid of b bits: sum of (x - Q(x))^2, of activations the mean over the images of the calibration; entropy of the
// integers in bits. Weights to the nearest.
struct mp_on_grid {
    double error, entropy;
};
// [part][MP_WIDTHS], at the widths of the part's unit. False when it was stopped.
bool mp_parts_on_grids(const struct mp_metric_job *job, const struct mp_space *s, const struct mp_parts *parts,
                       struct mp_arena *a, struct mp_on_grid **out, struct mp_err *err);
// Of `count` numbers of which `n[i]` are the same.
double mp_entropy(const uint64_t *n, size_t count);

// Weights of a layer on their grid of b bits as values, [output channel][its weights].
void mp_weights_on_grid(const struct mp_metric_job *job, const struct mp_space *s, size_t layer, unsigned bits, float *out);

// Random numbers that belong to (a, b, c): whoever draws them, in whatever order.
struct mp_random mp_metric_stream(uint64_t seed, uint64_t a, uint64_t b, uint64_t c);
void mp_random_gauss(struct mp_random *r, float *out, uint64_t count); // of mean 0 and variance 1 (Box and Muller, 1958)
void mp_random_signs(struct mp_random *r, float *out, uint64_t count); // -1 or 1 (Rademacher)

// What a thread works with.
struct mp_kit {
    struct mp_network net; // with weights of its own
    struct mp_grad *grad;
    float *image;
    struct mp_arena arena;
};

// The float network on the job's images, over threads. Steps are jobs whose results go to places of their own.
struct mp_bench {
    const struct mp_metric_job *job;
    const struct mp_space *space;
    struct mp_parts parts;
    uint64_t images, chunks;
    size_t scores;           // of an image
    double *target, *output; // [image][score]
    double *loss;            // [image]
    double mean_loss;
    struct mp_kit *kits;     // by thread
    struct mp_arena arena;
    uint64_t all;            // steps of all runs, for the progress
    atomic_uint_fast64_t done;
    atomic_bool over;
};
#define MP_BENCH_CHUNK 8 // images

// Runs the network once, which is no step of the progress: `all` is then 0, to be set. mp_bench_finish in any case.
bool mp_bench_make(struct mp_bench *b, const struct mp_metric_job *job, const struct mp_space *s, struct mp_err *err);
void mp_bench_finish(struct mp_bench *b);
// step(user, bench, kit, i) for each i below count. False when it was stopped.
typedef void mp_bench_step(void *user, struct mp_bench *b, struct mp_kit *kit, size_t i);
bool mp_bench_run(struct mp_bench *b, size_t count, mp_bench_step *step, void *user, struct mp_err *err);
bool mp_bench_stopped(struct mp_bench *b); // to be asked between images
const float *mp_bench_image(const struct mp_bench *b, struct mp_kit *kit, uint64_t i);
static inline const double *mp_bench_target(const struct mp_bench *b, uint64_t i) {
    return b->target + i * b->scores;
}
// Images [first, end) of a chunk.
static inline uint64_t mp_bench_end(const struct mp_bench *b, uint64_t chunk) {
    return (chunk + 1) * MP_BENCH_CHUNK < b->images ? (chunk + 1) * MP_BENCH_CHUNK : b->images;
}

// The weights of a part in the kit's network, to be written to; then they are taken over, or the job's come back.
static inline float *mp_kit_weights(struct mp_kit *kit, const struct mp_unit_part *p) {
    return kit->net.params[p->layer].weight + p->first * p->terms;
}
void mp_kit_take(struct mp_kit *kit, const struct mp_unit_part *p);
void mp_kit_restore(const struct mp_bench *b, struct mp_kit *kit, const struct mp_unit_part *p);

extern const struct mp_search_metric mp_metric_eagl, mp_metric_error, mp_metric_noise, mp_metric_hessian, mp_metric_hawq,
    mp_metric_fit, mp_metric_sqnr, mp_metric_loss, mp_metric_accuracy;

#endif
