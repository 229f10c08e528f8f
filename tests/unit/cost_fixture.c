// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/cost_fixture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *const shipped[SHIPPED] = {"bitfusion45", "cmos22_hp",   "cmos22_lstp", "cmos32_hp",
                                      "cmos45_hp",   "cmos45_lstp", "cmos65_hp"};

char *tech_dir(struct mp_arena *a) {
    const char *root = getenv("MPSIM_SOURCE");
    return mp_arena_printf(a, "%s/configs/tech", root ? root : ".");
}

struct mp_tech *must_load(struct mp_arena *a, const char *name) {
    struct mp_tech *t = NULL;
    struct mp_err err = {"untouched"};
    if (!mp_tech_load(&t, a, tech_dir(a), name, &err))
        fail_msg("%s", err.text);
    assert_string_equal(err.text, "untouched");
    return t;
}

struct mp_arch make_arch(const char *kind, unsigned lanes) {
    const struct mp_pe_ops *ops = mp_pe_find(kind);
    assert_non_null(ops);
    return (struct mp_arch){
        .name = "x",
        .clock_mhz = 500,
        .array = {.rows = 16, .cols = 16, .pe = {ops, lanes, ops->weight_planes}, .accumulator = {.bits = 32}},
        .buffers = {[MP_INPUT] = {32768, 512, 16, true},
                    [MP_WEIGHT] = {65536, 512, 16, true},
                    [MP_OUTPUT] = {16384, 512, 16, true}},
        .vector_unit = {.lanes = 16}};
}

bool has_line(const struct mp_sources *s, const char *line) {
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->lines[i], line) == 0)
            return true;
    return false;
}

void near(double got, double want, double relative) {
    if (!(fabs(got - want) <= relative * fabs(want)))
        fail_msg("got %.9g, want %.9g within %g", got, want, relative);
}
