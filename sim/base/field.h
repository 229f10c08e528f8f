// SPDX-License-Identifier: Apache-2.0
// A table row per key of a document: it drives parsing, checking, `mpsim list` and the resolved echo.
#ifndef SIM_BASE_FIELD_H
#define SIM_BASE_FIELD_H

#include "sim/base/json.h"
#include "sim/base/jsonw.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum mp_field_type {
    MP_FIELD_UINT,   // uint64_t
    MP_FIELD_REAL,   // double
    MP_FIELD_BOOL,   // bool
    MP_FIELD_NAME,   // const char *, not empty; copied to the arena
    MP_FIELD_ENUM,   // unsigned (index into names)
    MP_FIELD_OBJECT, // nested struct at the offset, by `sub`
};

struct mp_field {
    const char *key;
    enum mp_field_type type;
    size_t offset;            // in the struct that the table describes
    bool required;            // else: `def`, `def_name` or the sub-table's defaults
    double def;               // default of UINT, REAL, BOOL, ENUM (index)
    const char *def_name;     // default of NAME; may be NULL
    double min, max;          // inclusive range of UINT and REAL
    const char *const *names; // of ENUM, NULL-terminated
    const struct mp_field *sub; // of OBJECT, ends with a row whose key is NULL
    const char *unit;         // "" when it has none
    const char *help;
};

// Tables end with a row whose key is NULL. Reads every row of the table from the object `n`, fills defaults,
// refuses unknown keys. `also` (NULL-terminated, may be NULL) names keys that the caller reads itself.
bool mp_fields_read(const struct mp_field *table, const char *const *also, const struct mp_node *n,
                    struct mp_arena *a, void *base, struct mp_err *err);
// Sets every row to its default (required rows to 0 or NULL).
void mp_fields_default(const struct mp_field *table, void *base);
// Writes every row as members of the object that is open in `w`; NULL names are left out.
void mp_fields_write(const struct mp_field *table, const void *base, struct mp_jsonw *w);
// A text line a row, for `mpsim list`: "array.pe.lanes  integer 1..1024, default 1: help". `prefix` is "" at
// the top. A row of a nested table stands behind the line of its object.
void mp_fields_describe(const struct mp_field *table, const char *prefix, struct mp_buf *out);

#endif
