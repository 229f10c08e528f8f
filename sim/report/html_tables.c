// SPDX-License-Identifier: Apache-2.0
// The page's tables: what was run and its key figures, beside those of the other results, and every layer's.
#include "sim/report/html.h"
#include "sim/report/memory.h"
#include "sim/report/quantity.h"

#include <inttypes.h>
#include <string.h>

// Key figures

static const struct figure {
    enum mp_metric_id id; // MP_METRICS: the area
    const char *name;
    double unit;          // to the unit that is shown
    const char *si;       // a unit that takes SI prefixes; "": a whole number; NULL: four digits and `after`
    const char *after;
    bool tile; // stands large above the table of one result
} figures[] = {
    {MP_METRIC_LATENCY, "Latency", 1e-3, "s", NULL, true},
    {MP_METRIC_ENERGY, "Energy", 1e-12, "J", NULL, true},
    {MP_METRIC_POWER, "Power", 1e-3, "W", NULL, true},
    {MP_METRIC_TOPS, "Throughput", 1e12, "OPS", NULL, true},
    {MP_METRIC_TOPS_PER_W, "Efficiency", 1, NULL, " TOPS/W", true},
    {MP_METRICS, "Area", 1, NULL, " mm\xc2\xb2", true},
    {MP_METRIC_EDP, "Energy-delay product", 1e-15, "J\xc2\xb7s", NULL, false},
    {MP_METRIC_UTILIZATION, "Utilization", 100, NULL, " %", false},
    {MP_METRIC_CYCLES, "Cycles", 1, "", NULL, false},
    {MP_METRIC_MACS, "Multiply-accumulates", 1, "MAC", NULL, false},
    {MP_METRIC_BOPS, "Bit operations", 1, "BOPs", NULL, false},
    {MP_METRIC_WEIGHT_BYTES, "Weights", 1, "B", NULL, false},
    {MP_METRIC_DRAM_READ, "Read from DRAM", 0.125, "B", NULL, false},
    {MP_METRIC_DRAM_WRITE, "Written to DRAM", 0.125, "B", NULL, false},
};
#define FIGURES (sizeof figures / sizeof *figures)

static double value_of(const struct figure *f, const struct mp_saved *s) {
    return f->id == MP_METRICS ? s->area_mm2 : s->totals.metric[f->id];
}

static void add_si(struct mp_buf *out, double value, const char *unit) {
    char text[MP_QTY_BYTES];
    const char *space = strchr(mp_qty_si(value, unit, text), ' ');
    mp_buf_addn(out, text, (size_t)(space - text));
    if (space[1])
        mp_buf_add(out, "\xc2\xa0");
    mp_buf_add(out, space[1] == 'u' ? "\xc2\xb5" : ""); // micro
    mp_buf_add(out, space + 1 + (space[1] == 'u'));
}

static void add_value(struct mp_buf *out, const struct figure *f, const struct mp_saved *s) {
    char text[MP_QTY_BYTES];
    if (f->si && !*f->si)
        mp_buf_add(out, mp_qty_fixed(value_of(f, s), 0, text));
    else if (f->si)
        add_si(out, value_of(f, s) * f->unit, f->si);
    else
        mp_buf_addf(out, "%s%s", mp_qty_digits(value_of(f, s) * f->unit, 4, text), f->after);
}

static void add_tiles(const struct mp_saved *s, struct mp_buf *out) {
    mp_buf_add(out, "<dl class=\"tiles\">");
    for (size_t i = 0; i < FIGURES; i++)
        if (figures[i].tile) {
            mp_buf_addf(out, "<div><dt>%s</dt><dd>", figures[i].name);
            add_value(out, &figures[i], s);
            mp_buf_add(out, "</dd></div>");
        }
    mp_buf_add(out, "</dl>\n");
}

// The table of all results

static const struct {
    const char *name;
    size_t offset; // of a text in mp_saved
} heads[] = {
    {"Accelerator", offsetof(struct mp_saved, arch)},    {"Plan", offsetof(struct mp_saved, plan)},
    {"Workload", offsetof(struct mp_saved, workload)},   {"Engine", offsetof(struct mp_saved, engine)},
    {"Mapped for", offsetof(struct mp_saved, objective)}, {"Technology", offsetof(struct mp_saved, tech)},
    {"File", offsetof(struct mp_saved, path)},
};

static void begin_row(struct mp_buf *out, const char *name) {
    mp_buf_add(out, "<tr><th scope=\"row\">");
    mp_html_text(out, name);
    mp_buf_add(out, "</th>");
}

// Empty for results that do not say.
static void add_memory(const struct mp_html *h, const char *name, void (*add)(const struct mp_html_result *, struct mp_buf *),
                       struct mp_buf *out) {
    begin_row(out, name);
    for (size_t i = 0; i < h->result_count; i++) {
        struct mp_buf text = {0};
        mp_buf_add(&text, "");
        add(&h->results[i], &text);
        mp_buf_add(out, "<td class=\"text\">");
        mp_html_text(out, text.text);
        mp_buf_add(out, "</td>");
        mp_buf_finish(&text);
    }
    mp_buf_add(out, "</tr>\n");
}

static void add_buffers(const struct mp_html_result *r, struct mp_buf *out) {
    if (r->detail->buffers[0].size_bytes)
        mp_memory_buffers(r->detail->buffers, out);
}

static void add_dram(const struct mp_html_result *r, struct mp_buf *out) {
    const struct mp_detail *d = r->detail;
    if (r->saved->dram.ops)
        mp_memory_dram_rated(&r->saved->dram, true, d->dram_bits_per_cycle * d->clock_mhz * 1e6 / 8, out);
}

static void add_memories(const struct mp_html *h, struct mp_buf *out) {
    add_memory(h, "Buffers", add_buffers, out);
    add_memory(h, "DRAM", add_dram, out);
}

static void add_heads(const struct mp_html *h, struct mp_buf *out) {
    char text[MP_QTY_BYTES];
    for (size_t k = 0; k < sizeof heads / sizeof *heads; k++) {
        begin_row(out, heads[k].name);
        for (size_t i = 0; i < h->result_count; i++) {
            mp_buf_add(out, "<td class=\"text\">");
            mp_html_text(out, *(const char *const *)((const char *)h->results[i].saved + heads[k].offset));
            mp_buf_add(out, "</td>");
        }
        mp_buf_add(out, "</tr>\n");
    }
    begin_row(out, "Clock, batch");
    for (size_t i = 0; i < h->result_count; i++)
        mp_buf_addf(out, "<td class=\"text\">%s MHz, %" PRIu64 "</td>", mp_qty_digits(h->results[i].detail->clock_mhz, 4, text),
                    h->results[i].detail->batch);
    mp_buf_add(out, "</tr>\n");
    begin_row(out, "Array");
    for (size_t i = 0; i < h->result_count; i++) {
        const struct mp_detail *d = h->results[i].detail;
        mp_buf_add(out, "<td class=\"text\">");
        if (d->rows)
            mp_buf_addf(out, "%" PRIu64 " \xc3\x97 %" PRIu64 " PEs, %" PRIu64 " lane%s each", d->rows, d->cols, d->lanes,
                        d->lanes == 1 ? "" : "s");
        mp_buf_add(out, "</td>");
    }
    mp_buf_add(out, "</tr>\n");
    add_memories(h, out);
}

static void add_ratio(struct mp_buf *out, double value, double base) {
    char text[MP_QTY_BYTES];
    const size_t len = strcspn(mp_qty_ratio(value, base, text), "x");
    mp_buf_add(out, " <small>");
    mp_buf_addn(out, text, len);
    mp_buf_add(out, text[len] ? "\xc3\x97</small>" : "</small>");
}

static void add_figures(const struct mp_html *h, struct mp_buf *out) {
    for (size_t k = 0; k < FIGURES; k++) {
        if (figures[k].tile && h->result_count == 1) // add_tiles has it
            continue;
        begin_row(out, figures[k].name);
        for (size_t i = 0; i < h->result_count; i++) {
            mp_buf_add(out, "<td>");
            add_value(out, &figures[k], h->results[i].saved);
            if (i > 0)
                add_ratio(out, value_of(&figures[k], h->results[i].saved), value_of(&figures[k], h->results[0].saved));
            mp_buf_add(out, "</td>");
        }
        mp_buf_add(out, "</tr>\n");
    }
}

static const char *const area_words[] = {
    [MP_AREA_ARRAY] = "the array",           [MP_AREA_INPUT] = "the input buffer", [MP_AREA_WEIGHT] = "the weight buffer",
    [MP_AREA_OUTPUT] = "the output buffer", [MP_AREA_VECTOR] = "the vector unit",
};
_Static_assert(sizeof area_words / sizeof *area_words == MP_AREAS, "words for each area");

static void add_areas(const struct mp_html *h, struct mp_buf *out) {
    char text[MP_QTY_BYTES];
    for (int part = 0; part < MP_AREAS; part++) {
        mp_buf_addf(out, "<tr><th scope=\"row\">Area of %s</th>", area_words[part]);
        for (size_t i = 0; i < h->result_count; i++)
            mp_buf_addf(out, "<td>%s mm\xc2\xb2</td>", mp_qty_digits(h->results[i].detail->area_mm2_by[part], 4, text));
        mp_buf_add(out, "</tr>\n");
    }
}

static void begin_table(struct mp_buf *out, const char *class, const char *label) {
    mp_buf_addf(out, "<div class=\"scroll%s\" role=\"region\" tabindex=\"0\" aria-label=\"", class);
    mp_html_text(out, label);
    mp_buf_add(out, "\"><table><caption class=\"hidden\">");
    mp_html_text(out, label);
    mp_buf_add(out, "</caption>\n");
}

// A label, which may break after each underscore.
static void add_head(struct mp_buf *out, const char *text) {
    struct mp_buf whole = {0};
    mp_html_text(&whole, text);
    mp_buf_add(out, "<th scope=\"col\">");
    for (const char *at = whole.text, *end; *at; at = end) {
        end = at + strcspn(at, "_");
        end += *end == '_';
        mp_buf_addn(out, at, (size_t)(end - at));
        mp_buf_add(out, *end ? "<wbr>" : "");
    }
    mp_buf_add(out, "</th>");
    mp_buf_finish(&whole);
}

// A table with a column a result.
static void add_table(const struct mp_html *h, const char *name, void (*rows[])(const struct mp_html *, struct mp_buf *),
                      struct mp_buf *out) {
    begin_table(out, h->result_count == 1 ? " sticky narrow labels" : " sticky labels", name);
    mp_buf_add(out, "<thead><tr><th scope=\"col\"><span class=\"hidden\">What</span></th>");
    for (size_t i = 0; i < h->result_count; i++)
        add_head(out, h->results[i].label);
    mp_buf_add(out, "</tr></thead>\n");
    for (size_t i = 0; rows[i]; i++) {
        mp_buf_add(out, "<tbody>\n");
        rows[i](h, out);
        mp_buf_add(out, "</tbody>\n");
    }
    mp_buf_add(out, "</table></div>\n");
}

// Prices of different technologies do not compare as designs do.
static void add_techs(const struct mp_html *h, struct mp_buf *out) {
    mp_buf_add(out, "<p class=\"note techs\">Energies and areas are priced by different technologies: ");
    for (size_t i = 0; i < h->result_count; i++) {
        mp_buf_add(out, i > 0 ? "; " : "");
        mp_html_text(out, h->results[i].label);
        mp_buf_add(out, " ");
        mp_html_text(out, h->results[i].saved->tech);
    }
    mp_buf_add(out, ". <code>mpsim compare --tech</code> prices all alike.</p>\n");
}

void mp_html_summary(const struct mp_html *h, struct mp_buf *out) {
    static void (*key[])(const struct mp_html *, struct mp_buf *) = {add_figures, NULL};
    static void (*more[])(const struct mp_html *, struct mp_buf *) = {add_heads, add_areas, NULL};
    if (h->result_count == 0) {
        mp_buf_add(out, "<p class=\"faint\">No results: only a front of designs, below.</p>\n");
        return;
    }
    if (h->result_count == 1)
        add_tiles(h->results[0].saved, out);
    if (mp_html_networks_differ(h))
        mp_buf_add(out, "<p class=\"alert\">The results are of different networks: figures beside each other are of different "
                        "work.</p>\n");
    add_table(h, "Key figures", key, out);
    if (h->result_count > 1)
        mp_buf_add(out, "<p class=\"note\">Small figures: times the first result's.</p>\n");
    if (mp_html_techs_differ(h))
        add_techs(h, out);
    mp_buf_add(out, "<details class=\"after\"><summary>What was run, and the parts of the area</summary>\n");
    add_table(h, "What was run", more, out);
    mp_buf_add(out, "</details>\n");
}

// Layers

static void add_layer(const struct mp_saved *s, const struct mp_saved_layer *l, struct mp_buf *out) {
    const double *m = l->figures.metric;
    char text[MP_QTY_BYTES];
    begin_row(out, l->name);
    mp_buf_add(out, "<td class=\"text\">");
    mp_html_text(out, l->type);
    mp_buf_addf(out, "</td><td class=\"text\">%u</td><td class=\"text\">", (unsigned)l->a_bits);
    mp_html_text(out, strcmp(l->w_bits, "0") == 0 ? "\xe2\x80\x93" : l->w_bits);
    mp_buf_addf(out, "</td><td>%s</td>", mp_qty_fixed(m[MP_METRIC_MACS], 0, text));
    mp_buf_addf(out, "<td>%s</td>", mp_qty_fixed(m[MP_METRIC_CYCLES], 0, text));
    mp_buf_addf(out, "<td>%s</td>", mp_qty_hundredths(m[MP_METRIC_CYCLES], s->totals.metric[MP_METRIC_CYCLES], text));
    mp_buf_addf(out, "<td>%s</td>", mp_qty_digits(m[MP_METRIC_ENERGY] * 1e-6, 4, text));
    mp_buf_addf(out, "<td>%s</td>", mp_qty_hundredths(m[MP_METRIC_ENERGY], s->totals.metric[MP_METRIC_ENERGY], text));
    mp_buf_addf(out, "<td>%s</td>", mp_qty_fixed(m[MP_METRIC_UTILIZATION] * 100, 1, text));
    mp_buf_addf(out, "<td>%s</td>", mp_qty_digits((m[MP_METRIC_DRAM_READ] + m[MP_METRIC_DRAM_WRITE]) * 0.125e-3, 4, text));
    mp_buf_add(out, "<td class=\"text\">");
    mp_html_text(out, l->bound);
    mp_buf_add(out, "</td></tr>\n");
}

void mp_html_layers(const struct mp_html *h, struct mp_buf *out) {
    static const struct {
        const char *name;
        bool text;
    } columns[] = {{"Layer", true}, {"Type", true}, {"Activation bits", true}, {"Weight bits", true}, {"MACs", false},
                   {"Cycles", false}, {"% of cycles", false}, {"Energy \xc2\xb5J", false}, {"% of energy", false},
                   {"Utilization %", false}, {"DRAM kB", false}, {"Bound", true}};
    for (size_t i = 0; i < h->result_count; i++) {
        const struct mp_saved *s = h->results[i].saved;
        mp_buf_add(out, "<details><summary>Layers of ");
        mp_html_text(out, h->results[i].label);
        mp_buf_addf(out, " <span class=\"faint\">(%zu)</span></summary>\n", s->layer_count);
        begin_table(out, " sticky tall wrap", "Layers");
        mp_buf_add(out, "<thead><tr>");
        for (size_t k = 0; k < sizeof columns / sizeof *columns; k++)
            mp_buf_addf(out, "<th scope=\"col\"%s>%s</th>", columns[k].text ? " class=\"text\"" : "", columns[k].name);
        mp_buf_add(out, "</tr></thead>\n<tbody>\n");
        for (size_t k = 0; k < s->layer_count; k++)
            add_layer(s, &s->layers[k], out);
        mp_buf_add(out, "</tbody></table></div></details>\n");
    }
}
