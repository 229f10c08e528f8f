// SPDX-License-Identifier: Apache-2.0
// The tokens of strict JSON (RFC 8259): encoding, strings, numbers and words. Narrower than the RFC in
// three points: no byte order mark, no NUL in a string, and no surrogate without its other half.
#include "sim/base/json_scan.h"

#include "sim/base/say.h"
#include "sim/base/utf8.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_word(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '_';
}

bool mp_scan_fail(const struct mp_scan *s, size_t at, const char *fmt, ...) {
    char message[sizeof s->err->text];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    size_t line = 1, col = 1;
    for (size_t i = 0; i < at; i++) {
        bool inner = ((unsigned char)s->text[i] & 0xc0) == 0x80;
        col = s->text[i] == '\n' ? 1 : col + !inner;
        line += s->text[i] == '\n';
    }
    return mp_fail(s->err, "%s:%zu:%zu: %s", s->name, line, col, message);
}

bool mp_scan_encoding(const struct mp_scan *s) {
    if (s->len >= 3 && memcmp(s->text, "\xef\xbb\xbf", 3) == 0)
        return mp_scan_fail(s, 0, "a byte order mark; save the file as UTF-8 without one");
    for (size_t at = 0; at < s->len;) {
        size_t size = (unsigned char)s->text[at] < 0x80 ? 1 : mp_utf8_size(s->text + at, s->len - at);
        if (size == 0)
            return mp_scan_fail(s, at, "not valid UTF-8");
        if (s->text[at] == '\0')
            return mp_scan_fail(s, at, "NUL byte");
        at += size;
    }
    return true;
}

static size_t hex_digits(const char *p, size_t len) {
    size_t n = 0;
    while (n < 4 && n < len && is_word(p[n]) && strchr("0123456789abcdefABCDEF", p[n]))
        n++;
    return n;
}

bool mp_scan_hex4(const char *p, size_t len, unsigned *code) {
    if (hex_digits(p, len) < 4)
        return false;
    char digits[5] = {p[0], p[1], p[2], p[3], '\0'};
    *code = (unsigned)strtoul(digits, NULL, 16);
    return true;
}

static bool bad_escape(const struct mp_scan *s, const char *what, size_t len) {
    char shown[MP_SAY_BYTES];
    return mp_scan_fail(s, s->at, "%s \"%s\"", what, mp_say_text(s->text + s->at, len, shown));
}

// At the backslash of a \u; a pair of surrogates is one escape of 12 bytes.
static bool unicode_escape(struct mp_scan *s) {
    const char *p = s->text + s->at;
    size_t left = s->len - s->at;
    unsigned code, low;
    if (!mp_scan_hex4(p + 2, left - 2, &code))
        return bad_escape(s, "bad escape", 2 + hex_digits(p + 2, left - 2));
    if (code == 0)
        return bad_escape(s, "NUL in a string as", 6);
    s->at += 6;
    if (code < 0xd800 || code > 0xdfff)
        return true;
    if (code < 0xdc00 && left >= 12 && p[6] == '\\' && p[7] == 'u' && mp_scan_hex4(p + 8, left - 8, &low) &&
        low >= 0xdc00 && low <= 0xdfff) {
        s->at += 6;
        return true;
    }
    s->at -= 6;
    return bad_escape(s, "lone surrogate", 6);
}

// At the backslash; there is a byte behind it.
static bool one_escape(struct mp_scan *s) {
    const char *p = s->text + s->at;
    if (p[1] == 'u')
        return unicode_escape(s);
    if (!strchr("\"\\/bfnrt", p[1]))
        return bad_escape(s, "bad escape", 1 + mp_utf8_size(p + 1, s->len - s->at - 1));
    s->at += 2;
    return true;
}

bool mp_scan_string(struct mp_scan *s, bool *escaped) {
    size_t start = s->at++;
    *escaped = false;
    while (s->at < s->len) {
        char c = s->text[s->at];
        if (c == '"') {
            s->at++;
            return true;
        }
        if ((unsigned char)c < 0x20)
            return mp_scan_fail(s, s->at, "control character in a string must be escaped");
        if (c != '\\') {
            s->at++;
            continue;
        }
        *escaped = true;
        if (s->at + 1 == s->len)
            break;
        if (!one_escape(s))
            return false;
    }
    return mp_scan_fail(s, start, "string not closed");
}

// Where the digits from `p` on end, or NULL when there is none. `end` is the end of the token.
static const char *skip_digits(const char *p, const char *end) {
    const char *from = p;
    while (p < end && is_digit(*p))
        p++;
    return p > from ? p : NULL;
}

// number = [ "-" ] ( "0" / digit1-9 *digit ) [ "." 1*digit ] [ ( "e" / "E" ) [ "+" / "-" ] 1*digit ]
static bool is_json_number(const char *p, const char *end) {
    p += p < end && *p == '-';
    p = p < end && *p == '0' ? p + 1 : skip_digits(p, end);
    if (p && p < end && *p == '.')
        p = skip_digits(p + 1, end);
    if (p && p < end && (*p == 'e' || *p == 'E')) {
        p++;
        p += p < end && (*p == '+' || *p == '-');
        p = skip_digits(p, end);
    }
    return p == end;
}

// Only an exponent takes a number of so few characters beyond double.
static bool is_too_large(const char *p, size_t n) {
    char copy[MP_JSON_MAX_NUMBER + 1];
    if (!memchr(p, 'e', n) && !memchr(p, 'E', n))
        return false;
    memcpy(copy, p, n);
    copy[n] = '\0';
    return isinf(strtod(copy, NULL));
}

// The token is everything that someone may have meant as one number: 0x1F, 1_000, -Infinity, 1.e5.
bool mp_scan_number(struct mp_scan *s) {
    const char *p = s->text + s->at;
    size_t n = 0, left = s->len - s->at;
    while (n < left && (is_word(p[n]) || p[n] == '.' || p[n] == '+' || p[n] == '-'))
        n++;
    const char *what = !is_json_number(p, p + n) ? "a number like this is not JSON"
                       : n > MP_JSON_MAX_NUMBER  ? "a number of more than 63 characters"
                       : is_too_large(p, n)      ? "number too large for a double"
                                                 : NULL;
    char shown[MP_SAY_BYTES];
    if (what)
        return mp_scan_fail(s, s->at, "%s (got \"%s\")", what, mp_say_text(p, n, shown));
    s->at += n;
    return true;
}

bool mp_scan_word(struct mp_scan *s) {
    const char *p = s->text + s->at;
    size_t n = 0;
    while (n < s->len - s->at && is_word(p[n]))
        n++;
    char shown[MP_SAY_BYTES];
    if (!(n == 4 && memcmp(p, "true", n) == 0) && !(n == 4 && memcmp(p, "null", n) == 0) &&
        !(n == 5 && memcmp(p, "false", n) == 0))
        return mp_scan_fail(s, s->at, "unexpected word \"%s\"", mp_say_text(p, n, shown));
    s->at += n;
    return true;
}
