// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/random_task.h"

#include <stdlib.h>

uint64_t rng_next(struct rng *r) { // splitmix64 (Steele, Lea, Flood, OOPSLA 2014)
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

uint64_t rng_range(struct rng *r, uint64_t lo, uint64_t hi) {
    return lo + rng_next(r) % (hi - lo + 1);
}

static bool coin(struct rng *r) {
    return rng_next(r) & 1;
}

static void random_window(struct rng *r, uint64_t outputs, struct mp_window *w) {
    w->k = rng_range(r, 1, 5), w->s = rng_range(r, 1, 3), w->d = coin(r) ? 1 : rng_range(r, 1, 2);
    uint64_t reach = (w->k - 1) * w->d;
    w->pad = rng_range(r, 0, reach);
    uint64_t span = (outputs - 1) * w->s + reach + 1, behind = rng_range(r, 0, reach);
    w->in = span > w->pad + behind ? span - w->pad - behind : 1;
    if (coin(r))
        w->in += rng_range(r, 0, w->s - 1);
}

static void random_arch(struct rng *r, struct mp_task *t) {
    static const uint64_t ports[] = {8, 24, 64, 256, 1 << 20};
    t->rows = rng_range(r, 1, 6), t->cols = rng_range(r, 1, 6), t->lanes = rng_range(r, 1, 9);
    t->step_cycles = coin(r) ? 1 : rng_range(r, 1, 8);
    t->dataflow = (unsigned)rng_range(r, 0, MP_DATAFLOWS - 1);
    t->systolic = coin(r), t->acc_shadow = coin(r), t->weight_shadow = coin(r);
    t->sequenced = t->dataflow == MP_OS && !t->systolic;
    for (int b = 0; b < MP_BUFFERS; b++) {
        t->port_bits[b] = ports[rng_range(r, 0, 4)];
        t->word_bits[b] = t->port_bits[b] >= 64 && coin(r) ? t->port_bits[b] / 4 : t->port_bits[b];
        t->tile_bits[b] = UINT64_MAX;
        t->double_buffered[b] = rng_range(r, 0, 3) != 0;
    }
    t->vector_lanes = rng_range(r, 1, 20);
    t->dram = (struct mp_dram){.ops = coin(r) ? &mp_mem_ideal : &mp_mem_fixed};
    if (t->dram.ops == &mp_mem_fixed)
        t->dram.bits_per_cycle = rng_range(r, 1, 300), t->dram.latency_cycles = coin(r) ? 0 : rng_range(r, 0, 100);
}

void random_task(struct rng *r, uint64_t largest, struct mp_task *t) {
    *t = (struct mp_task){.on_array = rng_range(r, 0, 4) != 0};
    for (int d = 0; d < MP_DIMS; d++)
        t->size[d] = rng_range(r, 1, largest);
    if (coin(r))
        t->size[MP_G] = 1;
    if (coin(r))
        t->size[MP_B] = 1;
    random_window(r, t->size[MP_OH], &t->win[0]);
    random_window(r, t->size[MP_OW], &t->win[1]);
    t->a_bits = t->a_read = (unsigned)rng_range(r, 1, 8);
    t->a_load = rng_range(r, 0, 5) ? t->a_read : 0;
    t->w_bits = t->w_stored = t->on_array ? (unsigned)rng_range(r, 1, 8) : 0;
    t->out_stored = (unsigned)rng_range(r, 1, 8), t->acc_bits = (unsigned)rng_range(r, 8, 40);
    t->param_bits = coin(r) ? 0 : 72;
    t->odd = coin(r);
    t->output_on_chip = rng_range(r, 0, 5) == 0;
    t->turned = t->on_array && rng_range(r, 0, 5) == 0 ? rng_range(r, 1, 100) : 0;
    t->work = (struct mp_vector_work){.passes = t->on_array ? 1 : rng_range(r, 1, 4), .requant = 1, .alu = coin(r)};
    random_arch(r, t);
}

void random_banked(struct rng *r, struct mp_arena *a, struct mp_dram *d) {
    struct mp_err err;
    *d = (struct mp_dram){.ops = &mp_mem_banked, .preset = (unsigned)rng_range(r, 0, MP_DRAM_PRESETS - 1),
                          .channels = 1u << rng_range(r, 0, 4), .refresh = rng_range(r, 0, 1),
                          .clock_mhz = (double)rng_range(r, 50, 2000)};
    if (!mp_mem_banked.resolve(d, a, "test", &err))
        abort();
}

void random_roles(struct rng *r, const struct mp_task *t, struct mp_pe_array *a) {
    unsigned reduce = (unsigned)rng_range(r, 1, 3) << MP_ROLE_IC;
    *a = (struct mp_pe_array){.row_roles = reduce, .lane_roles = reduce};
    a->col_roles = 1u << (t->dataflow == MP_WS ? MP_ROLE_OC : MP_ROLE_PIXEL);
    if (t->dataflow == MP_OS) {
        a->row_roles = (unsigned)rng_range(r, 1, 3), a->col_roles = (unsigned)rng_range(r, 1, 3);
        if (t->systolic && a->row_roles == a->col_roles && a->row_roles != 3)
            a->col_roles ^= 3;
    }
}

void random_mapping(struct rng *r, const struct mp_task *t, struct mp_mapping *m) {
    *m = (struct mp_mapping){.rows = MP_ROLE_PIXEL, .cols = MP_ROLE_OC, .lanes = coin(r) ? MP_ROLE_IC : MP_ROLE_K_IC};
    if (t->dataflow != MP_OS) {
        m->rows = m->lanes;
        m->cols = t->dataflow == MP_WS ? MP_ROLE_OC : MP_ROLE_PIXEL;
    } else if (coin(r)) {
        m->rows = MP_ROLE_OC, m->cols = t->systolic || coin(r) ? MP_ROLE_PIXEL : MP_ROLE_OC;
    }
    for (unsigned d = 0; d < MP_DIMS; d++) {
        m->tile[d] = coin(r) ? t->size[d] : rng_range(r, 1, t->size[d]);
        unsigned j = (unsigned)rng_range(r, 0, d);
        m->order[d] = m->order[j], m->order[j] = d;
    }
    if (!t->on_array)
        m->tile[MP_OC] = t->size[MP_OC], m->tile[MP_IC] = t->size[MP_IC];
    m->padded = rng_range(r, 0, 7) == 0;
}
