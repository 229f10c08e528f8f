// SPDX-License-Identifier: Apache-2.0
// What the event engine tells of a run, written to files while it walks: the tile trace, the timeline, the trace of memory,
// the waveform, or some of them.
#ifndef SIM_CLI_TRACE_H
#define SIM_CLI_TRACE_H

#include "sim/cli/out.h"
#include "sim/cli/wave.h"
#include "sim/eval.h"
#include "traces/mem_trace.h"
#include "traces/tile_csv.h"
#include "traces/timeline.h"

enum mp_trace_text { MP_TRACE_TILES, MP_TRACE_TIMELINE, MP_TRACE_MEM, MP_TRACE_TEXTS };

struct mp_trace_paths {
    const char *text[MP_TRACE_TEXTS], *wave; // NULL: not wanted
};

struct mp_trace {
    struct mp_trace_paths paths;
    struct mp_out_stream out[MP_TRACE_TEXTS];
    struct mp_tile_csv tiles;
    struct mp_timeline timeline;
    struct mp_mem_trace mem;
    struct mp_wave wave;
};

bool mp_trace_wanted(const struct mp_trace_paths *paths);
// Opens the files and hangs the trace into the options; `t` must stay where it is until the end.
bool mp_trace_begin(struct mp_trace *t, const struct mp_trace_paths *paths, const struct mp_timeline_head *head,
                    struct mp_options *o, struct mp_err *err);
// `keep` false removes the files.
bool mp_trace_end(struct mp_trace *t, bool keep, struct mp_err *err);

#endif
