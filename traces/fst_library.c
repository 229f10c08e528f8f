// SPDX-License-Identifier: Apache-2.0
// The FST writer that lies in Verilator's folders, with its output watched: it looks at the result of no write. Its
// helper files are kept in memory, so that a full disk cannot end the process with a signal when it maps one.
// Compiled on its own, with warnings off.
#include "traces/fst_library.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

// errno of the first failure. fstapi hands no context to these calls; a writer stays on one thread.
static _Thread_local int failure;

static void note(int failed) {
    if (failed && failure == 0)
        failure = errno != 0 ? errno : EIO;
}

int mp_fst_library_failure(void) {
    int first = failure;
    failure = 0;
    return first;
}

static size_t watched_fwrite(const void *data, size_t size, size_t count, FILE *f) {
    size_t done = fwrite(data, size, count, f);
    note(size > 0 && done < count);
    return done;
}

static int watched_fputc(int c, FILE *f) {
    int put = fputc(c, f);
    note(put == EOF);
    return put;
}

static int watched_fseeko(FILE *f, off_t offset, int whence) {
    int status = fseeko(f, offset, whence);
    note(status != 0);
    return status;
}

static int watched_fflush(FILE *f) {
    errno = 0;
    int status = fflush(f);
    note(status != 0 || ferror(f));
    return status;
}

static int watched_fclose(FILE *f) {
    errno = 0;
    int lost = ferror(f), status = fclose(f);
    note(lost || status != 0);
    return status;
}

static int watched_gzclose(gzFile f) {
    errno = 0;
    int status = gzclose(f);
    note(status != Z_OK);
    return status;
}

static FILE *memory_file(void) {
    int fd = memfd_create("fst", MFD_CLOEXEC);
    return fd < 0 ? NULL : fdopen(fd, "w+b");
}

// A file that a failed write left too short would fault where it ends: zeros stand in for it.
static void *watched_mmap(void *at, size_t len, int protection, int flags, int fd, off_t offset) {
    struct stat st;
    if (len > 0 && fstat(fd, &st) == 0 && (size_t)st.st_size >= (size_t)offset + len)
        return mmap(at, len, protection, flags, fd, offset);
    note(1);
    return mmap(NULL, len > 0 ? len : 1, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

#define fwrite watched_fwrite
#define fputc watched_fputc
#define fseeko watched_fseeko
#define fflush watched_fflush
#define fclose watched_fclose
#define gzclose watched_gzclose
#define tmpfile memory_file
#define mmap watched_mmap

#define FST_CONFIG_INCLUDE <fst_config.h>
#include <fstapi.c>
