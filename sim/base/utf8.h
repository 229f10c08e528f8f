// SPDX-License-Identifier: Apache-2.0
// One character of UTF-8 at a time.
#ifndef SIM_BASE_UTF8_H
#define SIM_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>

// Bytes of the character that `text` (of `len` bytes) begins with: 1..4, or 0 when it is not valid UTF-8
// (overlong, surrogate, above U+10FFFF, cut off) or `len` is 0. NUL is a character of one byte.
size_t mp_utf8_size(const char *text, size_t len);

// The code point of a character of `size` bytes that mp_utf8_size accepted.
unsigned mp_utf8_code(const char *text, size_t size);

// Writes the character for a code point (no surrogate, at most U+10FFFF); returns its 1..4 bytes.
size_t mp_utf8_put(unsigned code, char out[4]);

// U+0000..1F and U+007F..9F, which must not reach a terminal.
bool mp_utf8_is_control(unsigned code);

#endif
