// SPDX-License-Identifier: Apache-2.0
// Excerpts, lists and ranges for messages. What comes from a document may be of any length and hold any
// bytes; what leaves here is bounded and printable.
#include "sim/base/say.h"

#include "sim/base/str.h"
#include "sim/base/utf8.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

// Writes the first character of `text` as it may be shown; returns how many characters that takes.
static size_t show_one(const char *text, size_t size, char out[8]) {
    if (size == 0)
        return (size_t)snprintf(out, 8, "\\x%02x", (unsigned)(unsigned char)text[0]);
    unsigned code = mp_utf8_code(text, size);
    if (mp_utf8_is_control(code))
        return (size_t)snprintf(out, 8, "\\u%04x", code & 0xffffu);
    memcpy(out, text, size);
    out[size] = '\0';
    return 1;
}

const char *mp_say_text(const char *text, size_t len, char out[MP_SAY_BYTES]) {
    size_t at = 0, put = 0, shown = 0;
    while (at < len) {
        char one[8];
        size_t size = mp_utf8_size(text + at, len - at);
        shown += show_one(text + at, size, one);
        if (shown > MP_SAY_CHARS) {
            memcpy(out + put, "...", 3);
            put += 3;
            break;
        }
        size_t n = strlen(one);
        memcpy(out + put, one, n);
        put += n;
        at += size > 0 ? size : 1;
    }
    out[put] = '\0';
    return out;
}

const char *mp_say_names(const char *const *names, size_t count, char out[MP_SAY_BYTES]) {
    size_t put = 0;
    out[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t n = strlen(names[i]);
        if (put + n > MP_SAY_BYTES - 8) { // 8: ", " twice, "..." and the end
            snprintf(out + put, MP_SAY_BYTES - put, "%s...", i ? ", " : "");
            break;
        }
        put += (size_t)snprintf(out + put, MP_SAY_BYTES - put, "%s%s", i ? ", " : "", names[i]);
    }
    return out;
}

const char *mp_say_range(double min, double max, double no_max, char out[MP_SAY_BYTES]) {
    char low[32], high[32];
    mp_format_double(min, low);
    mp_format_double(max, high);
    if (min > -DBL_MAX && max < no_max)
        snprintf(out, MP_SAY_BYTES, " %s..%s", low, high);
    else if (min > -DBL_MAX)
        snprintf(out, MP_SAY_BYTES, " of at least %s", low);
    else if (max < no_max)
        snprintf(out, MP_SAY_BYTES, " of at most %s", high);
    else
        out[0] = '\0';
    return out;
}
