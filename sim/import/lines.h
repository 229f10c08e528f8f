// SPDX-License-Identifier: Apache-2.0
// Text by lines, for formats that people write in spreadsheets and editors: CRLF, tabs, a byte order mark and
// blanks at either end are let pass.
#ifndef SIM_IMPORT_LINES_H
#define SIM_IMPORT_LINES_H

#include "sim/base/arena.h"
#include "sim/base/err.h"

#include <stdint.h>

struct mp_lines {
    char *at, *end;
    size_t number; // of the line that was handed out last
};

// Works on a copy in the arena, to which the lines belong. Fails on text that is not UTF-8 or holds NUL.
bool mp_lines_begin(struct mp_lines *l, struct mp_arena *a, const char *name, const char *text, size_t len,
                    struct mp_err *err);
// The next line without blanks at its ends, or NULL. Blank lines are skipped.
char *mp_lines_next(struct mp_lines *l);

char *mp_trim(char *text);
// Digits only, 1..max. The error has no place yet.
bool mp_parse_count(const char *text, uint64_t max, uint64_t *value, struct mp_err *err);
// Whether the text holds no control characters. `text` is UTF-8.
bool mp_is_printable(const char *text);
// The file's name without folders and ending.
char *mp_base_name(struct mp_arena *a, const char *path);

#endif
