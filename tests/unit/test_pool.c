// SPDX-License-Identifier: Apache-2.0
// Jobs over threads: each once, by a thread whose number is in range, all over when the call returns.
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "sim/base/pool.h"

#include <stdatomic.h>

#define JOBS 1000

struct seen {
    atomic_uint times[JOBS];
    atomic_uint busy[MP_MAX_THREADS]; // jobs of this thread's number that run now
    unsigned threads;
    atomic_bool wrong;
};

static void job(void *user, unsigned thread, size_t i) {
    struct seen *s = user;
    if (thread >= s->threads || i >= JOBS) {
        s->wrong = true;
        return;
    }
    if (atomic_fetch_add(&s->busy[thread], 1) != 0) // a thread's number belongs to one at a time
        s->wrong = true;
    for (volatile unsigned k = 0; k < 100 * (i % 7); k++)
        ;
    atomic_fetch_add(&s->times[i], 1);
    atomic_fetch_sub(&s->busy[thread], 1);
}

static void each_once(void **state) {
    (void)state;
    static const size_t counts[] = {0, 1, 2, 17, JOBS};
    for (unsigned threads = 1; threads <= MP_MAX_THREADS; threads += threads < 9 ? 1 : 247)
        for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
            static struct seen s;
            for (size_t i = 0; i < JOBS; i++)
                s.times[i] = 0;
            s.threads = threads;
            mp_pool_run(threads, counts[c], job, &s);
            assert_false(s.wrong);
            for (size_t i = 0; i < JOBS; i++)
                assert_int_equal(s.times[i], i < counts[c]);
        }
}

static void some_processor(void **state) {
    (void)state;
    assert_in_range(mp_pool_default(), 1, MP_MAX_THREADS);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_once), cmocka_unit_test(some_processor)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
