// SPDX-License-Identifier: Apache-2.0
#include "tests/reference/rows.h"

#include "sim/base/file.h"

#include <stdarg.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

static size_t split_line(char *line, char **cell) {
    size_t n = 0;
    for (char *at = line; at; n++) {
        char *comma = strchr(at, ',');
        if (comma)
            *comma = 0;
        cell[n] = at;
        at = comma ? comma + 1 : NULL;
    }
    return n;
}

void rows_load(struct rows *r, struct mp_arena *a, const char *path) {
    struct mp_err err;
    char *text;
    size_t len, lines = 0;
    if (!mp_file_read(a, path, &text, &len, &err))
        fail_msg("%s", err.text);
    for (char *c = text; *c; c++)
        lines += *c == '\n';
    *r = (struct rows){.name = mp_arena_alloc(a, 256, sizeof *r->name)};
    char *save, *line = strtok_r(text, "\n", &save);
    r->columns = split_line(line, r->name);
    r->cell = mp_arena_alloc(a, lines * r->columns, sizeof *r->cell);
    while ((line = strtok_r(NULL, "\n", &save)))
        assert_int_equal(split_line(line, r->cell + r->count++ * r->columns), r->columns);
}

const char *rows_text(const struct rows *r, size_t row, const char *column) {
    for (size_t i = 0; i < r->columns; i++)
        if (strcmp(r->name[i], column) == 0)
            return r->cell[row * r->columns + i];
    fail_msg("no column %s", column);
    return "";
}

uint64_t rows_uint(const struct rows *r, size_t row, const char *column) {
    return strtoull(rows_text(r, row, column), NULL, 10);
}

double rows_real(const struct rows *r, size_t row, const char *column) {
    return strtod(rows_text(r, row, column), NULL);
}
