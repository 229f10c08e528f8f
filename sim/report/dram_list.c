// SPDX-License-Identifier: Apache-2.0
// The memories and streams of `mpsim dram`, with figures and sources.
#include "sim/report/dram.h"
#include "sim/report/quantity.h"

#include <inttypes.h>

// Cycles of a preset's timing, by JEDEC's names.
static const struct timing {
    const char *key;
    size_t offset;
} timings[] = {
#define T(name, member) \
    { name, offsetof(struct mp_dram_timing, member) }
    T("tCL", cl),   T("tCWL", cwl),   T("burst", burst),  T("tRCD_read", rcd_rd), T("tRCD_write", rcd_wr), T("tRP", rp),
    T("tRAS", ras), T("tRC", rc),     T("tCCD_S", ccd_s), T("tCCD_L", ccd_l),     T("tRRD_S", rrd_s),      T("tRRD_L", rrd_l),
    T("tFAW", faw), T("tWR", wr),     T("tWTR_S", wtr_s), T("tWTR_L", wtr_l),     T("tRTP", rtp),          T("tRTW", rd_wr),
    T("tPPD", ppd), T("tREFI", refi), T("tRFC", rfc),
#undef T
};
#define TIMINGS (sizeof timings / sizeof *timings)

static const struct energy {
    const char *key, *unit;
    size_t offset;
} energies[] = {
    {"read", "pJ", offsetof(struct mp_dram_energy, read_pj)},
    {"write", "pJ", offsetof(struct mp_dram_energy, write_pj)},
    {"activate", "pJ", offsetof(struct mp_dram_energy, activate_pj)},
    {"refresh", "pJ", offsetof(struct mp_dram_energy, refresh_pj)},
    {"active", "mW", offsetof(struct mp_dram_energy, active_mw)},
    {"idle", "mW", offsetof(struct mp_dram_energy, idle_mw)},
};
#define ENERGIES (sizeof energies / sizeof *energies)

static uint64_t cycles_of(const struct mp_dram_preset *p, size_t i) {
    return *(const uint64_t *)(const void *)((const char *)&p->timing + timings[i].offset);
}

static double energy_of(const struct mp_dram_preset *p, size_t i) {
    return *(const double *)(const void *)((const char *)&p->energy + energies[i].offset);
}

static void add_organisation(struct mp_table *t) {
    static const struct row {
        const char *head;
        size_t offset;
    } rows[] = {{"bank groups", offsetof(struct mp_dram_preset, groups)},
                {"banks of a group", offsetof(struct mp_dram_preset, banks)},
                {"rows of a bank", offsetof(struct mp_dram_preset, rows)},
                {"bytes of a row", offsetof(struct mp_dram_preset, row_bytes)},
                {"bytes of an access", offsetof(struct mp_dram_preset, access_bytes)},
                {"bits of the bus", offsetof(struct mp_dram_preset, bus_bits)}};
    char text[MP_QTY_BYTES];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        mp_table_add(t, rows[i].head);
        for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++)
            mp_table_add(t, mp_qty_count(*(const unsigned *)(const void *)((const char *)p + rows[i].offset), text));
    }
    mp_table_add(t, "mapping");
    for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++)
        mp_table_add(t, p->mapping);
}

static void add_timings(struct mp_table *t) {
    char text[MP_QTY_BYTES];
    mp_table_add(t, "clock, ns");
    for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++)
        mp_table_add(t, mp_qty_fixed(p->tck_ns, 3, text));
    for (size_t i = 0; i < TIMINGS; i++) {
        mp_table_addf(t, "%s, cycles", timings[i].key);
        for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++)
            mp_table_add(t, mp_qty_count(cycles_of(p, i), text));
    }
}

static void add_energies(struct mp_table *t) {
    char text[MP_QTY_BYTES];
    for (size_t i = 0; i < ENERGIES; i++) {
        mp_table_addf(t, "%s, %s", energies[i].key, energies[i].unit);
        for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++)
            mp_table_add(t, mp_qty_digits(energy_of(p, i), 4, text));
    }
}

static void add_presets(const struct mp_style *s, struct mp_buf *out) {
    struct mp_column columns[MP_DRAM_PRESETS + 1] = {{"memory", MP_LEFT}};
    struct mp_arena a = {0};
    struct mp_table t = {.arena = &a, .columns = columns, .column_count = 1};
    for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++)
        columns[t.column_count++] = (struct mp_column){p->name, MP_RIGHT};
    add_organisation(&t);
    mp_table_rule(&t);
    add_timings(&t);
    mp_table_rule(&t);
    add_energies(&t);
    mp_table_text(&t, s, 0, out);
    for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++) {
        mp_buf_add(out, "\n");
        mp_style_bold(s, p->name, out);
        mp_buf_addf(out, ": %s\n  timings: %s\n  energies: %s\n", p->help, p->source, p->energy.source);
    }
    mp_arena_finish(&a);
}

static void add_stream(const struct mp_stream_kind *k, const struct mp_style *s, struct mp_buf *out) {
    mp_buf_add(out, "\nstream ");
    mp_style_bold(s, k->name, out);
    mp_buf_addf(out, ": %s\n", k->help);
    for (unsigned i = 0; i < MP_STREAM_PARAMS && k->params[i].name; i++) {
        const struct mp_stream_param *p = &k->params[i];
        mp_buf_addf(out, "  %s  integer %" PRIu64 "..%" PRIu64 ", default %" PRIu64 ": %s\n", p->name, p->min, p->max, p->def,
                    p->help);
    }
}

void mp_dram_list_text(const struct mp_style *s, struct mp_buf *out) {
    add_presets(s, out);
    for (const struct mp_stream_kind *k = mp_stream_kinds; k->name; k++)
        add_stream(k, s, out);
}

static void put_preset(const struct mp_dram_preset *p, struct mp_jsonw *w) {
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "name", p->name);
    mp_jsonw_put_string(w, "about", p->help);
    mp_jsonw_put_real(w, "clock_ns", p->tck_ns);
    mp_jsonw_put_uint(w, "bus_bits", p->bus_bits);
    mp_jsonw_put_uint(w, "access_bytes", p->access_bytes);
    mp_jsonw_put_uint(w, "bank_groups", p->groups);
    mp_jsonw_put_uint(w, "banks", p->banks);
    mp_jsonw_put_uint(w, "rows", p->rows);
    mp_jsonw_put_uint(w, "row_bytes", p->row_bytes);
    mp_jsonw_put_string(w, "mapping", p->mapping);
    mp_jsonw_key(w, "timings");
    mp_jsonw_open(w, '{', true);
    for (size_t i = 0; i < TIMINGS; i++)
        mp_jsonw_put_uint(w, timings[i].key, cycles_of(p, i));
    mp_jsonw_close(w, '}');
    mp_jsonw_put_string(w, "source", p->source);
    mp_jsonw_key(w, "energies");
    mp_jsonw_open(w, '{', true);
    for (size_t i = 0; i < ENERGIES; i++) {
        struct mp_buf key = {0};
        mp_buf_addf(&key, "%s_%s", energies[i].key, energies[i].unit[0] == 'p' ? "pj" : "mw");
        mp_jsonw_put_real(w, key.text, energy_of(p, i));
        mp_buf_finish(&key);
    }
    mp_jsonw_close(w, '}');
    mp_jsonw_put_string(w, "energy_source", p->energy.source);
    mp_jsonw_close(w, '}');
}

static void put_stream(const struct mp_stream_kind *k, struct mp_jsonw *w) {
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "name", k->name);
    mp_jsonw_put_string(w, "about", k->help);
    mp_jsonw_key(w, "params");
    mp_jsonw_open(w, '[', false);
    for (unsigned i = 0; i < MP_STREAM_PARAMS && k->params[i].name; i++) {
        mp_jsonw_open(w, '{', true);
        mp_jsonw_put_string(w, "name", k->params[i].name);
        mp_jsonw_put_uint(w, "default", k->params[i].def);
        mp_jsonw_put_uint(w, "min", k->params[i].min);
        mp_jsonw_put_uint(w, "max", k->params[i].max);
        mp_jsonw_put_string(w, "about", k->params[i].help);
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}

void mp_dram_list_json(struct mp_buf *out) {
    struct mp_jsonw w;
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    mp_jsonw_put_string(&w, "schema", MP_DRAM_LIST_SCHEMA);
    mp_jsonw_key(&w, "presets");
    mp_jsonw_open(&w, '[', false);
    for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++)
        put_preset(p, &w);
    mp_jsonw_close(&w, ']');
    mp_jsonw_key(&w, "streams");
    mp_jsonw_open(&w, '[', false);
    for (const struct mp_stream_kind *k = mp_stream_kinds; k->name; k++)
        put_stream(k, &w);
    mp_jsonw_close(&w, ']');
    mp_jsonw_close(&w, '}');
}

static void csv_row(struct mp_table *t, const char *preset, const char *key, double value, const char *unit) {
    char text[32];
    mp_format_double(value, text);
    mp_table_add(t, preset);
    mp_table_add(t, key);
    mp_table_add(t, text);
    mp_table_add(t, unit);
}

void mp_dram_list_csv(struct mp_buf *out) {
    static const struct mp_column columns[] = {{"preset", MP_LEFT}, {"key", MP_LEFT}, {"value", MP_LEFT}, {"unit", MP_LEFT}};
    struct mp_arena a = {0};
    struct mp_table t = {.arena = &a, .columns = columns, .column_count = 4};
    for (const struct mp_dram_preset *p = mp_dram_presets; p->name; p++) {
        csv_row(&t, p->name, "clock", p->tck_ns, "ns");
        for (size_t i = 0; i < TIMINGS; i++)
            csv_row(&t, p->name, timings[i].key, (double)cycles_of(p, i), "cycles");
        for (size_t i = 0; i < ENERGIES; i++)
            csv_row(&t, p->name, energies[i].key, energy_of(p, i), energies[i].unit);
    }
    mp_table_csv(&t, out);
    mp_arena_finish(&a);
}
