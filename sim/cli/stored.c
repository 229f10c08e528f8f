// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/stored.h"

#include <string.h>

bool mp_stored_open(struct mp_stored *s, const struct mp_stored_options *o, bool summed, struct mp_arena *a, struct mp_err *err) {
    return mp_store_open(&s->store, o->store, false, err) && mp_query_sweep(s->store, o->sweep, a, &s->sweep, err) &&
           mp_query_networks(s->store, s->sweep, o->networks.text, o->networks.count, summed, a, &s->networks, err) &&
           mp_query_names(s->store, s->sweep, &s->networks, a, &s->names, err);
}

bool mp_split(const char *list, struct mp_arena *a, struct mp_texts *out) {
    *out = (struct mp_texts){0};
    for (;; list++) {
        const size_t blank = strspn(list, " "), len = strcspn(list + blank, ", ");
        out->text = mp_arena_grow(a, out->text, out->count, out->count + 1, sizeof *out->text);
        out->text[out->count++] = mp_arena_printf(a, "%.*s", (int)len, list + blank);
        list += blank + len;
        list += strspn(list, " ");
        if (len == 0 || (*list != ',' && *list != '\0'))
            return false;
        if (*list == '\0')
            return true;
    }
}
