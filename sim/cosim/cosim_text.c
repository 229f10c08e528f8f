// SPDX-License-Identifier: Apache-2.0
// A co-simulation as text: a row a layer, what disagrees in detail, one line that sums up.
#include "sim/cosim/cosim.h"

#include "sim/report/quantity.h"

#include <inttypes.h>

static const struct mp_column columns[] = {
    {"layer", MP_LEFT},     {"type", MP_LEFT},          {"a/w", MP_LEFT},         {"RTL cycles", MP_RIGHT},
    {"simulated", MP_RIGHT}, {"diff", MP_RIGHT},        {"outputs", MP_RIGHT},    {"wrong", MP_RIGHT},
    {"counters", MP_RIGHT}, {"Mcyc/s", MP_RIGHT},       {"", MP_LEFT},
};
#define COLUMNS (sizeof columns / sizeof *columns)

static void add_bits(struct mp_table *t, const struct mp_cosim_layer *l) {
    struct mp_buf text = {0};
    mp_buf_addf(&text, "%u", l->layer->bits->a_bits);
    for (size_t i = 0; i < l->layer->mapping.run_count; i++)
        if (l->layer->mapping.runs[i].w_bits)
            mp_buf_addf(&text, "%c%u", i ? '+' : '/', l->layer->mapping.runs[i].w_bits);
    mp_table_add(t, text.text);
    mp_buf_finish(&text);
}

static void add_cycles(struct mp_table *t, const struct mp_cosim_cycles *n) {
    char text[MP_QTY_BYTES];
    mp_table_add(t, mp_qty_count(n->core, text));
    mp_table_add(t, mp_qty_count(n->sim, text));
    if (n->core == n->sim || n->sim == 0)
        mp_table_add(t, n->core == n->sim ? "0" : "-");
    else
        mp_table_addf(t, "%+.3f%%", 100 * ((double)n->core - (double)n->sim) / (double)n->sim);
}

static void add_speed(struct mp_table *t, const struct mp_cosim_cycles *n) {
    if (n->seconds > 0)
        mp_table_addf(t, "%.3f", (double)n->core / n->seconds * 1e-6);
    else
        mp_table_add(t, "-");
}

static void add_layer(struct mp_table *t, const struct mp_cosim *c, const struct mp_cosim_layer *l) {
    struct mp_cosim_cycles n = mp_cosim_layer_cycles(l);
    char text[MP_QTY_BYTES];
    mp_table_add(t, l->layer->layer->name);
    mp_table_add(t, mp_layer_type_names[l->layer->layer->type]);
    add_bits(t, l);
    if (l->state != MP_COSIM_RAN) {
        for (size_t i = 3; i + 1 < COLUMNS; i++)
            mp_table_add(t, "");
        mp_table_addf(t, "%s%s", l->state == MP_COSIM_FAILED ? "FAILED" : "not run: ",
                      l->state == MP_COSIM_FAILED ? "" : l->why);
        return;
    }
    add_cycles(t, &n);
    mp_table_add(t, mp_qty_count(l->outputs, text));
    mp_table_add(t, mp_qty_count(l->mismatches, text));
    mp_table_addf(t, "%u", mp_cosim_differing(c, l));
    add_speed(t, &n);
    mp_table_add(t, mp_cosim_layer_agrees(c, l) ? "" : "DIFFERS");
}

static void add_total(struct mp_table *t, const struct mp_cosim *c) {
    struct mp_cosim_cycles n = mp_cosim_total_cycles(c);
    uint64_t outputs = 0, wrong = 0, counters = 0;
    char text[MP_QTY_BYTES];
    for (size_t i = 0; i < c->layer_count; i++) {
        const struct mp_cosim_layer *l = &c->layers[i];
        if (l->state != MP_COSIM_RAN)
            continue;
        outputs += l->outputs, wrong += l->mismatches, counters += mp_cosim_differing(c, l);
    }
    mp_table_rule(t);
    mp_table_add(t, "total");
    mp_table_add(t, "");
    mp_table_add(t, "");
    add_cycles(t, &n);
    mp_table_add(t, mp_qty_count(outputs, text));
    mp_table_add(t, mp_qty_count(wrong, text));
    mp_table_addf(t, "%" PRIu64, counters);
    add_speed(t, &n);
    mp_table_add(t, "");
}

static void add_table(const struct mp_cosim *c, const struct mp_style *s, struct mp_buf *out) {
    struct mp_arena a = {0};
    struct mp_table t = {.arena = &a, .columns = columns, .column_count = COLUMNS};
    for (size_t i = 0; i < c->layer_count; i++)
        if (c->layers[i].state != MP_COSIM_HOST)
            add_layer(&t, c, &c->layers[i]);
    add_total(&t, c);
    mp_table_text(&t, s, 0, out);
    mp_arena_finish(&a);
}

static void add_counter(const char *name, uint64_t core, uint64_t sim, bool close, struct mp_buf *out) {
    char a[MP_QTY_BYTES], b[MP_QTY_BYTES];
    mp_buf_addf(out, "    %-15s RTL %s, simulated %s%s\n", name, mp_qty_count(core, a), mp_qty_count(sim, b),
                close ? " (waiting for memory: may differ)" : "");
}

static void add_run(const struct mp_cosim *c, const struct mp_cosim_run *r, struct mp_buf *out) {
    bool any = r->core_overflows != r->overflows;
    for (unsigned k = 0; k < MP_CORE_COUNTERS; k++)
        any = any || mp_cosim_counter(c, r, k) != MP_COSIM_EQUAL;
    if (!any)
        return;
    mp_buf_addf(out, "  channels %" PRIu64 "..%" PRIu64, r->first, r->first + r->channels - 1);
    if (r->w_bits)
        mp_buf_addf(out, " at %u bits", r->w_bits);
    mp_buf_add(out, ":\n");
    for (unsigned k = 0; k < MP_CORE_COUNTERS; k++) {
        enum mp_cosim_verdict v = mp_cosim_counter(c, r, k);
        if (v != MP_COSIM_EQUAL)
            add_counter(mp_cosim_counter_name(k), r->core[k], r->sim[k], v == MP_COSIM_CLOSE, out);
    }
    if (r->core_overflows != r->overflows)
        add_counter("overflows", r->core_overflows, r->overflows, false, out);
}

static void add_mismatch(const struct mp_cosim_layer *l, struct mp_buf *out) {
    const struct mp_cosim_mismatch *m = &l->first;
    char a[MP_QTY_BYTES], b[MP_QTY_BYTES];
    mp_buf_addf(out, "  %s of %s outputs wrong, first: batch %" PRIu64 ", channel %" PRIu64 ", row %" PRIu64 ", column %" PRIu64
                ": expected %" PRId32 ", RTL %" PRId32 "\n", mp_qty_count(l->mismatches, a), mp_qty_count(l->outputs, b),
                m->batch, m->channel, m->row, m->col, m->expected, m->actual);
    mp_buf_addf(out, "    tile %" PRIu64 ", group %" PRIu64 " of it, pixel fold %" PRIu64 ", channel fold %" PRIu64, m->place.tile,
                m->place.group, m->place.pixel_fold, m->place.channel_fold);
    if (l->runs[m->run].w_bits)
        mp_buf_addf(out, ", PE row %u, column %u; %u-bit activations, %u-bit weights", m->place.row, m->place.col,
                    l->layer->bits->a_bits, l->runs[m->run].w_bits);
    mp_buf_add(out, "\n");
}

static void add_details(const struct mp_cosim *c, const struct mp_cosim_layer *l, const struct mp_style *s, struct mp_buf *out) {
    if (mp_cosim_layer_agrees(c, l))
        return;
    mp_buf_add(out, "\n");
    mp_style_bold(s, l->layer->layer->name, out);
    mp_buf_add(out, ":\n");
    if (l->state == MP_COSIM_FAILED) {
        mp_buf_addf(out, "  %s\n", l->why);
        mp_cosim_text_replay(l->replay, out);
        return;
    }
    if (l->mismatches)
        add_mismatch(l, out);
    if (l->unlike_inference)
        mp_buf_addf(out, "  %" PRIu64 " output%s not integer inference's%s\n", l->unlike_inference,
                    l->unlike_inference == 1 ? " is" : "s are",
                    l->mismatches ? "" : ": what the layers before it made is not, either");
    for (size_t i = 0; i < l->run_count; i++)
        add_run(c, &l->runs[i], out);
    mp_cosim_text_replay(l->replay, out);
}

// What was inverted, and whether it showed.
static void add_injections(const struct mp_cosim *c, struct mp_buf *out) {
    char cycle[MP_QTY_BYTES];
    for (size_t k = 0; k < c->inject_count; k++) {
        const struct mp_inject *i = &c->injects[k];
        const struct mp_cosim_layer *l = mp_cosim_injected(c, i);
        mp_buf_addf(out, "%sinjected into %s: bit %u of %s, cycle %s: %s\n", k == 0 ? "\n" : "", i->layer, i->flip.bit, i->path,
                    mp_qty_count(i->flip.cycle, cycle),
                    !l                            ? "not run"
                    : l->state == MP_COSIM_FAILED ? "the layer fails"
                    : mp_cosim_layer_agrees(c, l) ? "no effect on outputs and counters"
                                                  : "the layer differs");
    }
}

static void add_verdict(const struct mp_cosim *c, const struct mp_style *s, struct mp_buf *out) {
    size_t ran = 0, left = 0;
    for (size_t i = 0; i < c->layer_count; i++) {
        ran += c->layers[i].state == MP_COSIM_RAN || c->layers[i].state == MP_COSIM_FAILED;
        left += c->layers[i].state == MP_COSIM_NOT_RUN;
    }
    mp_buf_add(out, "\n");
    if (c->interrupted)
        mp_style_warn(s, "Interrupted. ", out);
    if (mp_cosim_agrees(c))
        mp_buf_add(out, c->real ? "RTL, simulator and integer inference agree" : "RTL and simulator agree");
    else
        mp_style_warn(s, ran > 0 ? "RTL and simulator DISAGREE" : "Nothing was compared", out);
    mp_buf_addf(out, ": %zu layer%s compared, %zu not run\n", ran, ran == 1 ? "" : "s", left);
}

static void add_class(const struct mp_dataset *d, uint64_t class, struct mp_buf *out) {
    mp_buf_addf(out, "%" PRIu64, class);
    if (d->class_names && class < d->classes)
        mp_buf_addf(out, " (%s)", d->class_names[class]);
}

// What the core says that the images are.
static void add_classes(const struct mp_cosim *c, struct mp_buf *out) {
    for (uint64_t i = 0; c->classes && i < c->real->images; i++) {
        const struct mp_dataset *d = c->real->data;
        mp_buf_addf(out, "%simage %" PRIu64 ": class ", i == 0 ? "\n" : "", i);
        add_class(d, c->classes[i], out);
        if (d->labels) {
            mp_buf_add(out, ", label ");
            add_class(d, d->labels[i], out);
        }
        mp_buf_add(out, "\n");
    }
}

void mp_cosim_text(const struct mp_cosim *c, const struct mp_style *s, struct mp_buf *out) {
    struct mp_buf title = {0};
    mp_buf_addf(&title, "%s on %s", c->result->plan->name, c->result->arch->name);
    mp_style_bold(s, title.text, out);
    mp_buf_finish(&title);
    mp_buf_addf(out, ": RTL against the event engine and the integer reference, batch %" PRIu64 ", objective %s, DRAM %s",
                c->result->plan->batch, c->result->objective, c->result->arch->dram.ops->name);
    if (c->real)
        mp_buf_addf(out, ", images of %s\n", c->real->data->name);
    else
        mp_buf_addf(out, ", seed %" PRIu64 "\n", c->seed);
    if (c->build_seconds > 0)
        mp_buf_addf(out, "  core built in %.1f s, kept as %s\n", c->build_seconds, c->library);
    mp_buf_add(out, "\n");
    add_table(c, s, out);
    for (size_t i = 0; i < c->layer_count; i++)
        add_details(c, &c->layers[i], s, out);
    add_injections(c, out);
    add_classes(c, out);
    add_verdict(c, s, out);
}
