// SPDX-License-Identifier: Apache-2.0
// The structure of strict JSON: which token may stand where. A loop over tokens with a stack of the open
// brackets, so that no depth of nesting can exhaust the C stack.
#include "sim/base/json_scan.h"

#include "sim/base/say.h"
#include "sim/base/utf8.h"

#include <string.h>

enum want {
    WANT_VALUE,
    WANT_FIRST_VALUE, // of an array, which may close instead
    WANT_KEY,
    WANT_FIRST_KEY, // of an object, which may close instead
    WANT_COMMA,     // or the closing bracket
    WANT_END,
};

struct walk {
    struct mp_scan s;
    struct mp_json_keys keys;
    enum want want;
    unsigned depth;
    char close[MP_JSON_MAX_DEPTH];       // the bracket that closes each level
    size_t first_key[MP_JSON_MAX_DEPTH]; // where the keys of each level begin in `keys`
};

static void skip_space(struct mp_scan *s) {
    while (s->at < s->len && memchr(" \n\t\r", s->text[s->at], 4))
        s->at++;
}

// '\0' at the end: the text itself holds none.
static char peek(const struct mp_scan *s) {
    return s->at < s->len ? s->text[s->at] : '\0';
}

static bool unexpected(const struct mp_scan *s, const char *what) {
    char shown[MP_SAY_BYTES];
    if (s->at == s->len)
        return mp_scan_fail(s, s->at, "%s (got the end of the text)", what);
    const char *p = s->text + s->at;
    return mp_scan_fail(s, s->at, "%s (got '%s')", what,
                        mp_say_text(p, mp_utf8_size(p, s->len - s->at), shown));
}

static bool open_one(struct walk *w, char bracket) {
    if (w->depth == MP_JSON_MAX_DEPTH)
        return mp_scan_fail(&w->s, w->s.at, "nested deeper than %d", MP_JSON_MAX_DEPTH);
    w->close[w->depth] = bracket == '{' ? '}' : ']';
    w->first_key[w->depth] = w->keys.count;
    w->depth++;
    w->s.at++;
    w->want = bracket == '{' ? WANT_FIRST_KEY : WANT_FIRST_VALUE;
    return true;
}

static bool close_one(struct walk *w) {
    w->depth--;
    w->s.at++;
    w->want = w->depth ? WANT_COMMA : WANT_END;
    return mp_json_keys_close(&w->keys, w->first_key[w->depth], &w->s);
}

static bool scan_value(struct walk *w) {
    char c = peek(&w->s);
    bool escaped, ok;
    if (c == '{' || c == '[')
        return open_one(w, c);
    w->want = w->depth ? WANT_COMMA : WANT_END;
    if (c == '"')
        ok = mp_scan_string(&w->s, &escaped);
    else if (c != '\0' && strchr("0123456789-+.", c))
        ok = mp_scan_number(&w->s);
    else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_')
        ok = mp_scan_word(&w->s);
    else
        ok = unexpected(&w->s, "expected a value");
    return ok;
}

static bool scan_key(struct walk *w) {
    struct mp_scan *s = &w->s;
    size_t start = s->at;
    bool escaped;
    if (peek(s) != '"')
        return unexpected(s, "expected a key in double quotes");
    if (!mp_scan_string(s, &escaped))
        return false;
    mp_json_keys_add(&w->keys, s->text + start + 1, s->at - start - 2, escaped, start);
    skip_space(s);
    if (peek(s) != ':')
        return unexpected(s, "expected ':' after a key");
    s->at++;
    w->want = WANT_VALUE;
    return true;
}

static bool scan_comma(struct walk *w) {
    char close = w->close[w->depth - 1];
    if (peek(&w->s) == close)
        return close_one(w);
    if (peek(&w->s) != ',')
        return unexpected(&w->s, close == '}' ? "expected ',' or '}' after a value"
                                              : "expected ',' or ']' after a value");
    w->s.at++;
    w->want = close == '}' ? WANT_KEY : WANT_VALUE;
    return true;
}

static bool step(struct walk *w) {
    bool first = w->want == WANT_FIRST_KEY || w->want == WANT_FIRST_VALUE;
    if (first && peek(&w->s) == w->close[w->depth - 1])
        return close_one(w);
    if (w->want == WANT_KEY || w->want == WANT_FIRST_KEY)
        return scan_key(w);
    return w->want == WANT_COMMA ? scan_comma(w) : scan_value(w);
}

static bool scan_all(struct walk *w) {
    skip_space(&w->s);
    if (w->s.at == w->s.len)
        return mp_scan_fail(&w->s, 0, "empty document");
    while (w->want != WANT_END) {
        if (!step(w))
            return false;
        skip_space(&w->s);
    }
    return w->s.at == w->s.len || unexpected(&w->s, "text after the value");
}

bool mp_json_scan(const char *name, const char *text, size_t len, struct mp_err *err) {
    struct walk w = {.s = {name, text, len, 0, err}, .want = WANT_VALUE};
    bool ok = mp_scan_encoding(&w.s) && scan_all(&w);
    mp_arena_finish(&w.keys.arena);
    return ok;
}
