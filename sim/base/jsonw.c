// SPDX-License-Identifier: Apache-2.0
// The JSON writer: commas, line breaks and escapes. What it writes is always valid UTF-8: a byte of a string
// that is not (a file name may hold one) becomes U+FFFD.
#include "sim/base/jsonw.h"

#include "sim/base/utf8.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <string.h>

static void break_line(struct mp_jsonw *w, unsigned level) {
    mp_buf_addf(w->out, "\n%*s", (int)level * 2, "");
}

// What stands between the last thing written and a member or element.
static void separate(struct mp_jsonw *w) {
    bool comma = w->has_member[w->depth];
    if (w->depth == 0)
        return;
    if (comma)
        mp_buf_add(w->out, w->flat_from ? ", " : ",");
    if (!w->flat_from)
        break_line(w, w->depth);
    w->has_member[w->depth] = true;
}

static void begin_value(struct mp_jsonw *w) {
    if (!w->after_key)
        separate(w);
    w->after_key = false;
}

static void add_char(struct mp_buf *out, const char *text, size_t size) {
    static const char plain[] = "\"\\\b\f\n\r\t", names[] = "\"\\bfnrt";
    const char *special = text[0] ? strchr(plain, text[0]) : NULL;
    if (size == 0)
        mp_buf_add(out, "\xef\xbf\xbd");
    else if (special)
        mp_buf_addf(out, "\\%c", names[special - plain]);
    else if ((unsigned char)text[0] < 0x20)
        mp_buf_addf(out, "\\u%04x", (unsigned)(unsigned char)text[0]);
    else
        mp_buf_addn(out, text, size);
}

static bool is_plain(char c) {
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

static void add_string(struct mp_buf *out, const char *text) {
    size_t len = strlen(text), at = 0;
    mp_buf_add(out, "\"");
    while (at < len) {
        size_t plain = at;
        while (plain < len && is_plain(text[plain]))
            plain++;
        mp_buf_addn(out, text + at, plain - at);
        at = plain;
        if (at < len) {
            size_t size = mp_utf8_size(text + at, len - at);
            add_char(out, text + at, size);
            at += size ? size : 1;
        }
    }
    mp_buf_add(out, "\"");
}

void mp_jsonw_init(struct mp_jsonw *w, struct mp_buf *out) {
    *w = (struct mp_jsonw){.out = out};
}

void mp_jsonw_key(struct mp_jsonw *w, const char *key) {
    assert(w->depth > 0 && !w->after_key);
    separate(w);
    add_string(w->out, key);
    mp_buf_add(w->out, ": ");
    w->after_key = true;
}

void mp_jsonw_open(struct mp_jsonw *w, char bracket, bool flat) {
    assert((bracket == '{' || bracket == '[') && w->depth < 64);
    begin_value(w);
    mp_buf_addn(w->out, &bracket, 1);
    w->depth++;
    w->has_member[w->depth] = false;
    if (flat && !w->flat_from)
        w->flat_from = w->depth;
}

void mp_jsonw_close(struct mp_jsonw *w, char bracket) {
    assert((bracket == '}' || bracket == ']') && w->depth > 0 && !w->after_key);
    if (w->has_member[w->depth] && !w->flat_from)
        break_line(w, w->depth - 1);
    mp_buf_addn(w->out, &bracket, 1);
    if (w->flat_from == w->depth)
        w->flat_from = 0;
    w->depth--;
    if (w->depth == 0)
        mp_buf_add(w->out, "\n");
}

void mp_jsonw_uint(struct mp_jsonw *w, uint64_t v) {
    begin_value(w);
    mp_buf_addf(w->out, "%" PRIu64, v);
}

void mp_jsonw_int(struct mp_jsonw *w, int64_t v) {
    begin_value(w);
    mp_buf_addf(w->out, "%" PRId64, v);
}

void mp_jsonw_real(struct mp_jsonw *w, double v) {
    char text[32];
    assert(isfinite(v));
    begin_value(w);
    mp_format_double(v, text);
    mp_buf_add(w->out, text);
}

void mp_jsonw_bool(struct mp_jsonw *w, bool v) {
    begin_value(w);
    mp_buf_add(w->out, v ? "true" : "false");
}

void mp_jsonw_null(struct mp_jsonw *w) {
    begin_value(w);
    mp_buf_add(w->out, "null");
}

void mp_jsonw_string(struct mp_jsonw *w, const char *v) {
    begin_value(w);
    add_string(w->out, v);
}

void mp_jsonw_put_uint(struct mp_jsonw *w, const char *key, uint64_t v) {
    mp_jsonw_key(w, key);
    mp_jsonw_uint(w, v);
}

void mp_jsonw_put_int(struct mp_jsonw *w, const char *key, int64_t v) {
    mp_jsonw_key(w, key);
    mp_jsonw_int(w, v);
}

void mp_jsonw_put_real(struct mp_jsonw *w, const char *key, double v) {
    mp_jsonw_key(w, key);
    mp_jsonw_real(w, v);
}

void mp_jsonw_put_bool(struct mp_jsonw *w, const char *key, bool v) {
    mp_jsonw_key(w, key);
    mp_jsonw_bool(w, v);
}

void mp_jsonw_put_string(struct mp_jsonw *w, const char *key, const char *v) {
    mp_jsonw_key(w, key);
    mp_jsonw_string(w, v);
}
