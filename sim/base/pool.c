// SPDX-License-Identifier: Apache-2.0
// Threads that take the next job from a counter. The caller's thread is the first of them.
#include "sim/base/pool.h"

#include <assert.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

struct pool {
    atomic_size_t next;
    size_t count;
    void (*job)(void *user, unsigned thread, size_t i);
    void *user;
};

struct worker {
    struct pool *pool;
    unsigned number;
};

unsigned mp_pool_default(void) {
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) != 0)
        return 1;
    int count = CPU_COUNT(&set);
    return count < 1 ? 1 : count > MP_MAX_THREADS ? MP_MAX_THREADS : (unsigned)count;
}

static void *work(void *argument) {
    const struct worker *w = argument;
    for (size_t i; (i = atomic_fetch_add(&w->pool->next, 1)) < w->pool->count;)
        w->pool->job(w->pool->user, w->number, i);
    return NULL;
}

void mp_pool_run(unsigned threads, size_t count, void (*job)(void *user, unsigned thread, size_t i), void *user) {
    struct pool pool = {.count = count, .job = job, .user = user};
    struct worker workers[MP_MAX_THREADS];
    pthread_t thread[MP_MAX_THREADS];
    unsigned started = 1;
    assert(threads >= 1 && threads <= MP_MAX_THREADS);
    for (unsigned i = 0; i < threads; i++)
        workers[i] = (struct worker){&pool, i};
    while (started < threads && started < count && pthread_create(&thread[started], NULL, work, &workers[started]) == 0)
        started++;
    work(&workers[0]);
    for (unsigned i = 1; i < started; i++)
        pthread_join(thread[i], NULL);
}
