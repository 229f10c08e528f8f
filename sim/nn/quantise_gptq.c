// SPDX-License-Identifier: Apache-2.0
// Weights rounded one after another, each one's error made up for by those that are still to come, so that the sums change
// least: GPTQ (Frantar et al., ICLR 2023), from optimal brain surgeon. With H the mean of x x^T and H^-1 = U^T U, U upper
// triangular, rounding weight i by e_i U_ii takes e_i U_ij from each weight j behind it, and the sum of squares of the e_i is
// what the output's mean square error grows by. Weights go in the order of falling H_ii.
#include "sim/nn/quantise_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DAMPING 0.01 // of the mean of H_ii, on the diagonal
#define REACHES 16   // shares of the largest magnitude that are tried, from 1 down to 1/4

struct work {
    size_t count;
    size_t *order;
    double *u;             // [count][count], upper triangular
    double *rest, *start;  // weights as they stand; as they began, in the order
    int32_t *q, *best;
};

struct weighted {
    double weight;
    size_t at;
};

static int by_falling_weight(const void *a, const void *b) {
    const struct weighted *x = a, *y = b;
    if (x->weight != y->weight)
        return x->weight < y->weight ? 1 : -1;
    return (x->at > y->at) - (x->at < y->at);
}

static void set_order(const double *h, struct work *k, struct mp_arena *a) {
    struct weighted *w = mp_arena_alloc(a, k->count, sizeof *w);
    for (size_t i = 0; i < k->count; i++)
        w[i] = (struct weighted){h[i * k->count + i], i};
    qsort(w, k->count, sizeof *w, by_falling_weight);
    for (size_t i = 0; i < k->count; i++)
        k->order[i] = w[i].at;
}

// H = M M^T with M upper triangular, in place, from the last row up. False when H is not positive definite.
static bool factor(size_t n, double *m) {
    for (size_t j = n; j-- > 0;) {
        double sum = m[j * n + j];
        for (size_t k = j + 1; k < n; k++)
            sum -= m[j * n + k] * m[j * n + k];
        if (!(sum > 0))
            return false;
        double root = sqrt(sum);
        m[j * n + j] = root;
        for (size_t i = 0; i < j; i++) {
            double s = m[i * n + j];
            for (size_t k = j + 1; k < n; k++)
                s -= m[i * n + k] * m[j * n + k];
            m[i * n + j] = s / root;
        }
    }
    return true;
}

// U = M^-1, both upper triangular: row by row from the last, U_i = (unit_i - sum of M_ik U_k for k > i) / M_ii.
static void invert(size_t n, const double *m, double *u) {
    memset(u, 0, n * n * sizeof *u);
    for (size_t i = n; i-- > 0;) {
        double *row = u + i * n;
        for (size_t k = i + 1; k < n; k++) {
            const double f = m[i * n + k], *below = u + k * n;
            for (size_t j = k; j < n; j++)
                row[j] -= f * below[j];
        }
        row[i] += 1;
        for (size_t j = i; j < n; j++)
            row[j] /= m[i * n + i];
    }
}

static bool prepare(const double *h, struct work *k, struct mp_arena *a) {
    const size_t n = k->count;
    double *m = mp_arena_alloc(a, n * n, sizeof *m), damp = 0;
    for (size_t i = 0; i < n; i++)
        damp += h[i * n + i] / (double)n;
    if (!(damp > 0))
        return false;
    k->order = mp_arena_alloc(a, n, sizeof *k->order);
    k->u = mp_arena_alloc(a, n * n, sizeof *k->u);
    k->rest = mp_arena_alloc(a, n, sizeof *k->rest);
    k->start = mp_arena_alloc(a, n, sizeof *k->start);
    k->q = mp_arena_alloc(a, n, sizeof *k->q);
    k->best = mp_arena_alloc(a, n, sizeof *k->best);
    set_order(h, k, a);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            m[i * n + j] = h[k->order[i] * n + k->order[j]] + (i == j ? DAMPING * damp : 0);
    if (!factor(n, m))
        return false;
    invert(n, m, k->u);
    return true;
}

// k->q for this scale; what the mean square error grows by. It only ever grows: at `enough` the rest is left out.
static double round_all(struct work *k, const struct mp_weight_grid *g, double scale, double enough) {
    const size_t n = k->count;
    double sum = 0;
    memcpy(k->rest, k->start, n * sizeof *k->rest);
    for (size_t i = 0; i < n; i++) {
        const double *u = k->u + i * n;
        k->q[i] = mp_weight_quantise(g, scale, k->rest[i]);
        double e = (k->rest[i] - mp_weight_value(g, scale, k->q[i])) / u[i];
        sum += e * e;
        if (sum >= enough)
            break;
        for (size_t j = i + 1; j < n; j++)
            k->rest[j] -= e * u[j];
    }
    return sum;
}

static void one_channel(struct work *k, const struct mp_weight_grid *g, const float *w, bool search, double *scale,
                        int32_t *q) {
    double least = INFINITY, given = *scale, most = search ? mp_weight_scale(g, w, k->count, MP_RANGE_MINMAX, 0) : given;
    for (size_t i = 0; i < k->count; i++)
        k->start[i] = (double)w[k->order[i]];
    for (int i = 0; i < (search ? REACHES : 1); i++) {
        double s = most * (1 - 0.75 * i / REACHES), error = round_all(k, g, s, least);
        if (error < least) {
            least = error, *scale = s;
            memcpy(k->best, k->q, k->count * sizeof *k->q);
        }
    }
    for (size_t i = 0; i < k->count; i++)
        q[k->order[i]] = k->best[i];
}

bool mp_gptq_group(const double *gram, const struct mp_weight_grid *grids, const float *weight, size_t channels, size_t terms,
                   bool search, const bool *keep, double *scale, int32_t *q) {
    struct mp_arena arena = {0};
    struct work k = {.count = terms};
    bool ok = prepare(gram, &k, &arena);
    for (size_t c = 0; ok && c < channels; c++)
        if (scale[c] > 0 && !keep[c])
            one_channel(&k, &grids[c], weight + c * terms, search, &scale[c], q + c * terms);
    mp_arena_finish(&arena);
    return ok;
}
