// SPDX-License-Identifier: Apache-2.0
// Files of images, which may be larger than a document may be.
#include "sim/nn/data_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// A pipe that nobody writes to does not hold up the call (O_NONBLOCK) and is then refused.
bool mp_data_file_open(struct mp_data_file *f, const char *path, struct mp_err *err) {
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (fd < 0)
        return mp_fail(err, "%s: cannot open: %s", path, strerror(errno));
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size < 0) {
        close(fd);
        return mp_fail(err, "%s: not a regular file", path);
    }
    *f = (struct mp_data_file){.path = path, .fd = fd, .size = (uint64_t)st.st_size};
    return true;
}

bool mp_data_file_read(struct mp_data_file *f, void *to, size_t n, struct mp_err *err) {
    char *at = to;
    while (n > 0) {
        ssize_t got = read(f->fd, at, n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return mp_fail(err, "%s: cannot read: %s", f->path, strerror(errno));
        if (got == 0)
            return mp_fail(err, "%s: ends early: %zu bytes are missing", f->path, n);
        at += got;
        n -= (size_t)got;
    }
    return true;
}

void mp_data_file_close(struct mp_data_file *f) {
    close(f->fd);
}
