// SPDX-License-Identifier: Apache-2.0
// Lines, numbers and names of text formats.
#include "sim/import/lines.h"

#include "sim/base/say.h"
#include "sim/base/utf8.h"

#include <string.h>

bool mp_lines_begin(struct mp_lines *l, struct mp_arena *a, const char *name, const char *text, size_t len,
                    struct mp_err *err) {
    size_t line = 1;
    for (size_t i = 0; i < len;) {
        size_t size = mp_utf8_size(text + i, len - i);
        if (size == 0 || text[i] == '\0')
            return mp_fail(err, "%s:%zu: must be UTF-8 text", name, line);
        line += text[i] == '\n';
        i += size;
    }
    size_t skip = len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    char *copy = mp_arena_alloc(a, len - skip + 1, 1);
    if (len > skip)
        memcpy(copy, text + skip, len - skip);
    *l = (struct mp_lines){.at = copy, .end = copy + len - skip};
    return true;
}

char *mp_trim(char *text) {
    static const char blanks[] = " \t\r\f\v";
    text += strspn(text, blanks);
    size_t len = strlen(text);
    while (len > 0 && strchr(blanks, text[len - 1]))
        len--;
    text[len] = '\0';
    return text;
}

char *mp_lines_next(struct mp_lines *l) {
    while (l->at < l->end) {
        char *line = l->at, *stop = memchr(line, '\n', (size_t)(l->end - line));
        stop = stop ? stop : l->end;
        *stop = '\0';
        l->at = stop + 1;
        l->number++;
        line = mp_trim(line);
        if (*line)
            return line;
    }
    return NULL;
}

bool mp_parse_count(const char *text, uint64_t max, uint64_t *value, struct mp_err *err) {
    char shown[MP_SAY_BYTES];
    size_t digits = strspn(text, "0123456789");
    *value = 0;
    for (size_t i = 0; i < digits && *value <= max; i++)
        *value = *value * 10 + (uint64_t)(text[i] - '0');
    mp_say_text(text, strlen(text), shown);
    if (digits == 0 || text[digits] || *value == 0)
        return mp_fail(err, "must be an integer of at least 1 (got \"%s\")", shown);
    return *value <= max || mp_fail(err, "must be at most %ju (got \"%s\")", (uintmax_t)max, shown);
}

bool mp_is_printable(const char *text) {
    for (size_t len = strlen(text), size; len > 0; text += size, len -= size) {
        size = mp_utf8_size(text, len);
        if (size == 0 || mp_utf8_is_control(mp_utf8_code(text, size)))
            return false;
    }
    return true;
}

char *mp_base_name(struct mp_arena *a, const char *path) {
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path, *dot = strrchr(file, '.');
    size_t len = dot && dot > file ? (size_t)(dot - file) : strlen(file);
    return mp_arena_printf(a, "%.*s", (int)len, file);
}
