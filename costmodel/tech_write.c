// SPDX-License-Identifier: Apache-2.0
// The resolved echo of a tech: a tech file again, with every number as it is used, after scaling. What scaling did
// stands in "derived", so that the file needs no other and is not scaled twice.
#include "costmodel/est.h"

static void write_head(const struct mp_tech *t, struct mp_jsonw *w) {
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
    mp_jsonw_key(w, "transistor");
    mp_jsonw_string(w, mp_transistor_names[t->transistor]);
}

static void write_derived(const struct mp_tech *t, struct mp_jsonw *w) {
    if (t->derived_count == 0)
        return;
    mp_jsonw_key(w, "derived");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < t->derived_count; i++)
        mp_jsonw_string(w, t->derived[i]);
    mp_jsonw_close(w, ']');
}

static void write_pe(const struct mp_logic *l, struct mp_echo *out) {
    mp_jsonw_open(out->w, '{', false);
    for (size_t i = 0; mp_pe_kinds[i]; i++) {
        if (!l->pe[i].present)
            continue;
        mp_jsonw_key(out->w, mp_pe_kinds[i]->name);
        mp_jsonw_open(out->w, '{', false);
        mp_places_write(mp_pe_places(mp_pe_kinds[i]), &l->pe[i], out);
        mp_jsonw_close(out->w, '}');
    }
    mp_jsonw_close(out->w, '}');
}

static void write_logic(const struct mp_logic *l, struct mp_echo *out) {
    mp_jsonw_key(out->w, "pe");
    write_pe(l, out);
    mp_jsonw_key(out->w, "accumulator");
    mp_jsonw_open(out->w, '{', false);
    mp_jsonw_key(out->w, "add");
    mp_est_table_write(l->adder, out);
    mp_places_write(mp_register_places, l, out);
    mp_jsonw_close(out->w, '}');
    mp_jsonw_key(out->w, "vector_unit");
    mp_jsonw_open(out->w, '{', false);
    mp_places_write(mp_vector_places, &l->vector, out);
    mp_jsonw_close(out->w, '}');
    mp_places_write(mp_wire_places, l, out);
}

static void write_prices(const struct mp_tech *t, struct mp_echo *out) {
    write_logic(&t->logic, out);
    mp_places_write(mp_leak_places, t, out);
    mp_jsonw_key(out->w, "dram");
    mp_dram_price_write(&t->dram, out);
    mp_jsonw_key(out->w, t->buffers->ops->key);
    t->buffers->ops->write(t->buffers, out);
}

// "sources" stands before the prices that fill it: they are written once for that alone.
static void find_sources(const struct mp_tech *t, struct mp_echo *out) {
    struct mp_buf unused = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &unused);
    out->w = &w;
    mp_jsonw_open(&w, '{', false);
    write_prices(t, out);
    mp_jsonw_close(&w, '}');
    mp_buf_finish(&unused);
}

void mp_tech_write(const struct mp_tech *t, struct mp_jsonw *w) {
    struct mp_echo out = {0};
    find_sources(t, &out);
    out.w = w;
    mp_jsonw_open(w, '{', false);
    write_head(t, w);
    write_derived(t, w);
    mp_echo_sources(&out);
    write_prices(t, &out);
    mp_jsonw_close(w, '}');
    mp_arena_finish(&out.a);
}
