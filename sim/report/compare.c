// SPDX-License-Identifier: Apache-2.0
// The figures that are compared, and the comparison as JSON and CSV.
#include "sim/report/compare.h"

#include "sim/report/memory.h"
#include "traces/csv.h"

#include <inttypes.h>

static double cycles(const struct mp_result *r) {
    return (double)mp_counts_cycles(&r->totals.counts);
}
static double latency_ms(const struct mp_result *r) {
    return mp_latency_ms(&r->totals, r->arch);
}
static double energy_pj(const struct mp_result *r) {
    return r->totals.energy_pj;
}
static double area_mm2(const struct mp_result *r) {
    return r->area_mm2;
}
static double effective_tops(const struct mp_result *r) {
    return mp_effective_tops(&r->totals, r->arch);
}
static double tops_per_w(const struct mp_result *r) {
    return mp_tops_per_w(&r->totals);
}
static double tops_per_mm2(const struct mp_result *r) {
    return r->area_mm2 > 0 ? effective_tops(r) / r->area_mm2 : 0;
}
static double edp_pj_ms(const struct mp_result *r) {
    return mp_edp_pj_ms(&r->totals, r->arch);
}
static double utilization(const struct mp_result *r) {
    return mp_utilization(&r->totals);
}

const struct mp_compare_figure mp_compare_figures[MP_COMPARE_FIGURES] = {
    {"cycles", "cycles", 1, 0, cycles},
    {"latency_ms", "ms", 1, 4, latency_ms},
    {"energy_pj", "mJ", 1e-9, 4, energy_pj},
    {"area_mm2", "mm2", 1, 4, area_mm2},
    {"effective_tops", "TOPS", 1, 3, effective_tops},
    {"tops_per_w", "TOPS/W", 1, 3, tops_per_w},
    {"tops_per_mm2", "TOPS/mm2", 1, 3, tops_per_mm2},
    {"edp_pj_ms", "EDP uJ s", 1e-9, 4, edp_pj_ms},
    {"utilization", "util%", 100, 3, utilization},
};

static const struct mp_result *at(const struct mp_compare *c, size_t plan, size_t arch) {
    return &c->results[plan * c->arch_count + arch];
}

// 0 when the first has nothing to compare with.
static double ratio(const struct mp_compare *c, size_t plan, size_t arch, size_t figure) {
    double base = mp_compare_figures[figure].of(at(c, plan, 0));
    return base > 0 ? mp_compare_figures[figure].of(at(c, plan, arch)) / base : 0;
}

static void put_size(struct mp_jsonw *w, const struct mp_arch *a) {
    mp_jsonw_key(w, "rows");
    mp_jsonw_uint(w, a->array.rows);
    mp_jsonw_key(w, "cols");
    mp_jsonw_uint(w, a->array.cols);
}

static void put_given(struct mp_jsonw *w, const struct mp_compare_arch *a) {
    mp_jsonw_key(w, "given");
    mp_jsonw_open(w, '{', true);
    put_size(w, a->given);
    mp_jsonw_key(w, "area_mm2");
    mp_jsonw_real(w, a->given_area_mm2);
    mp_jsonw_close(w, '}');
}

static void put_arch(struct mp_jsonw *w, const struct mp_compare *c, size_t plan, size_t arch) {
    const struct mp_result *r = at(c, plan, arch);
    mp_jsonw_open(w, '{', false);
    mp_jsonw_key(w, "arch");
    mp_jsonw_string(w, r->arch->name);
    mp_jsonw_key(w, "tech");
    mp_jsonw_string(w, r->arch->tech);
    put_size(w, r->arch);
    mp_jsonw_key(w, "dram");
    mp_dram_write(&r->arch->dram, w);
    if (c->equal_area)
        put_given(w, &c->archs[arch]);
    for (size_t i = 0; i < MP_COMPARE_FIGURES; i++) {
        mp_jsonw_key(w, mp_compare_figures[i].key);
        mp_jsonw_real(w, mp_compare_figures[i].of(r));
    }
    mp_jsonw_key(w, "ratio");
    mp_jsonw_open(w, '{', true);
    for (size_t i = 0; i < MP_COMPARE_FIGURES; i++) {
        mp_jsonw_key(w, mp_compare_figures[i].key);
        mp_jsonw_real(w, ratio(c, plan, arch, i));
    }
    mp_jsonw_close(w, '}');
    mp_jsonw_key(w, "sources");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < r->source_count; i++)
        mp_jsonw_string(w, r->sources[i]);
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

static void put_plan(struct mp_jsonw *w, const struct mp_compare *c, size_t plan) {
    const struct mp_result *r = at(c, plan, 0);
    mp_jsonw_open(w, '{', false);
    mp_jsonw_key(w, "plan");
    mp_jsonw_string(w, r->plan->name);
    mp_jsonw_key(w, "workload");
    mp_jsonw_string(w, r->workload->name);
    mp_jsonw_key(w, "batch");
    mp_jsonw_uint(w, r->plan->batch);
    mp_jsonw_key(w, "archs");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < c->arch_count; i++)
        put_arch(w, c, plan, i);
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

void mp_compare_json(const struct mp_compare *c, struct mp_buf *out) {
    const struct mp_result *first = at(c, 0, 0);
    struct mp_jsonw w;
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    mp_jsonw_key(&w, "schema");
    mp_jsonw_string(&w, MP_COMPARE_SCHEMA);
    mp_jsonw_key(&w, "engine");
    mp_jsonw_string(&w, mp_engine_names[first->engine]);
    mp_jsonw_key(&w, "objective");
    mp_jsonw_string(&w, first->objective);
    mp_jsonw_key(&w, "equal_area");
    mp_jsonw_bool(&w, c->equal_area);
    mp_jsonw_key(&w, "plans");
    mp_jsonw_open(&w, '[', false);
    for (size_t p = 0; p < c->plan_count; p++)
        put_plan(&w, c, p);
    mp_jsonw_close(&w, ']');
    mp_jsonw_close(&w, '}');
}

static void add_real(struct mp_buf *out, double value) {
    char text[32];
    mp_format_double(value, text);
    mp_buf_addf(out, ",%s", text);
}

static void add_size(struct mp_buf *out, const struct mp_arch *a) {
    mp_buf_addf(out, ",%" PRIu64 ",%" PRIu64, a->array.rows, a->array.cols);
}

static void add_dram(const struct mp_dram *d, struct mp_buf *out) {
    struct mp_buf text = {0};
    mp_memory_dram(d, true, &text);
    mp_buf_add(out, ",");
    mp_csv_field(out, text.text);
    mp_buf_finish(&text);
}

static void add_row(const struct mp_compare *c, size_t plan, size_t arch, struct mp_buf *out) {
    const struct mp_result *r = at(c, plan, arch);
    mp_csv_field(out, r->plan->name);
    mp_buf_add(out, ",");
    mp_csv_field(out, r->arch->name);
    add_size(out, r->arch);
    add_size(out, c->archs[arch].given);
    add_real(out, c->archs[arch].given_area_mm2);
    for (size_t i = 0; i < MP_COMPARE_FIGURES; i++)
        add_real(out, mp_compare_figures[i].of(r));
    for (size_t i = 0; i < MP_COMPARE_FIGURES; i++)
        add_real(out, ratio(c, plan, arch, i));
    add_dram(&r->arch->dram, out);
    mp_buf_add(out, "\n");
}

void mp_compare_csv(const struct mp_compare *c, struct mp_buf *out) {
    mp_buf_add(out, "plan,arch,rows,cols,given_rows,given_cols,given_area_mm2");
    for (size_t i = 0; i < MP_COMPARE_FIGURES; i++)
        mp_buf_addf(out, ",%s", mp_compare_figures[i].key);
    for (size_t i = 0; i < MP_COMPARE_FIGURES; i++)
        mp_buf_addf(out, ",ratio_%s", mp_compare_figures[i].key);
    mp_buf_add(out, ",dram\n");
    for (size_t p = 0; p < c->plan_count; p++)
        for (size_t a = 0; a < c->arch_count; a++)
            add_row(c, p, a, out);
}
