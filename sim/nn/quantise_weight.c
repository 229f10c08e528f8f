// SPDX-License-Identifier: Apache-2.0
// Grids for weights, and scales for them.
#include "sim/nn/quantise_parts.h"

#include <math.h>
#include <stdlib.h>

#define MSE_STEPS 100 // shares of the largest magnitude that are tried

const char *const mp_range_method_names[] = {"mse", "minmax", "percentile", NULL};
const char *const mp_rounding_names[] = {"gptq", "nearest", NULL};

struct mp_weight_grid mp_weight_grid_of(unsigned bits, bool odd) {
    int32_t half = (int32_t)1 << (bits - 1);
    if (odd)
        return (struct mp_weight_grid){-half, half - 1, true};
    return (struct mp_weight_grid){bits > 1 ? 1 - half : -1, half - 1, false};
}

// Values of the grid reach from -levels to levels; that of one bit from -1 to 0.
static double levels(const struct mp_weight_grid *g) {
    return g->odd ? 2 * (double)g->high + 1 : -(double)g->low;
}

int32_t mp_weight_quantise(const struct mp_weight_grid *g, double scale, double w) {
    double q = g->odd ? (w / scale - 1) / 2 : w / scale;
    q = q < g->low ? g->low : q > g->high ? g->high : q; // ends are whole: the same as rounded first
    return (int32_t)mp_round_even(q);
}

double mp_weight_error(const struct mp_weight_grid *g, double scale, const float *w, size_t count) {
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double e = (double)w[i] - mp_weight_value(g, scale, mp_weight_quantise(g, scale, (double)w[i]));
        sum += e * e;
    }
    return sum;
}

static double largest(const float *w, size_t count) {
    float most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmaxf(most, fabsf(w[i]));
    return (double)most;
}

static int by_size(const void *a, const void *b) {
    float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

static double percentile_of(const float *w, size_t count, double percentile) {
    struct mp_arena arena = {0};
    float *sorted = mp_arena_alloc(&arena, count, sizeof *sorted);
    for (size_t i = 0; i < count; i++)
        sorted[i] = fabsf(w[i]);
    qsort(sorted, count, sizeof *sorted, by_size);
    size_t at = (size_t)ceil(percentile / 100 * (double)count);
    double value = (double)sorted[at > 0 ? at - 1 : 0];
    mp_arena_finish(&arena);
    return value;
}

static double least_error(const struct mp_weight_grid *g, const float *w, size_t count, double most) {
    double best = most, least = INFINITY;
    for (int i = MSE_STEPS; i > 0; i--) {
        double reach = most * i / MSE_STEPS, error = mp_weight_error(g, reach / levels(g), w, count);
        if (error < least)
            least = error, best = reach;
    }
    return best;
}

double mp_weight_scale(const struct mp_weight_grid *g, const float *w, size_t count, enum mp_range_method method,
                       double percentile) {
    double reach = largest(w, count);
    if (reach > 0 && method == MP_RANGE_PERCENTILE) {
        double share = percentile_of(w, count, percentile);
        reach = share > 0 ? share : reach;
    }
    if (reach > 0 && method == MP_RANGE_MSE)
        reach = least_error(g, w, count, reach);
    return reach / levels(g);
}
