// SPDX-License-Identifier: Apache-2.0
// The waveform of the event engine: what sequencer, DMA, array and vector unit do with every tile, under the names that the
// RTL core has (docs/waveforms.md). One stage is held at a time. Cycles count from the start of the network.
#ifndef TRACES_TILE_WAVE_H
#define TRACES_TILE_WAVE_H

#include "sim/engine/engine.h"
#include "traces/fst.h"
#include "traces/gtkw.h"

enum mp_wave_signal {
    MP_WAVE_STATE, MP_WAVE_CAUSE, MP_WAVE_STAGE, MP_WAVE_LOAD_TILE, MP_WAVE_COMPUTE_TILE, MP_WAVE_DRAIN_TILE, MP_WAVE_RUN,
    MP_WAVE_INDEX, // of the computing tile: MP_DIMS of them
    MP_WAVE_REQUEST = MP_WAVE_INDEX + MP_DIMS, MP_WAVE_BITS, MP_WAVE_DMA_BUSY,
    MP_WAVE_FRONT_BUSY, MP_WAVE_VECTOR_BUSY,
    MP_WAVE_SIGNALS
};

// At most: three loads and a drain in each half of a stage, a begin and an end of each three signals; the rest has room.
#define MP_WAVE_CHANGES 96

struct mp_tile_wave {
    struct mp_fst *fst;
    uint32_t var[MP_WAVE_SIGNALS], layer_var;
    uint64_t value[MP_WAVE_SIGNALS], written[MP_WAVE_SIGNALS]; // at `now`; in the file
    const char *layer;                                         // not yet in the file, else NULL
    struct mp_wave_change {
        uint64_t time, value;
        unsigned signal;
    } changes[MP_WAVE_CHANGES]; // of the stage, each signal's in order of time
    size_t change_count;
    uint64_t index[MP_DIMS];       // of the stage's computing tile
    uint64_t first_cycle, dma_end; // of the run; of the DMA's last request
    uint64_t now, end;             // time of what is not yet in the file; end of the last stage
};

// Declares everything; `fst` is fresh. The caller closes it.
void mp_tile_wave_begin(struct mp_tile_wave *w, struct mp_fst *fst);
// `layer` stays until mp_tile_wave_finish.
void mp_tile_wave_run(struct mp_tile_wave *w, const char *layer, size_t run, uint64_t first_cycle);
void mp_tile_wave_event(struct mp_tile_wave *w, const struct mp_trace_event *e);
void mp_tile_wave_stage(struct mp_tile_wave *w, const struct mp_trace_stage *s);
void mp_tile_wave_finish(struct mp_tile_wave *w);

// The rows of a save file that shows it, all of its cycles in sight.
void mp_tile_wave_save(const struct mp_tile_wave *w, struct mp_gtkw *g);

#endif
