// SPDX-License-Identifier: Apache-2.0
// Traces of memory accesses as DRAMsim3 takes them: a line an access, "ADDRESS READ|WRITE CYCLE", the address hexadecimal
// with or without 0x, the cycle that before which the access is not issued. Cycles never go back.
#ifndef SIM_IMPORT_DRAM_TRACE_H
#define SIM_IMPORT_DRAM_TRACE_H

#include "sim/mem/dram_clock.h"

#include "sim/base/arena.h"

#define MP_DRAM_TRACE_MAX_BYTES ((size_t)1 << 30)

struct mp_dram_trace {
    struct mp_transfer *transfers; // one an access, whole accesses
    size_t count;
};

struct mp_dram_trace_for {
    unsigned access_bytes;      // addresses are cut down to accesses
    uint64_t capacity;          // and must be below
    struct mp_dram_clock clock; // of the file's cycles, at least 1 MHz; {1, 1}: the DRAM's own
};

bool mp_dram_trace_parse(struct mp_dram_trace *t, struct mp_arena *a, const char *name, const char *text, size_t len,
                         const struct mp_dram_trace_for *what, struct mp_err *err);
bool mp_dram_trace_load(struct mp_dram_trace *t, struct mp_arena *a, const char *path, const struct mp_dram_trace_for *what,
                        struct mp_err *err);

#endif
