// SPDX-License-Identifier: Apache-2.0
#include "sim/cli/stored.h"

#include "sim/base/file.h"
#include "sim/explore/design_arch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool mp_stored_open(struct mp_stored *s, const struct mp_stored_options *o, bool summed, struct mp_arena *a, struct mp_err *err) {
    return mp_store_open(&s->store, o->store, false, err) && mp_query_sweep(s->store, o->sweep, a, &s->sweep, err) &&
           mp_query_networks(s->store, s->sweep, o->networks.text, o->networks.count, summed, a, &s->networks, err) &&
           mp_query_names(s->store, s->sweep, &s->networks, a, &s->names, err);
}

static int by_key(const void *a, const void *b) {
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static bool write_arch(int64_t design, const struct mp_buf *text, const char *folder, struct mp_arena *a, struct mp_err *err) {
    return mp_file_write(mp_arena_printf(a, "%s/%016" PRIx64 ".json", folder, (uint64_t)design), text->text, text->len, err);
}

// In ascending order, each once.
static size_t list_designs(const struct mp_query_rows *rows, int64_t *out) {
    size_t count = 0;
    if (rows->count > 0)
        memcpy(out, rows->designs, rows->count * sizeof *out);
    qsort(out, rows->count, sizeof *out, by_key);
    for (size_t i = 0; i < rows->count; i++)
        if (i == 0 || out[i] != out[count - 1])
            out[count++] = out[i];
    return count;
}

bool mp_stored_archs(struct mp_store *s, const struct mp_query_rows *rows, const char *folder, struct mp_err *err) {
    struct mp_arena a = {0};
    int64_t *designs = mp_arena_alloc(&a, rows->count, sizeof *designs);
    const size_t count = list_designs(rows, designs);
    struct mp_buf *texts = mp_arena_alloc(&a, count, sizeof *texts);
    bool ok = true;
    for (size_t i = 0; i < count && ok; i++)
        ok = mp_design_arch(s, mp_arena_printf(&a, "%016" PRIx64, (uint64_t)designs[i]), &texts[i], err);
    ok = ok && (mkdir(folder, 0777) == 0 || errno == EEXIST ||
                mp_fail(err, "%s: cannot make the folder: %s", folder, strerror(errno)));
    for (size_t i = 0; i < count && ok; i++)
        ok = write_arch(designs[i], &texts[i], folder, &a, err);
    for (size_t i = 0; i < count; i++)
        mp_buf_finish(&texts[i]);
    mp_arena_finish(&a);
    return ok;
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
