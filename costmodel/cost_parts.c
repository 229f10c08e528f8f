// SPDX-License-Identifier: Apache-2.0
// Prices of an architecture's parts: its PE kind, its accumulators, one bank of each buffer, and the logic's area.
// Left out: control, DMA, clock tree beyond the flip-flops, pads, and the wiring's area.
#include "costmodel/est.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define WHERE_BYTES 96

static void list_kinds(const struct mp_tech *t, char *out, size_t size) {
    size_t len = 0;
    out[0] = '\0';
    for (size_t i = 0; mp_pe_kinds[i] && len < size; i++)
        if (t->logic.pe[i].present)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len ? ", " : "", mp_pe_kinds[i]->name);
}

const struct mp_pe_price *mp_pe_price_find(const struct mp_pricing *p) {
    char kinds[256];
    const struct mp_pe_ops *ops = p->arch->array.pe.ops;
    for (size_t i = 0; mp_pe_kinds[i]; i++)
        if (mp_pe_kinds[i] == ops && p->tech->logic.pe[i].present)
            return &p->tech->logic.pe[i];
    list_kinds(p->tech, kinds, sizeof kinds);
    mp_fail(p->err, "%s: /pe/%s: no price for this PE kind (arch \"%s\" asks for it; priced here: %s)", p->tech->file,
            ops->name, p->arch->name, kinds[0] ? kinds : "none");
    return NULL;
}

double mp_adder_find(const struct mp_pricing *p, double *um2) {
    const struct mp_est_table *t = p->tech->logic.adder;
    double bits = (double)p->arch->array.accumulator.bits, top = t->x[t->nx - 1], v[MP_EST_VALUES];
    bool inside = mp_est_table_at(t, fmin(bits, top), 1, v) && bits <= top;
    double more = fmax(1, bits / top); // wider than the table: in proportion
    mp_sources_add(p->sources, t->cite.line);
    if (!inside)
        mp_sources_addf(p->sources, p->a, "accumulator add: extrapolated: %g bit lies outside the table %g..%g bit",
                        bits, t->x[0], top);
    *um2 = more * v[1];
    return more * v[0];
}

static bool no_bank(const struct mp_pricing *p, enum mp_buffer_id which, double bytes, double bits,
                    const char *bound) {
    char size[32];
    return mp_fail(p->err, "%s: /%s: no price for a bank of %s x %g bit (arch \"%s\": /buffers/%s; priced: %s)",
                   p->tech->file, p->tech->buffers->ops->key, mp_est_bytes(bytes, size), bits, p->arch->name,
                   mp_buffer_names[which], bound);
}

bool mp_bank_find(const struct mp_pricing *p, enum mp_buffer_id which, struct mp_bank_price *out) {
    const struct mp_buffer_est *e = p->tech->buffers;
    const struct mp_buffer *b = &p->arch->buffers[which];
    char table[WHERE_BYTES], bound[WHERE_BYTES], size[32];
    assert(b->banks > 0);
    double bytes = (double)b->size_bytes / (double)b->banks, bits = (double)b->width_bits / (double)b->banks;
    enum mp_est_found found = e->ops->price(e, which, bytes, bits, out);
    if (found == MP_EST_INSIDE) {
        e->ops->sources(e, which, p->sources);
        return true;
    }
    e->ops->describe(e, table, bound, WHERE_BYTES);
    if (found == MP_EST_NO_PRICE)
        return no_bank(p, which, bytes, bits, bound);
    e->ops->sources(e, which, p->sources);
    mp_sources_addf(p->sources, p->a, "%s: extrapolated: %s x %g bit lies %s the table %s", e->ops->key,
                    mp_est_bytes(bytes, size), bits, found == MP_EST_CLOSED ? "beside a point missing in" : "outside",
                    table);
    return true;
}

// Bit products that a lane makes in a cycle: a serial kind takes `serial_bits` of each serial operand. Other
// kinds have no price by bit.
static double lane_bits(const struct mp_pe *pe, double a_bits) {
    return (double)pe->serial_bits * (pe->ops->act_planes ? (double)pe->serial_bits : a_bits);
}

double mp_pe_active_pj(const struct mp_pe *pe, const struct mp_pe_price *price, unsigned a_bits) {
    const struct mp_pe_pj *e = &price->active;
    return e->shared_pj + (double)pe->lanes * (e->lane_pj + e->bit_pj * lane_bits(pe, a_bits));
}

// Hardware is built for 8-bit activations.
static double pe_um2(const struct mp_pe *pe, const struct mp_pe_um2 *u) {
    return u->shared_um2 + (double)pe->lanes * (u->lane_um2 + u->bit_um2 * lane_bits(pe, 8));
}

// Accumulators stand at every PE (os) or at the foot of each column (ws, is). A shadow set doubles the
// registers, not the adder.
static double accumulators_um2(const struct mp_pricing *p) {
    const struct mp_pe_array *array = &p->arch->array;
    double adder, sets = array->accumulator.shadow ? 2 : 1;
    mp_adder_find(p, &adder);
    mp_sources_add(p->sources, p->tech->logic.acc_register.cite.line);
    double one = adder + sets * (double)array->accumulator.bits * p->tech->logic.acc_register.bit_um2;
    return one * (double)array->cols * (array->dataflow == MP_OS ? (double)array->rows : 1);
}

bool mp_logic_area_find(const struct mp_pricing *p, struct mp_area *out) {
    const struct mp_pe_array *array = &p->arch->array;
    const struct mp_vector_price *vector = &p->tech->logic.vector;
    const struct mp_pe_price *pe = mp_pe_price_find(p);
    if (!pe)
        return false;
    mp_sources_add(p->sources, pe->area.cite.line);
    double pes = (double)array->rows * (double)array->cols * pe_um2(&array->pe, &pe->area);
    *out = (struct mp_area){.array_mm2 = (pes + accumulators_um2(p)) * 1e-6};
    mp_sources_add(p->sources, vector->area.cite.line);
    out->vector_mm2 = (double)p->arch->vector_unit.lanes * vector->area.lane_um2 * 1e-6;
    return true;
}
