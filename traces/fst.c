// SPDX-License-Identifier: Apache-2.0
// FST by way of fstapi. What it holds back in memory is written out every few megabytes, so that a trace of any length
// takes little memory. Its header carries no date: same inputs, same bytes.
#include "traces/fst.h"

#include "sim/base/arena.h"
#include "traces/fst_library.h"

#include <assert.h>
#include <errno.h>
#include <fstapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// About a byte a bit of a value, in fstapi's memory and files, until they are written out.
#define HELD_BYTES ((size_t)8 << 20)
#define CHANGE_BYTES 10 // at most, beside the value

struct mp_fst {
    void *writer;
    char *name;              // as the caller calls it
    char *path, *tmp, *hier; // the file, and fstapi's two while it is written
    mode_t mode;             // of the file that is replaced, else 0
    bool started;
    uint64_t now;
    size_t held;
    unsigned *width; // by handle - 1; 0 for texts
    size_t count, room;
};

static char *joined(const char *a, const char *b) {
    size_t size = strlen(a) + strlen(b) + 1;
    char *text = malloc(size);
    if (!text)
        mp_out_of_memory();
    snprintf(text, size, "%s%s", a, b);
    return text;
}

static void destroy(struct mp_fst *f) {
    free(f->name);
    free(f->path);
    free(f->tmp);
    free(f->hier);
    free(f->width);
    free(f);
}

static bool cannot_write(const char *path, const char *why, struct mp_err *err) {
    return mp_fail(err, "%s: cannot write: %s", path, why);
}

// The file that `path` leads to, through links, and whether it may be replaced.
static bool resolve(struct mp_fst *f, const char *path, struct mp_err *err) {
    struct stat st;
    if (stat(path, &st) != 0) {
        f->path = joined(path, "");
        return true;
    }
    if (S_ISDIR(st.st_mode))
        return mp_fail(err, "%s: is a directory", path);
    if (!S_ISREG(st.st_mode))
        return cannot_write(path, "not a regular file, which a waveform has to be", err);
    if (access(path, W_OK) != 0)
        return cannot_write(path, strerror(errno), err);
    f->mode = st.st_mode & 0777;
    f->path = realpath(path, NULL);
    return f->path ? true : cannot_write(path, strerror(errno), err);
}

static bool open_writer(struct mp_fst *f, const char *path, struct mp_err *err) {
    char ending[32];
    f->name = joined(path, "");
    if (!resolve(f, path, err))
        return false;
    snprintf(ending, sizeof ending, ".tmp.%ld", (long)getpid());
    f->tmp = joined(f->path, ending);
    f->hier = joined(f->tmp, ".hier");
    mp_fst_library_failure();
    errno = 0;
    f->writer = fstWriterCreate(f->tmp, 1);
    if (f->writer)
        return true;
    int why = errno != 0 ? errno : EIO;
    unlink(f->tmp);
    return cannot_write(path, strerror(why), err);
}

struct mp_fst *mp_fst_create(const char *path, struct mp_err *err) {
    struct mp_fst *f = calloc(1, sizeof *f);
    if (!f)
        mp_out_of_memory();
    if (!open_writer(f, path, err)) {
        destroy(f);
        return NULL;
    }
    fstWriterSetVersion(f->writer, "mpsim");
    fstWriterSetDate(f->writer, "");
    fstWriterSetTimescaleFromString(f->writer, "1ns");
    return f;
}

bool mp_fst_close(struct mp_fst *f, bool keep, struct mp_err *err) {
    bool ok = true;
    fstWriterClose(f->writer);
    int why = mp_fst_library_failure();
    if (keep && why == 0 && ((f->mode != 0 && chmod(f->tmp, f->mode) != 0) || rename(f->tmp, f->path) != 0))
        why = errno;
    if (!keep || why != 0) {
        unlink(f->tmp);
        unlink(f->hier);
    }
    if (keep && why != 0)
        ok = cannot_write(f->name, strerror(why), err);
    destroy(f);
    return ok;
}

void mp_fst_scope(struct mp_fst *f, const char *name) {
    fstWriterSetScope(f->writer, FST_ST_VCD_MODULE, name, NULL);
}

void mp_fst_up(struct mp_fst *f) {
    fstWriterSetUpscope(f->writer);
}

uint32_t mp_fst_enum(struct mp_fst *f, const char *table, const char *const *names, size_t count, unsigned bits) {
    struct mp_arena a = {0};
    const char **name = mp_arena_alloc(&a, count, sizeof *name), **value = mp_arena_alloc(&a, count, sizeof *value);
    assert(bits >= 1 && bits <= 64);
    for (size_t i = 0; i < count; i++) {
        char *digits = mp_arena_alloc(&a, bits + 1, 1);
        for (unsigned b = 0; b < bits; b++)
            digits[b] = (char)('0' + (i >> (bits - 1 - b) & 1));
        name[i] = names[i];
        value[i] = digits;
    }
    uint32_t handle = fstWriterCreateEnumTable(f->writer, table, (uint32_t)count, bits, name, value);
    mp_arena_finish(&a);
    return handle;
}

static uint32_t declare(struct mp_fst *f, enum fstVarType type, const char *name, unsigned bits) {
    assert(!f->started);
    if (f->count == f->room) {
        f->room = f->room ? 2 * f->room : 64;
        f->width = realloc(f->width, f->room * sizeof *f->width);
        if (!f->width)
            mp_out_of_memory();
    }
    f->width[f->count++] = bits;
    uint32_t var = fstWriterCreateVar(f->writer, type, FST_VD_IMPLICIT, bits, name, 0);
    assert(var == f->count);
    return var;
}

uint32_t mp_fst_bits(struct mp_fst *f, const char *name, unsigned bits, uint32_t table) {
    char range[32] = "";
    assert(bits >= 1);
    if (bits > 1)
        snprintf(range, sizeof range, " [%u:0]", bits - 1);
    if (table)
        fstWriterEmitEnumTableRef(f->writer, table);
    char *full = joined(name, range);
    uint32_t var = declare(f, FST_VT_SV_LOGIC, full, bits);
    free(full);
    return var;
}

uint32_t mp_fst_text(struct mp_fst *f, const char *name) {
    return declare(f, FST_VT_GEN_STRING, name, 0);
}

void mp_fst_time(struct mp_fst *f, uint64_t time) {
    assert(!f->started || time >= f->now);
    if (f->started && time == f->now)
        return;
    if (f->held >= HELD_BYTES) {
        fstWriterFlushContext(f->writer);
        f->held = 0;
    }
    fstWriterEmitTimeChange(f->writer, time);
    f->held += CHANGE_BYTES;
    f->started = true;
    f->now = time;
}

// Counts what a change takes; returns the variable's width.
static unsigned change(struct mp_fst *f, uint32_t var, size_t bytes) {
    assert(f->started && var >= 1 && var <= f->count);
    f->held += CHANGE_BYTES + bytes;
    return f->width[var - 1];
}

void mp_fst_set(struct mp_fst *f, uint32_t var, uint64_t value) {
    unsigned bits = change(f, var, 64);
    assert(bits >= 1 && bits <= 64);
    fstWriterEmitValueChange64(f->writer, var, bits, value);
}

void mp_fst_set_words(struct mp_fst *f, uint32_t var, const uint32_t *words) {
    unsigned bits = change(f, var, 0);
    char *digits = malloc(bits);
    if (!digits)
        mp_out_of_memory();
    for (unsigned b = 0; b < bits; b++)
        digits[bits - 1 - b] = (char)('0' + (words[b / 32] >> b % 32 & 1));
    fstWriterEmitValueChange(f->writer, var, digits);
    free(digits);
    f->held += bits;
}

void mp_fst_set_unknown(struct mp_fst *f, uint32_t var) {
    unsigned bits = change(f, var, 0);
    char *digits = malloc(bits);
    if (!digits)
        mp_out_of_memory();
    memset(digits, 'x', bits);
    fstWriterEmitValueChange(f->writer, var, digits);
    free(digits);
    f->held += bits;
}

void mp_fst_set_text(struct mp_fst *f, uint32_t var, const char *text) {
    size_t len = strlen(text);
    unsigned bits = change(f, var, len);
    assert(bits == 0);
    (void)bits;
    fstWriterEmitVariableLengthValueChange(f->writer, var, text, (uint32_t)len);
}
