// SPDX-License-Identifier: Apache-2.0
// Where the core's sources are, and where models are kept.
#include "sim/cosim/model_tools.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MPSIM_DATADIR
#define MPSIM_DATADIR "/usr/local/share/mpsim"
#endif

#define TOP "mp_cosim.sv"

static bool has(struct mp_arena *a, const char *folder, const char *file) {
    return access(mp_arena_printf(a, "%s/%s", folder, file), R_OK) == 0;
}

// The folder of the running program, or NULL.
static const char *program_folder(struct mp_arena *a) {
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return NULL;
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    return slash ? mp_arena_printf(a, "%.*s", (int)(slash - path), path) : NULL;
}

// One name for a folder, however it was come by: it is part of what compilers see.
static const char *plain(struct mp_arena *a, const char *path) {
    char *real = realpath(path, NULL);
    const char *kept = real ? mp_arena_strdup(a, real) : path;
    free(real);
    return kept;
}

// Where sources come from unless the environment says otherwise, or NULL.
static const char *own_sources(struct mp_arena *a) {
    static const char *const beside[] = {"../share/mpsim/rtl", "../rtl", "../../rtl"};
    const char *exe = program_folder(a);
    for (size_t i = 0; exe && i < sizeof beside / sizeof *beside; i++) {
        const char *path = mp_arena_printf(a, "%s/%s", exe, beside[i]);
        if (has(a, path, TOP))
            return plain(a, path);
    }
    return has(a, MPSIM_DATADIR "/rtl", TOP) ? MPSIM_DATADIR "/rtl" : NULL;
}

const char *mp_model_sources(struct mp_arena *a) {
    const char *env = getenv("MPSIM_RTL");
    if (env && *env)
        return has(a, env, TOP) ? plain(a, env) : NULL;
    return own_sources(a);
}

// Installed, it lies beside the sources; in the source tree, where C includes it from. Sources of one's own may do without.
const char *mp_model_shim_folder(struct mp_arena *a, const char *rtl) {
    const char *const near[] = {rtl, own_sources(a)};
    for (size_t i = 0; i < 2 && near[i]; i++) {
        const char *tree = mp_arena_printf(a, "%s/../sim/cosim", near[i]);
        if (has(a, near[i], "shim.h"))
            return near[i];
        if (has(a, tree, "shim.h"))
            return plain(a, tree);
    }
    return NULL;
}

// mkdir -p
static bool make_folder(struct mp_arena *a, const char *path) {
    char *copy = mp_arena_strdup(a, path);
    for (char *p = copy + 1; *p; p++) {
        if (*p != '/')
            continue;
        *p = '\0';
        mkdir(copy, 0777);
        *p = '/';
    }
    return mkdir(copy, 0777) == 0 || errno == EEXIST;
}

bool mp_model_cache(struct mp_arena *a, const char **folder, struct mp_err *err) {
    const char *own = getenv("MPSIM_CACHE"), *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");
    if (own && *own)
        *folder = own;
    else if (xdg && xdg[0] == '/')
        *folder = mp_arena_printf(a, "%s/mpsim", xdg);
    else if (home && *home)
        *folder = mp_arena_printf(a, "%s/.cache/mpsim", home);
    else
        return mp_fail(err, "no folder to keep built models in: set MPSIM_CACHE or HOME");
    if (!make_folder(a, *folder) || access(*folder, W_OK | X_OK) != 0)
        return mp_fail(err, "%s: cannot keep built models there: %s (MPSIM_CACHE names another folder)", *folder,
                       strerror(errno));
    *folder = plain(a, *folder);
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

void mp_folder_files(struct mp_arena *a, const char *folder, const char *ending, struct mp_words *out) {
    DIR *d = opendir(folder);
    size_t first = out->count, end = strlen(ending);
    for (struct dirent *e; d && (e = readdir(d));) {
        size_t len = strlen(e->d_name);
        if (e->d_name[0] != '.' && len >= end && strcmp(e->d_name + len - end, ending) == 0)
            mp_words_add(out, mp_arena_printf(a, "%s/%s", folder, e->d_name));
    }
    if (d)
        closedir(d);
    if (out->count > first)
        qsort(out->list + first, out->count - first, sizeof *out->list, by_name);
}

void mp_folder_remove(struct mp_arena *a, const char *folder) {
    struct mp_words files = {.arena = a};
    mp_folder_files(a, folder, "", &files);
    for (size_t i = 0; i < files.count; i++)
        unlink(files.list[i]);
    rmdir(folder);
}
