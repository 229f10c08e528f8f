// SPDX-License-Identifier: Apache-2.0
// Expressions over named numbers, as users write them in a space's constraints and derived axes: SQLite's expression
// language, "area_mm2 <= 4 AND array_rows * array_cols >= 64". Compiled once, evaluated many times. Names of an accelerator's
// keys are their paths joined by "_": /buffers/input/size_bytes is buffers_input_size_bytes.
#ifndef SIM_EXPLORE_EXPR_H
#define SIM_EXPLORE_EXPR_H

#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct mp_expr;

// NULL-terminated names; the text must be one expression over them: no subqueries, no other tables. Errors quote the text
// and name what is wrong, with the nearest name for one that is unknown.
bool mp_expr_create(struct mp_expr **e, const char *text, const char *const *names, struct mp_err *err);
void mp_expr_destroy(struct mp_expr *e); // takes NULL
// values: by name, NaN is NULL. The result: NaN when it is NULL or text.
bool mp_expr_value(struct mp_expr *e, const double *values, double *out, struct mp_err *err);
// Whether the expression uses a name.
bool mp_expr_uses(const struct mp_expr *e, size_t name);

#endif
