// SPDX-License-Identifier: Apache-2.0
#include "sim/search/harm_file.h"

#include "sim/base/file.h"
#include "sim/base/say.h"
#include "sim/import/lines.h"
#include "sim/spec/names.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST 1e100 // sums of harms stay finite

struct file {
    const char *path;
    const struct mp_space *s;
    struct mp_arena scratch;
    struct mp_names units;
    size_t *line_of; // [unit][MP_WIDTHS]: the row's line, or 0
    size_t line;
    struct mp_harm *out;
};

static bool fail_at(const struct file *f, const char *what, const char *rule, const char *got, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    return mp_fail(err, "%s:%zu: %s: %s (got \"%s\")", f->path, f->line, what, rule, mp_say_text(got, strlen(got), shown));
}

static bool read_row(struct file *f, char *line, struct mp_err *err) {
    char shown[MP_SAY_BYTES], hint[MP_NAMES_HINT_BYTES], *cell[3], *end;
    // The name may have commas: the last two cells are numbers.
    for (int i = 2; i > 0; i--) {
        char *comma = strrchr(line, ',');
        if (!comma)
            return mp_fail(err, "%s:%zu: must have 3 cells: unit, bits, harm", f->path, f->line);
        *comma = '\0';
        cell[i] = mp_trim(comma + 1);
    }
    cell[0] = mp_trim(line);
    const size_t unit = mp_names_find(&f->units, cell[0]);
    if (unit == MP_NO_NAME)
        return mp_fail(err, "%s:%zu: the search space has no unit \"%s\"%s", f->path, f->line,
                       mp_say_text(cell[0], strlen(cell[0]), shown), mp_names_hint(&f->units, cell[0], hint));
    if (!(cell[1][0] >= '1' && cell[1][0] <= '8' && cell[1][1] == '\0'))
        return fail_at(f, "bits", "must be an integer 1..8", cell[1], err);
    const size_t at = unit * MP_WIDTHS + (size_t)(cell[1][0] - '0');
    const double harm = strtod(cell[2], &end);
    if (*cell[2] == '\0' || cell[2][strspn(cell[2], "0123456789.eE+-")] || *end || !(fabs(harm) <= MOST))
        return fail_at(f, "harm", "must be a number of at most 1e100", cell[2], err);
    if (f->line_of[at])
        return mp_fail(err, "%s:%zu: unit \"%s\" at %s bits is there already, in line %zu", f->path, f->line, cell[0], cell[1],
                       f->line_of[at]);
    f->line_of[at] = f->line;
    f->out->of[at] = harm;
    return true;
}

static bool check_all(const struct file *f, struct mp_err *err) {
    for (size_t v = 0; v < f->s->decision_count; v++) {
        const struct mp_decision *d = &f->s->decisions[v];
        for (size_t o = 0; d->option_count > 1 && o < d->option_count; o++)
            for (size_t u = 0; u < d->unit_count; u++) {
                const unsigned bits = d->bits[o * d->unit_count + u];
                if (!f->line_of[d->units[u] * MP_WIDTHS + bits])
                    return mp_fail(err, "%s: unit \"%s\" at %u bits: missing", f->path, f->s->units[d->units[u]].name, bits);
            }
    }
    return true;
}

static uint32_t whole(const struct file *f) {
    uint32_t set = 0;
    for (unsigned bits = 1; bits < MP_WIDTHS; bits++) {
        size_t there = 0;
        for (size_t u = 0; u < f->s->unit_count; u++)
            there += f->line_of[u * MP_WIDTHS + bits] > 0;
        set |= (uint32_t)(there == f->s->unit_count) << bits;
    }
    return set;
}

static bool read_all(struct file *f, char *text, size_t len, struct mp_err *err) {
    struct mp_lines lines;
    if (!mp_lines_begin(&lines, &f->scratch, f->path, text, len, err))
        return false;
    char *line = mp_lines_next(&lines);
    f->line = lines.number;
    if (!line || strcmp(line, "unit,bits,harm") != 0)
        return mp_fail(err, "%s:%zu: must begin with the line \"unit,bits,harm\"", f->path, f->line ? f->line : 1);
    while ((line = mp_lines_next(&lines))) {
        f->line = lines.number;
        if (line[0] != '#' && !read_row(f, line, err))
            return false;
    }
    return check_all(f, err);
}

bool mp_harm_load(const char *path, const struct mp_space *s, struct mp_arena *a, struct mp_harm *out, struct mp_err *err) {
    struct file f = {.path = path, .s = s, .out = out};
    char *text;
    size_t len;
    *out = (struct mp_harm){.unit = "1"};
    out->of = mp_arena_alloc(a, s->unit_count * MP_WIDTHS, sizeof *out->of);
    f.line_of = mp_arena_alloc(&f.scratch, s->unit_count * MP_WIDTHS, sizeof *f.line_of);
    mp_names_init(&f.units, &f.scratch, s->unit_count);
    for (size_t u = 0; u < s->unit_count; u++)
        mp_names_add(&f.units, s->units[u].name);
    bool ok = mp_file_read(&f.scratch, path, &text, &len, err) && read_all(&f, text, len, err);
    out->whole = ok ? whole(&f) : 0;
    mp_arena_finish(&f.scratch);
    return ok;
}
