// SPDX-License-Identifier: Apache-2.0
// Built without fstapi: no waveform can be opened, so that nothing else is ever called.
#include "traces/fst.h"

#include <stdlib.h>

struct mp_fst *mp_fst_create(const char *path, struct mp_err *err) {
    mp_fail(err, "%s: cannot write: this mpsim was built without waveforms; install verilator and zlib1g-dev, then build "
                 "it again from scratch", path);
    return NULL;
}

bool mp_fst_close(struct mp_fst *f, bool keep, struct mp_err *err) {
    (void)f, (void)keep, (void)err;
    abort();
}

void mp_fst_scope(struct mp_fst *f, const char *name) {
    (void)f, (void)name;
    abort();
}

void mp_fst_up(struct mp_fst *f) {
    (void)f;
    abort();
}

uint32_t mp_fst_enum(struct mp_fst *f, const char *table, const char *const *names, size_t count, unsigned bits) {
    (void)f, (void)table, (void)names, (void)count, (void)bits;
    abort();
}

uint32_t mp_fst_bits(struct mp_fst *f, const char *name, unsigned bits, uint32_t table) {
    (void)f, (void)name, (void)bits, (void)table;
    abort();
}

uint32_t mp_fst_text(struct mp_fst *f, const char *name) {
    (void)f, (void)name;
    abort();
}

void mp_fst_time(struct mp_fst *f, uint64_t time) {
    (void)f, (void)time;
    abort();
}

void mp_fst_set(struct mp_fst *f, uint32_t var, uint64_t value) {
    (void)f, (void)var, (void)value;
    abort();
}

void mp_fst_set_words(struct mp_fst *f, uint32_t var, const uint32_t *words) {
    (void)f, (void)var, (void)words;
    abort();
}

void mp_fst_set_unknown(struct mp_fst *f, uint32_t var) {
    (void)f, (void)var;
    abort();
}

void mp_fst_set_text(struct mp_fst *f, uint32_t var, const char *text) {
    (void)f, (void)var, (void)text;
    abort();
}
