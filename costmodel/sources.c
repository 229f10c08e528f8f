// SPDX-License-Identifier: Apache-2.0
// The list of sources that a result names: every line once, in order of first use.
#include "costmodel/price.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LINES (sizeof((struct mp_sources *)0)->lines / sizeof(char *))

static bool has(const struct mp_sources *s, const char *line) {
    for (size_t i = 0; i < s->count; i++)
        if (s->lines[i] == line || strcmp(s->lines[i], line) == 0)
            return true;
    return false;
}

void mp_sources_add(struct mp_sources *s, const char *line) {
    if (!s || has(s, line))
        return;
    assert(s->count < LINES); // one arch in one tech uses about 30
    s->lines[s->count++] = line;
}

void mp_sources_addf(struct mp_sources *s, struct mp_arena *a, const char *fmt, ...) {
    char line[512];
    if (!s)
        return;
    va_list args;
    va_start(args, fmt);
    vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    if (!has(s, line))
        mp_sources_add(s, mp_arena_strdup(a, line));
}
