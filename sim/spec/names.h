// SPDX-License-Identifier: Apache-2.0
// A list of distinct names that finds its own: the tensors and layers of a workload by name.
#ifndef SIM_SPEC_NAMES_H
#define SIM_SPEC_NAMES_H

#include "sim/base/arena.h"

#include <stdbool.h>
#include <stddef.h>

#define MP_NO_NAME ((size_t)-1)
#define MP_NAMES_HINT_BYTES 440

struct mp_names {
    const char **list; // in the order in which they were added
    size_t count, cap;
    size_t *slots;     // open addressing, index + 1; twice `cap` or more, a power of two
    size_t slot_count;
};

void mp_names_init(struct mp_names *n, struct mp_arena *a, size_t cap);
// The index of the name, or MP_NO_NAME.
size_t mp_names_find(const struct mp_names *n, const char *name);
// Adds `name` (not copied) as number `count`; false when it is there already. At most `cap` names.
bool mp_names_add(struct mp_names *n, const char *name);
// `, did you mean "x"?` into `out` when a name is near, else "". Returns `out`.
const char *mp_names_hint(const struct mp_names *n, const char *word, char out[MP_NAMES_HINT_BYTES]);

#endif
