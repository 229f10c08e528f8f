// SPDX-License-Identifier: Apache-2.0
// UTF-8 as of RFC 3629: overlong forms, surrogates and code points above U+10FFFF are invalid. No
// normalisation: two spellings of one letter are two strings.
#include "sim/base/utf8.h"

#include <assert.h>

static size_t size_of_lead(unsigned char c) {
    if (c < 0x80)
        return 1;
    if (c >= 0xc2 && c <= 0xdf)
        return 2;
    if (c >= 0xe0 && c <= 0xef)
        return 3;
    return c >= 0xf0 && c <= 0xf4 ? 4 : 0;
}

size_t mp_utf8_size(const char *text, size_t len) {
    static const unsigned least[5] = {0, 0, 0x80, 0x800, 0x10000};
    size_t size = len > 0 ? size_of_lead((unsigned char)text[0]) : 0;
    if (size <= 1)
        return size;
    if (size > len)
        return 0;
    for (size_t i = 1; i < size; i++)
        if (((unsigned char)text[i] & 0xc0) != 0x80)
            return 0;
    unsigned code = mp_utf8_code(text, size);
    bool surrogate = code >= 0xd800 && code <= 0xdfff;
    return code < least[size] || surrogate || code > 0x10ffff ? 0 : size;
}

unsigned mp_utf8_code(const char *text, size_t size) {
    static const unsigned mask[5] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    assert(size >= 1 && size <= 4);
    unsigned code = (unsigned char)text[0] & mask[size];
    for (size_t i = 1; i < size; i++)
        code = code << 6 | ((unsigned char)text[i] & 0x3f);
    return code;
}

size_t mp_utf8_put(unsigned code, char out[4]) {
    static const unsigned lead[5] = {0, 0, 0xc0, 0xe0, 0xf0};
    assert(code <= 0x10ffff);
    size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    for (size_t i = size; --i > 0; code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(lead[size] | code);
    return size;
}

bool mp_utf8_is_control(unsigned code) {
    return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}
