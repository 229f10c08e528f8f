// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/signals.h"

#include "sim/base/str.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CORE "mp_cosim.u_core"

// Verilator's own spelling of what no C++ name may hold.
static const struct {
    const char *coded, *plain;
} spellings[] = {{"__DOT__", "."}, {"__BRA__", "["}, {"__KET__", "]"}};

const char *mp_signal_path(struct mp_arena *a, const char *scope, const char *name) {
    size_t root = sizeof CORE - 1;
    if (strncmp(scope, CORE, root) == 0)
        scope += scope[root] == '.' ? root + 1 : root;
    char *path = mp_arena_printf(a, "%s%s%s", scope, *scope ? "." : "", name), *to = path;
    for (const char *at = path; *at;) {
        size_t k = 0, count = sizeof spellings / sizeof *spellings;
        while (k < count && strncmp(at, spellings[k].coded, strlen(spellings[k].coded)) != 0)
            k++;
        *to++ = k < count ? *spellings[k].plain : *at;
        at += k < count ? strlen(spellings[k].coded) : 1;
    }
    *to = '\0';
    return path;
}

static bool is_register(const char *scope, const char *name) {
    size_t len = strlen(name), root = sizeof CORE - 1;
    bool state = (len > 2 && strcmp(name + len - 2, "_q") == 0) || (len > 3 && strcmp(name + len - 3, "_qq") == 0);
    return state && strncmp(scope, CORE, root) == 0 && (scope[root] == '.' || scope[root] == '\0');
}

static void write_signal(void *user, const char *scope, const char *name, unsigned bits) {
    if (is_register(scope, name))
        fprintf(user, "%s %s %u\n", scope, name, bits);
}

static void ignore_stop(void *user, const struct mp_shim_stop *s) {
    (void)user, (void)s;
    _exit(1);
}

_Noreturn static void child(const char *library, int fd) {
    struct mp_shim_ports ports;
    void *lib = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    const struct mp_shim_ops *shim = lib ? dlsym(lib, MP_SHIM_SYMBOL) : NULL;
    FILE *out = fdopen(fd, "w");
    if (!shim || !out)
        _exit(1);
    void *model = shim->create(&ports, false, ignore_stop, NULL);
    shim->eval(model);
    shim->each_signal(model, write_signal, out);
    _exit(fclose(out) == 0 ? 0 : 1);
}

static int by_path(const void *a, const void *b) {
    return strcmp(((const struct mp_signal *)a)->path, ((const struct mp_signal *)b)->path);
}

static void take(struct mp_arena *a, FILE *in, struct mp_signals *out) {
    char scope[512], name[256];
    unsigned bits;
    size_t cap = 0;
    while (fscanf(in, "%511s %255s %u", scope, name, &bits) == 3) {
        if (out->count == cap) {
            cap = cap ? 2 * cap : 64;
            out->list = mp_arena_grow(a, out->list, out->count, cap, sizeof *out->list);
        }
        out->list[out->count++] = (struct mp_signal){mp_arena_strdup(a, scope), mp_arena_strdup(a, name),
                                                     mp_signal_path(a, scope, name), bits};
    }
    if (out->count > 0)
        qsort(out->list, out->count, sizeof *out->list, by_path);
}

bool mp_signals_registers(const char *library, struct mp_arena *a, struct mp_signals *out, struct mp_err *err) {
    int ends[2], status = 1;
    pid_t pid = -1;
    *out = (struct mp_signals){0};
    if (pipe(ends) == 0) {
        fflush(NULL);
        if ((pid = fork()) == 0) {
            close(ends[0]);
            child(library, ends[1]);
        }
        close(ends[1]);
        FILE *in = fdopen(ends[0], "r");
        if (pid > 0 && in)
            take(a, in, out);
        if (in)
            fclose(in);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    return (pid > 0 && status == 0 && out->count > 0) || mp_fail(err, "%s: cannot list its registers", library);
}
