// SPDX-License-Identifier: Apache-2.0
// Fronts against all pairs, hypervolumes against inclusion and exclusion, known fronts and counted grids.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/random.h"
#include "sim/explore/pareto.h"

#include <math.h>
#include <stdlib.h>

#define CASES 300
#define MAX 60

typedef double point[MP_OBJECTIVES_MAX];

// Coordinates from 0 to `steps`: coarse, so that many are equal.
static size_t draw(struct mp_random *r, size_t n, unsigned steps, point *at) {
    const size_t count = (size_t)mp_random_range(r, 1, MAX);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < n; k++)
            at[i][k] = (double)mp_random_range(r, 0, steps);
    return count;
}

static void domination(void **state) {
    (void)state;
    assert_true(mp_dominates((double[]){1, 2}, (double[]){1, 3}, 2));
    assert_false(mp_dominates((double[]){1, 2}, (double[]){1, 2}, 2));
    assert_false(mp_dominates((double[]){1, 2}, (double[]){0, 3}, 2));
    assert_false(mp_dominates((double[]){NAN, 2}, (double[]){1, 3}, 2));
    assert_true(mp_dominates((double[]){1, 2, 9}, (double[]){1, 3, 0}, 2));
}

static void front_of_all_pairs(void **state) {
    (void)state;
    struct mp_random r = {7};
    for (unsigned c = 0; c < CASES; c++) {
        const size_t n = 1 + c % 4;
        point at[MAX];
        const size_t count = draw(&r, n, 8, at);
        struct mp_pareto p;
        size_t next = 0;
        mp_pareto_init(&p, n);
        for (size_t i = 0; i < count; i++)
            mp_pareto_add(&p, at[i], 1000 + i);
        for (size_t i = 0; i < count; i++) {
            bool beaten = false;
            for (size_t j = 0; j < count; j++)
                beaten = beaten || mp_dominates(at[j], at[i], n);
            assert_int_equal(mp_pareto_beats(&p, at[i]), beaten);
            if (!beaten) { // in the order in which they came, equal ones too
                assert_true(next < p.count && p.id[next] == 1000 + i);
                assert_memory_equal(p.at[next], at[i], n * sizeof(double));
                next++;
            }
        }
        assert_int_equal(next, p.count);
        mp_pareto_finish(&p);
    }
}

// Cells of the grid that some point dominates.
static double counted(const point *at, size_t count, size_t n, unsigned steps) {
    size_t cells = 1, inside = 0;
    for (size_t k = 0; k < n; k++)
        cells *= steps;
    for (size_t cell = 0; cell < cells; cell++) {
        bool any = false;
        for (size_t i = 0; i < count && !any; i++) {
            any = true;
            for (size_t k = 0, rest = cell; k < n; k++, rest /= steps)
                any = any && at[i][k] <= (double)(rest % steps);
        }
        inside += any;
    }
    return (double)inside / (double)cells;
}

static void volumes_of_grids(void **state) {
    (void)state;
    static const double ideal[MP_OBJECTIVES_MAX];
    struct mp_random r = {11};
    for (unsigned c = 0; c < CASES; c++) {
        const size_t n = 1 + c % 4;
        const unsigned steps = 6;
        point at[MAX];
        const size_t count = draw(&r, n, steps + 1, at); // some on the nadir, some beyond it
        const double v = mp_hypervolume(at, count, n, ideal, (double[]){steps, steps, steps, steps});
        assert_true(fabs(v - counted(at, count, n, steps)) < 1e-12);
    }
}

static void known_volumes(void **state) {
    (void)state;
    const point two[] = {{1, 3}, {2, 1}}, better[] = {{-5, -5}}, none[] = {{4, 0}};
    const double ideal[] = {0, 0}, nadir[] = {4, 4};
    assert_true(fabs(mp_hypervolume(two, 2, 2, ideal, nadir) - 7.0 / 16) < 1e-15); // 3 x 1 and 2 x 2
    assert_true(mp_hypervolume(better, 1, 2, ideal, nadir) == 1);
    assert_true(mp_hypervolume(none, 1, 2, ideal, nadir) == 0);
    assert_true(mp_hypervolume(two, 0, 2, ideal, nadir) == 0);
    assert_true(mp_hypervolume((const point[]){{1.5, 3, 2, 1}}, 1, 4, (double[]){1, 2, 0, 0}, (double[]){2, 4, 4, 4}) ==
                0.5 * 0.5 * 0.5 * 0.75);
}

// Points of the octant's sphere: a front in which none dominates another. Volume beyond them: 1 - pi/6 as they become many.
static void large_fronts(void **state) {
    (void)state;
    enum { COUNT = 10000 };
    static point at[COUNT];
    static const double ideal[MP_OBJECTIVES_MAX], nadir[MP_OBJECTIVES_MAX] = {1, 1, 1, 1};
    for (size_t i = 0; i < COUNT; i++) {
        const double z = ((double)i + 0.5) / COUNT, turn = fmod((double)i * 0.6180339887498949, 1) * M_PI / 2, q = sqrt(1 - z * z);
        at[i][0] = 1 - q * cos(turn), at[i][1] = 1 - q * sin(turn), at[i][2] = 1 - z;
    }
    const double v = mp_hypervolume(at, COUNT, 3, ideal, nadir);
    assert_true(v < M_PI / 6 && v > M_PI / 6 - 0.02);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domination),    cmocka_unit_test(front_of_all_pairs), cmocka_unit_test(volumes_of_grids),
        cmocka_unit_test(known_volumes), cmocka_unit_test(large_fronts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
