// SPDX-License-Identifier: Apache-2.0
// Results to standard output and files. Standard output is written by write() itself, so that a full disk is seen.
#include "sim/cli/out.h"

#include "sim/base/file.h"
#include "sim/cli/command.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void mp_out_begin(void) {
    for (int fd = 0; fd <= 2; fd++)
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF)
            open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY); // the lowest free number, in a mode that fails on use
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); // beyond a size limit the write fails, with a message
}

static bool write_all(int fd, const char *text, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

int mp_out_text(const struct mp_buf *text) {
    int why = write_all(STDOUT_FILENO, text->text, text->len) ? 0 : errno;
    if (close(STDOUT_FILENO) != 0 && errno != EINTR && why == 0)
        why = errno;
    if (why == 0 || why == EPIPE)
        return MP_EXIT_OK;
    fprintf(stderr, "standard output: cannot write: %s\n", strerror(why));
    return MP_EXIT_FAILURE;
}

static void block_signals(sigset_t *old) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, old);
}

int mp_out_to(const char *path, const struct mp_buf *text) {
    struct mp_err err;
    sigset_t old;
    if (!path || strcmp(path, "-") == 0)
        return mp_out_text(text);
    block_signals(&old);
    bool ok = mp_file_write(path, text->text ? text->text : "", text->len, &err);
    sigprocmask(SIG_SETMASK, &old, NULL);
    return ok ? MP_EXIT_OK : mp_out_error(&err);
}

bool mp_out_named(const char *path, const char *ending) {
    struct stat is;
    const char *dot = path ? strrchr(path, '.') : NULL;
    return !path || strcmp(path, "-") == 0 || (dot && strcmp(dot, ending) == 0) || (stat(path, &is) == 0 && !S_ISREG(is.st_mode));
}

const char *mp_out_drawn(const char *path) {
    static const char *const endings[] = {".svg", ".png", ".html"};
    const char *dot = path ? strrchr(path, '.') : NULL;
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (strcmp(dot, endings[i]) == 0 && !mp_out_named(path, ""))
            return endings[i];
    return NULL;
}

int mp_out_error(const struct mp_err *err) {
    fprintf(stderr, "%s\n", err->text);
    return MP_EXIT_FAILURE;
}

bool mp_out_possible(const char *path, struct mp_err *err) {
    char folder[4096];
    struct stat st;
    if (!path || strcmp(path, "-") == 0)
        return true;
    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return mp_fail(err, "%s: is a directory", path);
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + (slash == path) : 1, slash ? path : ".");
    const bool there = access(path, F_OK) == 0;
    if (there ? access(path, W_OK) == 0 : errno == ENOENT && access(folder, W_OK | X_OK) == 0)
        return true;
    return mp_fail(err, "%s: cannot write: %s", path, strerror(errno));
}

#define BAR 24 // columns

void mp_out_bar(const char *what, uint64_t done, uint64_t all, const char *more) {
    char bar[BAR + 1];
    const uint64_t filled = all == 0 ? 0 : done < all ? done * BAR / all : BAR;
    for (uint64_t i = 0; i < BAR; i++)
        bar[i] = i < filled ? '=' : ' ';
    bar[BAR] = '\0';
    fprintf(stderr, "\r\033[K%s [%s] %ju of %ju%s", what, bar, (uintmax_t)done, (uintmax_t)all, more);
}

void mp_out_bar_end(void) {
    fputs("\r\033[K", stderr);
}

bool mp_out_colour(const char *path) {
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    if ((path && strcmp(path, "-") != 0) || (no && *no) || !term || strcmp(term, "dumb") == 0)
        return false;
    return isatty(STDOUT_FILENO);
}

enum mp_out_format mp_out_format(bool json, bool csv, const char *path) {
    const char *dot = path ? strrchr(path, '.') : NULL;
    if (json || (!csv && dot && strcmp(dot, ".json") == 0))
        return MP_OUT_JSON;
    return csv || (dot && strcmp(dot, ".csv") == 0) ? MP_OUT_CSV : MP_OUT_TEXT;
}
