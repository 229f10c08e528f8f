// SPDX-License-Identifier: Apache-2.0
// The DRAM transfers of a run (FORMAT.md): a line a burst, as DRAMsim3 and its like read them, or as CSV a row a transfer.
// Text is handed to `flush` in pieces of about 64 KB.
#ifndef TRACES_MEM_TRACE_H
#define TRACES_MEM_TRACE_H

#include "sim/base/str.h"
#include "sim/engine/engine.h"

struct mp_mem_trace {
    // Takes the text; what it makes of a failure is its own business.
    void (*flush)(void *user, const char *text, size_t len);
    void *user;
    bool csv;
    struct mp_buf text;   // not yet flushed
    struct mp_buf layer;  // the layer's name as a CSV field
    uint64_t first_cycle; // of the run
};

void mp_mem_trace_begin(struct mp_mem_trace *t); // the header, of CSV; `flush`, `user` and `csv` are set
void mp_mem_trace_run(struct mp_mem_trace *t, const char *layer, uint64_t first_cycle);
void mp_mem_trace_event(struct mp_mem_trace *t, const struct mp_trace_event *e); // computes are passed over
void mp_mem_trace_finish(struct mp_mem_trace *t); // flushes what is left

#endif
