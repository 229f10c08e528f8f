// SPDX-License-Identifier: Apache-2.0
// The strict scan of sim/base/json: every message word by word, what is accepted, documents of many keys.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/file.h"
#include "sim/base/json.h"
#include "sim/base/jsonw.h"
#include "sim/base/str.h"
#include "tests/unit/json_fixture.h"

#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    const char *text, *message;
} cases[] = {
    {"", "a.json:1:1: empty document"},
    {" \n\t\r ", "a.json:1:1: empty document"},
    {"{\n \"a\": 1,\n  \"rows\": [1]]\n", "a.json:3:14: expected ',' or '}' after a value (got ']')"},
    {"[1 2]", "a.json:1:4: expected ',' or ']' after a value (got '2')"},
    {"[1,", "a.json:1:4: expected a value (got the end of the text)"},
    {"[1,]", "a.json:1:4: expected a value (got ']')"},
    {"[,1]", "a.json:1:2: expected a value (got ',')"},
    {"\x01", "a.json:1:1: expected a value (got '\\u0001')"},
    {"/* c */ 1", "a.json:1:1: expected a value (got '/')"},
    {"[\"\xc3\xa9\", \xc3\xa9]", "a.json:1:7: expected a value (got '\xc3\xa9')"},
    {"{\"a\": }", "a.json:1:7: expected a value (got '}')"},
    {"{\"a\":1,}", "a.json:1:8: expected a key in double quotes (got '}')"},
    {"{a: 1}", "a.json:1:2: expected a key in double quotes (got 'a')"},
    {"{\"a\\x\":1}", "a.json:1:4: bad escape \"\\x\""},
    {"{", "a.json:1:2: expected a key in double quotes (got the end of the text)"},
    {"{\"a\" 1}", "a.json:1:6: expected ':' after a key (got '1')"},
    {"{\"a\"}", "a.json:1:5: expected ':' after a key (got '}')"},
    {"{\"a\":1", "a.json:1:7: expected ',' or '}' after a value (got the end of the text)"},
    {"[1}", "a.json:1:3: expected ',' or ']' after a value (got '}')"},
    {"1 x", "a.json:1:3: text after the value (got 'x')"},
    {"{}\n{}", "a.json:2:1: text after the value (got '{')"},
    {"\xef\xbb\xbf{}", "a.json:1:1: a byte order mark; save the file as UTF-8 without one"},
    {"\xef\xbb\xbf", "a.json:1:1: a byte order mark; save the file as UTF-8 without one"},
    {"[1,\n\"\xc3\xa9\xff\"]", "a.json:2:3: not valid UTF-8"},
    {"\"\xc0\xaf\"", "a.json:1:2: not valid UTF-8"},
    {"\"\xe0\x80\x80\"", "a.json:1:2: not valid UTF-8"},
    {"\"\xed\xa0\x80\"", "a.json:1:2: not valid UTF-8"},
    {"\"\xf4\x90\x80\x80\"", "a.json:1:2: not valid UTF-8"},
    {"\"\xe2\x82", "a.json:1:2: not valid UTF-8"},
    {"[\"abc", "a.json:1:2: string not closed"},
    {"[\"abc\\", "a.json:1:2: string not closed"},
    {"[\"abc\\\"", "a.json:1:2: string not closed"},
    {"[\"a\nb\"]", "a.json:1:4: control character in a string must be escaped"},
    {"[\"a\tb\"]", "a.json:1:4: control character in a string must be escaped"},
    {"\"a\\x\"", "a.json:1:3: bad escape \"\\x\""},
    {"\"a\\\xc3\xa9\"", "a.json:1:3: bad escape \"\\\xc3\xa9\""},
    {"\"\\u12\"", "a.json:1:2: bad escape \"\\u12\""},
    {"\"\\u12g4\"", "a.json:1:2: bad escape \"\\u12\""},
    {"\"\\u", "a.json:1:2: bad escape \"\\u\""},
    {"\"\\u0000\"", "a.json:1:2: NUL in a string as \"\\u0000\""},
    {"\"\\ud800\"", "a.json:1:2: lone surrogate \"\\ud800\""},
    {"\"\\udc00\\ud800\"", "a.json:1:2: lone surrogate \"\\udc00\""},
    {"\"\\ud800\\u0041\"", "a.json:1:2: lone surrogate \"\\ud800\""},
    {"\"\\ud800\\ue000\"", "a.json:1:2: lone surrogate \"\\ud800\""},
    {"\"\\udfff\"", "a.json:1:2: lone surrogate \"\\udfff\""},
    {"\"\\ud800\\udc0", "a.json:1:2: lone surrogate \"\\ud800\""},
    {"[01]", "a.json:1:2: a number like this is not JSON (got \"01\")"},
    {"-", "a.json:1:1: a number like this is not JSON (got \"-\")"},
    {"+1", "a.json:1:1: a number like this is not JSON (got \"+1\")"},
    {".5", "a.json:1:1: a number like this is not JSON (got \".5\")"},
    {"1.", "a.json:1:1: a number like this is not JSON (got \"1.\")"},
    {"1.e5", "a.json:1:1: a number like this is not JSON (got \"1.e5\")"},
    {"1e", "a.json:1:1: a number like this is not JSON (got \"1e\")"},
    {"1e+", "a.json:1:1: a number like this is not JSON (got \"1e+\")"},
    {"0x1F", "a.json:1:1: a number like this is not JSON (got \"0x1F\")"},
    {"1_000", "a.json:1:1: a number like this is not JSON (got \"1_000\")"},
    {"-Infinity", "a.json:1:1: a number like this is not JSON (got \"-Infinity\")"},
    {EIGHTY "x", "a.json:1:1: a number like this is not JSON (got \"" EIGHTY "...\")"},
    {"1" TEN TEN TEN TEN TEN TEN "123",
     "a.json:1:1: a number of more than 63 characters (got \"1" TEN TEN TEN TEN TEN TEN "123\")"},
    {"1e999", "a.json:1:1: number too large for a double (got \"1e999\")"},
    {"-1E309", "a.json:1:1: number too large for a double (got \"-1E309\")"},
    {"NaN", "a.json:1:1: unexpected word \"NaN\""},
    {"[Infinity]", "a.json:1:2: unexpected word \"Infinity\""},
    {"zZaA_09", "a.json:1:1: unexpected word \"zZaA_09\""},
    {"_", "a.json:1:1: unexpected word \"_\""},
    {"True", "a.json:1:1: unexpected word \"True\""},
    {"nul", "a.json:1:1: unexpected word \"nul\""},
    {"truee", "a.json:1:1: unexpected word \"truee\""},
    {"trux", "a.json:1:1: unexpected word \"trux\""},
    {"x" EIGHTY, "a.json:1:1: unexpected word \"x" TEN TEN TEN TEN TEN TEN TEN "012345678...\""},
    {"{\"rows\":1,\n   \"rows\":2}", "a.json:2:4: key \"rows\" stands twice in one object"},
    {"{\"a\":{\"b\":1,\"c\":2,\"b\":3}}", "a.json:1:19: key \"b\" stands twice in one object"},
    {"{\"a\":1,\"b\":2,\"b\":3,\"a\":4}", "a.json:1:14: key \"b\" stands twice in one object"},
    {"{\"a/\\n\":1,\"\\u0061\\/\\u000a\":2}",
     "a.json:1:11: key \"a/\\u000a\" stands twice in one object"},
    {"{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}",
     "a.json:1:19: key \"\xf0\x9f\x98\x80\" stands twice in one object"},
    {"{\"\\uD83D\\uDE00x\":1,\"\xf0\x9f\x98\x80x\":2}",
     "a.json:1:20: key \"\xf0\x9f\x98\x80x\" stands twice in one object"},
    {"{\"\\u0061b\":1,\"ab\":2}", "a.json:1:14: key \"ab\" stands twice in one object"},
    {"{\"\":1,\"\":2}", "a.json:1:7: key \"\" stands twice in one object"},
};

static void test_syntax_errors(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        refuse(cases[i].text, strlen(cases[i].text), cases[i].message);
    refuse("[1,\n \0]", 7, "a.json:2:2: NUL byte");
}

static void test_too_large_document(void **state) {
    (void)state;
    char *text = calloc(1, MP_FILE_MAX_BYTES + 1);
    assert_non_null(text);
    refuse(text, MP_FILE_MAX_BYTES + 1, "a.json: larger than 67108864 bytes");
    free(text);
}

static void test_depth(void **state) {
    (void)state;
    char text[2 * 65 + 1] = "";
    memset(text, '[', 65);
    memset(text + 65, ']', 65);
    refuse(text, 130, "a.json:1:65: nested deeper than 64");
    struct mp_json *doc = NULL;
    struct mp_err err = {""};
    assert_true(mp_json_parse(&doc, "a.json", text + 1, 128, &err));
    mp_json_destroy(doc);
}

static void test_syntax_accepted(void **state) {
    (void)state;
    static const char *const texts[] = {
        "0", "-0", " [ ] ", "{}", "{ \"a\" : { } }\n", "\"\"", "null", "[true,false,null]", "-1.5e-3", "1E+5",
        "1e-999", "123456789.123456789e10", "{\"a\":{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]}},\"A\":1}",
        "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00e9\\uD83D\\uDE00\"", "\"\x7f\xf4\x8f\xbf\xbf\"",
        "\"\\udbff\\udfff\\ud7ff\\ue000\"", "1" TEN TEN TEN TEN TEN TEN "12",
        "1." TEN TEN TEN TEN TEN "12345678e+1",
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        mp_json_destroy(must_parse(texts[i]));
    mp_json_destroy(NULL);
}

// Enough keys that a quadratic search would take minutes under the sanitizers.
static void test_many_keys(void **state) {
    (void)state;
    struct mp_buf b = {0};
    for (unsigned i = 0; i < 200000; i++)
        mp_buf_addf(&b, "%c\n\"k%u\":0", i ? ',' : '{', i);
    mp_buf_add(&b, "}");
    struct mp_json *doc = must_parse(b.text);
    struct mp_node root = mp_json_root(doc);
    assert_int_equal(mp_node_count(&root), 200000);
    mp_json_destroy(doc);
    b.text[b.len - 1] = ',';
    mp_buf_add(&b, "\n\"k77\":0}");
    refuse(b.text, b.len, "a.json:200002:1: key \"k77\" stands twice in one object");
    mp_buf_finish(&b);
}

// cJSON's allocator made to fail; declared here because only json.c includes its header.
struct hooks {
    void *(*malloc_fn)(size_t size);
    void (*free_fn)(void *p);
};
extern void cJSON_InitHooks(struct hooks *hooks);

static void *no_malloc(size_t size) {
    (void)size;
    return NULL;
}

static void test_parser_failure(void **state) {
    (void)state;
    struct hooks hooks = {no_malloc, free};
    cJSON_InitHooks(&hooks);
    refuse("[1]", 3, "a.json:1:1: valid JSON, but the parser refuses it here");
    cJSON_InitHooks(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_syntax_errors),
        cmocka_unit_test(test_too_large_document),
        cmocka_unit_test(test_depth),
        cmocka_unit_test(test_syntax_accepted),
        cmocka_unit_test(test_many_keys),
        cmocka_unit_test(test_parser_failure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
