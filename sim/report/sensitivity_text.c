// SPDX-License-Identifier: Apache-2.0
// Sensitivities as tables of units, as CSV that --metric reads, and as JSON.
#include "sim/report/search_parts.h"

#include <inttypes.h>
#include <stdio.h>

double mp_unit_harm(const struct mp_sensitivity_report *r, size_t unit, unsigned bits) {
    return r->harm->of[unit * MP_WIDTHS + bits];
}

uint32_t mp_unit_shown(const struct mp_sensitivity_report *r, size_t unit) {
    return r->space->units[unit].kind == MP_UNIT_WEIGHT ? r->w_set : r->a_set;
}

// Text

static void head(const struct mp_sensitivity_report *r, const struct mp_style *s, struct mp_buf *out) {
    struct mp_buf line = {0};
    char count[MP_QTY_BYTES];
    const char *unit = mp_harm_unit(r->harm);
    mp_buf_addf(&line, "%s: harm by %s", r->network, r->metric);
    mp_style_bold(s, line.text, out);
    mp_buf_finish(&line);
    mp_buf_addf(out, "%s%s, %zu units", *unit ? ", in " : "", unit, r->space->unit_count);
    if (r->trained_on && r->images > 0)
        mp_buf_addf(out, ", %s images of %s", mp_qty_count(r->images, count), r->trained_on);
    if (r->probes > 0)
        mp_buf_addf(out, ", %" PRIu64 " probes, seed %" PRIu64, r->probes, r->seed);
    mp_buf_addf(out, "; %.1f s\n", r->seconds);
    if (r->how && r->how->source)
        mp_buf_addf(out, "  %s\n", r->how->source);
}

// What a unit loses from the widest width that is shown to the narrowest; of one width its harm.
static double span(const struct mp_sensitivity_report *r, size_t unit) {
    const uint32_t set = mp_unit_shown(r, unit);
    unsigned low = 8, high = 1;
    for (unsigned bits = 1; bits <= 8; bits++)
        if (set >> bits & 1) {
            low = bits < low ? bits : low;
            high = bits > high ? bits : high;
        }
    return mp_unit_harm(r, unit, low) - (low < high ? mp_unit_harm(r, unit, high) : 0);
}

// From 1: units of its kind that lose more, and of those that lose as much the ones before it.
static size_t rank_of(const struct mp_sensitivity_report *r, size_t unit) {
    const double own = span(r, unit);
    size_t rank = 1;
    for (size_t u = 0; u < r->space->unit_count; u++)
        if (r->space->units[u].kind == r->space->units[unit].kind)
            rank += span(r, u) > own || (u < unit && span(r, u) == own);
    return rank;
}

static void add_unit(struct mp_table *t, const struct mp_sensitivity_report *r, size_t unit) {
    char text[MP_QTY_BYTES];
    mp_table_add(t, r->space->units[unit].name);
    mp_table_add(t, mp_qty_count(mp_unit_elements(r->space, unit), text));
    if (r->harm->score)
        mp_table_add(t, mp_harm_text(r->harm->score[unit], text));
    for (unsigned bits = 8; bits >= 1; bits--)
        if (mp_unit_shown(r, unit) >> bits & 1)
            mp_table_add(t, mp_harm_text(mp_unit_harm(r, unit, bits), text));
    mp_table_addf(t, "%zu", rank_of(r, unit));
}

static void table(const struct mp_sensitivity_report *r, enum mp_unit_kind kind, const struct mp_style *s, struct mp_buf *out) {
    static const char *const bit_heads[] = {"", "1 bit", "2 bits", "3 bits", "4 bits", "5 bits", "6 bits", "7 bits", "8 bits"};
    struct mp_column columns[MP_WIDTHS + 4] = {{kind == MP_UNIT_WEIGHT ? "weights" : "activations", MP_LEFT},
                                               {"elements", MP_RIGHT}};
    const uint32_t set = kind == MP_UNIT_WEIGHT ? r->w_set : r->a_set;
    struct mp_arena arena = {0};
    size_t n = 2;
    if (r->harm->score)
        columns[n++] = (struct mp_column){r->harm->score_name, MP_RIGHT};
    for (unsigned bits = 8; bits >= 1; bits--)
        if (set >> bits & 1)
            columns[n++] = (struct mp_column){bit_heads[bits], MP_RIGHT};
    columns[n++] = (struct mp_column){"rank", MP_RIGHT};
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = n};
    for (size_t u = 0; u < r->space->unit_count; u++)
        if (r->space->units[u].kind == kind)
            add_unit(&t, r, u);
    if (t.count > 0) {
        mp_buf_add(out, "\n");
        mp_table_text(&t, s, 0, out);
    }
    mp_arena_finish(&arena);
}

void mp_sensitivity_text(const struct mp_sensitivity_report *r, const struct mp_style *s, struct mp_buf *out) {
    head(r, s, out);
    table(r, MP_UNIT_WEIGHT, s, out);
    table(r, MP_UNIT_ACTIVATION, s, out);
    mp_buf_add(out, "rank: 1 loses most from the widest width to the narrowest\n");
}

// CSV

void mp_sensitivity_csv(const struct mp_sensitivity_report *r, struct mp_buf *out) {
    static const struct mp_column columns[] = {{"unit", MP_LEFT}, {"bits", MP_LEFT}, {"harm", MP_LEFT}};
    struct mp_arena arena = {0};
    struct mp_table t = {.arena = &arena, .columns = columns, .column_count = 3};
    char text[32];
    for (size_t u = 0; u < r->space->unit_count; u++)
        for (unsigned bits = 8; bits >= 1; bits--)
            if (mp_unit_shown(r, u) >> bits & 1) {
                mp_format_double(mp_unit_harm(r, u, bits), text);
                mp_table_add(&t, r->space->units[u].name);
                mp_table_addf(&t, "%u", bits);
                mp_table_add(&t, text);
            }
    mp_table_csv(&t, out);
    mp_arena_finish(&arena);
}

// JSON

static void put_unit(struct mp_jsonw *w, const struct mp_sensitivity_report *r, size_t unit) {
    const struct mp_unit *u = &r->space->units[unit];
    mp_jsonw_open(w, '{', true);
    mp_jsonw_put_string(w, "name", u->name);
    mp_jsonw_put_string(w, "kind", u->kind == MP_UNIT_WEIGHT ? "weight" : "activation");
    mp_jsonw_put_uint(w, "elements", mp_unit_elements(r->space, unit));
    if (r->harm->score)
        mp_jsonw_put_real(w, "score", r->harm->score[unit]);
    mp_jsonw_key(w, "harm");
    mp_jsonw_open(w, '{', true);
    for (unsigned bits = 8; bits >= 1; bits--) {
        const char key[2] = {(char)('0' + bits), '\0'};
        if (mp_unit_shown(r, unit) >> bits & 1)
            mp_jsonw_put_real(w, key, mp_unit_harm(r, unit, bits));
    }
    mp_jsonw_close(w, '}');
    mp_jsonw_put_uint(w, "rank", rank_of(r, unit));
    mp_jsonw_close(w, '}');
}

void mp_sensitivity_json(const struct mp_sensitivity_report *r, struct mp_buf *out) {
    struct mp_jsonw writer, *w = &writer;
    mp_jsonw_init(w, out);
    mp_jsonw_open(w, '{', false);
    mp_jsonw_put_string(w, "schema", MP_SENSITIVITY_SCHEMA);
    mp_jsonw_put_string(w, "network", r->network);
    mp_jsonw_put_string(w, "metric", r->metric);
    if (r->how && r->how->source)
        mp_jsonw_put_string(w, "source", r->how->source);
    mp_jsonw_put_string(w, "harm_unit", r->harm->unit);
    if (r->harm->score)
        mp_jsonw_put_string(w, "score_name", r->harm->score_name);
    if (r->trained_on)
        mp_jsonw_put_string(w, "trained_on", r->trained_on);
    mp_jsonw_put_uint(w, "images", r->images);
    mp_jsonw_put_uint(w, "probes", r->probes);
    mp_jsonw_put_uint(w, "seed", r->seed);
    mp_jsonw_put_real(w, "seconds", r->seconds);
    mp_jsonw_key(w, "units");
    mp_jsonw_open(w, '[', false);
    for (size_t u = 0; u < r->space->unit_count; u++)
        put_unit(w, r, u);
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}
