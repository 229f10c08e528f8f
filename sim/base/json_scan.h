// SPDX-License-Identifier: Apache-2.0
// Private to json*.c: the strict scan that a text passes before it is parsed.
#ifndef SIM_BASE_JSON_SCAN_H
#define SIM_BASE_JSON_SCAN_H

#include "sim/base/arena.h"
#include "sim/base/err.h"

#include <stdbool.h>
#include <stddef.h>

#define MP_JSON_MAX_DEPTH 64
#define MP_JSON_MAX_NUMBER 63 // characters; the parser's own buffer for a number ends there

struct mp_scan {
    const char *name, *text;
    size_t len, at;
    struct mp_err *err;
};

// The whole text; errors are "NAME:LINE:COL: message".
bool mp_json_scan(const char *name, const char *text, size_t len, struct mp_err *err);

// The message with the line and column of byte `at`; columns count characters.
bool mp_scan_fail(const struct mp_scan *s, size_t at, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

// No byte order mark, no NUL, nothing that is not UTF-8. The calls below rely on it.
bool mp_scan_encoding(const struct mp_scan *s);

// One token each, which begins at s->at; s->at moves behind it.
bool mp_scan_string(struct mp_scan *s, bool *escaped);
bool mp_scan_number(struct mp_scan *s);
bool mp_scan_word(struct mp_scan *s);

// Four hex digits at `p` (of `len` bytes).
bool mp_scan_hex4(const char *p, size_t len, unsigned *code);

// The keys of all objects that are open, to find one that stands twice.
struct mp_json_keys {
    struct mp_arena arena; // of the list and of keys with escapes
    struct mp_json_key *list;
    size_t count, cap;
};

// `text` is what stands between the quotes, at byte `at`; it must outlive the list.
void mp_json_keys_add(struct mp_json_keys *k, const char *text, size_t len, bool escaped, size_t at);
// Closes the object whose keys are those from `first` on.
bool mp_json_keys_close(struct mp_json_keys *k, size_t first, const struct mp_scan *s);

#endif
