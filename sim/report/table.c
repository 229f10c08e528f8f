// SPDX-License-Identifier: Apache-2.0
// Tables of texts. Widths count characters of UTF-8, each taken as one column wide.
#include "sim/report/table.h"

#include "traces/csv.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MAX_RULE 118 // a long last column needs no rule below it

static void styled(const struct mp_style *s, const char *code, const char *text, struct mp_buf *out) {
    mp_buf_addf(out, "%s%s%s", s->colour ? code : "", text, s->colour ? "\033[0m" : "");
}

void mp_style_bold(const struct mp_style *s, const char *text, struct mp_buf *out) {
    styled(s, "\033[1m", text, out);
}

void mp_style_faint(const struct mp_style *s, const char *text, struct mp_buf *out) {
    styled(s, "\033[2m", text, out);
}

void mp_style_warn(const struct mp_style *s, const char *text, struct mp_buf *out) {
    styled(s, "\033[33m", text, out);
}

static void add_cell(struct mp_table *t, const char *text) {
    if (t->count == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 64;
        t->cells = mp_arena_grow(t->arena, t->cells, t->count, cap, sizeof *t->cells);
        t->cap = cap;
    }
    t->cells[t->count++] = text;
}

void mp_table_add(struct mp_table *t, const char *text) {
    add_cell(t, mp_arena_strdup(t->arena, text));
}

void mp_table_addf(struct mp_table *t, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    assert(len >= 0);
    char *text = mp_arena_alloc(t->arena, (size_t)len + 1, 1);
    vsnprintf(text, (size_t)len + 1, fmt, again);
    va_end(again);
    add_cell(t, text);
}

// A rule is a row of NULL cells.
void mp_table_rule(struct mp_table *t) {
    for (size_t i = 0; i < t->column_count; i++)
        add_cell(t, NULL);
}

static size_t width_of(const char *text) {
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) != 0x80; // not the rest of a character
    return n;
}

static void pad(struct mp_buf *out, size_t count) {
    mp_buf_addf(out, "%*s", (int)count, "");
}

struct widths {
    size_t *of; // by column
    size_t sum;
};

static void measure(const struct mp_table *t, struct widths *w) {
    w->of = mp_arena_alloc(t->arena, t->column_count, sizeof *w->of);
    w->sum = t->column_count > 0 ? 2 * (t->column_count - 1) : 0;
    for (size_t c = 0; c < t->column_count; c++) {
        w->of[c] = width_of(t->columns[c].head);
        for (size_t i = c; i < t->count; i += t->column_count)
            if (t->cells[i] && width_of(t->cells[i]) > w->of[c])
                w->of[c] = width_of(t->cells[i]);
        w->sum += w->of[c];
    }
}

static void add_rule(const struct widths *w, struct mp_buf *out) {
    for (size_t i = 0; i < w->sum && i < MAX_RULE; i++)
        mp_buf_add(out, "-");
}

// `cell` gives the text of each column; nothing is padded behind the last one that is not empty.
static void add_row(const struct mp_table *t, const struct widths *w, const char *const *cells, struct mp_buf *out) {
    size_t blanks = 0;
    for (size_t c = 0; c < t->column_count; c++) {
        bool right = t->columns[c].kind == MP_RIGHT;
        size_t width = width_of(cells[c]), space = w->of[c] > width ? w->of[c] - width : 0;
        if (c > 0)
            blanks += 2;
        if (width > 0) {
            pad(out, blanks + (right ? space : 0));
            mp_buf_add(out, cells[c]);
            blanks = right ? 0 : space;
        } else {
            blanks += space;
        }
    }
}

static void add_head(const struct mp_table *t, const struct widths *w, const struct mp_style *s, unsigned indent,
                     struct mp_buf *out) {
    const char **heads = mp_arena_alloc(t->arena, t->column_count, sizeof *heads);
    size_t shown = 0;
    struct mp_buf line = {0};
    for (size_t c = 0; c < t->column_count; c++) {
        heads[c] = t->columns[c].head;
        shown += heads[c][0] != '\0';
    }
    if (shown > 0) {
        add_row(t, w, heads, &line);
        pad(out, indent);
        mp_style_bold(s, line.text, out);
        mp_buf_add(out, "\n");
    }
    mp_buf_finish(&line);
}

void mp_table_text(const struct mp_table *t, const struct mp_style *s, unsigned indent, struct mp_buf *out) {
    struct widths w;
    measure(t, &w);
    add_head(t, &w, s, indent, out);
    for (size_t i = 0; i + t->column_count <= t->count; i += t->column_count) {
        pad(out, indent);
        if (t->cells[i])
            add_row(t, &w, t->cells + i, out);
        else
            add_rule(&w, out);
        mp_buf_add(out, "\n");
    }
}

void mp_table_csv(const struct mp_table *t, struct mp_buf *out) {
    for (size_t c = 0; c < t->column_count; c++) {
        mp_buf_add(out, c > 0 ? "," : "");
        mp_csv_field(out, t->columns[c].head);
    }
    mp_buf_add(out, "\n");
    for (size_t i = 0; i < t->count; i++) {
        mp_buf_add(out, i % t->column_count > 0 ? "," : "");
        mp_csv_field(out, t->cells[i] ? t->cells[i] : "");
        if (i % t->column_count == t->column_count - 1)
            mp_buf_add(out, "\n");
    }
}

void mp_table_json(const struct mp_table *t, struct mp_jsonw *w) {
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i + t->column_count <= t->count; i += t->column_count) {
        mp_jsonw_open(w, '{', true);
        for (size_t c = 0; c < t->column_count; c++) {
            mp_jsonw_key(w, t->columns[c].head);
            if (t->columns[c].kind == MP_YES_NO)
                mp_jsonw_bool(w, strcmp(t->cells[i + c], "true") == 0);
            else
                mp_jsonw_string(w, t->cells[i + c] ? t->cells[i + c] : "");
        }
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}
