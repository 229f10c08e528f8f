// SPDX-License-Identifier: Apache-2.0
// What the event engine tells of a run, written to files while it walks: the tile trace, the waveform, or both.
#ifndef SIM_CLI_TRACE_H
#define SIM_CLI_TRACE_H

#include "sim/cli/out.h"
#include "sim/cli/wave.h"
#include "sim/eval.h"
#include "traces/tile_csv.h"

struct mp_trace {
    bool has_csv, has_wave;
    struct mp_out_stream out;
    struct mp_tile_csv csv;
    struct mp_wave wave;
};

// Opens the files whose paths are not NULL and hangs the trace into the options; `t` must stay where it is until the
// end.
bool mp_trace_begin(struct mp_trace *t, const char *csv, const char *wave, struct mp_options *o, struct mp_err *err);
// `keep` false removes the files.
bool mp_trace_end(struct mp_trace *t, bool keep, struct mp_err *err);

#endif
