// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/histogram.h"

#include <math.h>
#include <string.h>

#define HALF (MP_BINS / 2)

// Two bins become one, around the middle.
static void widen(struct mp_histogram *h) {
    uint64_t wide[MP_BINS] = {0};
    for (size_t i = 0; i < MP_BINS; i++)
        wide[HALF / 2 + i / 2] += h->bin[i];
    memcpy(h->bin, wide, sizeof wide);
    h->exponent++;
}

static void make_room(struct mp_histogram *h, float magnitude) {
    int exponent = 0;
    if (magnitude == 0)
        return;
    frexpf(magnitude, &exponent); // magnitude < 2^exponent
    if (h->exponent < exponent && h->bin[HALF] == h->count) // only zeros yet: any range will do
        h->exponent = exponent;
    while (h->exponent < exponent)
        widen(h);
}

void mp_histogram_add(struct mp_histogram *h, const float *x, size_t count) {
    float low = h->count ? h->low : INFINITY, high = h->count ? h->high : -INFINITY;
    for (size_t i = 0; i < count; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    if (count == 0)
        return;
    if (h->count == 0)
        h->exponent = -126;
    make_room(h, fmaxf(fabsf(low), fabsf(high)));
    const double scale = ldexp(HALF, -h->exponent);
    for (size_t i = 0; i < count; i++) {
        double at = floor(x[i] * scale) + HALF;
        h->bin[at < 0 ? 0 : at > MP_BINS - 1 ? MP_BINS - 1 : (size_t)at]++;
        h->zeros += x[i] == 0;
    }
    h->count += count;
    h->low = low;
    h->high = high;
}

void mp_histogram_merge(struct mp_histogram *h, const struct mp_histogram *other) {
    if (other->count == 0)
        return;
    if (h->count == 0) {
        *h = *other;
        return;
    }
    struct mp_histogram more = *other;
    while (more.exponent < h->exponent)
        widen(&more);
    while (h->exponent < more.exponent)
        widen(h);
    for (size_t i = 0; i < MP_BINS; i++)
        h->bin[i] += more.bin[i];
    h->count += more.count;
    h->zeros += more.zeros;
    h->low = fminf(h->low, more.low);
    h->high = fmaxf(h->high, more.high);
}

double mp_histogram_middle(const struct mp_histogram *h, size_t bin) {
    return ldexp((double)bin - HALF + 0.5, h->exponent) / HALF;
}

double mp_histogram_magnitude(const struct mp_histogram *h, double share) {
    double most = fmax(fabs(h->low), fabs(h->high)), want = share * (double)h->count, seen = 0;
    for (size_t i = 0; i < HALF; i++) {
        seen += (double)(h->bin[HALF + i] + h->bin[HALF - 1 - i]);
        if (seen >= want)
            return fmin(ldexp((double)(i + 1) / HALF, h->exponent), most);
    }
    return most;
}
