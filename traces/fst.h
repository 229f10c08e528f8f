// SPDX-License-Identifier: Apache-2.0
// A waveform in FST, the compressed format of GTKWave: scopes, tables of names, variables, then values as time goes on.
// Time is counted in cycles, shown as ns. A file is written beside its name and renamed when it is closed.
//   declare: mp_fst_scope .. mp_fst_up, mp_fst_enum, mp_fst_bits, mp_fst_text
//   then:    mp_fst_time, mp_fst_set ...; values last until they are set again
// Built without fstapi (docs/waveforms.md), mp_fst_create fails and says what to install.
#ifndef TRACES_FST_H
#define TRACES_FST_H

#include "sim/base/err.h"

#include <stddef.h>
#include <stdint.h>

struct mp_fst;

// NULL with an error that names the path: missing folder, not writable, not a regular file.
struct mp_fst *mp_fst_create(const char *path, struct mp_err *err);
// `keep` false removes what was written; then only the memory is freed. A failed write, of any time before, is told here.
bool mp_fst_close(struct mp_fst *f, bool keep, struct mp_err *err);

void mp_fst_scope(struct mp_fst *f, const char *name);
void mp_fst_up(struct mp_fst *f);

// A table that calls value i names[i]; `count` names, values `bits` wide. Returns its number, from 1.
uint32_t mp_fst_enum(struct mp_fst *f, const char *table, const char *const *names, size_t count, unsigned bits);

// Variables return their handle, from 1. Until they are set, bits are unknown (x) and texts empty.
// `table`: 0, or a table of names whose values are as wide.
uint32_t mp_fst_bits(struct mp_fst *f, const char *name, unsigned bits, uint32_t table);
uint32_t mp_fst_text(struct mp_fst *f, const char *name);

// What is set from now on changes at `time`, which never goes back. Must be called before the first value.
void mp_fst_time(struct mp_fst *f, uint64_t time);
void mp_fst_set(struct mp_fst *f, uint32_t var, uint64_t value);                  // at most 64 bits wide
void mp_fst_set_words(struct mp_fst *f, uint32_t var, const uint32_t *words);     // any width, low word first
void mp_fst_set_unknown(struct mp_fst *f, uint32_t var);                          // x
void mp_fst_set_text(struct mp_fst *f, uint32_t var, const char *text);

#endif
