// SPDX-License-Identifier: Apache-2.0
// Prices of all events of an architecture in a technology. Dynamic energy is booked by event, leakage by cycle:
// an idle PE cycle holds the clock's energy and no leakage. Prices do not depend on data values or on the clock,
// but for the leakage of a cycle and for DRAM's standby.
#include "costmodel/est.h"

#include <assert.h>
#include <math.h>

static bool price_buffers(const struct mp_pricing *p, struct mp_prices *out, double *leak_mw) {
    static const enum mp_event reads[MP_BUFFERS] = {
        [MP_INPUT] = MP_EV_INPUT_READ, [MP_WEIGHT] = MP_EV_WEIGHT_READ, [MP_OUTPUT] = MP_EV_OUTPUT_READ};
    static const enum mp_event writes[MP_BUFFERS] = {
        [MP_INPUT] = MP_EV_INPUT_WRITE, [MP_WEIGHT] = MP_EV_WEIGHT_WRITE, [MP_OUTPUT] = MP_EV_OUTPUT_WRITE};
    for (enum mp_buffer_id i = 0; i < MP_BUFFERS; i++) {
        struct mp_bank_price bank;
        if (!mp_bank_find(p, i, &bank))
            return false;
        out->pj[reads[i]] = bank.read_pj;
        out->pj[writes[i]] = bank.write_pj;
        *leak_mw += (double)p->arch->buffers[i].banks * bank.leak_mw;
    }
    return true;
}

static bool price_pe(const struct mp_pricing *p, unsigned a_bits, unsigned w_bits, struct mp_prices *out) {
    const struct mp_pe *pe = &p->arch->array.pe;
    const struct mp_register *reg = &p->tech->logic.acc_register;
    const struct mp_pe_price *price = mp_pe_price_find(p);
    double um2;
    if (!price)
        return false;
    if (a_bits == 0 || w_bits == 0)
        return true;
    mp_sources_add(p->sources, price->active.cite.line);
    mp_sources_add(p->sources, price->idle.cite.line);
    out->pj[MP_EV_PE_ACTIVE] = mp_pe_active_pj(pe, price, a_bits);
    out->pj[MP_EV_PE_IDLE] = price->idle.shared_pj + (double)pe->lanes * price->idle.lane_pj;
    out->pj[MP_EV_ACC_UPDATE] = mp_adder_find(p, &um2) + (double)p->arch->array.accumulator.bits * reg->bit_pj;
    mp_sources_add(p->sources, reg->cite.line);
    return true;
}

static void price_vector(const struct mp_pricing *p, struct mp_prices *out) {
    const struct mp_vector_price *v = &p->tech->logic.vector;
    const struct {
        enum mp_event event;
        const struct mp_op_pj *op;
    } ops[] = {{MP_EV_VEC_REQUANT, &v->requant},
               {MP_EV_VEC_ALU, &v->alu},
               {MP_EV_VEC_MUL, &v->mul},
               {MP_EV_VEC_SPECIAL, &v->special}};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++) {
        out->pj[ops[i].event] = ops[i].op->pj;
        mp_sources_add(p->sources, ops[i].op->cite.line);
    }
}

// A bit crosses the array once: side = sqrt(area of the array), as if it were square.
static void price_wires(const struct mp_pricing *p, double array_mm2, struct mp_prices *out) {
    const struct mp_wire *wire = &p->tech->logic.wire;
    out->pj[MP_EV_NET_BIT] = wire->pj_per_bit_mm * sqrt(array_mm2);
    mp_sources_add(p->sources, wire->cite.line);
}

static bool price_dram(const struct mp_pricing *p, struct mp_prices *out) {
    const struct mp_mem_ops *ops = p->arch->dram.ops;
    const struct mp_dram_price *d = mp_dram_price_find(p);
    if (!d)
        return false;
    out->pj[MP_EV_DRAM_READ] = d->read_pj_per_bit;
    out->pj[MP_EV_DRAM_WRITE] = d->write_pj_per_bit;
    mp_sources_add(p->sources, d->cite.line);
    if (ops && ops->activates) {
        out->pj[MP_EV_DRAM_ACT] = d->activate_pj;
        out->pj[MP_EV_DRAM_STANDBY] = mp_dram_standby_mw(p, d) * 1000 / p->arch->clock_mhz; // mW / MHz = nJ
    } else if (d->activate_pj >= 0) {
        mp_sources_addf(p->sources, p->a, "estimate: dram %s: its bits alone; activations, standby and refresh are those of "
                        "banked DRAM", d->kind);
    }
    return true;
}

static void add_derived(const struct mp_pricing *p) {
    for (size_t i = 0; i < p->tech->derived_count; i++)
        mp_sources_add(p->sources, p->tech->derived[i]);
}

bool mp_cost_prices(const struct mp_tech *t, const struct mp_arch *arch, unsigned a_bits, unsigned w_bits,
                    struct mp_arena *a, struct mp_prices *out, struct mp_sources *sources, struct mp_err *err) {
    const struct mp_pricing p = {t, arch, a, sources, err};
    struct mp_prices prices = {{0}};
    struct mp_area area;
    double leak_mw = 0;
    assert(a_bits <= 8 && w_bits <= 8 && arch->clock_mhz > 0);
    if (!price_pe(&p, a_bits, w_bits, &prices) || !price_buffers(&p, &prices, &leak_mw) ||
        !mp_logic_area_find(&p, &area))
        return false;
    price_vector(&p, &prices);
    price_wires(&p, area.array_mm2, &prices);
    if (!price_dram(&p, &prices))
        return false;
    leak_mw += t->leak.mw_per_mm2 * (area.array_mm2 + area.vector_mm2);
    mp_sources_add(sources, t->leak.cite.line);
    prices.pj[MP_EV_CYCLE] = leak_mw * 1000 / arch->clock_mhz; // mW / MHz = nJ
    add_derived(&p);
    *out = prices;
    return true;
}

bool mp_cost_area(const struct mp_tech *t, const struct mp_arch *arch, struct mp_arena *a, struct mp_area *out,
                  struct mp_sources *sources, struct mp_err *err) {
    const struct mp_pricing p = {t, arch, a, sources, err};
    struct mp_area area;
    if (!mp_logic_area_find(&p, &area))
        return false;
    area.total_mm2 = area.array_mm2; // in the order of a result's parts
    for (enum mp_buffer_id i = 0; i < MP_BUFFERS; i++) {
        struct mp_bank_price bank;
        if (!mp_bank_find(&p, i, &bank))
            return false;
        area.buffer_mm2[i] = (double)arch->buffers[i].banks * bank.area_mm2;
        area.total_mm2 += area.buffer_mm2[i];
    }
    area.total_mm2 += area.vector_mm2;
    add_derived(&p);
    *out = area;
    return true;
}
