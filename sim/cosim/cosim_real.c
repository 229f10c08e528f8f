// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/cosim_real.h"

bool mp_cosim_real_make(const struct mp_qnet *q, const struct mp_dataset *data, uint64_t images,
                        const struct mp_integer_options *how, struct mp_arena *a, struct mp_cosim_real *out,
                        struct mp_err *err) {
    const struct mp_workload *w = &q->net->workload;
    struct mp_arena scratch = {0};
    struct mp_integer *r = mp_integer_create(q, how, err);
    if (!r)
        return false;
    *out = (struct mp_cosim_real){.q = q, .data = data, .images = images};
    out->tensors = mp_arena_alloc(a, w->tensor_count, sizeof *out->tensors);
    for (size_t t = 0; t < w->tensor_count; t++) {
        out->tensors[t].count = images * w->tensors[t].c * w->tensors[t].h * w->tensors[t].w;
        out->tensors[t].at = mp_arena_alloc(a, out->tensors[t].count, sizeof(int32_t));
    }
    float *image = mp_arena_alloc(&scratch, data->channels * data->height * data->width, sizeof *image);
    for (uint64_t i = 0; i < images; i++) {
        mp_dataset_image(data, i, image);
        mp_integer_input(r, mp_network_image(q->net), image);
        mp_integer_run(r);
        for (size_t t = 0; t < w->tensor_count; t++)
            mp_integer_take(r, t, out->tensors[t].at + i * (out->tensors[t].count / images));
    }
    mp_integer_destroy(r);
    mp_arena_finish(&scratch);
    return true;
}

void mp_cosim_real_values(const struct mp_cosim_real *real, size_t layer, struct mp_layer_values *v) {
    const struct mp_qlayer *q = &real->q->layers[layer];
    v->weight = q->weight;
    v->pad = real->q->tensors[real->q->net->workload.layers[layer].inputs[0]].zero;
    v->requant = q->requant;
    v->op[0] = q->op[0];
    v->op[1] = q->op[1];
    v->low = q->low;
    v->high = q->high;
}

void mp_cosim_real_view(const struct mp_cosim_real *real, size_t layer, const struct mp_values *in, struct mp_values *out) {
    const struct mp_qlayer *q = &real->q->layers[layer];
    const uint64_t from = in->count / real->images, to = out->count / real->images;
    for (uint64_t b = 0; b < real->images; b++)
        for (uint64_t i = 0; i < to; i++) {
            int64_t at = q->gather ? q->gather[i] : (int64_t)i;
            out->at[b * to + i] = at < 0 ? q->fill : in->at[b * from + (uint64_t)at];
        }
}

struct mp_cosim_place mp_cosim_output_place(const struct mp_workload *w, const struct mp_layer *l) {
    return (struct mp_cosim_place){l->type == MP_POOL ? l->first_channel : 0, w->tensors[l->output].c};
}
