// SPDX-License-Identifier: Apache-2.0
// Temporary folders.
#include "tests/unit/data_fixture.h"

#include "sim/base/file.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int make_folder(void **state) {
    struct folder *f = calloc(1, sizeof *f);
    const char *tmp = getenv("TMPDIR");
    if (!f || !(f->arena = calloc(1, sizeof *f->arena)))
        return -1;
    snprintf(f->path, sizeof f->path, "%s/mpsim-XXXXXX", tmp && strlen(tmp) < 40 ? tmp : "/tmp");
    *state = f;
    return mkdtemp(f->path) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at) {
    (void)st, (void)flag, (void)at;
    return remove(path);
}

int remove_folder(void **state) {
    struct folder *f = *state;
    int status = nftw(f->path, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    mp_arena_finish(f->arena);
    free(f->arena);
    free(f);
    return status;
}

const char *in_folder(const struct folder *f, const char *name) {
    return mp_arena_printf(f->arena, "%s/%s", f->path, name);
}

void put_file(const char *path, const void *bytes, size_t count) {
    struct mp_err err;
    if (!mp_file_write(path, bytes, count, &err)) {
        fprintf(stderr, "%s\n", err.text);
        abort();
    }
}
