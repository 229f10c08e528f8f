// SPDX-License-Identifier: Apache-2.0
// Whole files in and out. Reading takes regular files, pipes and terminals; writing goes to PATH.tmp.PID in
// the same folder and is renamed at the end. There is no fsync: a crash of the machine may lose the file.
#include "sim/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool too_large(const char *path, size_t max, struct mp_err *err) {
    return mp_fail(err, "%s: larger than %zu bytes", path, max);
}

static bool check_readable(int fd, const char *path, size_t max, size_t *size, struct mp_err *err) {
    struct stat st;
    if (fstat(fd, &st) != 0)
        return mp_fail(err, "%s: cannot read: %s", path, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return mp_fail(err, "%s: is a directory", path);
    if (S_ISBLK(st.st_mode))
        return mp_fail(err, "%s: not a regular file or pipe", path);
    *size = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : 0;
    return *size <= max || too_large(path, max, err);
}

// The size that fstat told is a hint: /proc says 0, a pipe says nothing, a file may grow meanwhile.
static bool read_all(struct mp_arena *a, int fd, const char *path, size_t max, char **text, size_t *len,
                     struct mp_err *err) {
    size_t size, used = 0;
    if (!check_readable(fd, path, max, &size, err))
        return false;
    size_t cap = size + 4096;
    char *buf = mp_arena_alloc(a, cap, 1);
    for (;;) {
        ssize_t n = read(fd, buf + used, cap - used - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return mp_fail(err, "%s: cannot read: %s", path, strerror(errno));
        if (n == 0)
            break;
        used += (size_t)n;
        if (used > max)
            return too_large(path, max, err);
        if (used + 1 == cap) {
            buf = mp_arena_grow(a, buf, cap, cap * 2, 1);
            cap *= 2;
        }
    }
    buf[used] = '\0';
    *text = buf;
    *len = used;
    return true;
}

bool mp_file_read(struct mp_arena *a, const char *path, char **text, size_t *len, struct mp_err *err) {
    return mp_file_read_up_to(a, path, MP_FILE_MAX_BYTES, text, len, err);
}

bool mp_file_read_up_to(struct mp_arena *a, const char *path, size_t max, char **text, size_t *len, struct mp_err *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0)
        return mp_fail(err, "%s: cannot open: %s", path, strerror(errno));
    bool ok = read_all(a, fd, path, max, text, len, err);
    close(fd);
    return ok;
}

// Closes `fd` in any case. False with errno set.
static bool write_and_close(int fd, const char *text, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int why = errno;
            close(fd);
            errno = why;
            return false;
        }
        text += n;
        len -= (size_t)n;
    }
    return close(fd) == 0 || errno == EINTR;
}

static bool write_in_place(const char *path, const char *text, size_t len) {
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY, 0666);
    return fd >= 0 && write_and_close(fd, text, len);
}

// `old` is what `path` names now, NULL when nothing: its mode is kept. A process of the same id may have
// died and left its file, hence the first unlink; O_EXCL follows no link that someone put there.
static bool write_beside(const char *path, const char *tmp, const struct stat *old, const char *text,
                         size_t len) {
    if (old && access(path, W_OK) != 0)
        return false;
    unlink(tmp);
    int fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return false;
    if (old)
        fchmod(fd, old->st_mode & 0777); // may fail where the file system knows no modes
    if (write_and_close(fd, text, len) && rename(tmp, path) == 0)
        return true;
    int why = errno;
    unlink(tmp);
    errno = why;
    return false;
}

bool mp_file_write(const char *path, const char *text, size_t len, struct mp_err *err) {
    struct stat st;
    bool exists = lstat(path, &st) == 0, ok;
    if (exists && S_ISDIR(st.st_mode))
        return mp_fail(err, "%s: is a directory", path);
    if (exists && !S_ISREG(st.st_mode)) {
        ok = write_in_place(path, text, len);
    } else {
        struct mp_arena a = {0};
        char *tmp = mp_arena_printf(&a, "%s.tmp.%ld", path, (long)getpid());
        ok = write_beside(path, tmp, exists ? &st : NULL, text, len);
        int why = errno;
        mp_arena_finish(&a);
        errno = why;
    }
    return ok || mp_fail(err, "%s: cannot write: %s", path, strerror(errno));
}

char *mp_path_beside(struct mp_arena *a, const char *base_file, const char *path) {
    const char *slash = strrchr(base_file, '/');
    if (path[0] == '/' || !slash)
        return mp_arena_strdup(a, path);
    return mp_arena_printf(a, "%.*s/%s", (int)(slash - base_file), base_file, path);
}

// Where the folders of two resolved paths part: behind their last common slash.
static size_t common_folders(const char *folder, const char *path) {
    size_t at = 0;
    for (size_t i = 0; folder[i] && folder[i] == path[i]; i++)
        if (path[i] == '/')
            at = i + 1;
    return at;
}

char *mp_path_from(struct mp_arena *a, const char *base_file, const char *path) {
    const char *slash = strrchr(base_file, '/');
    char *where = realpath(slash ? mp_arena_printf(a, "%.*s", (int)(slash - base_file + 1), base_file) : ".", NULL);
    char *to = realpath(path, NULL);
    char *from = mp_arena_strdup(a, path);
    if (path[0] != '/' && slash && where && to) {
        const char *folder = strcmp(where, "/") == 0 ? where : mp_arena_printf(a, "%s/", where);
        const size_t common = common_folders(folder, to);
        from = mp_arena_strdup(a, to + common);
        for (const char *up = folder + common; (up = strchr(up, '/')); up++)
            from = mp_arena_printf(a, "../%s", from);
    }
    free(where);
    free(to);
    return from;
}
