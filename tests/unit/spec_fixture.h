// SPDX-License-Identifier: Apache-2.0
// Documents in tests: written with ' for ", changed in one place, read, and echoed.
#ifndef TESTS_UNIT_SPEC_FIXTURE_H
#define TESTS_UNIT_SPEC_FIXTURE_H

#include "sim/import/import.h"
#include "sim/spec/mapping.h"

// `base` with the first `find` replaced. In texts that hold no ", each ' stands for one.
char *patched(struct mp_arena *a, const char *base, const char *find, const char *replace);

// Documents are called a.json, w.json, p.json, m.json. A plan is read and resolved against the workload.
bool read_arch(struct mp_arch *arch, struct mp_arena *a, const char *text, struct mp_err *err);
bool read_workload(struct mp_workload *w, struct mp_arena *a, const char *text, struct mp_err *err);
bool read_plan(struct mp_plan *p, struct mp_arena *a, const struct mp_workload *w, const char *text,
               struct mp_err *err);
bool read_mappings(struct mp_mapping_set *s, struct mp_arena *a, const char *text, struct mp_err *err);

char *echo_arch(struct mp_arena *a, const struct mp_arch *arch);
char *echo_workload(struct mp_arena *a, const struct mp_workload *w);
char *echo_plan(struct mp_arena *a, const struct mp_plan *p, const struct mp_workload *w);
char *echo_mappings(struct mp_arena *a, const struct mp_mapping_set *s);

// Calls `test` for each file in configs/FOLDER (below $MPSIM_ROOT, or the current folder) with the ending
// .json; there must be at least `least`.
void each_config(const char *folder, size_t least, void (*test)(const char *path));

#define assert_ok(call, err) \
    do { \
        if (!(call)) \
            fail_msg("%s", (err).text); \
    } while (0)
#define assert_fails(call, err, message) \
    do { \
        assert_false(call); \
        assert_string_equal((err).text, message); \
    } while (0)

#endif
