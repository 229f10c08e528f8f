// SPDX-License-Identifier: Apache-2.0
// Whole files in, whole files out. A file is written beside its name and then renamed, so that a
// reader never sees half of one and a full disk leaves the old one as it was.
#ifndef SIM_BASE_FILE_H
#define SIM_BASE_FILE_H

#include "sim/base/arena.h"
#include "sim/base/err.h"

#include <stddef.h>

#define MP_FILE_MAX_BYTES ((size_t)64 << 20) // larger documents are refused

// The content, NUL-terminated behind `*len` bytes. Errors name the path: missing, a directory, not
// readable, not a regular file or pipe, too large.
bool mp_file_read(struct mp_arena *a, const char *path, char **text, size_t *len, struct mp_err *err);
// The same up to `max` bytes: models are larger than documents.
bool mp_file_read_up_to(struct mp_arena *a, const char *path, size_t max, char **text, size_t *len, struct mp_err *err);

// Errors name the path and the reason; nothing is left behind on failure. A path that exists and is not a
// regular file (/dev/full, a pipe, a symbolic link such as /dev/stdout) is written in place.
bool mp_file_write(const char *path, const char *text, size_t len, struct mp_err *err);

// `path` itself when absolute, else joined to the folder of `base_file`.
char *mp_path_beside(struct mp_arena *a, const char *base_file, const char *path);
// How `base_file` names `path`, which exists, so that mp_path_beside finds it: from its folder, or `path` when absolute.
char *mp_path_from(struct mp_arena *a, const char *base_file, const char *path);

#endif
