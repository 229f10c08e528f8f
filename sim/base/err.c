// SPDX-License-Identifier: Apache-2.0
// Error texts. Whatever the caller's arguments hold, the text stays one line that is safe to print:
// control characters and bytes that are not UTF-8 become '?'.
#include "sim/base/err.h"

#include "sim/base/utf8.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static void make_printable(char *text, bool cut) {
    size_t at = 0, len = strlen(text);
    while (at < len) {
        size_t size = mp_utf8_size(text + at, len - at);
        if (size == 0 && cut && len - at < 4 && (unsigned char)text[at] >= 0xc0) {
            text[at] = '\0'; // half of a character that was cut at the buffer's end
            return;
        }
        if (size == 0 || mp_utf8_is_control(mp_utf8_code(text + at, size))) {
            memset(text + at, '?', size ? size : 1);
        }
        at += size ? size : 1;
    }
}

bool mp_fail(struct mp_err *err, const char *fmt, ...) {
    char text[sizeof err->text]; // apart from err->text, which may be an argument
    assert(err);
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    assert(n >= 0);
    make_printable(text, (size_t)n >= sizeof text);
    memcpy(err->text, text, sizeof text);
    return false;
}

bool mp_fail_in(struct mp_err *err, const char *where) {
    return mp_fail(err, "%s: %s", where, err->text);
}
