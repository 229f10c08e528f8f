// SPDX-License-Identifier: Apache-2.0
// sim/base/json and jsonw: every message of the typed readers word by word, paths, the
// writer byte by byte.
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

// ---- nodes

#define NAMES 3
static const char *const kinds[NAMES] = {"fixed", "subword", "fused"};

static bool read_as(char kind, const struct mp_node *n, struct mp_err *err) {
    const char *text;
    size_t index;
    uint64_t count;
    double real;
    bool flag;
    switch (kind) {
    case 'o':
        return mp_node_object(n, err);
    case 'a':
        return mp_node_array(n, err);
    case 's':
        return mp_node_string(n, &text, err);
    case 'n':
        return mp_node_name(n, &text, err);
    case 'b':
        return mp_node_bool(n, &flag, err);
    case 'u':
        return mp_node_uint(n, 1, 1024, &count, err);
    case 'U':
        return mp_node_uint(n, 1, TWO_53, &count, err);
    case 'r':
        return mp_node_real(n, 0.1, 100000, &real, err);
    case 'R':
        return mp_node_real(n, 0.5, DBL_MAX, &real, err);
    case 'L':
        return mp_node_real(n, -DBL_MAX, 2, &real, err);
    case 'A':
        return mp_node_real(n, -DBL_MAX, DBL_MAX, &real, err);
    case 'e':
        return mp_node_enum(n, kinds, NAMES, &index, err);
    default:
        return mp_node_keys(n, kinds, NAMES, err);
    }
}

static void test_type_errors(void **state) {
    (void)state;
    static const struct {
        char kind;
        const char *text, *message;
    } cases[] = {
        {'o', "\"x\"", "must be an object (got a string)"},
        {'o', "[]", "must be an object (got an array)"},
        {'a', "{}", "must be an array (got an object)"},
        {'a', "true", "must be an array (got true)"},
        {'s', "1.5", "must be a string (got 1.5)"},
        {'s', "null", "must be a string (got null)"},
        {'n', "false", "must be a string (got false)"},
        {'n', "\"\"", "must not be empty"},
        {'n', "\"a\\nb\"", "must not hold control characters (got \"a\\u000ab\")"},
        {'n', "\"\\u009b\"", "must not hold control characters (got \"\\u009b\")"},
        {'b', "1", "must be true or false (got 1)"},
        {'b', "\"true\"", "must be true or false (got a string)"},
        {'u', "0", "must be an integer 1..1024 (got 0)"},
        {'u', "1025", "must be an integer 1..1024 (got 1025)"},
        {'u', "1.5", "must be an integer 1..1024 (got 1.5)"},
        {'u', "-1", "must be an integer 1..1024 (got -1)"},
        {'u', "1e300", "must be an integer 1..1024 (got 1e+300)"},
        {'u', "1.0000000000000002", "must be an integer 1..1024 (got 1.0000000000000002)"},
        {'u', "\"8\"", "must be an integer 1..1024 (got a string)"},
        {'u', "{}", "must be an integer 1..1024 (got an object)"},
        {'u', "true", "must be an integer 1..1024 (got true)"},
        {'u', "null", "must be an integer 1..1024 (got null)"},
        {'U', "0", "must be an integer of at least 1 (got 0)"},
        {'U', "2.5", "must be an integer of at least 1 (got 2.5)"},
        {'U', "9007199254740992", "must be an integer below 2^53 (got 9007199254740992)"},
        {'U', "18446744073709551616", "must be an integer below 2^53 (got 1.8446744073709552e+19)"},
        {'r', "-3", "must be a number 0.1..100000 (got -3)"},
        {'r', "100000.5", "must be a number 0.1..100000 (got 100000.5)"},
        {'r', "\"1\"", "must be a number 0.1..100000 (got a string)"},
        {'R', "0.25", "must be a number of at least 0.5 (got 0.25)"},
        {'L', "3", "must be a number of at most 2 (got 3)"},
        {'A', "[]", "must be a number (got an array)"},
        {'e', "\"fusd\"", "must be one of fixed, subword, fused (got \"fusd\"), did you mean \"fused\"?"},
        {'e', "\"serial\"", "must be one of fixed, subword, fused (got \"serial\")"},
        {'e', "3", "must be one of fixed, subword, fused (got 3)"},
        {'e', "\"\\u001b" EIGHTY "\"",
         "must be one of fixed, subword, fused (got \"\\u001b" TEN TEN TEN TEN TEN TEN TEN "0123...\")"},
        {'k', "7", "must be an object (got 7)"},
        {'k', "{\"fixed\":1,\"fusd\":2}", "unknown key \"fusd\", did you mean \"fused\"?"},
        {'k', "{\"x\\ty\":1}", "unknown key \"x\\u0009y\" (known: fixed, subword, fused)"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct mp_json *doc = must_parse(cases[i].text);
        struct mp_node root = mp_json_root(doc);
        struct mp_err err = {""}, expected;
        assert_false(read_as(cases[i].kind, &root, &err));
        mp_fail(&expected, "a.json: /: %s", cases[i].message);
        assert_string_equal(err.text, expected.text);
        mp_json_destroy(doc);
    }
}

static void test_no_known_keys(void **state) {
    (void)state;
    struct mp_json *doc = must_parse("{\"x\":1}");
    struct mp_node root = mp_json_root(doc);
    struct mp_err err = {""};
    assert_false(mp_node_keys(&root, NULL, 0, &err));
    assert_string_equal(err.text, "a.json: /: unknown key \"x\" (known: none)");
    mp_json_destroy(doc);
}

static void test_values(void **state) {
    (void)state;
    struct mp_json *doc = must_parse("{\"s\":\"\\u00e9\\ud83d\\ude00\\n\",\"u\":1e3,\"m\":9007199254740991,"
                                     "\"z\":-0,\"r\":0.1,\"t\":true,\"f\":false,"
                                     "\"e\":\"subword\",\"o\":\"\"}");
    struct mp_node root = mp_json_root(doc), n;
    struct mp_err err = {"untouched"};
    const char *text;
    uint64_t count = 9;
    double real = 9;
    bool flag;
    size_t index;
    assert_string_equal(mp_json_name(doc), "a.json");
    assert_true(mp_node_need(&root, "s", &n, &err) && mp_node_string(&n, &text, &err));
    assert_string_equal(text, "\xc3\xa9\xf0\x9f\x98\x80\n");
    assert_true(mp_node_get(&root, "o", &n) && mp_node_string(&n, &text, &err));
    assert_string_equal(text, "");
    assert_true(mp_node_get(&root, "u", &n) && mp_node_uint(&n, 1000, 1000, &count, &err));
    assert_int_equal(count, 1000);
    assert_true(mp_node_get(&root, "m", &n) && mp_node_uint(&n, 0, TWO_53, &count, &err));
    assert_int_equal(count, TWO_53 - 1);
    assert_true(mp_node_get(&root, "z", &n) && mp_node_uint(&n, 0, 0, &count, &err));
    assert_int_equal(count, 0);
    assert_true(mp_node_get(&root, "r", &n) && mp_node_real(&n, 0.1, 0.1, &real, &err));
    assert_true(real == 0.1);
    assert_true(mp_node_get(&root, "t", &n) && mp_node_bool(&n, &flag, &err) && flag);
    assert_true(mp_node_get(&root, "f", &n) && mp_node_bool(&n, &flag, &err) && !flag);
    assert_true(mp_node_get(&root, "e", &n) && mp_node_name(&n, &text, &err));
    assert_string_equal(text, "subword");
    assert_true(mp_node_enum(&n, kinds, NAMES, &index, &err));
    assert_int_equal(index, 1);
    assert_string_equal(err.text, "untouched");
    mp_json_destroy(doc);
}

static void test_children_and_paths(void **state) {
    (void)state;
    struct mp_json *doc = must_parse("{\"layers\":[1,{\"a\":0},{\"na/me\":[[]],\"b\":2}],\"empty\":{}}");
    struct mp_node root = mp_json_root(doc), layers, layer, name, inner, last;
    struct mp_err err = {""};
    assert_true(mp_node_is_object(&root) && !mp_node_is_array(&root));
    assert_int_equal(mp_node_count(&root), 2);
    assert_false(mp_node_get(&root, "Layers", &layers));
    assert_true(mp_node_need(&root, "layers", &layers, &err) && mp_node_is_array(&layers));
    assert_false(mp_node_get(&layers, "a", &layer));
    assert_true(mp_node_first(&layers, &layer) && mp_node_is_number(&layer));
    assert_int_equal(mp_node_count(&layer), 0);
    assert_false(mp_node_first(&layer, &inner));
    assert_true(mp_node_next(&layer) && mp_node_next(&layer));
    assert_int_equal(layer.index, 2);
    assert_null(layer.key);
    assert_false(mp_node_need(&layer, "c", &inner, &err));
    assert_string_equal(err.text, "a.json: /layers/2/c: missing");
    assert_true(mp_node_first(&layer, &name));
    assert_string_equal(name.key, "na/me");
    assert_true(mp_node_first(&name, &inner));
    mp_node_fail(&inner, &err, "is %d", 5);
    assert_string_equal(err.text, "a.json: /layers/2/na/me/0: is 5");
    assert_true(mp_node_next(&name));
    assert_string_equal(name.key, "b");
    assert_false(mp_node_next(&name));
    assert_false(mp_node_next(&layer));
    assert_true(mp_node_get(&root, "empty", &last) && !mp_node_first(&last, &inner));
    assert_false(mp_node_missing(&root, "x", &err));
    assert_string_equal(err.text, "a.json: /x: missing");
    assert_false(mp_node_need(&layers, "c", &inner, &err));
    assert_string_equal(err.text, "a.json: /layers: must be an object (got an array)");
    mp_json_destroy(doc);
}

static void test_long_path(void **state) {
    (void)state;
    struct mp_buf b = {0};
    for (unsigned i = 0; i < 20; i++)
        mp_buf_add(&b, "{\"" EIGHTY "0\":");
    mp_buf_add(&b, "{\"deep\\u001b\":1}}}}}}}}}}}}}}}}}}}}}");
    struct mp_json *doc = must_parse(b.text);
    struct mp_node nodes[22] = {mp_json_root(doc)};
    struct mp_err err = {""};
    for (unsigned i = 1; i < 22; i++)
        assert_true(mp_node_first(&nodes[i - 1], &nodes[i]));
    mp_node_fail(&nodes[1], &err, "bad");
    assert_string_equal(err.text, "a.json: /" EIGHTY "...: bad");
    mp_node_fail(&nodes[21], &err, "bad");
    assert_string_equal(err.text, "a.json: .../" EIGHTY ".../" EIGHTY ".../" EIGHTY ".../" EIGHTY ".../"
                                  EIGHTY ".../deep\\u001b: bad");
    mp_json_destroy(doc);
    mp_buf_finish(&b);
}

// Every length of the last step that fits, and the first that do not.
static void test_path_at_its_limit(void **state) {
    (void)state;
    for (int n = 1; n <= 80; n++) {
        struct mp_buf b = {0};
        mp_buf_addf(&b, "{\"%.*s\":{\"%s\":{\"%s\":{\"%s\":{\"%s\":{\"%s\":0}}}}}}", n, EIGHTY, EIGHTY,
                    EIGHTY, EIGHTY, EIGHTY, EIGHTY);
        struct mp_json *doc = must_parse(b.text);
        struct mp_node nodes[7] = {mp_json_root(doc)};
        struct mp_err err = {""};
        char expected[600];
        for (unsigned i = 1; i < 7; i++)
            assert_true(mp_node_first(&nodes[i - 1], &nodes[i]));
        mp_node_fail(&nodes[6], &err, "bad");
        bool whole = 5 * 81 + n + 1 + 3 <= 479;
        snprintf(expected, sizeof expected, "a.json: %s%.*s/%s/%s/%s/%s/%s: bad", whole ? "/" : "...",
                 whole ? n : 0, EIGHTY, EIGHTY, EIGHTY, EIGHTY, EIGHTY, EIGHTY);
        assert_string_equal(err.text, expected);
        mp_json_destroy(doc);
        mp_buf_finish(&b);
    }
}

static void test_long_list_of_names(void **state) {
    (void)state;
    static const char *const names[] = {EIGHTY, EIGHTY, EIGHTY, EIGHTY, EIGHTY};
    struct mp_json *doc = must_parse("\"x\"");
    struct mp_node root = mp_json_root(doc);
    struct mp_err err = {""};
    size_t index;
    assert_false(mp_node_enum(&root, names, COUNT(names), &index, &err));
    assert_string_equal(err.text, "a.json: /: must be one of " EIGHTY ", " EIGHTY ", " EIGHTY ", " EIGHTY
                                  ", ... (got \"x\")");
    mp_json_destroy(doc);
}

static char folder[] = "/tmp/mpsim-test-XXXXXX";

static int make_folder(void **state) {
    (void)state;
    return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int drop_folder(void **state) {
    (void)state;
    return chdir("/") == 0 && rmdir(folder) == 0 ? 0 : -1; // fails when a test leaves a file
}

static void test_load(void **state) {
    (void)state;
    struct mp_err err = {""};
    struct mp_json *doc = NULL;
    assert_false(mp_json_load(&doc, "none.json", &err));
    assert_string_equal(err.text, "none.json: cannot open: No such file or directory");
    assert_false(mp_json_load(&doc, ".", &err));
    assert_string_equal(err.text, ".: is a directory");
    assert_true(mp_file_write("b.json", "[1,\n2x]", 7, &err));
    assert_false(mp_json_load(&doc, "b.json", &err));
    assert_string_equal(err.text, "b.json:2:1: a number like this is not JSON (got \"2x\")");
    assert_true(mp_file_write("b.json", "[1]", 3, &err) && mp_json_load(&doc, "b.json", &err));
    assert_string_equal(mp_json_name(doc), "b.json");
    mp_json_destroy(doc);
    assert_int_equal(unlink("b.json"), 0);
}

// ---- the writer

static void write_samples(struct mp_jsonw *w) {
    mp_jsonw_key(w, "flat");
    mp_jsonw_open(w, '{', true);
    mp_jsonw_key(w, "list");
    mp_jsonw_open(w, '[', false); // within a flat value everything is flat
    mp_jsonw_uint(w, UINT64_MAX);
    mp_jsonw_int(w, INT64_MIN);
    mp_jsonw_close(w, ']');
    mp_jsonw_key(w, "ok");
    mp_jsonw_bool(w, true);
    mp_jsonw_close(w, '}');
    mp_jsonw_key(w, "deep");
    mp_jsonw_open(w, '[', false);
    mp_jsonw_real(w, 0.1 + 0.2);
    mp_jsonw_real(w, 2);
    mp_jsonw_open(w, '{', false);
    mp_jsonw_key(w, "no");
    mp_jsonw_bool(w, false);
    mp_jsonw_close(w, '}');
    mp_jsonw_close(w, ']');
}

static void test_writer(void **state) {
    (void)state;
    struct mp_buf b = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &b);
    mp_jsonw_open(&w, '{', false);
    write_samples(&w);
    mp_jsonw_key(&w, "empty");
    mp_jsonw_open(&w, '[', false);
    mp_jsonw_close(&w, ']');
    mp_jsonw_key(&w, "t\"");
    mp_jsonw_string(&w, "\"\\/\b\f\n\r\t\x01\x7f \xc3\xa9 \xff\xf0\x9f\x98\x80");
    mp_jsonw_close(&w, '}');
    static const char expected[] =
        "{\n"
        "  \"flat\": {\"list\": [18446744073709551615, -9223372036854775808], \"ok\": true},\n"
        "  \"deep\": [\n"
        "    0.30000000000000004,\n"
        "    2,\n"
        "    {\n"
        "      \"no\": false\n"
        "    }\n"
        "  ],\n"
        "  \"empty\": [],\n"
        "  \"t\\\"\": \"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\x7f \xc3\xa9 \xef\xbf\xbd"
        "\xf0\x9f\x98\x80\"\n"
        "}\n";
    assert_string_equal(b.text, expected);
    mp_json_destroy(must_parse(b.text));
    mp_buf_finish(&b);
}

static void test_writer_lines_and_depth(void **state) {
    (void)state;
    struct mp_buf b = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &b);
    for (unsigned i = 0; i < 2; i++) { // two documents, a line each
        mp_jsonw_open(&w, '[', true);
        mp_jsonw_uint(&w, i);
        mp_jsonw_uint(&w, i);
        mp_jsonw_close(&w, ']');
    }
    assert_string_equal(b.text, "[0, 0]\n[1, 1]\n");
    b.len = 0;
    for (unsigned i = 0; i < 64; i++)
        mp_jsonw_open(&w, '[', true);
    for (unsigned i = 0; i < 64; i++)
        mp_jsonw_close(&w, ']');
    assert_int_equal(b.len, 129);
    mp_json_destroy(must_parse(b.text));
    mp_buf_finish(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_type_errors),
        cmocka_unit_test(test_no_known_keys),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_children_and_paths),
        cmocka_unit_test(test_long_path),
        cmocka_unit_test(test_path_at_its_limit),
        cmocka_unit_test(test_long_list_of_names),
        cmocka_unit_test(test_load),
        cmocka_unit_test(test_writer),
        cmocka_unit_test(test_writer_lines_and_depth),
    };
    return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
