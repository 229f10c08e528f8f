// SPDX-License-Identifier: Apache-2.0
// SCALE-Sim topologies. The header decides between convolutions and matrix products. Rows have no edges
// between them: each layer gets an input "NAME.in". What SCALE-Sim reads and mpsim does not model (sparsity,
// batch) is an error.
#include "sim/import/import.h"
#include "sim/import/lines.h"

#include "sim/base/say.h"
#include "sim/spec/build.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define MAX_CELLS 16
#define VALUES 7

enum { IH, IW, FH, FW, CHANNELS, FILTERS, STRIDE }; // of a convolution
enum { ROWS, COLS, SUM };                           // M, N and K of a matrix product

static const char *const conv_columns[] = {"Layer name", "IFMAP Height", "IFMAP Width", "Filter Height",
                                           "Filter Width", "Channels", "Num Filter", "Strides"};
static const char *const gemm_columns[] = {"Layer name", "M", "N", "K"};

struct row {
    const char *name;
    uint64_t v[VALUES];
    size_t line;
};

struct topology {
    struct mp_arena *arena;
    const char *file;
    const char *const *columns;
    size_t column_count;
    char *extra; // name of the first column beyond these, or ""
    struct row *rows;
    size_t count;
    struct mp_names names;
};

// Cells without blanks; empty ones at the end, and a comment, are dropped.
static size_t split(char *line, char *cell[MAX_CELLS]) {
    size_t n = 0;
    for (char *next = line; next && n < MAX_CELLS;) {
        char *text = strsep(&next, ",");
        cell[n] = mp_trim(text);
        if (cell[n][0] == '#')
            break;
        n++;
    }
    while (n > 0 && cell[n - 1][0] == '\0')
        n--;
    return n;
}

static const char *place(const struct topology *t, size_t line, size_t column) {
    const char *name = column < t->column_count ? t->columns[column] : t->extra;
    return mp_arena_printf(t->arena, "%s:%zu: column %zu%s%s%s", t->file, line, column + 1,
                           *name ? " \"" : "", name, *name ? "\"" : "");
}

static bool read_header(struct topology *t, struct mp_lines *l, struct mp_err *err) {
    char *line = mp_lines_next(l), *cell[MAX_CELLS];
    size_t n = line ? split(line, cell) : 0;
    if (n >= 2 && strncasecmp(cell[1], "IFMAP", 5) == 0) {
        t->columns = conv_columns;
        t->column_count = sizeof conv_columns / sizeof *conv_columns;
    } else if (n >= 4 && !strcasecmp(cell[1], "M") && !strcasecmp(cell[2], "N") &&
               !strcasecmp(cell[3], "K")) {
        t->columns = gemm_columns;
        t->column_count = sizeof gemm_columns / sizeof *gemm_columns;
    } else {
        return mp_fail(err, "%s:%zu: must begin with a SCALE-Sim header: \"Layer name, IFMAP Height, "
                       "IFMAP Width, Filter Height, Filter Width, Channels, Num Filter, Strides\" or "
                       "\"Layer name, M, N, K\"", t->file, line ? l->number : 1);
    }
    t->extra = n > t->column_count ? cell[t->column_count] : cell[0] + strlen(cell[0]);
    return n <= t->column_count || mp_fail(err, "%s: not supported", place(t, l->number, t->column_count));
}

static bool read_name(struct topology *t, const char *name, size_t line, struct mp_err *err) {
    if (*name == '\0' || !mp_is_printable(name))
        return mp_fail(err, "%s: must be a name", place(t, line, 0));
    return mp_names_add(&t->names, name) ||
           mp_fail(err, "%s: layer \"%s\" is there already", place(t, line, 0), name);
}

static bool read_row(struct topology *t, char *line, size_t number, struct mp_err *err) {
    char *cell[MAX_CELLS], shown[MP_SAY_BYTES];
    size_t n = split(line, cell);
    if (n == 0)
        return true;
    if (n > t->column_count)
        return mp_fail(err, "%s: not supported (got \"%s\")", place(t, number, t->column_count),
                       mp_say_text(cell[t->column_count], strlen(cell[t->column_count]), shown));
    if (!read_name(t, cell[0], number, err))
        return false;
    struct row *r = &t->rows[t->count++];
    *r = (struct row){.name = cell[0], .line = number};
    for (size_t i = 1; i < t->column_count; i++)
        if (i >= n)
            return mp_fail(err, "%s: missing", place(t, number, i));
        else if (!mp_parse_count(cell[i], MP_MAX_SIZE, &r->v[i - 1], err))
            return mp_fail_in(err, place(t, number, i));
    for (size_t i = 0; t->columns == conv_columns && i < 2; i++)
        if (r->v[FH + i] > r->v[IH + i])
            return mp_fail(err, "%s: must be at most the input's %ju (got %ju)", place(t, number, 3 + i),
                           (uintmax_t)r->v[IH + i], (uintmax_t)r->v[FH + i]);
    return true;
}

static bool read_rows(struct topology *t, const char *text, size_t len, struct mp_err *err) {
    struct mp_lines l;
    size_t lines = 0;
    if (!mp_lines_begin(&l, t->arena, t->file, text, len, err) || !read_header(t, &l, err))
        return false;
    for (const char *p = l.at; p < l.end; p++)
        lines += *p != '\n' && (p == l.at || p[-1] == '\n');
    lines = lines < MP_MAX_LAYERS ? lines : MP_MAX_LAYERS;
    t->rows = mp_arena_alloc(t->arena, lines, sizeof *t->rows);
    mp_names_init(&t->names, t->arena, lines);
    for (char *line; (line = mp_lines_next(&l)) != NULL;) {
        if (t->count == MP_MAX_LAYERS)
            return mp_fail(err, "%s:%zu: at most %u layers", t->file, l.number, MP_MAX_LAYERS);
        if (!read_row(t, line, l.number, err))
            return false;
    }
    return t->count > 0 || mp_fail(err, "%s: must have at least one layer", t->file);
}

// The workload

// SCALE-Sim runs a layer with DP in its name once for each channel, each time with all filters.
static bool is_depthwise(const struct topology *t, const struct row *r) {
    return t->columns == conv_columns && strstr(r->name, "DP") != NULL;
}

// What the stride leaves over: padding that adds the window which SCALE-Sim rounds up to.
static uint64_t missing(uint64_t in, uint64_t filter, uint64_t stride) {
    return (stride - (in - filter) % stride) % stride;
}

static struct mp_layer_spec row_spec(const struct topology *t, const struct row *r) {
    struct mp_layer_spec s = mp_layer_spec_default(t->columns == conv_columns ? MP_CONV2D : MP_LINEAR);
    s.name = r->name;
    if (t->columns == gemm_columns) {
        s.out_channels = r->v[COLS];
        return s;
    }
    for (size_t i = 0; i < 2; i++) {
        s.kernel[i] = r->v[FH + i];
        s.stride[i] = r->v[STRIDE];
        s.padding[2 + i] = missing(r->v[IH + i], r->v[FH + i], r->v[STRIDE]);
    }
    s.groups = is_depthwise(t, r) ? r->v[CHANNELS] : 1;
    s.out_channels = r->v[FILTERS] * s.groups;
    return s;
}

static void warn(const struct topology *t, const struct row *r, struct mp_builder *b) {
    const struct mp_workload *w = b->w;
    const struct mp_layer *l = &w->layers[w->layer_count - 1];
    const struct mp_geometry *g = &l->geo;
    char shown[MP_SAY_BYTES];
    mp_say_text(r->name, strlen(r->name), shown);
    if (l->pb + l->pr > 0)
        mp_build_warn(b, mp_arena_printf(t->arena,
                                         "%s:%zu: layer \"%s\": stride %ju does not divide, the output is "
                                         "rounded up to %jux%ju by padding",
                                         t->file, r->line, shown, (uintmax_t)g->sh, (uintmax_t)g->oh,
                                         (uintmax_t)g->ow));
    if (is_depthwise(t, r))
        mp_build_warn(b, mp_arena_printf(t->arena,
                                         "%s:%zu: layer \"%s\": depthwise, as SCALE-Sim takes the DP in its "
                                         "name: %ju groups of one channel",
                                         t->file, r->line, shown, (uintmax_t)g->groups));
}

static bool build(const struct topology *t, struct mp_workload *w, struct mp_err *err) {
    struct mp_builder b;
    struct mp_err text;
    mp_build_begin(&b, w, t->arena, mp_base_name(t->arena, t->file), "SCALE-Sim topology", t->count,
                   t->count);
    for (size_t i = 0; i < t->count; i++) {
        const struct row *r = &t->rows[i];
        const uint64_t conv[3] = {r->v[CHANNELS], r->v[IH], r->v[IW]}, gemm[3] = {r->v[SUM], r->v[ROWS], 1};
        if (!mp_build_input(&b, mp_arena_printf(t->arena, "%s.in", r->name),
                            t->columns == conv_columns ? conv : gemm, false, &text))
            return mp_fail(err, "%s:%zu: %s", t->file, r->line, text.text);
    }
    for (size_t i = 0; i < t->count; i++) {
        struct mp_layer_spec s = row_spec(t, &t->rows[i]);
        s.inputs = &i; // the inputs are the first tensors
        s.input_count = 1;
        if (!mp_build_layer(&b, &s, &text))
            return mp_fail(err, "%s:%zu: %s", t->file, t->rows[i].line, text.text);
        warn(t, &t->rows[i], &b);
    }
    return mp_build_end(&b, &text) || mp_fail(err, "%s: %s", t->file, text.text);
}

bool mp_scalesim_topology(struct mp_workload *w, struct mp_arena *a, const char *name, const char *text,
                          size_t len, struct mp_err *err) {
    struct topology t = {.arena = a, .file = name};
    return read_rows(&t, text, len, err) && build(&t, w, err);
}
