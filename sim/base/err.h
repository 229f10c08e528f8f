// SPDX-License-Identifier: Apache-2.0
// The error of a failed call: one line of text that can be printed as it is and that names file,
// place, rule and value. It is the last parameter of every call that can fail on the user's input,
// and it is untouched on success. The caller's own bugs are asserts instead.
#ifndef SIM_BASE_ERR_H
#define SIM_BASE_ERR_H

#include <stdbool.h>

struct mp_err {
    char text[1024];
};

// Writes the text (cut at the buffer's end) and returns false, so that `return mp_fail(...)` reads well.
bool mp_fail(struct mp_err *err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

// Puts "WHERE: " in front of a text that is already there; returns false.
bool mp_fail_in(struct mp_err *err, const char *where);

#endif
