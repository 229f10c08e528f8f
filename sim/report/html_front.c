// SPDX-License-Identifier: Apache-2.0
// Reads a front's CSV (RFC 4180; CRLF and a byte order mark are let pass, lines that begin with # and empty ones left out).
#include "sim/report/html_front.h"

#include "sim/base/file.h"
#include "sim/base/say.h"
#include "sim/base/str.h"
#include "sim/import/lines.h"
#include "sim/spec/names.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct reader {
    const char *path;
    struct mp_arena *a;
    const char *at, *end;
    size_t line, row_line; // where the reader is; where its row began
    const char *cells[MP_FRONT_COLUMNS];
    size_t count;
};

// The first word of a name, or a whole name, and what is better.
static const struct {
    const char *name;
    enum mp_better better;
} goals[] = {
    {"latency", MP_BETTER_LOWER},          {"cycles", MP_BETTER_LOWER},      {"energy", MP_BETTER_LOWER},
    {"area", MP_BETTER_LOWER},             {"edp", MP_BETTER_LOWER},         {"power", MP_BETTER_LOWER},
    {"size", MP_BETTER_LOWER},             {"bops", MP_BETTER_LOWER},        {"harm", MP_BETTER_LOWER},
    {"drop", MP_BETTER_LOWER},             {"loss", MP_BETTER_LOWER},        {"weight_bytes", MP_BETTER_LOWER},
    {"dram_bits", MP_BETTER_LOWER},        {"dram_read_bits", MP_BETTER_LOWER}, {"dram_write_bits", MP_BETTER_LOWER},
    {"accuracy", MP_BETTER_HIGHER},        {"agreement", MP_BETTER_HIGHER},  {"agree", MP_BETTER_HIGHER},
    {"right", MP_BETTER_HIGHER},           {"tops", MP_BETTER_HIGHER},       {"effective_tops", MP_BETTER_HIGHER},
    {"utilization", MP_BETTER_HIGHER},     {"throughput", MP_BETTER_HIGHER}, {"fps", MP_BETTER_HIGHER},
};

enum mp_better mp_better_of(const char *name) {
    const size_t word = strcspn(name, "_ ");
    for (size_t i = 0; !strpbrk(name, "./:") && i < sizeof goals / sizeof *goals; i++)
        if (strcmp(goals[i].name, name) == 0 || (strlen(goals[i].name) == word && memcmp(goals[i].name, name, word) == 0))
            return goals[i].better;
    return MP_BETTER_NEITHER;
}

// A quoted cell; the reader stands behind the opening quote, and then behind the closing one.
static bool quoted(struct reader *r, struct mp_buf *cell, struct mp_err *err) {
    for (;;) {
        if (r->at == r->end)
            return mp_fail(err, "%s:%zu: a quoted cell is not closed", r->path, r->row_line);
        if (*r->at == '"') {
            if (r->at + 1 == r->end || r->at[1] != '"')
                break;
            r->at++;
        }
        r->line += *r->at == '\n';
        mp_buf_addn(cell, r->at++, 1);
    }
    r->at++;
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\r'))
        r->at++;
    return r->at == r->end || *r->at == ',' || *r->at == '\n' ||
           mp_fail(err, "%s:%zu: text behind a quoted cell", r->path, r->line);
}

static void plain(struct reader *r, struct mp_buf *cell) {
    const char *from = r->at;
    while (r->at < r->end && *r->at != ',' && *r->at != '\n')
        r->at++;
    mp_buf_addn(cell, from, (size_t)(r->at - from));
}

static bool read_cell(struct reader *r, struct mp_err *err) {
    struct mp_buf cell = {0};
    mp_buf_add(&cell, "");
    while (r->at < r->end && (*r->at == ' ' || *r->at == '\t'))
        r->at++;
    bool ok = true;
    if (r->at < r->end && *r->at == '"') {
        r->at++;
        ok = quoted(r, &cell, err);
    } else {
        plain(r, &cell);
    }
    if (ok && r->count == MP_FRONT_COLUMNS)
        ok = mp_fail(err, "%s:%zu: more than %d columns", r->path, r->row_line, MP_FRONT_COLUMNS);
    if (ok)
        r->cells[r->count++] = mp_trim(mp_arena_strdup(r->a, cell.text));
    mp_buf_finish(&cell);
    return ok;
}

static bool skips_line(const struct reader *r) {
    const char *at = r->at;
    while (at < r->end && (*at == ' ' || *at == '\t' || *at == '\r'))
        at++;
    return at == r->end || *at == '#' || *at == '\n';
}

static void next_line(struct reader *r) {
    while (r->at < r->end && *r->at != '\n')
        r->at++;
    if (r->at < r->end)
        r->at++, r->line++;
}

// The cells of the next row; none at the end.
static bool read_row(struct reader *r, struct mp_err *err) {
    r->count = 0;
    while (r->at < r->end && skips_line(r))
        next_line(r);
    r->row_line = r->line;
    if (r->at == r->end)
        return true;
    for (bool more = true; more;) {
        if (!read_cell(r, err))
            return false;
        more = r->at < r->end && *r->at == ',';
        r->at += more;
    }
    next_line(r);
    return true;
}

// Tables that mpsim writes, and that have no row a design, are known by their first column.
static bool check_rows(const struct reader *r, struct mp_err *err) {
    static const char *const others[] = {"layer", "unit", "cycle"};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(r->cells[0], others[i]) == 0)
            return mp_fail(err, "%s:%zu: must have a row a design, as 'mpsim front --csv', 'query --csv' and 'search --front' "
                           "write it (got a row a %s)", r->path, r->row_line, others[i]);
    return true;
}

static bool read_names(struct reader *r, struct mp_html_front *f, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    struct mp_names names;
    if (!read_row(r, err))
        return false;
    if (r->count < 2)
        return mp_fail(err, "%s:%zu: must begin with the names of two or more columns, with commas between them", r->path,
                       r->row_line);
    if (!check_rows(r, err))
        return false;
    mp_names_init(&names, r->a, r->count);
    f->column_count = r->count;
    f->columns = mp_arena_alloc(r->a, r->count, sizeof *f->columns);
    for (size_t i = 0; i < r->count; i++) {
        if (r->cells[i][0] == '\0')
            return mp_fail(err, "%s:%zu: column %zu has no name", r->path, r->row_line, i + 1);
        if (!mp_names_add(&names, r->cells[i]))
            return mp_fail(err, "%s:%zu: column \"%s\" stands twice", r->path, r->row_line,
                           mp_say_text(r->cells[i], strlen(r->cells[i]), shown));
        f->columns[i].name = r->cells[i];
    }
    return true;
}

static void add_row(struct reader *r, struct mp_html_front *f, size_t *cap) {
    const size_t more = *cap ? *cap * 2 : 64;
    for (size_t i = 0; i < f->column_count; i++) {
        if (f->count == *cap)
            f->columns[i].texts = mp_arena_grow(r->a, f->columns[i].texts, f->count, more, sizeof *f->columns[i].texts);
        f->columns[i].texts[f->count] = r->cells[i];
    }
    *cap = f->count == *cap ? more : *cap;
    f->count++;
}

static bool read_rows(struct reader *r, struct mp_html_front *f, struct mp_err *err) {
    size_t cap = 0;
    while (read_row(r, err)) {
        if (r->count == 0)
            return f->count > 0 || mp_fail(err, "%s: no designs", r->path);
        if (r->count != f->column_count)
            return mp_fail(err, "%s:%zu: must have %zu cells, as the line of names has (got %zu)", r->path, r->row_line,
                           f->column_count, r->count);
        if (f->count == MP_FRONT_ROWS)
            return mp_fail(err, "%s:%zu: more than %d designs", r->path, r->row_line, MP_FRONT_ROWS);
        add_row(r, f, &cap);
    }
    return false;
}

static bool is_number(const char *text, double *value) {
    char *end;
    if (*text == '\0' || text[strspn(text, "0123456789.eE+-")])
        return false;
    *value = strtod(text, &end);
    return *end == '\0' && isfinite(*value);
}

static void find_numbers(struct mp_html_column *c, size_t count, struct mp_arena *a) {
    double *numbers = mp_arena_alloc(a, count, sizeof *numbers);
    size_t found = 0;
    if (strcmp(c->name, "key") == 0)
        return;
    for (size_t i = 0; i < count; i++) {
        numbers[i] = NAN;
        if (c->texts[i][0] == '\0')
            continue;
        if (!is_number(c->texts[i], &numbers[i]))
            return;
        found++;
    }
    if (found == 0)
        return;
    c->numbers = numbers;
    c->better = mp_better_of(c->name);
}

bool mp_html_front_read(struct mp_html_front *f, struct mp_arena *a, const char *path, const char *text, size_t len,
                        struct mp_err *err) {
    struct mp_lines lines; // checks the encoding
    if (!mp_lines_begin(&lines, a, path, text, len, err))
        return false;
    struct reader *r = mp_arena_alloc(a, 1, sizeof *r);
    *r = (struct reader){.path = path, .a = a, .at = lines.at, .end = lines.end, .line = 1};
    *f = (struct mp_html_front){.name = mp_base_name(a, path)};
    if (!read_names(r, f, err) || !read_rows(r, f, err))
        return false;
    for (size_t i = 0; i < f->column_count; i++)
        find_numbers(&f->columns[i], f->count, a);
    return true;
}

bool mp_html_front_load(struct mp_html_front *f, struct mp_arena *a, const char *path, struct mp_err *err) {
    char *text;
    size_t len;
    return mp_file_read(a, path, &text, &len, err) && mp_html_front_read(f, a, path, text, len, err);
}
