// SPDX-License-Identifier: Apache-2.0
// A co-simulation as JSON, schema mpsim.cosim/1 (docs/cosim.md).
#include "sim/cosim/cosim.h"

static void put_cycles(struct mp_jsonw *w, const struct mp_cosim_cycles *n) {
    mp_jsonw_put_uint(w, "core_cycles", n->core);
    mp_jsonw_put_uint(w, "sim_cycles", n->sim);
    mp_jsonw_put_real(w, "seconds", n->seconds);
}

static void put_counters(struct mp_jsonw *w, const char *key, const uint64_t *values) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    for (unsigned i = 0; i < MP_CORE_COUNTERS; i++)
        mp_jsonw_put_uint(w, mp_cosim_counter_name(i), values[i]);
    mp_jsonw_close(w, '}');
}

static void put_names(struct mp_jsonw *w, const char *key, const struct mp_cosim *c, const struct mp_cosim_run *r,
                      enum mp_cosim_verdict verdict) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '[', true);
    for (unsigned i = 0; i < MP_CORE_COUNTERS; i++)
        if (mp_cosim_counter(c, r, i) == verdict)
            mp_jsonw_string(w, mp_cosim_counter_name(i));
    if (verdict == MP_COSIM_DIFFERS && r->core_overflows != r->overflows)
        mp_jsonw_string(w, "overflows");
    mp_jsonw_close(w, ']');
}

static void put_run(struct mp_jsonw *w, const struct mp_cosim *c, const struct mp_cosim_run *r) {
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_uint(w, "first_channel", r->first);
    mp_jsonw_put_uint(w, "channels", r->channels);
    mp_jsonw_put_uint(w, "w_bits", r->w_bits);
    put_counters(w, "core", r->core);
    put_counters(w, "sim", r->sim);
    mp_jsonw_put_uint(w, "core_overflows", r->core_overflows);
    mp_jsonw_put_uint(w, "sim_overflows", r->overflows);
    put_names(w, "differ", c, r, MP_COSIM_DIFFERS);
    put_names(w, "close", c, r, MP_COSIM_CLOSE);
    mp_jsonw_put_uint(w, "clock_edges", r->edges);
    mp_jsonw_put_real(w, "seconds", r->seconds);
    mp_jsonw_close(w, '}');
}

static void put_mismatch(struct mp_jsonw *w, const struct mp_cosim_layer *l) {
    const struct mp_cosim_mismatch *m = &l->first;
    mp_jsonw_key(w, "first_mismatch");
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_uint(w, "run", m->run);
    mp_jsonw_put_uint(w, "tile", m->place.tile);
    mp_jsonw_put_uint(w, "group", m->place.group);
    mp_jsonw_put_uint(w, "pixel_fold", m->place.pixel_fold);
    mp_jsonw_put_uint(w, "channel_fold", m->place.channel_fold);
    mp_jsonw_put_uint(w, "pe_row", m->place.row);
    mp_jsonw_put_uint(w, "pe_col", m->place.col);
    mp_jsonw_put_uint(w, "batch", m->batch);
    mp_jsonw_put_uint(w, "channel", m->channel);
    mp_jsonw_put_uint(w, "row", m->row);
    mp_jsonw_put_uint(w, "col", m->col);
    mp_jsonw_put_int(w, "expected", m->expected);
    mp_jsonw_put_int(w, "actual", m->actual);
    mp_jsonw_close(w, '}');
}

static void put_layer(struct mp_jsonw *w, const struct mp_cosim *c, const struct mp_cosim_layer *l) {
    struct mp_cosim_cycles n = mp_cosim_layer_cycles(l);
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "layer", l->layer->layer->name);
    mp_jsonw_put_string(w, "type", mp_layer_type_names[l->layer->layer->type]);
    mp_jsonw_put_string(w, "state", mp_cosim_state_names[l->state]);
    if (l->why)
        mp_jsonw_put_string(w, "why", l->why);
    mp_jsonw_put_uint(w, "a_bits", l->layer->bits->a_bits);
    mp_cosim_json_replay(l->replay, w);
    if (l->state == MP_COSIM_RAN) {
        mp_jsonw_put_bool(w, "agrees", mp_cosim_layer_agrees(c, l));
        put_cycles(w, &n);
        mp_jsonw_put_uint(w, "outputs", l->outputs);
        mp_jsonw_put_uint(w, "mismatches", l->mismatches);
        if (c->real)
            mp_jsonw_put_uint(w, "unlike_inference", l->unlike_inference);
        mp_jsonw_put_uint(w, "counters_that_differ", mp_cosim_differing(c, l));
        if (l->mismatches)
            put_mismatch(w, l);
        mp_jsonw_key(w, "runs");
        mp_jsonw_open(w, '[', false);
        for (size_t i = 0; i < l->run_count; i++)
            put_run(w, c, &l->runs[i]);
        mp_jsonw_close(w, ']');
    }
    mp_jsonw_close(w, '}');
}

static void put_injections(struct mp_jsonw *w, const struct mp_cosim *c) {
    mp_jsonw_key(w, "injections");
    mp_jsonw_open(w, '[', false);
    for (size_t k = 0; k < c->inject_count; k++) {
        const struct mp_inject *i = &c->injects[k];
        const struct mp_cosim_layer *l = mp_cosim_injected(c, i);
        mp_jsonw_open(w, '{', true);
        mp_jsonw_put_string(w, "layer", i->layer);
        mp_jsonw_put_string(w, "register", i->path);
        mp_jsonw_put_uint(w, "bit", i->flip.bit);
        mp_jsonw_put_uint(w, "cycle", i->flip.cycle);
        if (l)
            mp_jsonw_put_bool(w, "effect", !mp_cosim_layer_agrees(c, l));
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

void mp_cosim_json(const struct mp_cosim *c, struct mp_buf *out) {
    const struct mp_result *r = c->result;
    struct mp_cosim_cycles n = mp_cosim_total_cycles(c);
    struct mp_jsonw w;
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    mp_jsonw_put_string(&w, "schema", MP_COSIM_SCHEMA);
    mp_jsonw_put_string(&w, "arch", r->arch->name);
    mp_jsonw_put_string(&w, "plan", r->plan->name);
    mp_jsonw_put_string(&w, "workload", r->workload->name);
    mp_jsonw_put_string(&w, "objective", r->objective);
    mp_jsonw_put_uint(&w, "batch", r->plan->batch);
    if (c->real)
        mp_jsonw_put_string(&w, "data", c->real->data->name);
    else
        mp_jsonw_put_uint(&w, "seed", c->seed);
    mp_jsonw_put_string(&w, "dram", r->arch->dram.ops->name);
    mp_jsonw_put_string(&w, "model", c->library);
    mp_jsonw_put_real(&w, "build_seconds", c->build_seconds);
    mp_jsonw_put_bool(&w, "agrees", mp_cosim_agrees(c));
    mp_jsonw_put_bool(&w, "interrupted", c->interrupted);
    put_cycles(&w, &n);
    if (c->classes) {
        mp_jsonw_key(&w, "classes");
        mp_jsonw_open(&w, '[', true);
        for (uint64_t i = 0; i < c->real->images; i++)
            mp_jsonw_uint(&w, c->classes[i]);
        mp_jsonw_close(&w, ']');
    }
    if (c->inject_count > 0)
        put_injections(&w, c);
    mp_jsonw_key(&w, "layers");
    mp_jsonw_open(&w, '[', false);
    for (size_t i = 0; i < c->layer_count; i++)
        put_layer(&w, c, &c->layers[i]);
    mp_jsonw_close(&w, ']');
    mp_jsonw_close(&w, '}');
}
