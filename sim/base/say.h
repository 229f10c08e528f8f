// SPDX-License-Identifier: Apache-2.0
// How names, values and ranges stand in messages: short, on one line, safe on a terminal.
#ifndef SIM_BASE_SAY_H
#define SIM_BASE_SAY_H

#include <stddef.h>

#define MP_SAY_CHARS 80
#define MP_SAY_BYTES 400 // holds what any of these writes

// `text` cut to MP_SAY_CHARS characters and "..."; control characters as \u001b, invalid bytes as \xff.
// Returns `out`.
const char *mp_say_text(const char *text, size_t len, char out[MP_SAY_BYTES]);

// "rows, cols, depth"; a list that is too long ends with "...". Returns `out`.
const char *mp_say_names(const char *const *names, size_t count, char out[MP_SAY_BYTES]);

// " 1..1024", " of at least 1" when `max` is `no_max` or more, and so on down to "". Returns `out`.
const char *mp_say_range(double min, double max, double no_max, char out[MP_SAY_BYTES]);

#endif
