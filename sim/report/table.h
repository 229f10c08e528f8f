// SPDX-License-Identifier: Apache-2.0
// A table of texts: aligned for people, or as CSV, or as a JSON list of objects keyed by the columns.
#ifndef SIM_REPORT_TABLE_H
#define SIM_REPORT_TABLE_H

#include "sim/base/arena.h"
#include "sim/base/jsonw.h"
#include "sim/base/str.h"

// How text reports look.
struct mp_style {
    bool colour; // ANSI escapes
};
// The text bold, faint, or a warning, when the style has colour.
void mp_style_bold(const struct mp_style *s, const char *text, struct mp_buf *out);
void mp_style_faint(const struct mp_style *s, const char *text, struct mp_buf *out);
void mp_style_warn(const struct mp_style *s, const char *text, struct mp_buf *out);

enum mp_column_kind {
    MP_LEFT, // aligned left
    MP_RIGHT,
    MP_YES_NO, // left; its cells are "true" and "false", which JSON takes as such
};
struct mp_column {
    const char *head;
    enum mp_column_kind kind;
};

// Rows are filled cell by cell. The struct begins zeroed but for the arena and the columns.
struct mp_table {
    struct mp_arena *arena;
    const struct mp_column *columns;
    size_t column_count;
    const char **cells;
    size_t count, cap;
};

void mp_table_add(struct mp_table *t, const char *text); // copied
void mp_table_addf(struct mp_table *t, const char *fmt, ...) __attribute__((format(printf, 2, 3), nonnull(2)));
void mp_table_rule(struct mp_table *t); // a line across, as a row of its own; text only

// Two blanks between columns, `indent` before; a heading is left out when all heads are "". A last column that
// is aligned left is as long as it is.
void mp_table_text(const struct mp_table *t, const struct mp_style *s, unsigned indent, struct mp_buf *out);
void mp_table_csv(const struct mp_table *t, struct mp_buf *out);
void mp_table_json(const struct mp_table *t, struct mp_jsonw *w);

#endif
