// SPDX-License-Identifier: Apache-2.0
// Designs of a sweep by any expression over their names (query_names.h).
#ifndef SIM_EXPLORE_QUERY_H
#define SIM_EXPLORE_QUERY_H

#include "sim/explore/query_names.h"
#include "sim/report/table.h"

#define MP_QUERY_SCHEMA "mpsim.query/1"
#define MP_QUERY_COLUMNS 60 // at most

struct mp_query {
    const struct mp_store_sweep *sweep;
    const struct mp_query_networks *networks;
    const struct mp_query_names *names;
    const char *where, *by; // expressions; NULL: all, in the sweep's order
    const size_t *columns;  // indices into names
    size_t column_count;
    bool descending;
    uint64_t top;           // rows at most; 0: all
};

struct mp_cell {
    enum { MP_CELL_NONE, MP_CELL_INTEGER, MP_CELL_REAL, MP_CELL_TEXT } kind;
    int64_t integer;
    double real;
    const char *text;
};

struct mp_query_rows {
    const char *const *columns; // names
    size_t column_count;
    struct mp_cell *cells;      // [row * column_count + column]
    int64_t *designs;           // by row: key
    size_t count;
    uint64_t matched;           // rows that there are, without `top`
};

// Whether it shows the column or has it in an expression.
bool mp_query_uses(const struct mp_query *q, size_t column, bool *uses, struct mp_err *err);
bool mp_query_run(struct mp_store *s, const struct mp_query *q, struct mp_arena *a, struct mp_query_rows *out, struct mp_err *err);

double mp_cell_value(const struct mp_cell *c); // NaN when it is no number
// As text: integers whole, reals with `digits` that count, or for 0 in the shortest form that reads back; "" for none.
void mp_cell_text(const struct mp_cell *c, int digits, struct mp_buf *out);
void mp_cell_json(const struct mp_cell *c, struct mp_jsonw *w);

void mp_query_text(const struct mp_query *q, const struct mp_query_rows *r, const struct mp_style *s, struct mp_buf *out);
void mp_query_csv(const struct mp_query_rows *r, struct mp_buf *out);
void mp_query_json(const struct mp_query *q, const struct mp_query_rows *r, struct mp_buf *out);
// The rows alone, as a table and as the member `key`.
void mp_query_rows_text(const struct mp_query_rows *r, const struct mp_style *s, struct mp_buf *out);
void mp_query_rows_put(const struct mp_query_rows *r, const char *key, struct mp_jsonw *w);

#endif
