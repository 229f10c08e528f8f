// SPDX-License-Identifier: Apache-2.0
// Rows of a reference table, by column name.
#ifndef TESTS_REFERENCE_ROWS_H
#define TESTS_REFERENCE_ROWS_H

#include "sim/base/arena.h"

#include <stdint.h>

struct rows {
    char **cell; // row by row
    char **name;
    size_t columns, count;
};

// The test fails when the file cannot be read.
void rows_load(struct rows *r, struct mp_arena *a, const char *path);
const char *rows_text(const struct rows *r, size_t row, const char *column);
uint64_t rows_uint(const struct rows *r, size_t row, const char *column);
double rows_real(const struct rows *r, size_t row, const char *column);

#endif
