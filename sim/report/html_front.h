// SPDX-License-Identifier: Apache-2.0
// Designs beside each other, a row a design: what the page of a report draws as a front. Columns hold texts or numbers.
#ifndef SIM_REPORT_HTML_FRONT_H
#define SIM_REPORT_HTML_FRONT_H

#include "sim/base/arena.h"
#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>

// What is better of a column's numbers.
enum mp_better { MP_BETTER_NEITHER, MP_BETTER_LOWER, MP_BETTER_HIGHER };

struct mp_html_column {
    const char *name;
    const char **texts; // by row, as they were written; "" where there is none
    double *numbers;    // by row; NAN where there is none. NULL: a column of texts
    enum mp_better better;
};

struct mp_html_front {
    const char *name; // of what it is a front
    struct mp_html_column *columns;
    size_t column_count, count;
};

#define MP_FRONT_COLUMNS 256
#define MP_FRONT_ROWS 100000

// From CSV with a line of names, but no table of layers, units or cycles. A column is one of numbers when all its cells are,
// empty ones aside, but for `key`, whose digits are hexadecimal; what is better follows from its name (mp_better_of).
// Everything lies in the arena. Errors name file and line.
bool mp_html_front_load(struct mp_html_front *f, struct mp_arena *a, const char *path, struct mp_err *err);
bool mp_html_front_read(struct mp_html_front *f, struct mp_arena *a, const char *path, const char *text, size_t len,
                        struct mp_err *err);

// By a name's first word: "latency_ms" is better lower, "tops_per_w" higher; neither for what is chosen and not measured
// ("array_rows"), as are all names with a dot, slash or colon.
enum mp_better mp_better_of(const char *name);

#endif
