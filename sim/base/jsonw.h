// SPDX-License-Identifier: Apache-2.0
// JSON out: a streaming writer; integers exact, doubles in the shortest form that reads back. An object or
// array opened with `flat` stands on one line; others put each member on its own line, two spaces a level.
#ifndef SIM_BASE_JSONW_H
#define SIM_BASE_JSONW_H

#include "sim/base/str.h"

#include <stdbool.h>
#include <stdint.h>

struct mp_jsonw {
    struct mp_buf *out;
    unsigned depth;      // at most 64
    uint64_t flat_from;  // depth at which a flat value began, 0 when none
    bool has_member[65]; // by depth: a comma is due
    bool after_key;
};

void mp_jsonw_init(struct mp_jsonw *w, struct mp_buf *out);
void mp_jsonw_key(struct mp_jsonw *w, const char *key);
void mp_jsonw_open(struct mp_jsonw *w, char bracket, bool flat); // '{' or '['
void mp_jsonw_close(struct mp_jsonw *w, char bracket); // '}' or ']'; the outermost one ends the line
void mp_jsonw_uint(struct mp_jsonw *w, uint64_t v);
void mp_jsonw_int(struct mp_jsonw *w, int64_t v);
void mp_jsonw_real(struct mp_jsonw *w, double v); // finite
void mp_jsonw_bool(struct mp_jsonw *w, bool v);
void mp_jsonw_null(struct mp_jsonw *w);
void mp_jsonw_string(struct mp_jsonw *w, const char *v); // UTF-8, escaped as needed

// A member: key and value.
void mp_jsonw_put_uint(struct mp_jsonw *w, const char *key, uint64_t v);
void mp_jsonw_put_int(struct mp_jsonw *w, const char *key, int64_t v);
void mp_jsonw_put_real(struct mp_jsonw *w, const char *key, double v);
void mp_jsonw_put_bool(struct mp_jsonw *w, const char *key, bool v);
void mp_jsonw_put_string(struct mp_jsonw *w, const char *key, const char *v);

#endif
