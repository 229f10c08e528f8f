// SPDX-License-Identifier: Apache-2.0
// What the fuzz targets share: a loader that either takes a text or gives a message, and an echo that reads back to itself.
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include "sim/base/json.h"
#include "sim/base/jsonw.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void check(bool ok) {
    if (!ok)
        abort();
}

// Reads a document; on success writes its echo to `w`, unless that is NULL.
typedef bool (*fuzz_reader)(const struct mp_node *root, struct mp_arena *a, struct mp_jsonw *w, struct mp_err *err);

static inline bool fuzz_parse(fuzz_reader read, struct mp_arena *a, const char *text, size_t len, struct mp_buf *echo,
                              struct mp_err *err) {
    struct mp_json *doc;
    struct mp_jsonw w;
    if (!mp_json_parse(&doc, "fuzz", text, len, err))
        return false;
    struct mp_node root = mp_json_root(doc);
    if (echo)
        mp_jsonw_init(&w, echo);
    bool ok = read(&root, a, echo ? &w : NULL, err);
    mp_json_destroy(doc);
    return ok;
}

// Any text either gets a message or is read; with `echoes`, what it is echoed as echoes as the same.
static inline int fuzz_document(fuzz_reader read, bool echoes, const uint8_t *data, size_t size) {
    struct mp_arena a = {0};
    struct mp_buf once = {0}, twice = {0};
    struct mp_err err = {""};
    bool ok = fuzz_parse(read, &a, (const char *)data, size, echoes ? &once : NULL, &err);
    check(ok || err.text[0] != '\0');
    if (ok && echoes) {
        check(fuzz_parse(read, &a, once.text, once.len, &twice, &err));
        check(once.len == twice.len && memcmp(once.text, twice.text, once.len) == 0);
    }
    mp_buf_finish(&once);
    mp_buf_finish(&twice);
    mp_arena_finish(&a);
    return 0;
}

#endif
