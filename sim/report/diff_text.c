// SPDX-License-Identifier: Apache-2.0
// The difference of two results as text: totals first, then the layers that changed most, with the causes.
#include "sim/report/diff.h"
#include "sim/report/memory.h"
#include "sim/report/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static void add_head(const struct mp_saved *s, const char *name, struct mp_buf *out) {
    mp_buf_addf(out, "%s: %s on %s, workload %s, engine %s, objective %s, tech %s (%s)\n", name, s->plan, s->arch,
                s->workload, s->engine, s->objective, s->tech, s->path);
}

// Where the two differ; results of before do not say.
static void add_drams(const struct mp_diff *d, struct mp_buf *out) {
    struct mp_buf a = {0}, b = {0};
    if (!d->a->dram.ops || !d->b->dram.ops)
        return;
    mp_memory_dram(&d->a->dram, true, &a);
    mp_memory_dram(&d->b->dram, true, &b);
    if (strcmp(a.text, b.text) != 0)
        mp_buf_addf(out, "DRAM of a: %s\nDRAM of b: %s\n", a.text, b.text);
    mp_buf_finish(&a);
    mp_buf_finish(&b);
}

static void add_row(struct mp_table *t, const char *name, double a, double b, double unit, int digits) {
    char text[MP_QTY_BYTES];
    mp_table_add(t, name);
    mp_table_add(t, digits ? mp_qty_digits(a * unit, digits, text) : mp_qty_fixed(a, 0, text));
    mp_table_add(t, digits ? mp_qty_digits(b * unit, digits, text) : mp_qty_fixed(b, 0, text));
    mp_table_add(t, mp_qty_change(a, b, text));
}

static void add_totals(const struct mp_diff *d, const struct mp_style *s, struct mp_buf *out) {
    static const struct mp_column columns[] = {
        {"totals", MP_LEFT}, {"a", MP_RIGHT}, {"b", MP_RIGHT}, {"change", MP_RIGHT}};
    static const struct {
        enum mp_metric_id id;
        const char *name;
        double unit;
        int digits; // 0: an integer
    } rows[] = {
        {MP_METRIC_MACS, "MACs", 1, 0},
        {MP_METRIC_CYCLES, "cycles", 1, 0},
        {MP_METRIC_LATENCY, "latency ms", 1, 4},
        {MP_METRIC_ENERGY, "energy mJ", 1e-9, 4},
        {MP_METRIC_POWER, "power mW", 1, 4},
        {MP_METRIC_EDP, "EDP uJ s", 1e-9, 4},
        {MP_METRIC_TOPS, "TOPS", 1, 4},
        {MP_METRIC_TOPS_PER_W, "TOPS/W", 1, 4},
        {MP_METRIC_UTILIZATION, "utilization %", 100, 3},
        {MP_METRIC_WEIGHT_BYTES, "weight bytes", 1, 0},
        {MP_METRIC_DRAM_READ, "DRAM read kB", 0.125e-3, 4},
        {MP_METRIC_DRAM_WRITE, "DRAM written kB", 0.125e-3, 4},
    };
    struct mp_arena arena = {0};
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = 4};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        add_row(&t, rows[i].name, d->a->totals.metric[rows[i].id], d->b->totals.metric[rows[i].id], rows[i].unit,
                rows[i].digits);
    if (d->a->totals.dram_activates > 0 || d->b->totals.dram_activates > 0)
        add_row(&t, "DRAM rows opened", d->a->totals.dram_activates, d->b->totals.dram_activates, 1, 0);
    add_row(&t, "area mm2", d->a->area_mm2, d->b->area_mm2, 1, 4);
    mp_table_text(&t, s, 0, out);
    mp_arena_finish(&arena);
}

static void add_list(const struct mp_style *s, const char *head, const char *const *names, const double *a,
                     const double *b, double unit, struct mp_buf *out) {
    const struct mp_column columns[] = {
        {head, MP_LEFT}, {"a", MP_RIGHT}, {"b", MP_RIGHT}, {"difference", MP_RIGHT}, {"change", MP_RIGHT}};
    struct mp_arena arena = {0};
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = 5};
    char text[MP_QTY_BYTES];
    double largest = 0;
    for (size_t i = 0; names[i]; i++)
        largest = fmax(largest, fmax(a[i], b[i]) * unit);
    int decimals = unit == 1 ? 0 : mp_qty_decimals(largest);
    for (size_t i = 0; names[i]; i++) {
        if (a[i] == b[i])
            continue;
        mp_table_add(&t, names[i]);
        mp_table_add(&t, mp_qty_fixed(a[i] * unit, decimals, text));
        mp_table_add(&t, mp_qty_fixed(b[i] * unit, decimals, text));
        mp_table_addf(&t, "%s%s", b[i] > a[i] ? "+" : "", mp_qty_fixed((b[i] - a[i]) * unit, decimals, text));
        mp_table_add(&t, mp_qty_change(a[i], b[i], text));
    }
    if (t.count > 0) {
        mp_buf_add(out, "\n");
        mp_table_text(&t, s, 0, out);
    }
    mp_arena_finish(&arena);
}

// "8/4", or "8" off the array.
static void add_width(struct mp_buf *text, const struct mp_saved_layer *l) {
    mp_buf_addf(text, "%" PRIu64, l->a_bits);
    if (strcmp(l->w_bits, "0") != 0)
        mp_buf_addf(text, "/%s", l->w_bits);
}

static void add_bits(struct mp_table *t, const struct mp_diff_layer *l) {
    struct mp_buf text = {0};
    add_width(&text, l->a);
    if (l->a->a_bits != l->b->a_bits || strcmp(l->a->w_bits, l->b->w_bits) != 0) {
        mp_buf_add(&text, " > ");
        add_width(&text, l->b);
    }
    mp_table_add(t, text.text);
    mp_buf_finish(&text);
}

// The causes that changed, in cycles.
static void add_causes(struct mp_table *t, const struct mp_diff_layer *l) {
    struct mp_buf text = {0};
    char number[MP_QTY_BYTES];
    mp_buf_add(&text, "");
    for (size_t i = 0; i < MP_CAUSES; i++) {
        double by = l->b->figures.cycles_by[i] - l->a->figures.cycles_by[i];
        if (by != 0)
            mp_buf_addf(&text, "%s%s %s%s", text.len > 0 ? ", " : "", mp_cause_names[i], by > 0 ? "+" : "",
                        mp_qty_fixed(by, 0, number));
    }
    mp_table_add(t, text.text);
    mp_buf_finish(&text);
}

static void add_layer(struct mp_table *t, const struct mp_diff_layer *l, double factor, int decimals) {
    const double *a = l->a->figures.metric, *b = l->b->figures.metric;
    char text[MP_QTY_BYTES];
    mp_table_add(t, l->a->name);
    add_bits(t, l);
    mp_table_add(t, mp_qty_fixed(a[MP_METRIC_CYCLES], 0, text));
    mp_table_add(t, mp_qty_fixed(b[MP_METRIC_CYCLES], 0, text));
    mp_table_add(t, mp_qty_change(a[MP_METRIC_CYCLES], b[MP_METRIC_CYCLES], text));
    mp_table_add(t, mp_qty_fixed(a[MP_METRIC_ENERGY] * factor, decimals, text));
    mp_table_add(t, mp_qty_fixed(b[MP_METRIC_ENERGY] * factor, decimals, text));
    mp_table_add(t, mp_qty_change(a[MP_METRIC_ENERGY], b[MP_METRIC_ENERGY], text));
    add_causes(t, l);
}

static void add_layers(const struct mp_diff *d, const struct mp_style *s, struct mp_buf *out) {
    double largest = 0;
    for (size_t i = 0; i < d->layer_count; i++)
        largest = fmax(largest, d->layers[i].a->figures.metric[MP_METRIC_ENERGY]);
    const struct mp_energy_unit unit = mp_energy_unit(largest);
    struct mp_arena arena = {0};
    const struct mp_column columns[] = {
        {"layer", MP_LEFT}, {"a/w", MP_LEFT}, {"cycles a", MP_RIGHT}, {"b", MP_RIGHT},
        {"change", MP_RIGHT}, {mp_arena_printf(&arena, "%s a", unit.name), MP_RIGHT}, {"b", MP_RIGHT},
        {"change", MP_RIGHT}, {"causes", MP_LEFT},
    };
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = sizeof columns / sizeof *columns};
    mp_buf_addf(out, "\n%zu layer%s differ%s, %zu %s the same\n", d->layer_count, d->layer_count == 1 ? "" : "s",
                d->layer_count == 1 ? "s" : "", d->same_count, d->same_count == 1 ? "is" : "are");
    for (size_t i = 0; i < d->layer_count; i++)
        add_layer(&t, &d->layers[i], unit.factor, mp_qty_decimals(largest * unit.factor));
    if (d->layer_count > 0)
        mp_table_text(&t, s, 0, out);
    mp_arena_finish(&arena);
}

static void add_only(const char *which, const struct mp_saved_layer *const *layers, size_t count,
                     struct mp_buf *out) {
    if (count == 0)
        return;
    mp_buf_addf(out, "only in %s (%zu):", which, count);
    for (size_t i = 0; i < count; i++)
        mp_buf_addf(out, "%s %s", i > 0 ? "," : "", layers[i]->name);
    mp_buf_add(out, "\n");
}

void mp_diff_text(const struct mp_diff *d, const struct mp_style *s, struct mp_buf *out) {
    const struct mp_saved_figures *a = &d->a->totals, *b = &d->b->totals;
    const struct mp_energy_unit unit = mp_energy_unit(a->metric[MP_METRIC_ENERGY]);
    char energy[32];
    add_head(d->a, "a", out);
    add_head(d->b, "b", out);
    add_drams(d, out);
    mp_buf_add(out, "\n");
    add_totals(d, s, out);
    add_list(s, "cycles by cause", mp_cause_names, a->cycles_by, b->cycles_by, 1, out);
    snprintf(energy, sizeof energy, "energy by part, %s", unit.name);
    add_list(s, energy, mp_part_names, a->energy_pj_by, b->energy_pj_by, unit.factor, out);
    add_layers(d, s, out);
    add_only("a", d->only_a, d->only_a_count, out);
    add_only("b", d->only_b, d->only_b_count, out);
}
