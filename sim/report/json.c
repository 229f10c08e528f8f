// SPDX-License-Identifier: Apache-2.0
// The result as JSON, schema mpsim.result/1. Keys are a contract: docs name them, `mpsim diff` reads them.
#include "sim/report/metric.h"
#include "sim/report/report.h"

static void put_counts(struct mp_jsonw *w, const char *key, const char *const *names, const uint64_t *values) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    for (size_t i = 0; names[i]; i++)
        mp_jsonw_put_uint(w, names[i], values[i]);
    mp_jsonw_close(w, '}');
}

static void put_reals(struct mp_jsonw *w, const char *key, const char *const *names, const double *values) {
    mp_jsonw_key(w, key);
    mp_jsonw_open(w, '{', true);
    for (size_t i = 0; names[i]; i++) {
        mp_jsonw_key(w, names[i]);
        mp_jsonw_real(w, values[i]);
    }
    mp_jsonw_close(w, '}');
}

// The keys that layers and totals share.
static void put_figures(struct mp_jsonw *w, const struct mp_subject *s) {
    for (size_t i = 0; i < MP_METRICS; i++) {
        mp_jsonw_key(w, mp_metrics[i].key);
        if (mp_metrics[i].count)
            mp_jsonw_uint(w, mp_metrics[i].count(s));
        else
            mp_jsonw_real(w, mp_metrics[i].real(s));
    }
    put_counts(w, "cycles_by", mp_cause_names, s->figures->counts.cycles);
    put_reals(w, "energy_pj_by", mp_part_names, s->figures->energy_pj_by);
    put_counts(w, "events", mp_event_names, s->figures->counts.events);
}

static void put_totals(struct mp_jsonw *w, const struct mp_result *r) {
    struct mp_subject s = mp_subject_of_totals(r);
    mp_jsonw_key(w, "totals");
    mp_jsonw_open(w, '{', false);
    put_figures(w, &s);
    mp_jsonw_key(w, "area_mm2");
    mp_jsonw_real(w, r->area_mm2);
    put_reals(w, "area_mm2_by", mp_area_names, r->area_mm2_by);
    mp_jsonw_close(w, '}');
}

// What the mapping's runs had to fit.
static void put_runs(struct mp_jsonw *w, const struct mp_layer_result *l) {
    mp_jsonw_key(w, "runs");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < l->mapping.run_count; i++) {
        const struct mp_run_shape *s = &l->shapes[i];
        mp_jsonw_open(w, '{', true);
        put_counts(w, "size", mp_dim_names, s->size);
        mp_jsonw_key(w, "kernel");
        mp_jsonw_open(w, '[', true);
        mp_jsonw_uint(w, s->kernel[0]);
        mp_jsonw_uint(w, s->kernel[1]);
        mp_jsonw_close(w, ']');
        put_counts(w, "tile_bits", mp_buffer_names, s->tile_bits);
        put_counts(w, "room_bits", mp_buffer_names, s->room_bits);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

static void put_layer(struct mp_jsonw *w, const struct mp_result *r, size_t i) {
    const struct mp_layer_result *l = &r->layers[i];
    struct mp_subject s = mp_subject_of_layer(r, i);
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "name", l->layer->name);
    mp_jsonw_put_string(w, "type", mp_layer_type_names[l->layer->type]);
    mp_jsonw_put_uint(w, "a_bits", l->bits->a_bits);
    mp_layer_w_bits_put(l->bits, w);
    put_figures(w, &s);
    mp_jsonw_put_string(w, "bound", mp_bound_name(&l->figures));
    mp_jsonw_key(w, "peak_ops_per_cycle");
    mp_jsonw_real(w, mp_peak_ops_per_cycle(r->arch, l->bits));
    mp_jsonw_put_uint(w, "accumulator_bits_needed", l->accumulator_bits_needed);
    mp_jsonw_put_bool(w, "may_overflow", l->may_overflow);
    mp_jsonw_put_bool(w, "input_on_chip", l->input_on_chip);
    mp_jsonw_put_bool(w, "output_on_chip", l->output_on_chip);
    mp_jsonw_key(w, "mapping");
    mp_layer_mapping_write(&l->mapping, mp_layer_on_array(l->layer), w);
    put_runs(w, l);
    mp_jsonw_close(w, '}');
}

static void put_list(struct mp_jsonw *w, const char *const *lines, size_t count) {
    for (size_t i = 0; i < count; i++)
        mp_jsonw_string(w, lines[i]);
}

static void put_head(struct mp_jsonw *w, const struct mp_result *r) {
    mp_jsonw_put_string(w, "schema", MP_RESULT_SCHEMA);
    mp_jsonw_put_string(w, "arch", r->arch->name);
    mp_jsonw_put_string(w, "plan", r->plan->name);
    mp_jsonw_put_string(w, "workload", r->workload->name);
    mp_jsonw_put_string(w, "engine", mp_engine_names[r->engine]);
    mp_jsonw_put_string(w, "objective", r->objective);
    mp_jsonw_put_string(w, "tech", r->arch->tech);
    mp_jsonw_key(w, "clock_mhz");
    mp_jsonw_real(w, r->arch->clock_mhz);
    mp_jsonw_key(w, "dram_bits_per_cycle");
    mp_jsonw_real(w, mp_dram_peak_bits_per_cycle(&r->arch->dram));
    mp_jsonw_put_uint(w, "batch", r->plan->batch);
    mp_jsonw_key(w, "array");
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_uint(w, "rows", r->arch->array.rows);
    mp_jsonw_put_uint(w, "cols", r->arch->array.cols);
    mp_jsonw_put_uint(w, "lanes", r->arch->array.pe.lanes);
    mp_jsonw_close(w, '}');
    mp_jsonw_key(w, "buffers");
    mp_buffers_write(r->arch->buffers, w);
    mp_jsonw_key(w, "dram");
    mp_dram_write(&r->arch->dram, w);
}

// pJ an event. Widths matter to PEs and accumulators; off the array they are 0.
static void put_prices(struct mp_jsonw *w, const struct mp_result *r) {
    mp_jsonw_key(w, "prices_pj");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < r->price_count; i++) {
        mp_jsonw_open(w, '{', true);
        mp_jsonw_put_uint(w, "a_bits", r->prices[i].a_bits);
        mp_jsonw_put_uint(w, "w_bits", r->prices[i].w_bits);
        for (int e = 0; e < MP_EVENTS; e++) {
            mp_jsonw_key(w, mp_event_names[e]);
            mp_jsonw_real(w, r->prices[i].prices.pj[e]);
        }
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

void mp_report_json(const struct mp_result *r, struct mp_buf *out) {
    struct mp_jsonw w;
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    put_head(&w, r);
    put_totals(&w, r);
    mp_jsonw_key(&w, "layers");
    mp_jsonw_open(&w, '[', false);
    for (size_t i = 0; i < r->layer_count; i++)
        put_layer(&w, r, i);
    mp_jsonw_close(&w, ']');
    put_prices(&w, r);
    mp_jsonw_key(&w, "sources");
    mp_jsonw_open(&w, '[', false);
    put_list(&w, r->sources, r->source_count);
    mp_jsonw_close(&w, ']');
    mp_jsonw_key(&w, "warnings");
    mp_jsonw_open(&w, '[', false);
    put_list(&w, r->workload->warnings, r->workload->warning_count);
    put_list(&w, r->warnings, r->warning_count);
    mp_jsonw_close(&w, ']');
    mp_jsonw_close(&w, '}');
}
