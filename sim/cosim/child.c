// SPDX-License-Identifier: Apache-2.0
#include "sim/cosim/child.h"

#include <dlfcn.h>
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define WATCH_MS 100

static volatile sig_atomic_t signal_seen; // the number of the signal that came, or 0

static const int caught[] = {SIGINT, SIGTERM, SIGHUP};

static void note(int number) {
    signal_seen = number;
}

static void on_signals(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++) {
        struct sigaction now;
        // Who ignores a signal (nohup) goes on ignoring it.
        if (sigaction(caught[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaction(caught[i], &action, NULL);
    }
}

void mp_child_signals(void) {
    signal_seen = 0;
    on_signals(note);
}

bool mp_child_signalled(void) {
    return signal_seen != 0;
}

int mp_child_signal(void) {
    on_signals(SIG_DFL);
    return signal_seen;
}

// What parent and child share: the result, the image behind it.
struct shared {
    struct mp_drive_result result;
    _Alignas(64) uint8_t image[];
};

_Noreturn static void child(const char *library, const struct mp_drive_job *job, struct shared *s, pid_t parent) {
    struct mp_drive_job own = *job;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGINT, SIG_IGN); // Ctrl-C reaches the whole group: the parent decides
    if (getppid() != parent)
        _exit(1);
    void *lib = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    const struct mp_shim_ops *shim = lib ? dlsym(lib, MP_SHIM_SYMBOL) : NULL;
    if (!shim) {
        snprintf(s->result.text, sizeof s->result.text, "%s", dlerror());
        s->result.end = MP_DRIVE_REFUSED;
        _exit(1);
    }
    own.image = s->image;
    mp_drive(shim, &own, &s->result);
    _exit(0);
}

// Until the child's end of the pipe closes.
static void watch_child(int pipe_end, pid_t pid, const struct mp_child_watch *watch, const struct shared *s) {
    struct pollfd wait = {.fd = pipe_end};
    for (bool killed = false;;) {
        int n = poll(&wait, 1, WATCH_MS);
        if (n > 0 || (n < 0 && errno != EINTR))
            return;
        if (signal_seen && !killed) {
            kill(pid, SIGKILL);
            killed = true;
        }
        if (n == 0 && watch && watch->progress)
            watch->progress(watch->user, &s->result);
    }
}

static enum mp_child_end judge(const struct mp_drive_result *r, int status, struct mp_err *err) {
    if (WIFSIGNALED(status))
        mp_fail(err, "the model crashed in cycle %" PRIu64 ": %s", r->cycles, strsignal(WTERMSIG(status)));
    else if (r->end == MP_DRIVE_DONE)
        return MP_CHILD_DONE;
    else if (r->end == MP_DRIVE_HANG)
        mp_fail(err, "the core hangs: still busy in cycle %" PRIu64 ", %" PRIu64 " tiles taken", r->cycles, r->tile);
    else if (r->end == MP_DRIVE_STOPPED)
        mp_fail(err, "the core stops in cycle %" PRIu64 "%s%s: %s (%s:%d)", r->cycles, r->scope[0] ? " in " : "", r->scope,
                r->text, r->file, r->line);
    else
        mp_fail(err, "%s", r->text[0] ? r->text : "the model's process ended without a result");
    return MP_CHILD_FAILED;
}

enum mp_child_end mp_child_run(const char *library, const struct mp_drive_job *job, const struct mp_child_watch *watch,
                               struct mp_drive_result *out, struct mp_err *err) {
    size_t bytes = sizeof(struct shared) + job->image_bytes;
    int ends[2], status = 0;
    if (signal_seen)
        return MP_CHILD_INTERRUPTED;
    struct shared *s = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED)
        return mp_fail(err, "no memory for an image of %zu bytes", job->image_bytes), MP_CHILD_FAILED;
    memcpy(s->image, job->image, job->image_bytes);
    pid_t parent = getpid(), pid = -1;
    if (pipe(ends) == 0) {
        fflush(NULL);
        if ((pid = fork()) == 0) {
            close(ends[0]);
            child(library, job, s, parent);
        }
        close(ends[1]);
        if (pid > 0)
            watch_child(ends[0], pid, watch, s);
        close(ends[0]);
    }
    enum mp_child_end end = MP_CHILD_FAILED;
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    *out = s->result;
    if (pid < 0)
        mp_fail(err, "cannot start a process for the model: %s", strerror(errno));
    else if (signal_seen)
        end = MP_CHILD_INTERRUPTED;
    else if ((end = judge(out, status, err)) == MP_CHILD_DONE)
        memcpy(job->image, s->image, job->image_bytes);
    munmap(s, bytes);
    return end;
}
