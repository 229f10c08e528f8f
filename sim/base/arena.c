// SPDX-License-Identifier: Apache-2.0
// A bump allocator over blocks that double from 4 KiB to 1 MiB; a larger request gets a block of its own
// size. Blocks come zeroed and bytes are handed out once, so an allocation is zeroed too.
#include "sim/base/arena.h"

#include <assert.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_BLOCK ((size_t)4 << 10)
#define LAST_BLOCK ((size_t)1 << 20)

struct mp_block {
    struct mp_block *next;
    size_t size, used; // bytes of data
    max_align_t data[];
};

_Noreturn void mp_out_of_memory(void) {
    fputs("mpsim: out of memory\n", stderr);
    abort();
}

static size_t checked_bytes(size_t count, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes) || bytes > SIZE_MAX / 4)
        mp_out_of_memory();
    size_t align = alignof(max_align_t);
    return bytes ? (bytes + align - 1) / align * align : align;
}

// An outsized block goes behind the newest, whose rest stays in use.
static struct mp_block *add_block(struct mp_arena *a, size_t bytes) {
    size_t size = a->blocks ? a->blocks->size * 2 : FIRST_BLOCK;
    if (size > LAST_BLOCK)
        size = LAST_BLOCK;
    struct mp_block **at = size < bytes && a->blocks ? &a->blocks->next : &a->blocks;
    if (size < bytes)
        size = bytes;
    struct mp_block *b = calloc(1, sizeof *b + size);
    if (!b)
        mp_out_of_memory();
    b->size = size;
    b->next = *at;
    *at = b;
    return b;
}

void *mp_arena_alloc(struct mp_arena *a, size_t count, size_t size) {
    size_t bytes = checked_bytes(count, size);
    struct mp_block *b = a->blocks;
    if (!b || b->size - b->used < bytes)
        b = add_block(a, bytes);
    void *p = (char *)b->data + b->used;
    b->used += bytes;
    return p;
}

char *mp_arena_strdup(struct mp_arena *a, const char *text) {
    size_t bytes = strlen(text) + 1;
    return memcpy(mp_arena_alloc(a, bytes, 1), text, bytes);
}

char *mp_arena_printf(struct mp_arena *a, const char *fmt, ...) {
    char first[256]; // most texts fit, and then need no second pass
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(first, sizeof first, fmt, args);
    va_end(args);
    assert(n >= 0);
    char *text = mp_arena_alloc(a, (size_t)n + 1, 1);
    if ((size_t)n < sizeof first)
        memcpy(text, first, (size_t)n + 1);
    else
        vsnprintf(text, (size_t)n + 1, fmt, again);
    va_end(again);
    return text;
}

void *mp_arena_grow(struct mp_arena *a, const void *old, size_t old_count, size_t count, size_t size) {
    assert(count >= old_count);
    void *p = mp_arena_alloc(a, count, size);
    if (old_count > 0)
        memcpy(p, old, old_count * size);
    return p;
}

void mp_arena_reset(struct mp_arena *a) {
    struct mp_block *kept = a->blocks;
    if (!kept)
        return;
    a->blocks = kept->next;
    mp_arena_finish(a);
    memset(kept->data, 0, kept->used);
    kept->next = NULL, kept->used = 0;
    a->blocks = kept;
}

void mp_arena_finish(struct mp_arena *a) {
    if (!a)
        return;
    while (a->blocks) {
        struct mp_block *b = a->blocks;
        a->blocks = b->next;
        free(b);
    }
}
