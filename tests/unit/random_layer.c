// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/random_layer.h"

static bool coin(struct rng *r) {
    return rng_next(r) & 1;
}

static unsigned pick(struct rng *r, unsigned lo, unsigned hi) {
    return (unsigned)rng_range(r, lo, hi);
}

static void random_core(struct rng *r, struct mp_arch *arch) {
    *arch = (struct mp_arch){.name = "core", .dram = {.ops = &mp_mem_ideal}};
    arch->storage = coin(r) ? MP_PACKED : MP_CONTAINERS;
    struct mp_pe_array *a = &arch->array;
    a->rows = rng_range(r, 1, 4), a->cols = rng_range(r, 1, 4);
    a->dataflow = MP_OS, a->interconnect = MP_BROADCAST;
    a->row_roles = a->col_roles = 1u << MP_ROLE_OC | 1u << MP_ROLE_PIXEL;
    a->lane_roles = 1u << MP_ROLE_IC | 1u << MP_ROLE_K_IC;
    a->pe = (struct mp_pe){.ops = &mp_pe_serial_w, .serial_bits = 1};
    a->pe.lanes = coin(r) ? rng_range(r, 1, 4) : rng_range(r, 1, 20);
    a->accumulator.bits = coin(r) ? rng_range(r, 6, 16) : rng_range(r, 20, 48);
    a->accumulator.on_overflow = coin(r) ? MP_SATURATE : MP_WRAP;
    for (int b = 0; b < MP_BUFFERS; b++)
        arch->buffers[b] = (struct mp_buffer){.size_bytes = 1 << 30, .width_bits = 64, .banks = 1,
                                              .double_buffered = coin(r)};
    arch->vector_unit.lanes = 4;
    arch->vector_unit.param_bits = coin(r) ? 72 : rng_range(r, 72, 150);
}

// Input size from a random output size, so that windows fit, with padding on both sides that need not agree.
static void random_axis(struct rng *r, uint64_t *in, uint64_t *out, uint64_t *k, uint64_t *s, uint64_t *d, uint64_t *pad) {
    *k = rng_range(r, 1, 4), *s = rng_range(r, 1, 3), *d = coin(r) ? 1 : rng_range(r, 1, 3);
    uint64_t reach = (*k - 1) * *d;
    *pad = rng_range(r, 0, coin(r) ? 0 : reach + rng_range(r, 0, 1));
    *in = rng_range(r, 1, 9);
    uint64_t behind = rng_range(r, 0, reach + 1), span = *in + *pad + behind;
    if (span < reach + 1)
        behind += reach + 1 - span, span = reach + 1;
    *out = (span - reach - 1) / *s + 1;
}

static void random_geometry(struct rng *r, struct mp_layer *l) {
    struct mp_geometry *g = &l->geo;
    *g = (struct mp_geometry){.groups = 1, .ic = 1, .oc = 1, .kh = 1, .kw = 1, .sh = 1, .sw = 1, .dh = 1, .dw = 1};
    g->ih = g->oh = rng_range(r, 1, 8), g->iw = g->ow = 1;
    if (l->type == MP_CONV2D || l->type == MP_POOL) {
        random_axis(r, &g->ih, &g->oh, &g->kh, &g->sh, &g->dh, &g->pt);
        random_axis(r, &g->iw, &g->ow, &g->kw, &g->sw, &g->dw, &g->pl);
    } else if (!mp_layer_on_array(l)) {
        g->iw = g->ow = rng_range(r, 1, 5);
    }
    if (l->type != MP_LINEAR && (coin(r) || !mp_layer_on_array(l)))
        g->groups = rng_range(r, 1, 6);
    if (mp_layer_on_array(l) && (g->groups == 1 || coin(r))) // else depthwise
        g->ic = rng_range(r, 1, coin(r) ? 4 : 24), g->oc = rng_range(r, 1, 10);
}

static void random_type(struct rng *r, struct mp_layer *l) {
    static const enum mp_layer_type types[] = {MP_CONV2D, MP_CONV2D, MP_CONV2D, MP_LINEAR, MP_MATMUL, MP_POOL, MP_ADD,
                                               MP_ACTIVATION};
    static const enum mp_act acts[] = {MP_ACT_NONE, MP_ACT_RELU, MP_ACT_RELU6};
    l->name = "layer", l->type = types[rng_range(r, 0, 7)];
    l->pool = coin(r) ? MP_POOL_AVG : MP_POOL_MAX;
    if (l->type != MP_POOL && l->type != MP_MATMUL)
        l->act = acts[rng_range(r, l->type == MP_ACTIVATION, 2)];
    l->input_count = l->type == MP_ADD || l->type == MP_MATMUL ? 2 : 1;
    l->output = 2;
}

static int32_t *filled(struct mp_random *r, struct mp_arena *a, struct mp_range range, uint64_t planes, uint64_t plane) {
    int32_t *at = mp_arena_alloc(a, planes * plane, sizeof *at);
    mp_values_fill(r, &range, planes, plane, at);
    return at;
}

static void random_values(struct rng *rng, struct mp_arena *a, struct random_layer *l, unsigned w_bits) {
    const struct mp_geometry *g = &l->layer.geo;
    struct mp_random r = {rng_next(rng)};
    struct mp_layer_values *v = &l->values;
    bool odd = l->bits.encoding == MP_ODD;
    struct mp_range in[2], q = mp_range_of(w_bits, true);
    for (size_t i = 0; i < 2; i++) {
        v->is_signed[i] = l->tensors[i].is_signed, v->bits[i] = l->tensor_bits[i];
        in[i] = mp_range_of(v->bits[i], v->is_signed[i]);
        v->input[i] = filled(&r, a, in[i], l->plan.batch * g->groups * g->ic, g->ih * g->iw);
    }
    struct mp_range out = mp_values_output_range(&l->layer, l->tensor_bits[2], l->tensors[2].is_signed);
    v->low = out.low, v->high = out.high;
    mp_values_op(&r, &l->layer, in, &out, v->op);
    if (!mp_layer_on_array(&l->layer))
        return;
    v->pad = (int32_t)mp_random_range(&r, in[0].low, in[0].high);
    uint64_t channels = g->groups * g->oc, terms = g->ic * g->kh * g->kw;
    v->weight = filled(&r, a, q, channels * (l->layer.type == MP_MATMUL ? l->plan.batch : 1), terms);
    v->requant = mp_arena_alloc(a, channels, sizeof *v->requant);
    uint64_t worst = mp_values_worst_sum(&in[0], &q, odd, terms);
    uint64_t limit = UINT64_C(1) << (l->arch.array.accumulator.bits - 1);
    mp_values_requant(&r, &out, (worst < limit ? worst : limit) / 2, channels, v->requant);
}

static void random_run(struct rng *r, struct random_layer *l, uint64_t first, uint64_t channels, unsigned w_bits) {
    static const struct mp_residency none;
    size_t i = l->run_count++;
    struct mp_task *t = &l->tasks[i];
    struct mp_mapping *m = &l->maps[i];
    mp_task_init(t, &l->arch, &l->workload, &l->plan, 0, channels, w_bits, &none);
    random_mapping(r, t, m);
    m->rows = coin(r) ? MP_ROLE_OC : MP_ROLE_PIXEL, m->cols = coin(r) ? MP_ROLE_OC : MP_ROLE_PIXEL;
    m->padded = false;
    l->runs[i] = (struct mp_reference_run){.arch = &l->arch, .layer = &l->layer, .task = t, .mapping = m,
                                           .values = &l->values, .first_channel = first, .channels = channels,
                                           .batch = l->plan.batch, .w_bits = w_bits};
}

void random_layer(struct rng *r, struct mp_arena *a, struct random_layer *l) {
    *l = (struct random_layer){.inputs = {0, 1}};
    const struct mp_geometry *g = &l->layer.geo;
    random_core(r, &l->arch);
    random_type(r, &l->layer);
    random_geometry(r, &l->layer);
    l->layer.inputs = l->inputs;
    for (size_t i = 0; i < 3; i++)
        l->tensors[i].is_signed = coin(r), l->tensor_bits[i] = pick(r, 1, 8);
    if (rng_range(r, 0, 7) == 0)
        l->tensor_bits[2] = 32;
    l->workload = (struct mp_workload){.tensors = l->tensors, .layers = &l->layer, .tensor_count = 3, .layer_count = 1};
    l->plan = (struct mp_plan){.batch = coin(r) ? 1 : rng_range(r, 2, 3), .layers = &l->bits, .tensor_bits = l->tensor_bits};
    bool weights = mp_layer_has_weights(&l->layer);
    l->bits = (struct mp_layer_bits){.a_bits = l->tensor_bits[0], .encoding = weights && coin(r) ? MP_ODD : MP_TWOS};
    l->outputs = l->plan.batch * g->groups * g->oc * g->oh * g->ow;
    unsigned w_bits = l->layer.type == MP_MATMUL ? l->tensor_bits[1] : pick(r, 1, 8);
    random_values(r, a, l, w_bits);
    uint64_t unit = g->groups > 1 ? g->oc : 1, units = g->groups * g->oc / unit;
    uint64_t cut = weights && units > 1 && coin(r) ? unit * rng_range(r, 1, units - 1) : 0;
    if (cut)
        random_run(r, l, 0, cut, pick(r, w_bits, 8)); // wider than its numbers
    random_run(r, l, cut, g->groups * g->oc - cut, w_bits);
}
