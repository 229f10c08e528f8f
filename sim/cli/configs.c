// SPDX-License-Identifier: Apache-2.0
// Where configuration files are: the environment, the installed place beside the program, the source tree.
#include "sim/cli/configs.h"

#include "sim/base/say.h"
#include "sim/base/str.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#ifndef MPSIM_DATADIR
#define MPSIM_DATADIR "/usr/local/share/mpsim"
#endif

const struct mp_config_kind mp_config_kinds[MP_CONFIGS] = {
    [MP_CONFIG_ARCH] = {"arch", "arch", ".json"},
    [MP_CONFIG_WORKLOAD] = {"workload", "workloads", ".json"},
    [MP_CONFIG_PLAN] = {"plan", "plans", ".json"},
    [MP_CONFIG_TECH] = {"tech", "tech", ".json"},
    [MP_CONFIG_MODEL] = {"model", "models", ".onnx"},
    [MP_CONFIG_PREPROCESS] = {"preprocess", "preprocess", ".json"},
    [MP_CONFIG_SPACE] = {"space", "spaces", ".json"},
};

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

// The folder of the running program, or NULL.
static const char *program_folder(struct mp_arena *a) {
    char path[4096];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0)
        return NULL;
    path[n] = '\0';
    char *slash = strrchr(path, '/');
    if (!slash)
        return NULL;
    *slash = '\0';
    return mp_arena_strdup(a, path);
}

const char *mp_configs_folder(struct mp_arena *a) {
    static const char *const beside[] = {"../share/mpsim/configs", "../configs", "../../configs"};
    const char *env = getenv("MPSIM_CONFIGS"), *exe = program_folder(a);
    if (env && *env)
        return is_folder(env) ? env : NULL;
    for (size_t i = 0; exe && i < sizeof beside / sizeof *beside; i++) {
        char *path = mp_arena_printf(a, "%s/%s", exe, beside[i]);
        if (is_folder(mp_arena_printf(a, "%s/arch", path))) {
            char *real = realpath(path, NULL);
            char *kept = real ? mp_arena_strdup(a, real) : path;
            free(real);
            return kept;
        }
    }
    return is_folder(MPSIM_DATADIR "/configs") ? MPSIM_DATADIR "/configs" : NULL;
}

static const char *kind_folder(enum mp_config kind, struct mp_arena *a) {
    const char *folder = mp_configs_folder(a);
    return folder ? mp_arena_printf(a, "%s/%s", folder, mp_config_kinds[kind].folder) : NULL;
}

const char *mp_config_path(enum mp_config kind, const char *name, struct mp_arena *a) {
    const char *folder = kind_folder(kind, a);
    return folder ? mp_arena_printf(a, "%s/%s%s", folder, name, mp_config_kinds[kind].ending) : NULL;
}

static int by_name(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

// Length of the name without the kind's ending; 0 when it has another one.
static int stem(enum mp_config kind, const char *name) {
    const char *ending = mp_config_kinds[kind].ending;
    size_t len = strlen(name), n = strlen(ending);
    return len > n && strcmp(name + len - n, ending) == 0 ? (int)(len - n) : 0;
}

size_t mp_config_names(enum mp_config kind, struct mp_arena *a, const char *const **names) {
    const char *folder = kind_folder(kind, a);
    DIR *d = folder ? opendir(folder) : NULL;
    const char **list = NULL;
    size_t count = 0, cap = 0;
    for (struct dirent *e; d && (e = readdir(d));) {
        if (e->d_name[0] == '.' || !stem(kind, e->d_name))
            continue;
        if (count == cap) {
            size_t more = cap ? 2 * cap : 64;
            list = mp_arena_grow(a, list, count, more, sizeof *list);
            cap = more;
        }
        list[count++] = mp_arena_printf(a, "%.*s", stem(kind, e->d_name), e->d_name);
    }
    if (d)
        closedir(d);
    if (count > 0)
        qsort(list, count, sizeof *list, by_name);
    *names = list;
    return count;
}

// Where a name that is not found is looked for next; MP_CONFIGS: nowhere.
static enum mp_config next_kind(enum mp_config kind) {
    return kind == MP_CONFIG_WORKLOAD ? MP_CONFIG_MODEL : MP_CONFIGS;
}

// The shipped name nearest to `name`, or NULL.
static const char *nearest(enum mp_config kind, const char *name, struct mp_arena *a) {
    const char **all = NULL;
    size_t count = 0;
    for (enum mp_config k = kind; k != MP_CONFIGS; k = next_kind(k)) {
        const char *const *names;
        size_t more = mp_config_names(k, a, &names);
        all = mp_arena_grow(a, all, count, count + more, sizeof *all);
        for (size_t i = 0; i < more; i++)
            all[count++] = names[i];
    }
    return mp_nearest(name, all, count);
}

bool mp_config_missing(enum mp_config kind, const char *name, struct mp_arena *a, struct mp_err *err) {
    const struct mp_config_kind *k = &mp_config_kinds[kind];
    char shown[MP_SAY_BYTES];
    const char *near = nearest(kind, name, a), *folder = mp_configs_folder(a);
    mp_say_text(name, strlen(name), shown);
    if (!folder)
        return mp_fail(err,
                       "%s \"%s\": no such file, and the folder of shipped ones was not found (set MPSIM_CONFIGS)",
                       k->name, shown);
    return mp_fail(err, "%s \"%s\": no such file, and none of that name is shipped%s%s%s", k->name, shown,
                   near ? ", did you mean \"" : "", near ? near : "", near ? "\"?" : "");
}

// The shipped file of that name, with or without the kind's ending; NULL when there is none.
static const char *find_shipped(enum mp_config kind, const char *name, struct mp_arena *a) {
    const char *plain = stem(kind, name) ? mp_arena_printf(a, "%.*s", stem(kind, name), name) : name;
    const char *path = mp_config_path(kind, plain, a);
    return path && access(path, F_OK) == 0 ? path : NULL;
}

bool mp_config_find(enum mp_config kind, const char *name, struct mp_arena *a, const char **path,
                    struct mp_err *err) {
    bool bare = !strchr(name, '/');
    // A folder that happens to have the name of a shipped file hides nothing.
    if (!bare || (access(name, F_OK) == 0 && !is_folder(name))) {
        *path = name;
        return true;
    }
    for (enum mp_config k = kind; k != MP_CONFIGS; k = next_kind(k))
        if ((*path = find_shipped(k, name, a)))
            return true;
    if (access(name, F_OK) == 0) { // the folder itself: the loader says what is wrong with it
        *path = name;
        return true;
    }
    return mp_config_missing(kind, name, a, err);
}
