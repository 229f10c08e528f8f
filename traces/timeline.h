// SPDX-License-Identifier: Apache-2.0
// The timeline of the event engine as Chrome trace events in JSON, which Perfetto and chrome://tracing show (FORMAT.md):
// tracks of slices for layers, causes of cycles, array, vector unit and DRAM, and a counter of the DRAM's bandwidth. One stage
// is held at a time; text is handed to `flush` in pieces of about 64 KB, so that a run of any length takes little memory.
#ifndef TRACES_TIMELINE_H
#define TRACES_TIMELINE_H

#include "sim/base/jsonw.h"
#include "sim/engine/engine.h"

enum mp_track {
    MP_TRACK_LAYERS, MP_TRACK_CAUSES, MP_TRACK_ARRAY, MP_TRACK_VECTOR,
    MP_TRACK_INPUT, MP_TRACK_WEIGHT, MP_TRACK_PARTIAL, MP_TRACK_DRAIN, MP_TRACKS
};

// At most: three loads, a drain and a compute.
#define MP_TIMELINE_EVENTS 5

struct mp_timeline_head {
    const char *arch, *plan;
    double clock_mhz;
};

struct mp_timeline {
    // Takes the text; what it makes of a failure is its own business.
    void (*flush)(void *user, const char *text, size_t len);
    void *user;
    double clock_mhz;
    struct mp_buf text;  // not yet flushed
    struct mp_buf label; // the layer's name, and the run's number
    struct mp_buf name;  // of a slice
    struct mp_jsonw w;
    const struct mp_layer *layer; // NULL before the first one
    uint64_t layer_start, first_cycle; // of the layer, of the run
    struct mp_trace_event events[MP_TIMELINE_EVENTS]; // of the stage, in the order of their ends
    size_t event_count;
    uint64_t computed[MP_DIMS]; // the tile that computed in the stage before
    uint64_t end, dma_end;      // of the last stage; of the last request
    struct {
        enum mp_cause cause;
        uint64_t start, end;
    } cause;                    // not yet written, for more of the same may come; empty when start is end
    uint64_t counted;           // where what the counter says ends; 0: it has said nothing yet
};

void mp_timeline_begin(struct mp_timeline *t, const struct mp_timeline_head *head); // `flush` and `user` are set
// `layer` stays until mp_timeline_finish.
void mp_timeline_run(struct mp_timeline *t, const struct mp_layer *layer, size_t run, uint64_t first_cycle);
void mp_timeline_event(struct mp_timeline *t, const struct mp_trace_event *e);
void mp_timeline_stage(struct mp_timeline *t, const struct mp_trace_stage *s);
void mp_timeline_finish(struct mp_timeline *t); // completes the document and flushes what is left

#endif
