// SPDX-License-Identifier: Apache-2.0
// The tile trace: what the event engine does with every tile, as CSV (FORMAT.md). Rows are handed to the writer's
// `flush` in pieces of about 64 KB, so that a trace of any length takes little memory.
#ifndef TRACES_TILE_CSV_H
#define TRACES_TILE_CSV_H

#include "sim/base/str.h"
#include "sim/engine/engine.h"

#include <stdint.h>

struct mp_tile_csv {
    // Takes the text; what it makes of a failure is its own business.
    void (*flush)(void *user, const char *text, size_t len);
    void *user;
    struct mp_buf rows;  // not yet flushed
    struct mp_buf layer; // the layer's name as a CSV field
    size_t run;
    uint64_t first_cycle; // of the run
};

void mp_tile_csv_begin(struct mp_tile_csv *t); // the header; `flush` and `user` are set
void mp_tile_csv_run(struct mp_tile_csv *t, const char *layer, size_t run, uint64_t first_cycle);
void mp_tile_csv_event(struct mp_tile_csv *t, const struct mp_trace_event *e);
void mp_tile_csv_finish(struct mp_tile_csv *t); // flushes what is left

#endif
