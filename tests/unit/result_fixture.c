// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/result_fixture.h"

#include "sim/import/import.h"

#include <stdlib.h>

const char *shipped_file(struct mp_arena *a, const char *path) {
    const char *root = getenv("MPSIM_SOURCE");
    return mp_arena_printf(a, "%s/configs/%s", root ? root : ".", path);
}

void must(bool ok, const struct mp_err *err) {
    if (!ok)
        fail_msg("%s", err->text);
}

struct fixture *result_make(const char *arch, const char *plan) {
    struct fixture *f = calloc(1, sizeof *f);
    const struct mp_options how = {.engine = MP_ANALYTIC};
    struct mp_err err;
    assert_non_null(f);
    struct mp_arena *a = &f->arena;
    must(mp_arch_load(&f->arch, a, shipped_file(a, arch), &err), &err);
    must(mp_plan_open(&f->plan, &f->workload, a, shipped_file(a, plan), &err), &err);
    must(mp_tech_load(&f->tech, a, shipped_file(a, "tech"), f->arch.tech, &err), &err);
    must(mp_evaluate(&f->arch, &f->workload, &f->plan, f->tech, &how, a, &f->result, &err), &err);
    return f;
}

void result_drop(struct fixture *f) {
    mp_arena_finish(&f->arena);
    free(f);
}
