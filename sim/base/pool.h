// SPDX-License-Identifier: Apache-2.0
// Independent jobs over threads. What a job computes must not depend on the thread that runs it: results go to places of
// their own and are reduced in the order of the jobs.
#ifndef SIM_BASE_POOL_H
#define SIM_BASE_POOL_H

#include <stddef.h>

#define MP_MAX_THREADS 256

// Processors that this process may use, at least 1.
unsigned mp_pool_default(void);

// Runs job(user, thread, i) for each i below `count`, each on one of `threads` (1 to MP_MAX_THREADS) threads; `thread` counts
// from 0. Returns when all are over. Fewer threads run when the system has no more.
void mp_pool_run(unsigned threads, size_t count, void (*job)(void *user, unsigned thread, size_t i), void *user);

#endif
