// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/json_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

bool parse(struct mp_json **doc, const char *text, size_t len, struct mp_err *err) {
    char *copy = malloc(len ? len : 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    bool ok = mp_json_parse(doc, "a.json", copy, len, err);
    free(copy);
    return ok;
}

struct mp_json *must_parse(const char *text) {
    struct mp_json *doc = NULL;
    struct mp_err err = {"untouched"};
    if (!parse(&doc, text, strlen(text), &err))
        fail_msg("%s", err.text);
    assert_string_equal(err.text, "untouched");
    return doc;
}

void refuse(const char *text, size_t len, const char *message) {
    struct mp_json *doc = NULL;
    struct mp_err err = {""};
    assert_false(parse(&doc, text, len, &err));
    assert_null(doc);
    assert_string_equal(err.text, message);
}
