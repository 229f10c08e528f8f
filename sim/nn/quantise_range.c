// SPDX-License-Identifier: Apache-2.0
// How far a tensor's grid reaches, by what was seen in it (docs/quantisation.md, "How far a grid reaches").
#include "sim/nn/quantise_parts.h"

#include <math.h>

#define MSE_STEPS 100 // shares of the largest magnitude that are tried

// The bins that something fell into. The squared error is summed in their order: its terms are found first, all at once.
struct seen {
    double middle[MP_BINS], number[MP_BINS], term[MP_BINS];
    size_t count;
};

double mp_power_of_two(double x) {
    return exp2(ceil(log2(x)));
}

static void see(struct seen *s, const struct mp_histogram *h) {
    s->count = 0;
    for (size_t i = 0; i < MP_BINS; i++)
        if (h->bin[i] > 0) {
            s->middle[s->count] = mp_histogram_middle(h, i);
            s->number[s->count++] = (double)h->bin[i];
        }
}

static double squared_error(struct seen *s, const struct mp_range *r, double scale, int32_t zero) {
    const double low = (double)r->low - zero, high = (double)r->high - zero;
    double sum = 0;
    for (size_t i = 0; i < s->count; i++) {
        double q = s->middle[i] / scale;
        q = q < low ? low : q;
        q = mp_round_even(q > high ? high : q); // ends are whole: the same as rounded first
        double e = s->middle[i] - scale * q;
        s->term[i] = s->number[i] * e * e;
    }
    for (size_t i = 0; i < s->count; i++)
        sum += s->term[i];
    return sum;
}

static double least_error(const struct mp_histogram *h, const struct mp_range *r, double most, double levels) {
    double best = most, least = INFINITY;
    struct seen s;
    see(&s, h);
    for (int i = MSE_STEPS; i > 0; i--) {
        double error = squared_error(&s, r, most * i / MSE_STEPS / levels, 0);
        if (error < least)
            least = error, best = most * i / MSE_STEPS;
    }
    return best;
}

double mp_range_scale(const struct mp_quantise_options *o, const struct mp_histogram *h, const struct mp_range *r) {
    const double levels = r->high > 0 ? r->high : 1;
    double most = fmax(fabs((double)h->low), fabs((double)h->high)), best = most;
    if (h->count == 0 || most == 0)
        return 1 / levels; // always 0
    if (o->activations == MP_RANGE_PERCENTILE)
        best = mp_histogram_magnitude(h, o->percentile / 100);
    if (o->activations == MP_RANGE_MSE)
        best = least_error(h, r, most, levels);
    return (best > 0 ? best : most) / levels;
}

struct mp_affine mp_affine_of(const struct mp_quantise_options *o, double low, double high, const struct mp_range *r) {
    struct mp_affine a;
    low = fmin(low, 0);
    high = fmax(high, 0);
    a.scale = (high - low) / (r->high - r->low);
    if (o->power_of_two)
        a.scale = mp_power_of_two(a.scale);
    a.zero = (int32_t)(r->low - nearbyint(low / a.scale));
    return a;
}

static double least_affine_error(const struct mp_quantise_options *o, const struct mp_histogram *h, const struct mp_range *r) {
    double best = 1, least = INFINITY;
    struct seen s;
    see(&s, h);
    for (int i = MSE_STEPS; i > 0; i--) {
        struct mp_affine a = mp_affine_of(o, (double)h->low * i / MSE_STEPS, (double)h->high * i / MSE_STEPS, r);
        double error = squared_error(&s, r, a.scale, a.zero);
        if (error < least)
            least = error, best = (double)i / MSE_STEPS;
    }
    return best;
}

struct mp_affine mp_range_affine(const struct mp_quantise_options *o, const struct mp_histogram *h, const struct mp_range *r) {
    double most = fmax(fabs((double)h->low), fabs((double)h->high)), best = 1;
    if (o->activations == MP_RANGE_PERCENTILE)
        best = mp_histogram_magnitude(h, o->percentile / 100) / most;
    if (o->activations == MP_RANGE_MSE)
        best = least_affine_error(o, h, r);
    return mp_affine_of(o, (double)h->low * best, (double)h->high * best, r);
}
