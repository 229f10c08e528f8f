// SPDX-License-Identifier: Apache-2.0
// Traces of memory accesses as DRAMsim3 takes them: a line an access, "ADDRESS READ|WRITE CYCLE", the address hexadecimal
// with or without 0x, the cycle that of the DRAM's clock before which the access is not issued.
#ifndef SIM_IMPORT_DRAM_TRACE_H
#define SIM_IMPORT_DRAM_TRACE_H

#include "sim/mem/controller.h"

#include "sim/base/arena.h"

#define MP_DRAM_TRACE_MAX_BYTES ((size_t)1 << 30)

struct mp_dram_trace {
    struct mp_transfer *transfers; // one an access, whole accesses
    size_t count;
};

// Addresses are cut down to accesses of `access_bytes`, and must be below `capacity`.
bool mp_dram_trace_parse(struct mp_dram_trace *t, struct mp_arena *a, const char *name, const char *text, size_t len,
                         unsigned access_bytes, uint64_t capacity, struct mp_err *err);
bool mp_dram_trace_load(struct mp_dram_trace *t, struct mp_arena *a, const char *path, unsigned access_bytes, uint64_t capacity,
                        struct mp_err *err);

#endif
