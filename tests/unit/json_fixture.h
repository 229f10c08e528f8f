// SPDX-License-Identifier: Apache-2.0
// JSON texts in tests, called a.json.
#ifndef TESTS_UNIT_JSON_FIXTURE_H
#define TESTS_UNIT_JSON_FIXTURE_H

#include "sim/base/json.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])
#define TWO_53 ((uint64_t)1 << 53)
#define TEN "0123456789"
#define EIGHTY TEN TEN TEN TEN TEN TEN TEN TEN

// From a buffer of just that size, so that the sanitizer sees a read behind the end.
bool parse(struct mp_json **doc, const char *text, size_t len, struct mp_err *err);
struct mp_json *must_parse(const char *text);
void refuse(const char *text, size_t len, const char *message);

#endif
