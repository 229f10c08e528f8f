// SPDX-License-Identifier: Apache-2.0
// The techs that a folder holds, for "did you mean". A folder that cannot be read holds none.
#include "costmodel/price.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#define MAX_NAMES 256

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

size_t mp_tech_names(const char *dir, struct mp_arena *a, const char *const **names) {
    const char **list = mp_arena_alloc(a, MAX_NAMES, sizeof *list);
    size_t count = 0;
    DIR *d = opendir(dir);
    for (struct dirent *e; d && count < MAX_NAMES && (e = readdir(d));) {
        size_t len = strlen(e->d_name);
        if (len > 5 && strcmp(e->d_name + len - 5, ".json") == 0)
            list[count++] = mp_arena_printf(a, "%.*s", (int)(len - 5), e->d_name);
    }
    if (d)
        closedir(d);
    qsort(list, count, sizeof *list, by_name);
    *names = list;
    return count;
}
