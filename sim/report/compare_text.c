// SPDX-License-Identifier: Apache-2.0
// The comparison as text: a block a plan, two lines an architecture: its figures, and their ratios to the first's.
#include "sim/report/compare.h"
#include "sim/report/memory.h"
#include "sim/report/quantity.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#define DRAM_COLUMNS 76 // behind them a new line begins

static void add_value(struct mp_table *t, const struct mp_compare_figure *f, const struct mp_result *r) {
    char text[MP_QTY_BYTES];
    double value = f->of(r) * f->unit;
    mp_table_add(t, f->digits ? mp_qty_digits(value, f->digits, text) : mp_qty_fixed(value, 0, text));
}

static void add_arch(struct mp_table *t, const struct mp_result *r, const struct mp_result *first) {
    char text[MP_QTY_BYTES];
    mp_table_add(t, r->arch->name);
    mp_table_addf(t, "%" PRIu64 "x%" PRIu64, r->arch->array.rows, r->arch->array.cols);
    for (size_t i = 0; i < MP_COMPARE_FIGURES; i++)
        add_value(t, &mp_compare_figures[i], r);
    if (r == first)
        return;
    mp_table_add(t, "");
    mp_table_add(t, "");
    for (size_t i = 0; i < MP_COMPARE_FIGURES; i++)
        mp_table_add(t, mp_qty_ratio(mp_compare_figures[i].of(r), mp_compare_figures[i].of(first), text));
}

static void add_plan(const struct mp_compare *c, const struct mp_style *s, size_t plan, struct mp_buf *out) {
    struct mp_column columns[MP_COMPARE_FIGURES + 2] = {{"arch", MP_LEFT}, {"PEs", MP_RIGHT}};
    for (size_t i = 0; i < MP_COMPARE_FIGURES; i++)
        columns[i + 2] = (struct mp_column){mp_compare_figures[i].head, MP_RIGHT};
    struct mp_arena a = {0};
    struct mp_table t = {.arena = &a, .columns = columns, .column_count = MP_COMPARE_FIGURES + 2};
    const struct mp_result *first = &c->results[plan * c->arch_count];
    struct mp_buf title = {0};
    mp_buf_addf(&title, "%s", first->plan->name);
    mp_style_bold(s, title.text, out);
    mp_buf_finish(&title);
    mp_buf_addf(out, ": workload %s, batch %" PRIu64 ", engine %s, objective %s\n", first->workload->name,
                first->plan->batch, mp_engine_names[first->engine], first->objective);
    for (size_t i = 0; i < c->arch_count; i++)
        add_arch(&t, &first[i], first);
    mp_table_text(&t, s, 0, out);
    mp_arena_finish(&a);
}

static void add_port(struct mp_buf *out, const struct mp_compare_arch *a, int buffer) {
    uint64_t from = a->given->buffers[buffer].width_bits, to = a->used->buffers[buffer].width_bits;
    if (from != to)
        mp_buf_addf(out, "%s%s %" PRIu64 " to %" PRIu64, out->len > 0 ? ", " : "", mp_buffer_names[buffer], from, to);
}

static void add_scaling(const struct mp_compare *c, const struct mp_style *s, struct mp_buf *out) {
    static const struct mp_column columns[] = {
        {"arch", MP_LEFT}, {"given", MP_RIGHT}, {"mm2", MP_RIGHT},      {"scaled", MP_RIGHT},
        {"mm2", MP_RIGHT}, {"off", MP_RIGHT},   {"port bits", MP_LEFT},
    };
    struct mp_arena arena = {0};
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = sizeof columns / sizeof *columns};
    char text[MP_QTY_BYTES];
    double target = c->archs[0].given_area_mm2;
    for (size_t i = 0; i < c->arch_count; i++) {
        const struct mp_compare_arch *a = &c->archs[i];
        struct mp_buf ports = {0};
        mp_table_add(&t, a->given->name);
        mp_table_addf(&t, "%" PRIu64 "x%" PRIu64, a->given->array.rows, a->given->array.cols);
        mp_table_add(&t, mp_qty_digits(a->given_area_mm2, 4, text));
        mp_table_addf(&t, "%" PRIu64 "x%" PRIu64, a->used->array.rows, a->used->array.cols);
        mp_table_add(&t, mp_qty_digits(a->used_area_mm2, 4, text));
        mp_table_add(&t, i == 0 ? "" : mp_qty_change(target, a->used_area_mm2, text));
        for (int b = 0; b < MP_BUFFERS; b++)
            add_port(&ports, a, b);
        mp_table_add(&t, ports.text ? ports.text : "");
        mp_buf_finish(&ports);
    }
    mp_style_bold(s, "equal area", out);
    mp_buf_addf(out, ": rows and columns scaled towards the area of %s; buffer sizes as given\n",
                c->archs[0].given->name);
    mp_table_text(&t, s, 0, out);
    mp_arena_finish(&arena);
}

// Where no number of rows and columns comes within 5 % of the area.
static void add_misfits(const struct mp_compare *c, const struct mp_style *s, struct mp_buf *out) {
    double target = c->archs[0].given_area_mm2;
    for (size_t i = 1; i < c->arch_count; i++) {
        const struct mp_compare_arch *a = &c->archs[i];
        if (fabs(a->used_area_mm2 / target - 1) <= 0.05)
            continue;
        mp_style_warn(s, "warning", out);
        mp_buf_addf(out,
                    ": %s: not at equal area: of the arrays whose buffer ports have a price none comes nearer; "
                    "buffers and vector unit stay as given\n",
                    a->given->name);
    }
}

static void add_warnings(const struct mp_result *r, const struct mp_style *s, struct mp_buf *out) {
    for (size_t i = 0; i < r->warning_count; i++) {
        mp_style_warn(s, "warning", out);
        mp_buf_addf(out, ": %s, %s: %s\n", r->plan->name, r->arch->name, r->warnings[i]);
    }
}

// In lines of about DRAM_COLUMNS.
static void add_drams(const struct mp_compare *c, struct mp_buf *out) {
    size_t line = out->len;
    mp_buf_add(out, "DRAM: ");
    for (size_t i = 0; i < c->arch_count; i++) {
        const struct mp_arch *a = c->results[i].arch;
        const bool full = out->len - line > DRAM_COLUMNS;
        if (i > 0)
            mp_buf_add(out, full ? ";\n      " : "; ");
        line = full ? out->len : line;
        mp_buf_addf(out, "%s ", a->name);
        mp_memory_dram_rated(&a->dram, false, mp_dram_peak_bits_per_cycle(&a->dram) * a->clock_mhz * 1e6 / 8, out);
    }
    mp_buf_add(out, "\n");
}

// Prices of different technologies do not compare as designs do: say so.
static void add_techs(const struct mp_compare *c, struct mp_buf *out) {
    bool differ = false;
    for (size_t i = 1; i < c->arch_count; i++)
        differ |= strcmp(c->results[i].arch->tech, c->results[0].arch->tech) != 0;
    if (!differ)
        return;
    mp_buf_add(out, "technologies differ (--tech NAME prices all alike): ");
    for (size_t i = 0; i < c->arch_count; i++)
        mp_buf_addf(out, "%s%s %s", i > 0 ? ", " : "", c->results[i].arch->name, c->results[i].arch->tech);
    mp_buf_add(out, "\n");
}

void mp_compare_text(const struct mp_compare *c, const struct mp_style *s, struct mp_buf *out) {
    if (c->equal_area) {
        add_scaling(c, s, out);
        add_misfits(c, s, out);
        mp_buf_add(out, "\n");
    }
    for (size_t p = 0; p < c->plan_count; p++) {
        if (p > 0)
            mp_buf_add(out, "\n");
        add_plan(c, s, p, out);
    }
    if (c->arch_count > 1)
        mp_buf_addf(out, "x: against %s. ", c->archs[0].given->name);
    mp_buf_add(out, "util%: of the peak at these bits. Sources of the prices: --json, or mpsim run.\n");
    add_drams(c, out);
    add_techs(c, out);
    for (size_t i = 0; i < c->plan_count * c->arch_count; i++)
        add_warnings(&c->results[i], s, out);
}
