// SPDX-License-Identifier: Apache-2.0
// Bias correction. A layer's inputs are those that the corrected layers before it make (pass.h): only their sums matter.
#include "sim/nn/pass.h"
#include "sim/nn/quantise_parts.h"

#include <math.h>
#include <stdlib.h>

static size_t elements(const struct mp_tensor *t) {
    return t->c * t->h * t->w;
}

// Means of the taps in the input's steps, its zero point taken off. Sums of whole numbers are exact: below 2^53.
static double *tap_means(const struct mp_qnet *q, const struct mp_layer *l, size_t count, const int64_t *sum, uint64_t images) {
    const size_t inputs = elements(&q->net->workload.tensors[l->inputs[0]]);
    const int64_t zeros = (int64_t)images * q->tensors[l->inputs[0]].zero;
    double *means = calloc(count, sizeof *means), *wide = malloc(inputs * sizeof *wide);
    if (!means || !wide)
        mp_out_of_memory();
    for (size_t e = 0; e < inputs; e++)
        wide[e] = (double)(sum[e] - zeros);
    mp_tap_add(&l->geo, wide, true, means);
    for (size_t i = 0; i < count; i++)
        means[i] /= (double)images;
    free(wide);
    return means;
}

void mp_correct_layer(struct mp_qnet *qnet, const struct mp_calibration *c, size_t layer, const int64_t *sum,
                      uint64_t images) {
    const struct mp_layer *l = &qnet->net->workload.layers[layer];
    const struct mp_layer_params *p = &qnet->net->params[layer];
    struct mp_qlayer *q = &qnet->layers[layer];
    const struct mp_qtensor *in = &qnet->tensors[l->inputs[0]], *out = &qnet->tensors[l->output];
    const size_t taps = l->geo.kh * l->geo.kw, terms = l->geo.ic * taps;
    double *means = tap_means(qnet, l, c->taps[layer].count, sum, images);
    for (size_t o = 0; o < l->geo.groups * l->geo.oc; o++) {
        const size_t first = o / l->geo.oc * terms;
        double want = p->bias ? (double)p->bias[o] : 0, have = 0, scale = in->scale * q->weight_scale[o];
        int64_t zeros = 0;
        for (size_t i = 0; i < terms; i++) {
            int32_t value = q->odd ? 2 * q->weight[o * terms + i] + 1 : q->weight[o * terms + i];
            want += (double)p->weight[o * terms + i] * c->taps[layer].at[first + i];
            have += value * means[first + i];
            zeros += value;
        }
        double bias = nearbyint((want + out->zero * out->scale) / scale - have) - (double)(zeros * in->zero);
        q->requant[o].bias = (int32_t)fmax(-0x1p30, fmin(0x1p30, bias));
    }
    free(means);
}

// Bytes that one image needs at the layer where most is kept.
static uint64_t bytes_of_image(const struct mp_workload *w) {
    uint64_t live = 0, most = 0;
    for (size_t t = 0; t < w->input_count; t++)
        live += elements(&w->tensors[t]);
    for (size_t i = 0; i < w->layer_count; i++) {
        const struct mp_layer *l = &w->layers[i];
        live += w->tensors[l->output].last_consumer == MP_NO_LAYER ? 0 : elements(&w->tensors[l->output]);
        most = live > most ? live : most;
        for (size_t t = 0; t < l->input_count; t++) {
            bool again = false; // an operand that stands twice goes once
            for (size_t k = 0; k < t; k++)
                again = again || l->inputs[k] == l->inputs[t];
            if (!again && w->tensors[l->inputs[t]].last_consumer == i)
                live -= elements(&w->tensors[l->inputs[t]]);
        }
    }
    return most * sizeof(int16_t);
}

uint64_t mp_bias_images(const struct mp_workload *w, uint64_t images) {
    const uint64_t bytes = bytes_of_image(w), most = bytes > 0 ? MP_BIAS_BYTES / bytes : images;
    return images < most ? images : most > 0 ? most : 1;
}

bool mp_correct_biases(struct mp_qnet *q, const struct mp_calibration *c, const struct mp_dataset *d, uint64_t images,
                       const struct mp_accumulator *accumulator, bool (*stopped)(void), struct mp_err *err) {
    const size_t tensors = q->net->workload.tensor_count;
    struct mp_arena arena = {0};
    const struct mp_pass pass = {.q = q, .calibration = c, .data = d, .images = images < d->count ? images : d->count,
                                 .accumulator = *accumulator, .threads = 1, .stopped = stopped,
                                 .held = mp_arena_alloc(&arena, tensors, sizeof *pass.held)};
    bool ok = mp_pass_run(&pass, err);
    for (size_t t = 0; t < tensors; t++)
        mp_held_drop(pass.held[t]);
    mp_arena_finish(&arena);
    return ok;
}
