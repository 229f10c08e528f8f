// SPDX-License-Identifier: Apache-2.0
// The table of layers. Layers that move nothing (concat, view) have no row.
#include "sim/report/metric.h"
#include "sim/report/quantity.h"
#include "sim/report/report.h"

#include <stdlib.h>
#include <string.h>

static const struct mp_column columns[] = { // those of MACs and energy are named by their units
    {"layer", MP_LEFT},    {"type", MP_LEFT},  {"MMACs", MP_RIGHT}, {"a/w", MP_LEFT},
    {"cycles", MP_RIGHT},  {"cyc%", MP_RIGHT}, {"util%", MP_RIGHT}, {"bound", MP_LEFT},
    {"DRAM kB", MP_RIGHT}, {"uJ", MP_RIGHT},   {"r c l", MP_LEFT},  {"tiles", MP_LEFT},
};
#define COLUMNS (sizeof columns / sizeof *columns)
#define MACS 2
#define ENERGY 9

// Short names: the table has many columns.
static const char *const short_types[MP_LAYER_TYPES] = {
    [MP_CONV2D] = "conv2d",   [MP_LINEAR] = "linear", [MP_MATMUL] = "matmul",  [MP_POOL] = "pool",
    [MP_ADD] = "add",         [MP_MUL] = "mul",       [MP_ACTIVATION] = "act", [MP_SOFTMAX] = "softmax",
    [MP_LAYER_NORM] = "norm", [MP_CONCAT] = "concat", [MP_VIEW] = "view",
};

static const char *short_bound(const struct mp_figures *f) {
    static const char *const names[MP_CAUSES] = {"compute", "fill", "weight", "input", "output", "dram", "vector"};
    const char *bound = mp_bound_name(f);
    for (int i = 0; i < MP_CAUSES; i++)
        if (strcmp(bound, mp_cause_names[i]) == 0)
            return names[i];
    return bound;
}

static const char *type_of(const struct mp_layer *l) {
    return l->type == MP_CONV2D && l->geo.groups > 1 && l->geo.ic == 1 ? "dw conv" : short_types[l->type];
}

static void add_bits(struct mp_table *t, const struct mp_layer_bits *b, bool may_overflow) {
    struct mp_buf text = {0};
    mp_buf_addf(&text, "%u", b->a_bits);
    unsigned seen = 0;
    for (size_t i = 0; i < b->slice_count; i++) {
        if (!(seen >> b->slices[i].w_bits & 1u))
            mp_buf_addf(&text, "%c%u", seen ? '+' : '/', b->slices[i].w_bits);
        seen |= 1u << b->slices[i].w_bits;
    }
    mp_buf_add(&text, may_overflow ? "!" : "");
    mp_table_add(t, text.text);
    mp_buf_finish(&text);
}

static double dram_kb(const struct mp_figures *f) {
    return (double)(f->counts.events[MP_EV_DRAM_READ] + f->counts.events[MP_EV_DRAM_WRITE]) / 8e3;
}

struct scale {
    int dram, energy; // decimals
    double cycles;    // of all
    struct mp_energy_unit unit;
    double macs;      // to what is shown: millions, or each of less than 100,000
};

static void add_figures(struct mp_table *t, const struct mp_figures *f, bool array, const char *bound,
                        const struct scale *s) {
    char text[MP_QTY_BYTES];
    uint64_t cycles = mp_counts_cycles(&f->counts);
    mp_table_add(t, mp_qty_count(cycles, text));
    mp_table_add(t, mp_qty_hundredths((double)cycles, s->cycles, text));
    mp_table_add(t, array ? mp_qty_hundredths(mp_utilization(f), 1, text) : "");
    mp_table_add(t, bound);
    mp_table_add(t, mp_qty_fixed(dram_kb(f), s->dram, text));
    mp_table_add(t, mp_qty_fixed(f->energy_pj * s->unit.factor, s->energy, text));
}

static void add_run(struct mp_table *t, const struct mp_result *r, const struct mp_layer_result *l, size_t run) {
    struct mp_buf roles = {0}, tiles = {0};
    if (run < l->mapping.run_count && mp_layer_on_array(l->layer))
        mp_text_roles(&l->mapping.runs[run], &roles);
    if (run < l->mapping.run_count)
        mp_text_tiles(r, l, &l->mapping.runs[run], &tiles);
    mp_table_add(t, roles.text ? roles.text : "");
    mp_table_add(t, tiles.text ? tiles.text : "");
    mp_buf_finish(&roles);
    mp_buf_finish(&tiles);
}

static void add_layer(struct mp_table *t, const struct mp_result *r, const struct mp_layer_result *l,
                      const struct scale *s) {
    char text[MP_QTY_BYTES];
    bool array = mp_layer_on_array(l->layer);
    mp_table_add(t, l->layer->name);
    mp_table_add(t, type_of(l->layer));
    mp_table_add(t, array ? mp_qty_fixed((double)l->figures.counts.macs * s->macs, s->macs < 1 ? 2 : 0, text) : "");
    add_bits(t, l->bits, l->may_overflow);
    add_figures(t, &l->figures, array, short_bound(&l->figures), s);
    add_run(t, r, l, 0);
    for (size_t run = 1; run < l->mapping.run_count; run++) {
        for (size_t c = 0; c + 2 < COLUMNS; c++)
            mp_table_add(t, "");
        add_run(t, r, l, run);
    }
}

static void add_total(struct mp_table *t, const struct mp_result *r, const struct scale *s) {
    char text[MP_QTY_BYTES];
    mp_table_rule(t);
    mp_table_add(t, "total");
    mp_table_add(t, "");
    mp_table_add(t, mp_qty_fixed((double)r->totals.counts.macs * s->macs, s->macs < 1 ? 2 : 0, text));
    mp_table_add(t, "");
    add_figures(t, &r->totals, true, short_bound(&r->totals), s);
    mp_table_add(t, "");
    mp_table_add(t, "");
}

static int by_cycles(const void *a, const void *b) {
    const struct mp_layer_result *x = *(const struct mp_layer_result *const *)a;
    const struct mp_layer_result *y = *(const struct mp_layer_result *const *)b;
    uint64_t cx = mp_counts_cycles(&x->figures.counts), cy = mp_counts_cycles(&y->figures.counts);
    return cx != cy ? (cx < cy) - (cx > cy) : (x > y) - (x < y); // layers of one array: equals stay in order
}

// The layers with a row, in their order.
static size_t choose(const struct mp_result *r, uint64_t top, const struct mp_layer_result **rows, size_t *moving) {
    size_t count = 0;
    for (size_t i = 0; i < r->layer_count; i++)
        if (!mp_layer_moves_nothing(r->layers[i].layer))
            rows[count++] = &r->layers[i];
    *moving = count;
    if (top > 0 && count > 0)
        qsort(rows, count, sizeof *rows, by_cycles);
    return top > 0 && top < count ? (size_t)top : count;
}

static struct scale scale_of(const struct mp_result *r) {
    const struct mp_figures *f = &r->totals;
    const struct mp_energy_unit unit = mp_energy_unit(f->energy_pj);
    return (struct scale){mp_qty_decimals(dram_kb(f)), mp_qty_decimals(f->energy_pj * unit.factor),
                          (double)mp_counts_cycles(&f->counts), unit, f->counts.macs < 100000 ? 1 : 1e-6};
}

void mp_text_layers(const struct mp_result *r, const struct mp_text_options *o, struct mp_buf *out) {
    struct mp_arena a = {0};
    struct mp_column own[COLUMNS];
    struct mp_table t = {.arena = &a, .columns = own, .column_count = COLUMNS};
    const struct mp_layer_result **rows = mp_arena_alloc(&a, r->layer_count, sizeof *rows);
    const struct scale s = scale_of(r);
    memcpy(own, columns, sizeof own);
    own[ENERGY].head = s.unit.name;
    own[MACS].head = s.macs < 1 ? "MMACs" : "MACs";
    size_t moving, count = choose(r, o->top, rows, &moving);
    for (size_t i = 0; i < count; i++)
        add_layer(&t, r, rows[i], &s);
    add_total(&t, r, &s);
    mp_table_text(&t, &o->style, 0, out);
    if (count < moving)
        mp_buf_addf(out, "(%zu layers with fewer cycles are not shown)\n", moving - count);
    mp_arena_finish(&a);
}
