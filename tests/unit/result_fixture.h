// SPDX-License-Identifier: Apache-2.0
// Results on shipped files, and what they stand on.
#ifndef TESTS_UNIT_RESULT_FIXTURE_H
#define TESTS_UNIT_RESULT_FIXTURE_H

#include "sim/eval.h"

struct fixture {
    struct mp_arena arena;
    struct mp_arch arch;
    struct mp_plan plan;
    struct mp_workload workload;
    struct mp_tech *tech;
    struct mp_result result;
};

const char *shipped_file(struct mp_arena *a, const char *path); // below configs/
void must(bool ok, const struct mp_err *err);
struct fixture *result_make(const char *arch, const char *plan); // of the closed form
void result_drop(struct fixture *f);

#endif
