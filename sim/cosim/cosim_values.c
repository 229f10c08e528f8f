// SPDX-License-Identifier: Apache-2.0
// The numbers of a layer's co-simulation: random tensors, weights of each run at its width, requantisation that fits the
// sums that come about.
#include "sim/cosim/cosim_layer.h"

#include <string.h>

struct mp_random mp_cosim_random(uint64_t seed, enum mp_cosim_stream s, size_t number) {
    struct mp_random r = {.state = seed};
    r.state = mp_random_next(&r) + (uint64_t)number * 2 + s;
    r.state = mp_random_next(&r);
    return r;
}

struct mp_range mp_cosim_range(const struct mp_result *r, size_t tensor) {
    return mp_range_of(r->plan->tensor_bits[tensor], r->workload->tensors[tensor].is_signed);
}

void mp_cosim_fill(const struct mp_result *r, const struct mp_cosim_options *o, size_t tensor, struct mp_values *v) {
    const struct mp_tensor *t = &r->workload->tensors[tensor];
    struct mp_random random = mp_cosim_random(o->seed, MP_COSIM_TENSOR, tensor);
    struct mp_range range = mp_cosim_range(r, tensor);
    if (o->real) {
        memcpy(v->at, o->real->tensors[tensor].at, v->count * sizeof *v->at);
        return;
    }
    mp_values_fill(&random, &range, r->plan->batch * t->c, t->h * t->w, v->at);
}

// The second operand as weights, [batch][group][N][K]; the core takes its bits as two's complement.
static void take_second(const struct mp_cosim_job *job, const struct mp_layer *l, int32_t *weight) {
    const struct mp_geometry *g = &l->geo;
    const struct mp_tensor *t = &job->result->workload->tensors[l->inputs[1]];
    struct mp_range range = mp_range_of(job->result->plan->tensor_bits[l->inputs[1]], true);
    for (uint64_t i = 0; i < job->result->plan->batch * g->groups; i++)
        for (uint64_t n = 0; n < g->oc; n++)
            for (uint64_t k = 0; k < g->ic; k++) {
                uint64_t of = t->c / g->groups, channel = i * of + (l->transpose_b ? k : n);
                int32_t value = job->input[1]->at[channel * t->h + (l->transpose_b ? n : k)];
                *weight++ = value > range.high ? value + 2 * range.low : value;
            }
}

static void set_weights(const struct mp_cosim_job *job, const struct mp_layer_result *lr, struct mp_random *random,
                        struct mp_arena *a, struct mp_layer_values *v) {
    const struct mp_layer *l = lr->layer;
    const struct mp_geometry *g = &l->geo;
    uint64_t row = g->ic * g->kh * g->kw, images = l->type == MP_MATMUL ? job->result->plan->batch : 1;
    int32_t *weight = mp_arena_alloc(a, images * g->groups * g->oc * row, sizeof *weight), *at = weight;
    v->weight = weight;
    if (l->type == MP_MATMUL) {
        take_second(job, l, weight);
        return;
    }
    for (size_t i = 0; i < lr->mapping.run_count; i++) {
        const struct mp_run *run = &lr->mapping.runs[i];
        struct mp_range range = mp_range_of(run->w_bits, true);
        mp_values_fill(random, &range, run->channels, row, at);
        at += run->channels * row;
    }
}

void mp_cosim_layer_ranges(const struct mp_cosim_job *job, const struct mp_layer *l, struct mp_layer_values *v) {
    const struct mp_workload *w = job->result->workload;
    const struct mp_plan *plan = job->result->plan;
    struct mp_range out = mp_values_output_range(l, plan->tensor_bits[l->output], w->tensors[l->output].is_signed);
    *v = (struct mp_layer_values){.low = out.low, .high = out.high};
    for (size_t i = 0; i < l->input_count && i < 2; i++) {
        v->input[i] = job->input[i]->at;
        v->is_signed[i] = w->tensors[l->inputs[i]].is_signed;
        v->bits[i] = plan->tensor_bits[l->inputs[i]];
    }
    if (job->options->real)
        mp_cosim_real_values(job->options->real, job->layer, v);
}

// A grouped layer's input with its groups in the order of the runs.
static void order_groups(const struct mp_cosim_job *job, const struct mp_geometry *g, const uint64_t *order, struct mp_arena *a,
                         struct mp_layer_values *v) {
    const uint64_t batch = job->result->plan->batch, count = g->ic * g->ih * g->iw;
    int32_t *input = mp_arena_alloc(a, batch * g->groups * count, sizeof *input), *to = input;
    for (uint64_t b = 0; b < batch; b++)
        for (uint64_t i = 0; i < g->groups; i++, to += count)
            memcpy(to, v->input[0] + (b * g->groups + order[i * g->oc] / g->oc) * count, count * sizeof *to);
    v->input[0] = input;
}

// The network's own, output channel by output channel.
static void order_weights(const struct mp_geometry *g, const uint64_t *order, struct mp_arena *a, struct mp_layer_values *v) {
    const uint64_t channels = g->groups * g->oc, terms = g->ic * g->kh * g->kw;
    int32_t *weight = mp_arena_alloc(a, channels * terms, sizeof *weight);
    struct mp_requant *requant = mp_arena_alloc(a, channels, sizeof *requant);
    for (uint64_t c = 0; c < channels; c++) {
        memcpy(weight + c * terms, v->weight + order[c] * terms, terms * sizeof *weight);
        requant[c] = v->requant[order[c]];
    }
    v->weight = weight;
    v->requant = requant;
}

void mp_cosim_layer_values(const struct mp_cosim_job *job, const struct mp_layer_result *lr, const uint64_t *order,
                           struct mp_random *random, struct mp_arena *a, struct mp_layer_values *v) {
    const struct mp_layer *l = lr->layer;
    if (mp_layer_has_weights(l) && l->geo.groups > 1)
        order_groups(job, &l->geo, order, a, v);
    if (job->options->real) { // all is there but the second operand of a product
        if (l->type == MP_MATMUL)
            set_weights(job, lr, random, a, v);
        if (mp_layer_has_weights(l))
            order_weights(&l->geo, order, a, v);
        return;
    }
    if (!mp_layer_on_array(l)) {
        struct mp_range in[2] = {{0}}, out = {v->low, v->high};
        for (size_t i = 0; i < l->input_count && i < 2; i++)
            in[i] = mp_range_of(v->bits[i], v->is_signed[i]);
        mp_values_op(random, l, in, &out, v->op);
        return;
    }
    set_weights(job, lr, random, a, v);
    v->pad = (int32_t)mp_random_range(random, mp_range_of(v->bits[0], v->is_signed[0]).low,
                                      mp_range_of(v->bits[0], v->is_signed[0]).high);
    v->requant = mp_arena_alloc(a, l->geo.groups * l->geo.oc, sizeof *v->requant);
    for (uint64_t i = 0; i < l->geo.groups * l->geo.oc; i++)
        v->requant[i] = (struct mp_requant){.mul = 1, .shift = 1};
}

void mp_cosim_requantise(const struct mp_reference_run *r, struct mp_random *random, struct mp_reference *ref) {
    const struct mp_geometry *g = &r->layer->geo;
    const struct mp_layer_values *v = r->values;
    const struct mp_range out = {v->low, v->high};
    uint64_t plane = g->oh * g->ow, all = g->groups * g->oc, spread = 0;
    for (uint64_t b = 0; b < r->batch; b++)
        for (uint64_t i = 0; i < r->channels * plane; i++) {
            int64_t sum = ref->sum[(b * all + r->first_channel) * plane + i];
            uint64_t size = sum < 0 ? 0 - (uint64_t)sum : (uint64_t)sum;
            spread = size > spread ? size : spread;
        }
    mp_values_requant(random, &out, spread, r->channels, v->requant + r->first_channel);
    for (uint64_t b = 0; b < r->batch; b++)
        for (uint64_t c = r->first_channel; c < r->first_channel + r->channels; c++)
            for (uint64_t i = (b * all + c) * plane, end = i + plane; i < end; i++)
                ref->output[i] = mp_requantise(ref->sum[i] + v->requant[c].bias, v->requant[c].mul, v->requant[c].shift,
                                               v->low, v->high);
}
