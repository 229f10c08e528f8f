// SPDX-License-Identifier: Apache-2.0
// Each run of a split costs no less than its floor; of the splits that eval may choose the least is taken, for cycles and
// for energy apart.
#include "sim/eval_bound.h"

struct bound_run {
    struct mp_eval *e;
    size_t layer;
    struct mp_residency res;
};

static bool may_stay(const struct mp_eval *e, size_t tensor) {
    const struct mp_tensor *t = &e->workload->tensors[tensor];
    uint64_t bits = t->c * t->h * t->w * e->plan->batch * mp_arch_stored_bits(e->arch, e->plan->tensor_bits[tensor]);
    return e->arch->keep_on_chip && bits <= e->arch->buffers[MP_INPUT].size_bytes * 8;
}

static struct mp_residency residency(const struct mp_eval *e, const struct mp_layer *l) {
    struct mp_residency r = {.output_on_chip = may_stay(e, l->output)};
    for (size_t i = 0; i < l->input_count; i++) // two at most
        r.inputs_on_chip |= (unsigned)may_stay(e, l->inputs[i]) << i;
    return r;
}

static bool run_floor(const struct bound_run *r, uint64_t channels, unsigned w_bits, struct mp_map_floor *out,
                      struct mp_err *err) {
    struct mp_task t;
    struct mp_map_request q = {.task = &t, .array = &r->e->arch->array};
    mp_task_init(&t, r->e->arch, r->e->workload, r->e->plan, r->layer, channels, w_bits, &r->res);
    if (!mp_eval_prices(r->e, t.on_array ? t.a_bits : 0, t.w_bits, &q.prices, err))
        return false;
    *out = mp_map_floor(&q);
    return true;
}

static bool cost_run(void *user, uint64_t channels, unsigned w_bits, uint64_t *cycles, double *energy_pj, struct mp_err *err) {
    struct mp_map_floor f;
    if (!run_floor(user, channels, w_bits, &f, err))
        return false;
    *cycles = f.cycles < 0x1p62 ? (uint64_t)f.cycles : UINT64_C(1) << 62;
    *energy_pj = f.energy_pj;
    return true;
}

static bool split_floor(struct bound_run *r, const struct mp_split *s, struct mp_map_floor *out, struct mp_err *err) {
    *out = (struct mp_map_floor){0, 0};
    for (size_t i = 0; i < s->count; i++) {
        struct mp_map_floor f;
        if (s->channels[i] == 0)
            continue;
        if (!run_floor(r, s->channels[i], s->bits[i], &f, err))
            return false;
        out->cycles += f.cycles, out->energy_pj += f.energy_pj;
    }
    return true;
}

bool mp_eval_layer_bound(struct mp_eval *e, size_t l, struct mp_map_floor *out, struct mp_err *err) {
    const struct mp_layer *layer = &e->workload->layers[l];
    struct bound_run run = {.e = e, .layer = l};
    const struct mp_split_coster coster = {cost_run, &run};
    struct mp_split fast = {.bits = {0}, .channels = {layer->geo.oc * layer->geo.groups}, .count = 1}, lean = fast;
    struct mp_map_floor energy;
    *out = (struct mp_map_floor){0, 0};
    if (mp_layer_moves_nothing(layer))
        return true;
    run.res = residency(e, layer);
    if (mp_layer_on_array(layer) && !mp_split_best(e->arch, layer, &e->plan->layers[l], MP_LATENCY, &coster, &fast, err))
        return false;
    if (!split_floor(&run, &fast, out, err))
        return false;
    if (fast.count == 1)
        return true;
    if (!mp_split_best(e->arch, layer, &e->plan->layers[l], MP_ENERGY, &coster, &lean, err) ||
        !split_floor(&run, &lean, &energy, err))
        return false;
    out->energy_pj = energy.energy_pj;
    return true;
}
