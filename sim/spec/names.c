// SPDX-License-Identifier: Apache-2.0
// Names by hash (FNV-1a), never removed. Crafted collisions only make it slower; the loaders bound the count.
#include "sim/spec/names.h"

#include "sim/base/hash.h"
#include "sim/base/say.h"
#include "sim/base/str.h"

#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

void mp_names_init(struct mp_names *n, struct mp_arena *a, size_t cap) {
    size_t slots = 4;
    while (slots / 2 < cap)
        slots *= 2;
    *n = (struct mp_names){
        .list = mp_arena_alloc(a, cap, sizeof *n->list),
        .cap = cap,
        .slots = mp_arena_alloc(a, slots, sizeof *n->slots),
        .slot_count = slots,
    };
}

// The slot that holds the name, or the empty one where it belongs.
static size_t slot_of(const struct mp_names *n, const char *name) {
    size_t at = (size_t)mp_hash_text(0, name) & (n->slot_count - 1);
    while (n->slots[at] && strcmp(n->list[n->slots[at] - 1], name) != 0)
        at = (at + 1) & (n->slot_count - 1);
    return at;
}

size_t mp_names_find(const struct mp_names *n, const char *name) {
    size_t held = n->slots[slot_of(n, name)];
    return held ? held - 1 : MP_NO_NAME;
}

bool mp_names_add(struct mp_names *n, const char *name) {
    size_t at = slot_of(n, name);
    if (n->slots[at])
        return false;
    assert(n->count < n->cap);
    n->list[n->count] = name;
    n->slots[at] = ++n->count;
    return true;
}

const char *mp_names_hint(const struct mp_names *n, const char *word, char out[MP_NAMES_HINT_BYTES]) {
    char shown[MP_SAY_BYTES];
    const char *near = mp_nearest(word, n->list, n->count);
    out[0] = '\0';
    if (near)
        snprintf(out, MP_NAMES_HINT_BYTES, ", did you mean \"%s\"?", mp_say_text(near, strlen(near), shown));
    return out;
}
