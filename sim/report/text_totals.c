// SPDX-License-Identifier: Apache-2.0
// The totals: headline figures, then cycles by cause, energy by part and area by part side by side.
#include "sim/report/metric.h"
#include "sim/report/quantity.h"
#include "sim/report/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static double bits_of(const struct mp_result *r, enum mp_event e) {
    return (double)r->totals.counts.events[e];
}

static void add_time(const struct mp_result *r, struct mp_buf *out) {
    char latency[MP_QTY_BYTES], cycles[MP_QTY_BYTES], rate[MP_QTY_BYTES];
    double ms = mp_latency_ms(&r->totals, r->arch), per_s = ms > 0 ? (double)r->plan->batch * 1e3 / ms : 0;
    mp_buf_addf(out, "  latency      %s (%s cycles at %g MHz), %s inferences/s\n", mp_qty_si(ms * 1e-3, "s", latency),
                mp_qty_count(mp_counts_cycles(&r->totals.counts), cycles), r->arch->clock_mhz,
                mp_qty_digits(per_s, 4, rate));
}

static void add_throughput(const struct mp_result *r, struct mp_buf *out) {
    char ops[MP_QTY_BYTES], macs[MP_QTY_BYTES], util[MP_QTY_BYTES], bops[MP_QTY_BYTES];
    mp_buf_addf(out, "  throughput   %s, utilization %s; %s MAC%s, %s\n",
                mp_qty_si(mp_effective_tops(&r->totals, r->arch) * 1e12, "OPS", ops),
                mp_qty_percent(mp_utilization(&r->totals), 1, util), mp_qty_count(r->totals.counts.macs, macs),
                r->totals.counts.macs == 1 ? "" : "s",
                mp_qty_si((double)r->totals.bops, "BOPs", bops));
}

static void add_energy(const struct mp_result *r, struct mp_buf *out) {
    char energy[MP_QTY_BYTES], power[MP_QTY_BYTES], edp[MP_QTY_BYTES], ops[MP_QTY_BYTES], each[MP_QTY_BYTES];
    uint64_t batch = r->plan->batch;
    mp_buf_addf(out, "  energy       %s%s%s%s, power %s, %s TOPS/W, EDP %s\n",
                mp_qty_si(r->totals.energy_pj * 1e-12, "J", energy), batch > 1 ? " (" : "",
                batch > 1 ? mp_qty_si(r->totals.energy_pj * 1e-12 / (double)batch, "J", each) : "",
                batch > 1 ? " an inference)" : "", mp_qty_si(mp_power_mw(&r->totals, r->arch) * 1e-3, "W", power),
                mp_qty_digits(mp_tops_per_w(&r->totals), 4, ops),
                mp_qty_si(mp_edp_pj_ms(&r->totals, r->arch) * 1e-15, "J s", edp));
}

static void add_memory(const struct mp_result *r, struct mp_buf *out) {
    char weights[MP_QTY_BYTES], read[MP_QTY_BYTES], written[MP_QTY_BYTES], band[MP_QTY_BYTES];
    double bytes = (bits_of(r, MP_EV_DRAM_READ) + bits_of(r, MP_EV_DRAM_WRITE)) / 8;
    double s = mp_latency_ms(&r->totals, r->arch) * 1e-3;
    mp_buf_addf(out, "  memory       weights %s; DRAM reads %s, writes %s, %s on average",
                mp_qty_si((double)mp_subject_of_totals(r).weight_bytes, "B", weights),
                mp_qty_si(bits_of(r, MP_EV_DRAM_READ) / 8, "B", read),
                mp_qty_si(bits_of(r, MP_EV_DRAM_WRITE) / 8, "B", written),
                mp_qty_si(s > 0 ? bytes / s : 0, "B/s", band));
    if (r->arch->dram.ops->activates)
        mp_buf_addf(out, ", %s rows opened", mp_qty_count(r->totals.counts.events[MP_EV_DRAM_ACT], read));
    mp_buf_add(out, "\n");
}

static void add_area(const struct mp_result *r, struct mp_buf *out) {
    char area[MP_QTY_BYTES], density[MP_QTY_BYTES];
    double tops = mp_effective_tops(&r->totals, r->arch);
    mp_buf_addf(out, "  area         %s mm2, %s TOPS/mm2\n", mp_qty_digits(r->area_mm2, 4, area),
                mp_qty_digits(r->area_mm2 > 0 ? tops / r->area_mm2 : 0, 4, density));
}

// One of the three lists: a name, a figure, its share.
struct list {
    const char *const *names;
    double values[MP_EVENTS], sum;
    int decimals;
    const char *blanks; // before names
};

static void add_cell(struct mp_table *t, const struct list *l, size_t i) {
    char value[MP_QTY_BYTES], share[MP_QTY_BYTES];
    mp_table_addf(t, "%s%s", l->blanks, l->names[i]);
    mp_table_add(t, mp_qty_fixed(l->values[i], l->decimals, value));
    mp_table_add(t, mp_qty_hundredths(l->values[i], l->sum, share));
}

static void fill(struct list *l, const char *const *names, int decimals) {
    l->names = names;
    l->decimals = decimals;
    for (size_t i = 0; names[i]; i++)
        l->sum += l->values[i];
}

static void add_breakdown(const struct mp_result *r, const struct mp_style *s, struct mp_buf *out) {
    const struct mp_energy_unit unit = mp_energy_unit(r->totals.energy_pj);
    const struct mp_column columns[] = {
        {"cycles by cause", MP_LEFT},  {"cycles", MP_RIGHT}, {"%", MP_RIGHT},
        {"  energy by part", MP_LEFT}, {unit.name, MP_RIGHT}, {"%", MP_RIGHT},
        {"  area by part", MP_LEFT},   {"mm2", MP_RIGHT},    {"%", MP_RIGHT},
    };
    struct mp_arena a = {0};
    struct mp_table t = {.arena = &a, .columns = columns, .column_count = 9};
    struct list lists[3] = {{.blanks = ""}, {.blanks = "  "}, {.blanks = "  "}};
    for (size_t i = 0; i < MP_CAUSES; i++)
        lists[0].values[i] = (double)r->totals.counts.cycles[i];
    for (size_t i = 0; i < MP_PARTS; i++)
        lists[1].values[i] = r->totals.energy_pj_by[i] * unit.factor;
    for (size_t i = 0; i < MP_AREAS; i++)
        lists[2].values[i] = r->area_mm2_by[i];
    fill(&lists[0], mp_cause_names, 0);
    fill(&lists[1], mp_part_names, mp_qty_decimals(r->totals.energy_pj * unit.factor));
    fill(&lists[2], mp_area_names, r->area_mm2 < 1 ? 4 : 3);
    const size_t counts[3] = {MP_CAUSES, MP_PARTS, MP_AREAS};
    for (size_t i = 0; i < MP_PARTS; i++)
        for (size_t k = 0; k < 3; k++) {
            if (i < counts[k])
                add_cell(&t, &lists[k], i);
            for (int empty = 0; i >= counts[k] && empty < 3; empty++)
                mp_table_add(&t, "");
        }
    mp_table_text(&t, s, 2, out);
    mp_arena_finish(&a);
}

void mp_text_totals(const struct mp_result *r, const struct mp_style *s, struct mp_buf *out) {
    mp_style_bold(s, "totals", out);
    mp_buf_add(out, "\n");
    add_time(r, out);
    add_throughput(r, out);
    add_energy(r, out);
    add_area(r, out);
    add_memory(r, out);
    mp_buf_add(out, "\n");
    add_breakdown(r, s, out);
}
