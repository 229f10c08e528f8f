// SPDX-License-Identifier: Apache-2.0
// Memory that is freed all at once: one arena for a set of loaded documents, one for a run.
// A zeroed struct is an empty arena. Running out of memory ends the process with a message: inputs
// are bounded at load, so no input of legal size gets there.
#ifndef SIM_BASE_ARENA_H
#define SIM_BASE_ARENA_H

#include <stddef.h>

struct mp_arena {
    struct mp_block *blocks; // newest first
};

// `count` zeroed elements of `size` bytes, aligned for any type; never NULL (also for count 0).
void *mp_arena_alloc(struct mp_arena *a, size_t count, size_t size);
char *mp_arena_strdup(struct mp_arena *a, const char *text);
char *mp_arena_printf(struct mp_arena *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3), nonnull(2)));
// A copy of `old` (old_count elements) with room for `count`; the rest zeroed.
void *mp_arena_grow(struct mp_arena *a, const void *old, size_t old_count, size_t count, size_t size);
// Takes everything back but keeps the newest block, the largest but for outsized ones, for what comes next.
void mp_arena_reset(struct mp_arena *a);
void mp_arena_finish(struct mp_arena *a); // takes NULL and empty arenas

_Noreturn void mp_out_of_memory(void); // the message, then abort(); for whoever allocates by other means

#endif
