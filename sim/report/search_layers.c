// SPDX-License-Identifier: Apache-2.0
// The layers of the plan that was found, beside the uniform one, and why their widths are what they are: each decision's reason
// stands once, with the first layer that it is about.
#include "sim/report/metric.h"
#include "sim/report/search_parts.h"

#include <math.h>
#include <string.h>

static const struct mp_column columns[] = {
    {"layer", MP_LEFT}, {"type", MP_LEFT},  {"a/w", MP_LEFT},    {"cycles", MP_RIGHT}, {"uniform 8", MP_RIGHT},
    {"", MP_RIGHT},     {"uJ", MP_RIGHT},   {"", MP_RIGHT},      {"bound", MP_LEFT},   {"why", MP_LEFT},
};
#define COLUMNS (sizeof columns / sizeof *columns)

struct rows {
    const struct mp_search_report *r;
    const struct mp_result *now, *base; // base may be NULL
    size_t *first;                      // by decision: the layer that has said why, MP_NO_LAYER before
    struct mp_table t;
};

// Reasons

// "4", or of several widths "2+4", from the narrowest.
static void option_bits(const struct mp_decision *d, size_t option, struct mp_buf *out) {
    const uint8_t *bits = &d->bits[option * d->unit_count];
    const char *sign = "";
    for (unsigned b = 1; b <= 8; b++)
        if (memchr(bits, (int)b, d->unit_count)) {
            mp_buf_addf(out, "%s%u", sign, b);
            sign = "+";
        }
}

// "4 bits would save 1.2 % for 0.031 harm"
static void step(const struct mp_search_report *r, const struct mp_decision *d, const struct mp_step *s, struct mp_buf *out) {
    const double all = r->result->best.sum[mp_search_front_cost(r->job)], percent = all > 0 ? 100 * fabs(s->cost) / all : 0;
    char cost[MP_QTY_BYTES], harm[MP_QTY_BYTES];
    mp_qty_digits(percent, 2, cost);
    mp_harm_text(fabs(s->harm), harm);
    option_bits(d, s->option, out);
    if (s->cost == 0)
        mp_buf_addf(out, " would save nothing");
    else
        mp_buf_addf(out, " would %s %s %%", s->cost < 0 ? "save" : "cost", cost);
    if (s->harm > 0)
        mp_buf_addf(out, " %s %s harm", s->cost < 0 ? "for" : "and add", harm);
    else if (s->harm < 0)
        mp_buf_addf(out, " and %s %s harm", s->cost == 0 ? "take" : "save", harm);
}

// Others that are decided with it; what the layer itself has or reads goes without saying.
static void linked(const struct mp_space *s, const struct mp_decision *d, size_t layer, struct mp_buf *out) {
    const struct mp_layer *l = &s->workload->layers[layer];
    const char *sign = " (with ";
    for (size_t u = 0; u < d->unit_count; u++) {
        bool own = s->units[d->units[u]].kind == MP_UNIT_WEIGHT && s->units[d->units[u]].layer == layer;
        for (size_t i = 0; i < l->input_count; i++)
            own |= s->tensor_unit[l->inputs[i]] == d->units[u];
        if (own)
            continue;
        mp_buf_addf(out, "%s%s", sign, s->units[d->units[u]].name);
        sign = ", ";
    }
    mp_buf_add(out, strcmp(sign, ", ") == 0 ? ")" : "");
}

static void reason(struct rows *k, size_t layer, size_t decision, const char *what, struct mp_buf *out) {
    const struct mp_decision *d = &k->r->job->space->decisions[decision];
    const struct mp_reason *why = &k->r->reasons[decision];
    mp_buf_addf(out, "%s: ", what);
    if (k->first[decision] != MP_NO_LAYER) {
        mp_buf_addf(out, "as %s", k->now->workload->layers[k->first[decision]].name);
        return;
    }
    k->first[decision] = layer;
    if (why->fixed)
        mp_buf_add(out, why->fixed);
    if (why->down.there)
        step(k->r, d, &why->down, out);
    if (why->down.there && why->up.there)
        mp_buf_add(out, "; ");
    if (why->up.there)
        step(k->r, d, &why->up, out);
    linked(k->r->job->space, d, layer, out);
}

// One line, or two where weights and input are decided apart and not for one reason.
static size_t reasons(struct rows *k, size_t layer, struct mp_buf line[2]) {
    const struct mp_space *s = k->r->job->space;
    const size_t w = mp_layer_w_decision(s, layer), a = mp_layer_a_decision(s, layer);
    size_t n = 0;
    if (w != MP_NO_DECISION && w == a) {
        reason(k, layer, w, "w, a", &line[n++]);
        return n;
    }
    if (w != MP_NO_DECISION)
        reason(k, layer, w, "w", &line[n++]);
    if (a == MP_NO_DECISION)
        return n;
    const struct mp_layer *l = &s->workload->layers[layer];
    // What the vector unit reads is mostly decided with another layer.
    if (mp_layer_on_array(l) || k->first[a] == MP_NO_LAYER)
        reason(k, layer, a, "a", &line[n++]);
    const size_t b = !mp_layer_on_array(l) && l->input_count > 1 ? s->tensor_decision[l->inputs[1]] : MP_NO_DECISION;
    if (b != MP_NO_DECISION && k->first[b] == MP_NO_LAYER) {
        reason(k, layer, b, "second a", &line[n]);
        n++;
    }
    if (n == 2 && w != MP_NO_DECISION && strcmp(line[0].text + 1, line[1].text + 1) == 0) {
        line[0].len = 0;
        mp_buf_addf(&line[0], "w, %s", line[1].text);
        return 1;
    }
    return n;
}

// Rows

static void add_figures(struct rows *k, size_t i) {
    const struct mp_figures *f = &k->now->layers[i].figures, *from = k->base ? &k->base->layers[i].figures : NULL;
    char text[MP_QTY_BYTES];
    const uint64_t cycles = mp_counts_cycles(&f->counts);
    mp_table_add(&k->t, mp_qty_count(cycles, text));
    mp_table_add(&k->t, from ? mp_qty_count(mp_counts_cycles(&from->counts), text) : "");
    mp_table_add(&k->t, from ? mp_qty_change((double)mp_counts_cycles(&from->counts), (double)cycles, text) : "");
    mp_table_add(&k->t, mp_qty_fixed(f->energy_pj * 1e-6, mp_qty_decimals(k->now->totals.energy_pj * 1e-6), text));
    mp_table_add(&k->t, from ? mp_qty_change(from->energy_pj, f->energy_pj, text) : "");
    mp_table_add(&k->t, mp_bound_name(f));
}

static void add_layer(struct rows *k, size_t i) {
    const struct mp_layer *l = &k->now->workload->layers[i];
    struct mp_buf bits = {0}, why[2] = {0};
    const size_t lines = reasons(k, i, why);
    mp_layer_bits_text(&k->r->plan->layers[i], l, &bits);
    const unsigned *tensor_bits = k->r->plan->tensor_bits;
    if (!mp_layer_on_array(l) && l->input_count == 2 && tensor_bits[l->inputs[1]] != tensor_bits[l->inputs[0]])
        mp_buf_addf(&bits, ",%u", tensor_bits[l->inputs[1]]);
    mp_table_add(&k->t, l->name);
    mp_table_add(&k->t, mp_layer_type_names[l->type]);
    mp_table_add(&k->t, bits.text);
    add_figures(k, i);
    mp_table_add(&k->t, lines > 0 ? why[0].text : "");
    for (size_t c = 0; lines == 2 && c + 1 < COLUMNS; c++)
        mp_table_add(&k->t, "");
    if (lines == 2)
        mp_table_add(&k->t, why[1].text);
    mp_buf_finish(&bits);
    mp_buf_finish(&why[0]);
    mp_buf_finish(&why[1]);
}

// Below

// Layers of which most cycles wait for DRAM, and the share of all cycles that these layers take.
struct dram {
    size_t bound, layers;
    char share[MP_QTY_BYTES];
};

static struct dram dram_of(const struct mp_result *r) {
    struct dram d = {0};
    uint64_t cycles = 0;
    for (size_t i = 0; i < r->layer_count; i++) {
        const struct mp_figures *f = &r->layers[i].figures;
        const bool bound = strcmp(mp_bound_name(f), mp_cause_names[MP_STALL_DRAM]) == 0;
        d.layers += !mp_layer_moves_nothing(r->layers[i].layer);
        d.bound += bound;
        cycles += bound ? mp_counts_cycles(&f->counts) : 0;
    }
    mp_qty_percent((double)cycles, (double)mp_counts_cycles(&r->totals.counts), d.share);
    return d;
}

static void below(const struct rows *k, struct mp_buf *out) {
    const char *unit = mp_harm_unit(k->r->harm);
    const struct dram now = dram_of(k->now);
    mp_buf_addf(out, "DRAM-bound: %zu of %zu layers, %s of the cycles", now.bound, now.layers, now.share);
    if (k->base) {
        const struct dram base = dram_of(k->base);
        mp_buf_addf(out, " (" MP_ROW_BASE ": %zu, %s)", base.bound, base.share);
    }
    mp_buf_addf(out, "\nwhy: another width of this decision alone; %% of the plan's %s%s%s\n",
                mp_costs_shown[mp_search_front_cost(k->r->job) - MP_COST_AT(0)].words, *unit ? ", harm in " : "", unit);
}

void mp_search_text_layers(const struct mp_search_report *r, const struct mp_style *s, struct mp_buf *out) {
    const struct mp_search_row *row = mp_search_row_of(r, MP_ROW_FOUND), *base = mp_search_row_of(r, MP_ROW_BASE);
    if (!r->plan || !r->reasons || !row)
        return;
    struct mp_arena arena = {0};
    struct rows k = {.r = r, .now = row->result, .base = base ? base->result : NULL,
                     .t = {.arena = &arena, .columns = columns, .column_count = COLUMNS}};
    k.first = mp_arena_alloc(&arena, r->job->space->decision_count, sizeof *k.first);
    for (size_t d = 0; d < r->job->space->decision_count; d++)
        k.first[d] = MP_NO_LAYER;
    for (size_t i = 0; i < k.now->layer_count; i++)
        if (!mp_layer_moves_nothing(k.now->layers[i].layer))
            add_layer(&k, i);
    mp_buf_add(out, "\n");
    mp_table_text(&k.t, s, 0, out);
    below(&k, out);
    mp_arena_finish(&arena);
}
