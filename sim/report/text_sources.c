// SPDX-License-Identifier: Apache-2.0
// The sources of prices, a line each: what rests on the same source stands together. The JSON has them in full.
#include "sim/report/report.h"

#include <string.h>

#define LINE 118

static const char mark[] = "estimate: ";

struct source {
    bool estimate;
    const char *what; // up to `text`
    size_t what_len;
    const char *text; // behind the colon
};

static struct source split(const char *line) {
    struct source s = {.estimate = strncmp(line, mark, sizeof mark - 1) == 0};
    s.what = line + (s.estimate ? sizeof mark - 1 : 0);
    const char *colon = strstr(s.what, ": ");
    s.what_len = colon ? (size_t)(colon - s.what) : 0;
    s.text = colon ? colon + 2 : s.what;
    return s;
}

static bool same(const struct source *a, const struct source *b) {
    return a->estimate == b->estimate && strcmp(a->text, b->text) == 0;
}

// Cut to a line, at the end of a word.
static void add_cut(const char *text, size_t len, struct mp_buf *out) {
    bool cut = len > LINE;
    if (cut) {
        len = LINE - 4;
        while (len > LINE / 2 && text[len] != ' ')
            len--;
        while (len > 0 && ((unsigned char)text[len] & 0xc0) == 0x80) // a word that long: not inside a character
            len--;
    }
    mp_buf_addn(out, text, len);
    mp_buf_add(out, cut ? " ...\n" : "\n");
}

static bool seen_before(const struct mp_result *r, size_t i) {
    const struct source s = split(r->sources[i]);
    for (size_t k = 0; k < i; k++) {
        const struct source t = split(r->sources[k]);
        if (same(&s, &t))
            return true;
    }
    return false;
}

// The line for source `i` and all behind it with the same text.
static void add_group(const struct mp_result *r, size_t i, struct mp_buf *out) {
    const struct source s = split(r->sources[i]);
    struct mp_buf line = {0};
    mp_buf_addf(&line, "  %c ", s.estimate ? '~' : ' ');
    for (size_t k = i; k < r->source_count; k++) {
        const struct source t = split(r->sources[k]);
        if (same(&s, &t))
            mp_buf_addf(&line, "%s%.*s", k > i ? ", " : "", (int)t.what_len, t.what);
    }
    mp_buf_addf(&line, "%s%s", s.what_len ? ": " : "", s.text);
    add_cut(line.text, line.len, out);
    mp_buf_finish(&line);
}

void mp_text_sources(const struct mp_result *r, const struct mp_style *s, struct mp_buf *out) {
    size_t estimates = 0;
    for (size_t i = 0; i < r->source_count; i++)
        estimates += split(r->sources[i]).estimate;
    mp_style_bold(s, "sources", out);
    mp_buf_addf(out, " of energy and area: %zu published, %zu estimates (marked ~); in full with --json\n",
                r->source_count - estimates, estimates);
    for (size_t i = 0; i < r->source_count; i++)
        if (!seen_before(r, i))
            add_group(r, i, out);
}
