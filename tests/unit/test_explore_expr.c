// SPDX-License-Identifier: Apache-2.0
// Expressions: values, names that are used, and all that is refused.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/explore/expr.h"
#include "tests/unit/spec_fixture.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *const names[] = {"array_rows", "array_cols", "area_mm2", "clock_mhz", NULL};
static const double values[] = {7, 16, 2.5, NAN};

static double value(const char *text) {
    struct mp_expr *e;
    struct mp_err err;
    double v = -1;
    assert_ok(mp_expr_create(&e, text, names, &err), err);
    assert_ok(mp_expr_value(e, values, &v, &err), err);
    mp_expr_destroy(e);
    return v;
}

static void computes(void **state) {
    (void)state;
    assert_true(value("array_rows * array_cols") == 112);
    assert_true(value("array_rows / 2") == 3.5); // names are real numbers
    assert_true(value("area_mm2 <= 4 AND array_rows * array_cols >= 64") == 1);
    assert_true(value("area_mm2 > 4 OR array_rows IN (1, 2, 4)") == 0);
    assert_true(value("array_rows BETWEEN 5 AND 9 -- as the note says") == 1);
    assert_true(value("max(array_rows, array_cols) + \"area_mm2\" + ARRAY_ROWS") == 25.5);
    assert_true(value("CASE WHEN array_rows > 8 THEN 1 ELSE sqrt(array_cols) END") == 4);
    assert_true(value("coalesce(clock_mhz, 500)") == 500);
    assert_true(value("(array_rows)\n+ 1 /* closed */") == 8);
    assert_true(isnan(value("clock_mhz > 3")) && isnan(value("'text'")) && isnan(value("1 / 0")));
}

static void values_change(void **state) {
    (void)state;
    struct mp_expr *e;
    struct mp_err err;
    double v, at[4] = {0};
    assert_ok(mp_expr_create(&e, "clock_mhz * 2 + array_rows", names, &err), err);
    assert_true(mp_expr_uses(e, 0) && !mp_expr_uses(e, 1) && !mp_expr_uses(e, 2) && mp_expr_uses(e, 3));
    for (int i = 0; i < 1000; i++) {
        at[0] = i, at[3] = 0.5 * i, at[1] = NAN;
        assert_true(mp_expr_value(e, at, &v, &err) && v == 2 * i);
    }
    mp_expr_destroy(e);
    mp_expr_destroy(NULL);
}

static void fails_late(void **state) {
    (void)state;
    struct mp_expr *e;
    struct mp_err err;
    double v;
    assert_ok(mp_expr_create(&e, "abs(CASE WHEN array_rows > 5 THEN -9223372036854775807 - 1 END)", names, &err), err);
    assert_fails(mp_expr_value(e, values, &v, &err), err,
                 "expression \"abs(CASE WHEN array_rows > 5 THEN -9223372036854775807 - 1 END)\": integer overflow");
    assert_true(mp_expr_value(e, (double[]){1, 1, 1, 1}, &v, &err) && isnan(v));
    mp_expr_destroy(e);
}

static void refuses(void **state) {
    (void)state;
    static const char outside[] = "must be one expression over the names, without subqueries and other tables",
                      whole[] = "must be one expression over the names";
    static const struct {
        const char *text, *message;
    } bad[] = {
        {"", "must not be empty"},
        {" \n", "must not be empty"},
        {"area <", "ends too early"},
        {"array_row > 4", "unknown name \"array_row\", did you mean \"array_rows\"?"},
        {"\"array_colz\" > 4", "unknown name \"array_colz\", did you mean \"array_cols\"?"},
        {"energy", "unknown name \"energy\""},
        {"sqr(area_mm2)", "unknown function \"sqr\", did you mean \"sqrt\"?"},
        {"load_extension('x')", "unknown function \"load_extension\""},
        {"random()", "unknown function \"random\""},
        {"max(area_mm2)", "misuse of aggregate: max()"},
        {"(SELECT 1)", outside},
        {"area_mm2 IN (SELECT name FROM sqlite_schema)", outside},
        {"area_mm2 IN sqlite_schema", outside},
        {"EXISTS (SELECT 1)", outside},
        {"1) UNION SELECT (2", outside},
        {"rowid", outside},
        {"1), (2", whole},
        {"1) ORDER BY (2", whole},
        {"1); DROP TABLE x; --", whole},
        {"1) /*", whole},
        {"1) OR (1", whole},
        {"abs(1) + abs(2)) > (3", whole},
        {"1 /* open", "ends too early"},
        {"?1 > 2", whole},
        {":x", whole},
        {"1 +", "ends too early"},
        {"(1 + 2", "ends too early"},
        {"array_rows > 'abc", "ends too early"},
        {"area_mm2 > 1)", whole},
        {"1 + * 2", "near \"*\": syntax error"},
        {"area_mm2 # 2", "unrecognized token: \"#\""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct mp_expr *e;
        struct mp_err err;
        char message[1024];
        snprintf(message, sizeof message, "expression \"%s\": %s", strcmp(bad[i].text, " \n") ? bad[i].text : " \\u000a",
                 bad[i].message);
        assert_fails(mp_expr_create(&e, bad[i].text, names, &err), err, message);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(computes),
        cmocka_unit_test(values_change),
        cmocka_unit_test(fails_late),
        cmocka_unit_test(refuses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
