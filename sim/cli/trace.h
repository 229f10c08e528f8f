// SPDX-License-Identifier: Apache-2.0
// The tile trace of a run, written to a file while the event engine walks.
#ifndef SIM_CLI_TRACE_H
#define SIM_CLI_TRACE_H

#include "sim/cli/out.h"
#include "sim/eval.h"
#include "traces/tile_csv.h"

struct mp_trace {
    struct mp_out_stream out;
    struct mp_tile_csv csv;
};

// Opens the file and hangs the trace into the options; `t` must stay where it is until the end.
bool mp_trace_begin(struct mp_trace *t, const char *path, struct mp_options *o, struct mp_err *err);
// `keep` false removes the file.
bool mp_trace_end(struct mp_trace *t, bool keep, struct mp_err *err);

#endif
