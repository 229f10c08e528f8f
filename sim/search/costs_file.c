// SPDX-License-Identifier: Apache-2.0
// Measured costs of layers, from a CSV file (costs.h). Cells have no quotes; what follows # is a comment.
#include "sim/search/costs_table.h"

#include "sim/base/file.h"
#include "sim/base/say.h"
#include "sim/import/lines.h"
#include "sim/spec/names.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum column { LAYER, A_BITS, W_BITS, LATENCY_MS, CYCLES, ENERGY_UJ, COLUMNS };
static const char *const column_names[COLUMNS] = {"layer", "a_bits", "w_bits", "latency_ms", "cycles", "energy_uj"};

struct file {
    struct mp_measured_costs *m;
    const struct mp_workload *w;
    double clock_mhz;
    struct mp_arena *arena;
    struct mp_names layers;
    size_t at[COLUMNS]; // in a line; COLUMNS: the file does not have it
    size_t count;       // of columns
    size_t line;
};

static bool fail_at(const struct file *f, enum column c, const char *rule, const char *got, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    return mp_fail(err, "%s:%zu: column \"%s\": %s (got \"%s\")", f->m->path, f->line, column_names[c], rule,
                   mp_say_text(got, strlen(got), shown));
}

// Cells without blanks, a comment left out. More than there is room for are only counted.
static size_t split(char *line, char *cell[COLUMNS]) {
    size_t n = 0;
    line[strcspn(line, "#")] = '\0';
    if (*mp_trim(line) == '\0')
        return 0;
    for (char *next = line; next; n++) {
        char *text = mp_trim(strsep(&next, ","));
        if (n < COLUMNS)
            cell[n] = text;
    }
    return n;
}

// Header

static bool read_column(struct file *f, const char *name, size_t at, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    for (size_t c = 0; c < COLUMNS; c++) {
        if (strcmp(name, column_names[c]) != 0)
            continue;
        if (f->at[c] != COLUMNS)
            return mp_fail(err, "%s:%zu: column \"%s\" is there twice", f->m->path, f->line, name);
        f->at[c] = at;
        return true;
    }
    const char *near = mp_nearest(name, column_names, COLUMNS);
    return mp_fail(err, "%s:%zu: unknown column \"%s\"%s%s%s", f->m->path, f->line, mp_say_text(name, strlen(name), shown),
                   near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

static bool check_columns(const struct file *f, struct mp_err *err) {
    for (size_t c = LAYER; c <= W_BITS; c++)
        if (f->at[c] == COLUMNS)
            return mp_fail(err, "%s:%zu: column \"%s\": missing", f->m->path, f->line, column_names[c]);
    if (f->at[LATENCY_MS] != COLUMNS && f->at[CYCLES] != COLUMNS)
        return mp_fail(err, "%s:%zu: must have one of the columns \"latency_ms\" and \"cycles\", not both", f->m->path,
                       f->line);
    return f->m->has_cycles || f->m->has_energy ||
           mp_fail(err, "%s:%zu: must have a column \"latency_ms\", \"cycles\" or \"energy_uj\"", f->m->path, f->line);
}

static bool read_header(struct file *f, char *line, struct mp_err *err) {
    char *cell[COLUMNS];
    f->count = split(line, cell);
    for (size_t c = 0; c < COLUMNS; c++)
        f->at[c] = COLUMNS;
    for (size_t i = 0; i < f->count && i < COLUMNS; i++)
        if (!read_column(f, cell[i], i, err))
            return false;
    if (f->count > COLUMNS)
        return mp_fail(err, "%s:%zu: must have at most %d columns (got %zu)", f->m->path, f->line, COLUMNS, f->count);
    f->m->has_cycles = f->at[LATENCY_MS] != COLUMNS || f->at[CYCLES] != COLUMNS;
    f->m->has_energy = f->at[ENERGY_UJ] != COLUMNS;
    return check_columns(f, err);
}

// Rows

static bool read_layer(const struct file *f, const char *name, size_t *layer, struct mp_err *err) {
    char shown[MP_SAY_BYTES], hint[MP_NAMES_HINT_BYTES];
    *layer = mp_names_find(&f->layers, name);
    if (*layer == MP_NO_NAME)
        return mp_fail(err, "%s:%zu: workload \"%s\" has no layer \"%s\"%s", f->m->path, f->line, f->w->name,
                       mp_say_text(name, strlen(name), shown), mp_names_hint(&f->layers, name, hint));
    return !mp_layer_moves_nothing(&f->w->layers[*layer]) ||
           mp_fail(err, "%s:%zu: layer \"%s\" is of type \"%s\" and costs nothing", f->m->path, f->line, name,
                   mp_layer_type_names[f->w->layers[*layer].type]);
}

static bool read_width(const struct file *f, enum column c, const char *text, unsigned *bits, struct mp_err *err) {
    *bits = (unsigned)(text[0] - '0');
    return (text[0] >= '1' && text[0] <= '8' && text[1] == '\0') || fail_at(f, c, "must be an integer 1..8", text, err);
}

static bool read_widths(const struct file *f, size_t layer, char *const *cell, unsigned *a_bits, unsigned *w_bits,
                        struct mp_err *err) {
    const char *w = cell[f->at[W_BITS]];
    *w_bits = 0;
    if (!read_width(f, A_BITS, cell[f->at[A_BITS]], a_bits, err))
        return false;
    if (mp_layer_on_array(&f->w->layers[layer]))
        return read_width(f, W_BITS, w, w_bits, err);
    return *w == '\0' || fail_at(f, W_BITS, "must be empty, the layer has no weights", w, err);
}

static bool read_real(const struct file *f, enum column c, char *const *cell, double scale, double *out, struct mp_err *err) {
    const char *text = cell[f->at[c]];
    char *end;
    *out = strtod(text, &end) * scale;
    if (*text == '\0' || text[strspn(text, "0123456789.eE+-")] || *end || !isfinite(*out) || *out < 0)
        return fail_at(f, c, "must be a number of at least 0", text, err);
    return true;
}

static bool read_costs(const struct file *f, char *const *cell, double *cycles, double *energy_pj, struct mp_err *err) {
    return (f->at[LATENCY_MS] == COLUMNS || read_real(f, LATENCY_MS, cell, f->clock_mhz * 1e3, cycles, err)) &&
           (f->at[CYCLES] == COLUMNS || read_real(f, CYCLES, cell, 1, cycles, err)) &&
           (f->at[ENERGY_UJ] == COLUMNS || read_real(f, ENERGY_UJ, cell, 1e6, energy_pj, err));
}

static bool repeated(const struct file *f, const char *layer, unsigned a_bits, unsigned w_bits, size_t line,
                     struct mp_err *err) {
    if (w_bits == 0)
        return mp_fail(err, "%s:%zu: layer \"%s\" at a_bits %u is there already, in line %zu", f->m->path, f->line, layer,
                       a_bits, line);
    return mp_fail(err, "%s:%zu: layer \"%s\" at a_bits %u, w_bits %u is there already, in line %zu", f->m->path, f->line,
                   layer, a_bits, w_bits, line);
}

static bool read_row(struct file *f, char *line, struct mp_err *err) {
    char *cell[COLUMNS];
    size_t n = split(line, cell), layer;
    unsigned a, w;
    if (n == 0)
        return true;
    if (n != f->count)
        return mp_fail(err, "%s:%zu: must have %zu cells (got %zu)", f->m->path, f->line, f->count, n);
    if (!read_layer(f, cell[f->at[LAYER]], &layer, err) || !read_widths(f, layer, cell, &a, &w, err))
        return false;
    struct mp_measured_cost **of = &f->m->of[layer];
    if (!*of)
        *of = mp_arena_alloc(f->arena, 1, sizeof **of);
    if ((*of)->line[a][w])
        return repeated(f, f->w->layers[layer].name, a, w, (*of)->line[a][w], err);
    (*of)->line[a][w] = f->line;
    return read_costs(f, cell, &(*of)->cycles[a][w], &(*of)->energy_pj[a][w], err);
}

bool mp_measured_costs_read(struct mp_measured_costs *m, const char *path, const struct mp_workload *w, double clock_mhz,
                            struct mp_arena *a, struct mp_err *err) {
    struct file f = {.m = m, .w = w, .clock_mhz = clock_mhz, .arena = a};
    struct mp_lines lines;
    char *text;
    size_t len;
    *m = (struct mp_measured_costs){.path = path, .of = mp_arena_alloc(a, w->layer_count, sizeof *m->of)};
    mp_names_init(&f.layers, a, w->layer_count);
    for (size_t l = 0; l < w->layer_count; l++)
        mp_names_add(&f.layers, w->layers[l].name);
    if (!mp_file_read(a, path, &text, &len, err) || !mp_lines_begin(&lines, a, path, text, len, err))
        return false;
    for (char *line; (line = mp_lines_next(&lines));) {
        f.line = lines.number;
        if (f.count > 0 ? !read_row(&f, line, err) : *line != '#' && !read_header(&f, line, err))
            return false;
    }
    return f.count > 0 || mp_fail(err, "%s: must begin with a header, as \"layer,a_bits,w_bits,latency_ms\"", path);
}
