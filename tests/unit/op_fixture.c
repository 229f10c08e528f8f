// SPDX-License-Identifier: Apache-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/unit/op_fixture.h"

#include <math.h>

struct mp_graph ops;
static struct mp_arena arena;

void ops_begin(unsigned opset) {
    mp_arena_finish(&arena);
    arena = (struct mp_arena){0};
    ops = graph_begin(&arena, opset);
}

int ops_finish(void **state) {
    (void)state;
    ops_begin(13);
    return 0;
}

size_t ops_scalar(float v) {
    return graph_reals(&ops, 0, NULL, &v);
}

size_t ops_list(size_t count, const int64_t *v) {
    return graph_list(&ops, count, v);
}

size_t ops_ramp(unsigned rank, const uint64_t *dims) {
    struct mp_shape s = shape_of(rank, dims);
    float v[256];
    assert_true(mp_shape_count(&s) <= 256);
    for (uint64_t i = 0; i < mp_shape_count(&s); i++)
        v[i] = (float)i;
    return graph_reals(&ops, rank, dims, v);
}

static const struct mp_array *infer(size_t value) {
    struct mp_err err;
    assert_ok(mp_graph_infer(&ops, &err), err);
    assert_true(ops.values[value].constant);
    return &ops.values[value].array;
}

static void check_shape(const struct mp_array *a, unsigned rank, const uint64_t *dims) {
    struct mp_shape s = shape_of(rank, dims);
    char got[200], want[200];
    assert_string_equal(mp_shape_text(&a->shape, got), mp_shape_text(&s, want));
}

void ops_expect(size_t value, unsigned rank, const uint64_t *dims, const float *want) {
    const struct mp_array *a = infer(value);
    check_shape(a, rank, dims);
    assert_false(a->whole);
    for (uint64_t i = 0; i < mp_shape_count(&a->shape); i++)
        if (!(fabsf(a->f[i] - want[i]) <= 2e-6f * (1 + fabsf(want[i]))) && a->f[i] != want[i] &&
            !(isnan(a->f[i]) && isnan(want[i])))
            fail_msg("element %zu is %.8g, not %.8g", (size_t)i, (double)a->f[i], (double)want[i]);
}

void ops_expect_whole(size_t value, unsigned rank, const uint64_t *dims, const int64_t *want) {
    const struct mp_array *a = infer(value);
    check_shape(a, rank, dims);
    assert_true(a->whole);
    for (uint64_t i = 0; i < mp_shape_count(&a->shape); i++)
        assert_int_equal(a->i[i], want[i]);
}

void ops_expect_error(const char *want) {
    struct mp_err err = {.text = ""};
    assert_false(mp_graph_infer(&ops, &err));
    assert_string_equal(err.text, want);
    ops_begin(13);
}
