// SPDX-License-Identifier: Apache-2.0
// Running programs, and digests of what a model is built from.
#include "sim/cosim/model_tools.h"

#include "sim/base/file.h"
#include "sim/cosim/child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void mp_words_add(struct mp_words *w, const char *word) {
    if (w->count + 2 > w->cap) {
        size_t cap = w->cap ? 2 * w->cap : 32;
        w->list = mp_arena_grow(w->arena, w->list, w->count, cap, sizeof *w->list);
        w->cap = cap;
    }
    w->list[w->count++] = word;
    w->list[w->count] = NULL;
}

void mp_words_split(struct mp_words *w, const char *text) {
    while (*(text += strspn(text, " \t"))) {
        size_t n = strcspn(text, " \t");
        mp_words_add(w, mp_arena_printf(w->arena, "%.*s", (int)n, text));
        text += n;
    }
}

static bool is_program(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

const char *mp_tool_find(struct mp_arena *a, const char *name) {
    const char *path = getenv("PATH");
    if (strchr(name, '/'))
        return is_program(name) ? name : NULL;
    for (path = path ? path : "/usr/local/bin:/usr/bin:/bin"; *path;) {
        size_t n = strcspn(path, ":");
        const char *file = mp_arena_printf(a, "%.*s/%s", (int)n, n ? path : ".", name);
        if (is_program(file))
            return file;
        path += n + (path[n] == ':');
    }
    return NULL;
}

pid_t mp_tool_start(const struct mp_words *words, const char *folder, const char *log) {
    fflush(NULL);
    pid_t parent = getpid(), pid = fork();
    if (pid != 0)
        return pid;
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    int in = open("/dev/null", O_RDONLY), out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0666);
    if (getppid() != parent || in < 0 || out < 0 || dup2(in, 0) < 0 || dup2(out, 1) < 0 || dup2(out, 2) < 0 ||
        (folder && chdir(folder) != 0))
        _exit(127);
    char **argv = mp_arena_alloc(words->arena, words->count + 1, sizeof *argv);
    for (size_t i = 0; i < words->count; i++)
        argv[i] = mp_arena_strdup(words->arena, words->list[i]);
    execvp(argv[0], argv);
    dprintf(2, "%s: cannot run: %s\n", argv[0], strerror(errno));
    _exit(127);
}

bool mp_tool_wait(pid_t pid) {
    int status = 1;
    if (pid > 0 && mp_child_signalled())
        kill(pid, SIGTERM);
    while (pid > 0 && waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR)
            return false;
        if (mp_child_signalled())
            kill(pid, SIGTERM);
    }
    return pid > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool mp_tool_run(const struct mp_words *words, const char *folder, const char *log) {
    return mp_tool_wait(mp_tool_start(words, folder, log));
}

const char *mp_tool_line(struct mp_arena *a, const struct mp_words *words, const char *scratch) {
    struct mp_err ignored;
    char *text;
    size_t len;
    unlink(scratch);
    bool ok = mp_tool_run(words, NULL, scratch) && mp_file_read(a, scratch, &text, &len, &ignored);
    unlink(scratch);
    return ok ? mp_arena_printf(a, "%.*s", (int)strcspn(text, "\n"), text) : "";
}

void mp_digest_add(struct mp_digest *d, const char *bytes, size_t len) {
    static const uint64_t begin[2] = {0xcbf29ce484222325u, 0x84222325cbf29ce4u};
    uint64_t a = d->half[0] ^ begin[0], b = d->half[1] ^ begin[1];
    for (size_t i = 0; i < len; i++) {
        a = (a ^ (unsigned char)bytes[i]) * 0x100000001b3u;
        b = (b ^ (unsigned char)bytes[i] ^ a >> 56) * 0x100000001b3u;
    }
    d->half[0] = a ^ begin[0], d->half[1] = b ^ begin[1];
}

void mp_digest_text(struct mp_digest *d, const char *text) {
    mp_digest_add(d, text, strlen(text) + 1);
}

bool mp_digest_file(struct mp_digest *d, const char *path, struct mp_err *err) {
    struct mp_arena a = {0};
    char *text;
    size_t len;
    bool ok = mp_file_read(&a, path, &text, &len, err);
    if (ok)
        mp_digest_add(d, text, len + 1);
    mp_arena_finish(&a);
    return ok;
}

void mp_digest_identity(struct mp_digest *d, const char *path) {
    struct stat st;
    char text[96] = "missing";
    if (stat(path, &st) == 0)
        snprintf(text, sizeof text, "%jd %jd.%09ld", (intmax_t)st.st_size, (intmax_t)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    mp_digest_text(d, path);
    mp_digest_text(d, text);
}

const char *mp_digest_name(struct mp_arena *a, const struct mp_digest *d) {
    return mp_arena_printf(a, "%016" PRIx64 "%016" PRIx64, d->half[0], d->half[1]);
}
