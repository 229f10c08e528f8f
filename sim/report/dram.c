// SPDX-License-Identifier: Apache-2.0
// A run of a memory alone: one table of figures for text, JSON (schema mpsim.dram/1) and CSV.
#include "sim/report/dram.h"
#include "sim/report/quantity.h"

#include <inttypes.h>

struct figures {
    const struct mp_dram_run *run;
    double seconds, bytes_per_second, peak; // peak: bytes a second
    double latency;                         // cycles, mean of the reads
    double part_pj[MP_DRAM_PARTS], energy_pj;
};

static const char *const part_keys[MP_DRAM_PARTS] = {"read", "write", "activate", "refresh", "background"};

static struct figures figures_of(const struct mp_dram_run *r) {
    const struct mp_dram_preset *p = r->preset;
    const struct mp_dram_counts *n = &r->counts;
    struct figures f = {.run = r, .seconds = (double)r->cycles * p->tck_ns / 1e9};
    f.peak = (double)r->channels * p->access_bytes / (double)p->timing.burst / p->tck_ns * 1e9;
    f.bytes_per_second = r->cycles ? (double)r->bytes / ((double)r->cycles * p->tck_ns) * 1e9 : 0;
    f.latency = n->reads ? (double)n->read_latency / (double)n->reads : 0;
    f.energy_pj = mp_dram_energy_pj(p, n, r->cycles * r->channels, f.part_pj);
    return f;
}

static const struct count {
    const char *key, *head;
    size_t offset;
} counts[] = {
    {"reads", "read commands", offsetof(struct mp_dram_counts, reads)},
    {"writes", "write commands", offsetof(struct mp_dram_counts, writes)},
    {"activates", "activations", offsetof(struct mp_dram_counts, activates)},
    {"precharges", "precharges", offsetof(struct mp_dram_counts, precharges)},
    {"refreshes", "refreshes", offsetof(struct mp_dram_counts, refreshes)},
    {"row_hits", "row hits", offsetof(struct mp_dram_counts, row_hits)},
    {"row_misses", "row misses", offsetof(struct mp_dram_counts, row_misses)},
    {"row_conflicts", "row conflicts", offsetof(struct mp_dram_counts, row_conflicts)},
};
#define COUNTS (sizeof counts / sizeof *counts)

static uint64_t count_of(const struct mp_dram_run *r, size_t i) {
    return *(const uint64_t *)(const void *)((const char *)&r->counts + counts[i].offset);
}

static unsigned params(const struct mp_stream *s) {
    unsigned n = 0;
    while (n < MP_STREAM_PARAMS && s->kind->params[n].name)
        n++;
    return n;
}

static void add_settings(const struct mp_stream *s, struct mp_buf *out) {
    for (unsigned i = 0; i < params(s); i++)
        mp_buf_addf(out, "%s%s=%" PRIu64, i ? " " : "", s->kind->params[i].name, s->value[i]);
}

static void add_row(struct mp_table *t, const char *head, const char *value, const char *more) {
    mp_table_add(t, head);
    mp_table_add(t, value);
    mp_table_add(t, more);
}

static void add_times(struct mp_table *t, const struct figures *f) {
    const struct mp_dram_run *r = f->run;
    char text[MP_QTY_BYTES], more[MP_QTY_BYTES], whole[MP_QTY_BYTES];
    struct mp_buf of = {0};
    add_row(t, "cycles", mp_qty_count(r->cycles, text), mp_qty_si(f->seconds, "s", more));
    add_row(t, "bytes moved", mp_qty_count(r->bytes, text), "");
    mp_buf_addf(&of, "%s of %s", mp_qty_percent(f->bytes_per_second, f->peak, more), mp_qty_si(f->peak, "B/s", whole));
    add_row(t, "bandwidth", mp_qty_si(f->bytes_per_second, "B/s", text), of.text);
    mp_buf_finish(&of);
    if (r->counts.reads)
        add_row(t, "mean read latency, cycles", mp_qty_fixed(f->latency, 1, text),
                mp_qty_si(f->latency * r->preset->tck_ns * 1e-9, "s", more));
}

static void add_counts(struct mp_table *t, const struct mp_dram_run *r) {
    char text[MP_QTY_BYTES], more[MP_QTY_BYTES];
    const uint64_t accesses = r->counts.reads + r->counts.writes;
    for (size_t i = 0; i < COUNTS; i++) {
        bool row = counts[i].offset >= offsetof(struct mp_dram_counts, row_hits);
        add_row(t, counts[i].head, mp_qty_count(count_of(r, i), text),
                row ? mp_qty_percent((double)count_of(r, i), (double)accesses, more) : "");
    }
}

static void add_energies(struct mp_table *t, const struct figures *f) {
    char text[MP_QTY_BYTES], more[MP_QTY_BYTES];
    struct mp_buf a_bit = {0};
    mp_buf_addf(&a_bit, "%s pJ/bit", mp_qty_digits(f->run->bytes ? f->energy_pj / ((double)f->run->bytes * 8) : 0, 4, more));
    add_row(t, "energy", mp_qty_si(f->energy_pj * 1e-12, "J", text), a_bit.text);
    mp_buf_finish(&a_bit);
    for (unsigned i = 0; i < MP_DRAM_PARTS; i++) {
        struct mp_buf head = {0};
        mp_buf_addf(&head, "  %s", part_keys[i]);
        add_row(t, head.text, mp_qty_si(f->part_pj[i] * 1e-12, "J", text), mp_qty_percent(f->part_pj[i], f->energy_pj, more));
        mp_buf_finish(&head);
    }
}

static void add_title(const struct mp_dram_run *r, const struct mp_style *s, struct mp_buf *out) {
    mp_style_bold(s, r->preset->name, out);
    mp_buf_addf(out, ": %u channel%s, mapping %s, refresh %s, %s\n", r->channels, r->channels > 1 ? "s" : "", r->mapping,
                r->refresh ? "on" : "off", r->single ? "one access outstanding" : "as many accesses as queues take");
    if (r->stream) {
        mp_buf_addf(out, "stream %s: ", r->stream->kind->name);
        add_settings(r->stream, out);
        mp_buf_add(out, "\n\n");
    } else {
        mp_buf_addf(out, "trace %s", r->trace);
        if (r->trace_mhz > 0)
            mp_buf_addf(out, ", cycles of %g MHz", r->trace_mhz);
        mp_buf_add(out, "\n\n");
    }
}

void mp_dram_run_text(const struct mp_dram_run *r, const struct mp_style *s, struct mp_buf *out) {
    static const struct mp_column columns[] = {{"", MP_LEFT}, {"", MP_RIGHT}, {"", MP_RIGHT}};
    const struct figures f = figures_of(r);
    struct mp_arena a = {0};
    struct mp_table t = {.arena = &a, .columns = columns, .column_count = 3};
    add_title(r, s, out);
    add_times(&t, &f);
    mp_table_rule(&t);
    add_counts(&t, r);
    mp_table_rule(&t);
    add_energies(&t, &f);
    mp_table_text(&t, s, 2, out);
    mp_buf_addf(out, "\nenergies: %s\n", r->preset->energy.source);
    mp_arena_finish(&a);
}

static void put_stream(const struct mp_stream *s, struct mp_jsonw *w) {
    mp_jsonw_put_string(w, "stream", s->kind->name);
    mp_jsonw_key(w, "params");
    mp_jsonw_open(w, '{', true);
    for (unsigned i = 0; i < params(s); i++)
        mp_jsonw_put_uint(w, s->kind->params[i].name, s->value[i]);
    mp_jsonw_close(w, '}');
}

static void put_source(const struct mp_dram_run *r, struct mp_jsonw *w) {
    if (r->stream) {
        put_stream(r->stream, w);
        return;
    }
    mp_jsonw_put_string(w, "trace", r->trace);
    if (r->trace_mhz > 0)
        mp_jsonw_put_real(w, "trace_clock_mhz", r->trace_mhz);
}

static void put_energy(const struct figures *f, struct mp_jsonw *w) {
    mp_jsonw_key(w, "energy_pj");
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_real(w, "total", f->energy_pj);
    for (unsigned i = 0; i < MP_DRAM_PARTS; i++)
        mp_jsonw_put_real(w, part_keys[i], f->part_pj[i]);
    mp_jsonw_put_string(w, "source", f->run->preset->energy.source);
    mp_jsonw_close(w, '}');
}

void mp_dram_run_json(const struct mp_dram_run *r, struct mp_buf *out) {
    const struct figures f = figures_of(r);
    struct mp_jsonw w;
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    mp_jsonw_put_string(&w, "schema", MP_DRAM_SCHEMA);
    mp_jsonw_put_string(&w, "preset", r->preset->name);
    mp_jsonw_put_uint(&w, "channels", r->channels);
    mp_jsonw_put_string(&w, "mapping", r->mapping);
    mp_jsonw_put_bool(&w, "refresh", r->refresh);
    mp_jsonw_put_string(&w, "mode", r->single ? "latency" : "throughput");
    put_source(r, &w);
    mp_jsonw_put_uint(&w, "cycles", r->cycles);
    mp_jsonw_put_real(&w, "seconds", f.seconds);
    mp_jsonw_put_uint(&w, "bytes", r->bytes);
    mp_jsonw_put_real(&w, "bytes_per_second", f.bytes_per_second);
    mp_jsonw_put_real(&w, "peak_bytes_per_second", f.peak);
    mp_jsonw_put_real(&w, "read_latency_cycles", f.latency);
    for (size_t i = 0; i < COUNTS; i++)
        mp_jsonw_put_uint(&w, counts[i].key, count_of(r, i));
    put_energy(&f, &w);
    mp_jsonw_close(&w, '}');
}

static void csv_real(struct mp_table *t, double value) {
    char text[32];
    mp_format_double(value, text);
    mp_table_add(t, text);
}

static void add_source(struct mp_table *t, const struct mp_dram_run *r) {
    struct mp_buf settings = {0};
    if (r->stream)
        add_settings(r->stream, &settings);
    else if (r->trace_mhz > 0)
        mp_buf_addf(&settings, "trace_clock_mhz=%g", r->trace_mhz);
    mp_table_add(t, r->stream ? r->stream->kind->name : r->trace);
    mp_table_add(t, settings.text ? settings.text : "");
    mp_buf_finish(&settings);
}

void mp_dram_run_csv(const struct mp_dram_run *r, struct mp_buf *out) {
    struct mp_column columns[12 + COUNTS + 1 + MP_DRAM_PARTS] = {
        {"preset", MP_LEFT},  {"channels", MP_LEFT}, {"mapping", MP_LEFT},          {"refresh", MP_LEFT},
        {"mode", MP_LEFT},    {"stream", MP_LEFT},   {"params", MP_LEFT},           {"cycles", MP_LEFT},
        {"seconds", MP_LEFT}, {"bytes", MP_LEFT},    {"bytes_per_second", MP_LEFT}, {"read_latency_cycles", MP_LEFT}};
    static const char *const energies[] = {"energy_pj",          "energy_read_pj",    "energy_write_pj",
                                           "energy_activate_pj", "energy_refresh_pj", "energy_background_pj"};
    const struct figures f = figures_of(r);
    struct mp_arena a = {0};
    struct mp_table t = {.arena = &a, .columns = columns, .column_count = sizeof columns / sizeof *columns};
    for (size_t i = 0; i < COUNTS; i++)
        columns[12 + i].head = counts[i].key;
    for (size_t i = 0; i <= MP_DRAM_PARTS; i++)
        columns[12 + COUNTS + i].head = energies[i];
    mp_table_add(&t, r->preset->name);
    mp_table_addf(&t, "%u", r->channels);
    mp_table_add(&t, r->mapping);
    mp_table_add(&t, r->refresh ? "on" : "off");
    mp_table_add(&t, r->single ? "latency" : "throughput");
    add_source(&t, r);
    mp_table_addf(&t, "%" PRIu64, r->cycles);
    csv_real(&t, f.seconds);
    mp_table_addf(&t, "%" PRIu64, r->bytes);
    csv_real(&t, f.bytes_per_second);
    csv_real(&t, f.latency);
    for (size_t i = 0; i < COUNTS; i++)
        mp_table_addf(&t, "%" PRIu64, count_of(r, i));
    csv_real(&t, f.energy_pj);
    for (size_t i = 0; i < MP_DRAM_PARTS; i++)
        csv_real(&t, f.part_pj[i]);
    mp_table_csv(&t, out);
    mp_arena_finish(&a);
}
