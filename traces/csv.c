// SPDX-License-Identifier: Apache-2.0
// Quoting of CSV fields.
#include "traces/csv.h"

#include <string.h>

void mp_csv_field(struct mp_buf *out, const char *text) {
    if (!strpbrk(text, ",\"\r\n")) {
        mp_buf_add(out, text);
        return;
    }
    mp_buf_add(out, "\"");
    for (const char *quote; (quote = strchr(text, '"')); text = quote + 1) {
        mp_buf_addn(out, text, (size_t)(quote - text) + 1);
        mp_buf_add(out, "\"");
    }
    mp_buf_addf(out, "%s\"", text);
}
