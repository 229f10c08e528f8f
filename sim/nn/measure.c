// SPDX-License-Identifier: Apache-2.0
// A plan is quantised anew, from a cache, and compared with the kept one layer by layer: a layer whose own numbers and whose
// inputs are the same has the same biases after their correction, and the same output.
#include "sim/nn/measure_parts.h"

#include "sim/nn/accuracy.h"
#include "sim/nn/pass.h"

#include <stdlib.h>
#include <string.h>

// Making

static bool check(const struct mp_measure_job *job, struct mp_err *err) {
    const uint64_t images = job->data->count, most = mp_bias_images(&job->net->workload, images);
    if (!mp_accuracy_fits(job->net, job->data, err))
        return false;
    return !job->how->bias_correction || most == images ||
           mp_fail(err, "%s: tensors of %ju images take more than %ju bytes in bias correction: --calibration-images %ju fits",
                   job->net->graph.source, (uintmax_t)images, (uintmax_t)MP_BIAS_BYTES, (uintmax_t)most);
}

struct mp_measure *mp_measure_create(const struct mp_measure_job *job, struct mp_err *err) {
    if (!check(job, err))
        return NULL;
    struct mp_measure *m = calloc(1, sizeof *m);
    if (!m)
        mp_out_of_memory();
    const struct mp_workload *w = &job->net->workload;
    m->job = *job;
    m->how = *job->how;
    m->how.stopped = job->stopped;
    m->output = mp_network_output(job->net);
    m->scores = w->tensors[m->output].c * w->tensors[m->output].h * w->tensors[m->output].w;
    m->cache = mp_quantise_cache_create(job->net, job->calibration, &m->how);
    if (mp_measure_run_float(m, err))
        return m;
    mp_measure_destroy(m);
    return NULL;
}

const struct mp_measured *mp_measure_float(const struct mp_measure *m) {
    return &m->full;
}

const struct mp_qnet *mp_measure_network(const struct mp_measure *m) {
    return m->latest ? &m->latest->q : NULL;
}

static void drop(struct mp_measure *m, struct mp_outcome *o) {
    for (size_t t = 0; o->held && t < m->job.net->workload.tensor_count; t++)
        mp_held_drop(o->held[t]);
    mp_arena_finish(&o->arena);
    *o = (struct mp_outcome){0};
}

void mp_measure_destroy(struct mp_measure *m) {
    if (!m)
        return;
    drop(m, &m->base);
    drop(m, &m->last);
    mp_quantise_cache_destroy(m->cache);
    mp_arena_finish(&m->arena);
    free(m);
}

// Comparing

static bool same_grid(const struct mp_qtensor *a, const struct mp_qtensor *b) {
    return memcmp(&a->scale, &b->scale, sizeof a->scale) == 0 && a->zero == b->zero && a->bits == b->bits &&
           a->is_signed == b->is_signed;
}

static bool same_requant(const struct mp_requant *a, const struct mp_requant *b) {
    return a->mul == b->mul && a->shift == b->shift;
}

static bool same_bytes(const void *a, const void *b, size_t count, size_t size) {
    return a == b || (a && b && memcmp(a, b, count * size) == 0);
}

// Biases are not compared: before correction they follow from what is.
static bool same_numbers(const struct mp_workload *w, size_t layer, const struct mp_qnet *x, const struct mp_qnet *y) {
    const struct mp_layer *l = &w->layers[layer];
    const struct mp_qlayer *a = &x->layers[layer], *b = &y->layers[layer];
    const size_t channels = l->type == MP_LAYER_NORM ? w->tensors[l->output].c : l->geo.groups * l->geo.oc,
                 terms = l->type == MP_LAYER_NORM ? 1 : l->geo.ic * l->geo.kh * l->geo.kw,
                 span = (size_t)1 << x->tensors[l->inputs[0]].bits; // of a table
    bool same = a->odd == b->odd && a->low == b->low && a->high == b->high && a->fill == b->fill && a->gather == b->gather &&
                same_requant(&a->op[0], &b->op[0]) && same_requant(&a->op[1], &b->op[1]) && !a->requant == !b->requant;
    for (size_t c = 0; same && a->requant && c < channels; c++)
        same = same_requant(&a->requant[c], &b->requant[c]);
    return same && same_bytes(a->weight_scale, b->weight_scale, channels, sizeof *a->weight_scale) &&
           same_bytes(a->weight, b->weight, channels * terms, sizeof *a->weight) &&
           same_bytes(a->table, b->table, span, sizeof *a->table);
}

// What is the same as in the kept one, by layer and by tensor.
static void compare(const struct mp_measure *m, bool *layers, bool *tensors) {
    const struct mp_workload *w = &m->job.net->workload;
    const struct mp_qnet *x = &m->base.q, *y = &m->last.q;
    for (size_t t = 0; m->base.there && t < w->tensor_count; t++)
        tensors[t] = same_grid(&x->tensors[t], &y->tensors[t]);
    for (size_t i = 0; m->base.there && i < w->layer_count; i++) {
        const struct mp_layer *l = &w->layers[i];
        bool same = tensors[l->output];
        for (size_t t = 0; t < l->input_count; t++)
            same = same && tensors[l->inputs[t]];
        layers[i] = tensors[l->output] = same && same_numbers(w, i, x, y);
    }
}

// Reuse

static void take_biases(struct mp_measure *m, size_t layer) {
    const struct mp_layer *l = &m->job.net->workload.layers[layer];
    if (mp_layer_has_weights(l))
        memcpy(m->last.q.layers[layer].requant, m->base.q.layers[layer].requant,
               l->geo.groups * l->geo.oc * sizeof(struct mp_requant));
}

static uint64_t bytes_of(const struct mp_measure *m, size_t tensor) {
    const struct mp_tensor *t = &m->job.net->workload.tensors[tensor];
    return m->job.data->count * t->c * t->h * t->w * (m->last.q.tensors[tensor].bits <= 8 ? 1 : sizeof(int16_t));
}

static void keep_if_it_fits(const struct mp_measure *m, size_t tensor, uint64_t *left, bool *keep) {
    const bool is_read = m->job.net->workload.tensors[tensor].last_consumer != MP_NO_LAYER;
    if (keep[tensor] || !is_read || bytes_of(m, tensor) > *left)
        return;
    keep[tensor] = true;
    *left -= bytes_of(m, tensor);
}

// Half the memory is the kept plan's, half that of the one after it. Last tensors first: they save the most layers, and are
// small. What is the same as there stays as it is there. The output's numbers are needed whatever they take.
static void choose(const struct mp_measure *m, const bool *same, bool *keep) {
    const struct mp_workload *w = &m->job.net->workload;
    uint64_t left = m->job.store_bytes / 2;
    for (size_t t = 0; t < w->tensor_count; t++)
        if (m->last.held[t] && m->last.held[t]->numbers)
            left -= bytes_of(m, t) < left ? bytes_of(m, t) : left;
    keep[m->output] = !m->last.held[m->output];
    for (size_t i = w->layer_count; i-- > 0;)
        if (!same[w->layers[i].output])
            keep_if_it_fits(m, w->layers[i].output, &left, keep);
    if (!same[mp_network_image(m->job.net)])
        keep_if_it_fits(m, mp_network_image(m->job.net), &left, keep);
}

static bool infer(struct mp_measure *m, struct mp_measured *out, struct mp_arena *scratch, struct mp_err *err) {
    const struct mp_workload *w = &m->job.net->workload;
    bool *layers = mp_arena_alloc(scratch, w->layer_count, sizeof *layers),
         *tensors = mp_arena_alloc(scratch, w->tensor_count, sizeof *tensors),
         *keep = mp_arena_alloc(scratch, w->tensor_count, sizeof *keep),
         *ran = mp_arena_alloc(scratch, w->layer_count, sizeof *ran);
    m->last.held = mp_arena_alloc(&m->last.arena, w->tensor_count, sizeof *m->last.held);
    compare(m, layers, tensors);
    for (size_t t = 0; t < w->tensor_count; t++)
        m->last.held[t] = tensors[t] ? mp_held_share(m->base.held[t]) : NULL;
    for (size_t i = 0; i < w->layer_count; i++)
        if (layers[i])
            take_biases(m, i);
    choose(m, tensors, keep);
    const struct mp_pass pass = {.q = &m->last.q, .calibration = m->how.bias_correction ? m->job.calibration : NULL,
                                 .data = m->job.data, .images = m->job.data->count, .accumulator = m->job.accumulator,
                                 .threads = m->job.threads, .stopped = m->job.stopped, .held = m->last.held, .right = layers,
                                 .keep = keep, .ran = ran};
    if (!mp_pass_run(&pass, err))
        return false;
    *out = (struct mp_measured){.layers = w->layer_count};
    for (size_t i = 0; i < w->layer_count; i++)
        out->reused += layers[i] && !ran[i];
    return true;
}

// Running

bool mp_measure_run(struct mp_measure *m, const struct mp_plan *plan, struct mp_measured *out, struct mp_err *err) {
    struct mp_arena scratch = {0};
    m->latest = NULL;
    drop(m, &m->last);
    bool ok = mp_quantise_cached(m->cache, plan, m->job.threads, &m->last.arena, &m->last.q, err) &&
              infer(m, out, &scratch, err);
    mp_arena_finish(&scratch);
    if (!ok) {
        drop(m, &m->last);
        return false;
    }
    mp_measure_score(m, &m->last, out);
    m->last.there = true;
    m->last.q.plan = NULL; // the caller's, who may free it
    m->latest = &m->last;
    if (!m->base.there)
        mp_measure_keep(m);
    return true;
}

void mp_measure_keep(struct mp_measure *m) {
    if (!m->last.there)
        return;
    drop(m, &m->base);
    m->base = m->last;
    m->last = (struct mp_outcome){0};
    m->latest = &m->base;
}
