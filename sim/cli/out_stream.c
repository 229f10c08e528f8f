// SPDX-License-Identifier: Apache-2.0
// A long file, written while a command runs. A regular file is written beside its name and renamed when complete.
#include "sim/cli/out.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static bool cannot_write(const char *path, int why, struct mp_err *err) {
    return mp_fail(err, "%s: cannot write: %s", path, strerror(why));
}

static bool open_standard(struct mp_out_stream *s) {
    *s = (struct mp_out_stream){.path = "standard output", .fd = STDOUT_FILENO, .next = s};
    on_signals(note);
    return true;
}

bool mp_out_open(struct mp_out_stream *s, const char *path, struct mp_err *err) {
    struct stat st;
    if (strcmp(path, "-") == 0)
        return open_standard(s);
    bool exists = lstat(path, &st) == 0, beside = !exists || S_ISREG(st.st_mode);
    *s = (struct mp_out_stream){.path = path};
    if (exists && S_ISDIR(st.st_mode))
        return mp_fail(err, "%s: is a directory", path);
    if (exists && beside && access(path, W_OK) != 0)
        return cannot_write(path, errno, err);
    int len = beside ? snprintf(s->tmp, sizeof s->tmp, "%s.tmp.%ld", path, (long)getpid()) : 0;
    if (len < 0 || (size_t)len >= sizeof s->tmp)
        return cannot_write(path, ENAMETOOLONG, err);
    on_signals(note);
    if (beside)
        unlink(s->tmp); // left by a process of the same number that died
    s->fd = beside ? open(s->tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, exists ? st.st_mode & 0777 : 0666)
                   : open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
    s->next = s;
    if (s->fd >= 0)
        return true;
    int why = errno;
    on_signals(SIG_DFL);
    return cannot_write(path, why, err);
}

void mp_out_join(struct mp_out_stream *s, struct mp_out_stream *other) {
    struct mp_out_stream *next = s->next;
    s->next = other->next;
    other->next = next;
}

// Alone from now on.
static void leave(struct mp_out_stream *s) {
    struct mp_out_stream *before = s;
    while (before->next != s)
        before = before->next;
    before->next = s->next;
    s->next = s;
}

void mp_out_check(struct mp_out_stream *s) {
    if (!signal_seen)
        return;
    const struct mp_out_stream *one = s;
    do {
        if (one->tmp[0])
            unlink(one->tmp);
    } while ((one = one->next) != s);
    on_signals(SIG_DFL);
    raise(signal_seen);
}

void mp_out_piece(void *stream, const char *text, size_t len) {
    struct mp_out_stream *s = stream;
    while (len > 0 && s->error == 0) {
        ssize_t n = write(s->fd, text, len);
        mp_out_check(s);
        if (n < 0 && errno != EINTR)
            s->error = errno;
        if (n > 0) {
            text += n;
            len -= (size_t)n;
        }
    }
}

bool mp_out_close(struct mp_out_stream *s, bool keep, struct mp_err *err) {
    mp_out_check(s);
    if (close(s->fd) != 0 && errno != EINTR && s->error == 0)
        s->error = errno;
    if (s->tmp[0] && keep && s->error == 0 && rename(s->tmp, s->path) != 0)
        s->error = errno;
    if (s->tmp[0] && (!keep || s->error != 0))
        unlink(s->tmp);
    if (s->next == s)
        on_signals(SIG_DFL);
    if (signal_seen && s->next == s)
        raise(signal_seen);
    leave(s);
    if (!keep || s->error == 0 || s->error == EPIPE)
        return true;
    return cannot_write(s->path, s->error, err);
}
