// SPDX-License-Identifier: Apache-2.0
// Fields of CSV (RFC 4180, lines end in a bare newline).
#ifndef TRACES_CSV_H
#define TRACES_CSV_H

#include "sim/base/str.h"

// The text, quoted when it holds a comma, a quote or a line break.
void mp_csv_field(struct mp_buf *out, const char *text);

#endif
