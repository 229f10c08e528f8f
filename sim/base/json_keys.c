// SPDX-License-Identifier: Apache-2.0
// Repeated keys: the keys of open objects lie on a stack; closing an object sorts its own, so that equal
// ones become neighbours. That is n log n for any input, which a hash is not. Keys compare as unescaped.
#include "sim/base/json_scan.h"

#include "sim/base/say.h"
#include "sim/base/utf8.h"

#include <stdlib.h>
#include <string.h>

struct mp_json_key {
    const char *text; // unescaped
    size_t len, at;
};

// `p` is at the hex digits of a \u that the scan let pass; returns the bytes used behind the 'u'.
static size_t unescape_unicode(const char *p, size_t left, char *out, size_t *put) {
    unsigned code = 0, low = 0;
    size_t used = 4;
    mp_scan_hex4(p, left, &code);
    if (code >= 0xd800 && code <= 0xdbff && mp_scan_hex4(p + 6, left - 6, &low)) {
        code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        used = 10;
    }
    *put += mp_utf8_put(code, out + *put);
    return used;
}

// An escape is never shorter than what it stands for, so `out` of the same length is enough.
static size_t unescape(const char *text, size_t len, char *out) {
    static const char names[] = "bfnrt", values[] = "\b\f\n\r\t";
    size_t put = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] != '\\') {
            out[put++] = text[i];
            continue;
        }
        char c = text[++i];
        const char *name = strchr(names, c);
        if (c == 'u')
            i += unescape_unicode(text + i + 1, len - i - 1, out, &put);
        else
            out[put++] = name ? values[name - names] : c;
    }
    return put;
}

void mp_json_keys_add(struct mp_json_keys *k, const char *text, size_t len, bool escaped, size_t at) {
    if (k->count == k->cap) {
        size_t cap = k->cap ? k->cap * 2 : 64;
        k->list = mp_arena_grow(&k->arena, k->list, k->cap, cap, sizeof *k->list);
        k->cap = cap;
    }
    if (escaped) {
        char *plain = mp_arena_alloc(&k->arena, len, 1);
        len = unescape(text, len, plain);
        text = plain;
    }
    k->list[k->count++] = (struct mp_json_key){text, len, at};
}

static int compare_text(const struct mp_json_key *a, const struct mp_json_key *b) {
    if (a->len != b->len)
        return a->len < b->len ? -1 : 1;
    return memcmp(a->text, b->text, a->len);
}

static int compare(const void *x, const void *y) {
    const struct mp_json_key *a = x, *b = y;
    int order = compare_text(a, b);
    return order ? order : (a->at > b->at) - (a->at < b->at);
}

bool mp_json_keys_close(struct mp_json_keys *k, size_t first, const struct mp_scan *s) {
    size_t count = k->count - first;
    k->count = first;
    if (count < 2)
        return true;
    struct mp_json_key *key = k->list + first;
    const struct mp_json_key *twice = NULL;
    qsort(key, count, sizeof *key, compare);
    for (size_t i = 1; i < count; i++)
        if (compare_text(&key[i - 1], &key[i]) == 0 && (!twice || key[i].at < twice->at))
            twice = &key[i];
    char shown[MP_SAY_BYTES];
    return !twice || mp_scan_fail(s, twice->at, "key \"%s\" stands twice in one object",
                                  mp_say_text(twice->text, twice->len, shown));
}
