// SPDX-License-Identifier: Apache-2.0
// sim/base/field: reading by a table, its errors, defaults, the echo and the help text.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/field.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

static struct mp_json *must_parse(const char *text) {
    struct mp_json *doc = NULL;
    struct mp_err err = {"untouched"};
    if (!mp_json_parse(&doc, "a.json", text, strlen(text), &err))
        fail_msg("%s", err.text);
    assert_string_equal(err.text, "untouched");
    return doc;
}

struct pe {
    uint64_t lanes;
    unsigned kind;
};

struct machine {
    const char *name, *note;
    uint64_t rows;
    double freq_mhz;
    bool gated;
    struct pe pe;
};

static const char *const kinds[] = {"fixed", "subword", "fused", NULL};

#define PE(member) .key = #member, .offset = offsetof(struct pe, member)
#define MACHINE(member) .key = #member, .offset = offsetof(struct machine, member)

static const struct mp_field pe_fields[] = {
    {PE(lanes), .type = MP_FIELD_UINT, .def = 1, .min = 1, .max = 1024, .unit = "", .help = "MACs a PE"},
    {PE(kind), .type = MP_FIELD_ENUM, .def = 2, .names = kinds, .unit = "", .help = "datapath"},
    {.key = NULL},
};

static const struct mp_field machine_fields[] = {
    {MACHINE(name), .type = MP_FIELD_NAME, .required = true, .unit = "", .help = "shown in reports"},
    {MACHINE(note), .type = MP_FIELD_NAME, .unit = "", .help = "free"},
    {MACHINE(rows), .type = MP_FIELD_UINT, .required = true, .min = 1, .max = 9007199254740992.0, .unit = "",
     .help = "PE rows"},
    {MACHINE(freq_mhz), .type = MP_FIELD_REAL, .def = 500, .min = 0.1, .max = 100000, .unit = "MHz",
     .help = "clock"},
    {MACHINE(gated), .type = MP_FIELD_BOOL, .def = 1, .unit = "", .help = "clock gating"},
    {MACHINE(pe), .type = MP_FIELD_OBJECT, .sub = pe_fields, .unit = "", .help = "one element"},
    {.key = NULL},
};

static const char *const also[] = {"format", NULL};

static bool read_machine(const char *text, struct machine *m, struct mp_arena *a, struct mp_err *err) {
    struct mp_json *doc = must_parse(text);
    struct mp_node root = mp_json_root(doc);
    bool ok = mp_fields_read(machine_fields, also, &root, a, m, err);
    mp_json_destroy(doc); // the names must have been copied
    return ok;
}

static void check_echo(const struct machine *m, const char *expected) {
    struct mp_buf b = {0};
    struct mp_jsonw w;
    mp_jsonw_init(&w, &b);
    mp_jsonw_open(&w, '{', true);
    mp_fields_write(machine_fields, m, &w);
    mp_jsonw_close(&w, '}');
    assert_string_equal(b.text, expected);
    mp_buf_finish(&b);
}

static void test_fields_read(void **state) {
    (void)state;
    struct mp_arena a = {0};
    struct mp_err err = {"untouched"};
    struct machine m;
    memset(&m, 0xa5, sizeof m);
    assert_true(read_machine("{\"name\":\"m1\",\"rows\":4}", &m, &a, &err));
    check_echo(&m, "{\"name\": \"m1\", \"rows\": 4, \"freq_mhz\": 500, \"gated\": true, "
                   "\"pe\": {\"lanes\": 1, \"kind\": \"fused\"}}\n");
    assert_true(read_machine("{\"format\":9,\"name\":\"m2\",\"note\":\"n\",\"rows\":7,\"freq_mhz\":0.1,"
                             "\"gated\":false,\"pe\":{\"kind\":\"subword\",\"lanes\":1024}}", &m, &a, &err));
    check_echo(&m, "{\"name\": \"m2\", \"note\": \"n\", \"rows\": 7, \"freq_mhz\": 0.1, \"gated\": false, "
                   "\"pe\": {\"lanes\": 1024, \"kind\": \"subword\"}}\n");
    assert_int_equal(m.pe.kind, 1);
    assert_string_equal(err.text, "untouched");
    mp_arena_finish(&a);
}

static void test_fields_errors(void **state) {
    (void)state;
    static const struct {
        const char *text, *message;
    } cases[] = {
        {"[]", "a.json: /: must be an object (got an array)"},
        {"{\"rows\":1}", "a.json: /name: missing"},
        {"{\"name\":\"m\",\"rowz\":1}", "a.json: /: unknown key \"rowz\", did you mean \"rows\"?"},
        {"{\"name\":\"m\",\"zzzzzz\":1}",
         "a.json: /: unknown key \"zzzzzz\" (known: name, note, rows, freq_mhz, gated, pe, format)"},
        {"{\"name\":\"\",\"rows\":1}", "a.json: /name: must not be empty"},
        {"{\"name\":\"m\",\"rows\":0}", "a.json: /rows: must be an integer of at least 1 (got 0)"},
        {"{\"name\":\"m\",\"rows\":1,\"freq_mhz\":0}",
         "a.json: /freq_mhz: must be a number 0.1..100000 (got 0)"},
        {"{\"name\":\"m\",\"rows\":1,\"gated\":1}", "a.json: /gated: must be true or false (got 1)"},
        {"{\"name\":\"m\",\"rows\":1,\"pe\":3}", "a.json: /pe: must be an object (got 3)"},
        {"{\"name\":\"m\",\"rows\":1,\"pe\":{\"lanes\":0}}",
         "a.json: /pe/lanes: must be an integer 1..1024 (got 0)"},
        {"{\"name\":\"m\",\"rows\":1,\"pe\":{\"kind\":\"fusd\"}}",
         "a.json: /pe/kind: must be one of fixed, subword, fused (got \"fusd\"), did you mean \"fused\"?"},
        {"{\"name\":\"m\",\"rows\":1,\"pe\":{\"format\":1}}",
         "a.json: /pe: unknown key \"format\" (known: lanes, kind)"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct mp_arena a = {0};
        struct mp_err err = {""};
        struct machine m;
        assert_false(read_machine(cases[i].text, &m, &a, &err));
        assert_string_equal(err.text, cases[i].message);
        mp_arena_finish(&a);
    }
}

static void test_fields_default(void **state) {
    (void)state;
    struct machine m;
    memset(&m, 0xa5, sizeof m);
    mp_fields_default(machine_fields, &m);
    assert_true(m.name == NULL && m.note == NULL && m.rows == 0);
    check_echo(&m, "{\"rows\": 0, \"freq_mhz\": 500, \"gated\": true, "
                   "\"pe\": {\"lanes\": 1, \"kind\": \"fused\"}}\n");
}

static void test_fields_describe(void **state) {
    (void)state;
    struct mp_buf b = {0};
    mp_fields_describe(machine_fields, "", &b);
    assert_string_equal(b.text, "name  name, required: shown in reports\n"
                                "note  name, optional: free\n"
                                "rows  integer of at least 1, required: PE rows\n"
                                "freq_mhz  number 0.1..100000 MHz, default 500: clock\n"
                                "gated  true or false, default true: clock gating\n"
                                "pe  object, optional: one element\n"
                                "pe.lanes  integer 1..1024, default 1: MACs a PE\n"
                                "pe.kind  one of fixed, subword, fused, default fused: datapath\n");
    b.len = 0;
    static const struct mp_field off[] = {{.key = "off", .type = MP_FIELD_BOOL, .help = "no"}, {.key = NULL}};
    mp_fields_describe(off, "", &b);
    assert_string_equal(b.text, "off  true or false, default false: no\n");
    b.len = 0;
    mp_fields_describe(pe_fields, "array.pe", &b);
    assert_string_equal(b.text, "array.pe.lanes  integer 1..1024, default 1: MACs a PE\n"
                                "array.pe.kind  one of fixed, subword, fused, default fused: datapath\n");
    mp_buf_finish(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields_read),
        cmocka_unit_test(test_fields_errors),
        cmocka_unit_test(test_fields_default),
        cmocka_unit_test(test_fields_describe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
