// SPDX-License-Identifier: Apache-2.0
#include "sim/nn/weight_stats.h"

#include "sim/base/say.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

struct mp_moments mp_moments_of(const float *x, uint64_t count) {
    struct mp_moments m = {.count = count};
    if (count == 0)
        return m;
    m.low = m.high = (double)x[0];
    for (uint64_t i = 0; i < count; i++) {
        double v = (double)x[i];
        m.low = v < m.low ? v : m.low;
        m.high = v > m.high ? v : m.high;
        m.mean += v;
        m.zeros += v == 0;
    }
    m.mean /= (double)count;
    for (uint64_t i = 0; i < count; i++)
        m.std += ((double)x[i] - m.mean) * ((double)x[i] - m.mean);
    m.std = sqrt(m.std / (double)count);
    return m;
}

double mp_moments_magnitude(const struct mp_moments *m) {
    return fmax(-m->low, m->high);
}

static bool all_finite(const float *x, uint64_t count, const char *what, const struct mp_network *n, size_t layer,
                       struct mp_err *err) {
    const char *name = n->workload.layers[layer].name;
    char shown[MP_SAY_BYTES];
    for (uint64_t i = 0; i < count; i++)
        if (!isfinite(x[i]))
            return mp_fail(err, "%s: layer \"%s\": %s %" PRIu64 " must be finite (got %g, with batch norm folded in)",
                           n->graph.source, mp_say_text(name, strlen(name), shown), what, i, (double)x[i]);
    return true;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void by_channel(struct mp_weight_stats *s, const float *weight, uint64_t taps, struct mp_arena *a) {
    double *magnitudes = mp_arena_alloc(a, s->channel_count, sizeof *magnitudes);
    s->channels = mp_arena_alloc(a, s->channel_count, sizeof *s->channels);
    for (uint64_t c = 0; c < s->channel_count; c++) {
        s->channels[c] = mp_moments_of(weight + c * taps, taps);
        magnitudes[c] = mp_moments_magnitude(&s->channels[c]);
        s->empty_channels += magnitudes[c] == 0;
    }
    const uint64_t first = s->empty_channels, last = s->channel_count - 1;
    qsort(magnitudes, s->channel_count, sizeof *magnitudes, by_size);
    if (first > last)
        return;
    s->spread = magnitudes[last] / magnitudes[first];
    s->spread_median = magnitudes[last] / magnitudes[first + (last - first) / 2];
}

bool mp_weight_stats_make(struct mp_weight_stats *s, const struct mp_network *n, size_t layer, struct mp_arena *a,
                          struct mp_err *err) {
    const struct mp_layer *l = &n->workload.layers[layer];
    const struct mp_layer_params *p = &n->params[layer];
    const struct mp_geometry *g = &l->geo;
    *s = (struct mp_weight_stats){0};
    if (!p->weight)
        return true;
    const bool products = mp_layer_has_weights(l);
    const uint64_t taps = products ? g->ic * g->kh * g->kw : g->ic, channels = products ? g->groups * g->oc : 1;
    if (!all_finite(p->weight, channels * taps, "weight", n, layer, err) ||
        !all_finite(p->bias, products ? channels : taps, "bias", n, layer, err))
        return false;
    s->all = mp_moments_of(p->weight, channels * taps);
    if (!products)
        return true;
    s->channel_count = channels;
    by_channel(s, p->weight, taps, a);
    return true;
}
