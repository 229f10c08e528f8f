// SPDX-License-Identifier: Apache-2.0
// The resolved echo of a tech: every number as it is used, after scaling, with its source in words.
#include "costmodel/est.h"

static void write_head(const struct mp_tech *t, struct mp_jsonw *w) {
    mp_jsonw_key(w, "name");
    mp_jsonw_string(w, t->name);
    mp_jsonw_key(w, "node_nm");
    mp_jsonw_real(w, t->node_nm);
    if (t->volts > 0) {
        mp_jsonw_key(w, "volts");
        mp_jsonw_real(w, t->volts);
    }
    if (t->temperature_k > 0) {
        mp_jsonw_key(w, "temperature_k");
        mp_jsonw_real(w, t->temperature_k);
    }
    mp_jsonw_key(w, "cell");
    mp_jsonw_string(w, t->cell);
}

static void write_scaling(const struct mp_tech *t, struct mp_jsonw *w) {
    if (!t->scaled_from)
        return;
    mp_jsonw_key(w, "scaled_from");
    mp_jsonw_string(w, t->scaled_from);
    mp_jsonw_key(w, "scaling");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < MP_SCALE_LINES; i++)
        mp_jsonw_string(w, t->scaling[i]);
    mp_jsonw_close(w, ']');
}

static void write_logic(const struct mp_logic *l, struct mp_jsonw *w) {
    mp_jsonw_key(w, "pe");
    mp_jsonw_open(w, '{', false);
    for (size_t i = 0; mp_pe_kinds[i]; i++) {
        if (!l->pe[i].present)
            continue;
        mp_jsonw_key(w, mp_pe_kinds[i]->name);
        mp_jsonw_open(w, '{', false);
        mp_places_write(mp_pe_places(mp_pe_kinds[i]), &l->pe[i], w);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, '}');
    mp_jsonw_key(w, "accumulator");
    mp_jsonw_open(w, '{', false);
    mp_jsonw_key(w, "add");
    mp_est_table_write(l->adder, w);
    mp_places_write(mp_register_places, l, w);
    mp_jsonw_close(w, '}');
    mp_jsonw_key(w, "vector_unit");
    mp_jsonw_open(w, '{', false);
    mp_places_write(mp_vector_places, &l->vector, w);
    mp_jsonw_close(w, '}');
    mp_places_write(mp_wire_places, l, w);
}

void mp_tech_write(const struct mp_tech *t, struct mp_jsonw *w) {
    mp_jsonw_open(w, '{', false);
    write_head(t, w);
    write_scaling(t, w);
    write_logic(&t->logic, w);
    mp_places_write(mp_leak_places, t, w);
    mp_jsonw_key(w, "dram");
    mp_dram_price_write(t->dram_kind, &t->dram, w);
    mp_jsonw_key(w, t->buffers->ops->key);
    t->buffers->ops->write(t->buffers, w);
    mp_jsonw_close(w, '}');
}
