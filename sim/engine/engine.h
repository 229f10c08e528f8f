// SPDX-License-Identifier: Apache-2.0
// The two engines. A run is a nest of buffer tiles that go through a pipeline in lock step: in stage s tile s is
// loaded, tile s-1 computes, tile s-2 drains through the vector unit; a stage ends when all three are done.
// Operands whose buffer is not double-buffered are loaded (or drained) before their stage computes.
// A stage of a tile takes  serial + max(array, dram, vector)  cycles, booked by mp_stage_book().
//   load:  an operand's tile is fetched when the tile differs from the one before; partial sums when the output tile
//          changes and the reduction goes on.
//   drain: when the output tile changes: requantised outputs, or partial sums at accumulator width.
//   A load or drain is one request, rounded up to bursts of 64 bytes; a stage's requests are issued together, the drain
//   of tile s-2 before the loads of tile s: these may read back partial sums that it leaves, and both take the same half
//   of the output buffer. Where tiles lie in DRAM: regions.h.
// Sequenced tasks (task.h) also pay a fill for each tile (fold.h), the vector unit's pipeline and at least a cycle a
// stage (stage.h).
#ifndef SIM_ENGINE_ENGINE_H
#define SIM_ENGINE_ENGINE_H

#include "sim/engine/task.h"

// What the event engine tells a trace. All cycles count from the start of the run.
struct mp_trace_event {
    const char *what;          // "load weight", "compute", "drain", ...
    uint64_t tile[MP_DIMS];    // tile index by dimension
    uint64_t start, cycles, bits;
    uint64_t address;          // of a load or drain, in bytes: a multiple of 64; `bits` lie there without a gap
    bool write;                // a drain
};
// One stage, told after its events. What is before the first one is the turning to bit planes.
struct mp_trace_stage {
    uint64_t number, start, cycles;
    bool loads, computes, drains;         // tile `number`, number - 1, number - 2
    bool on_array;                        // else the vector unit computes
    uint64_t serial;                      // cycles before the tile computes
    uint64_t serial_dram, serial_vector;  // in these, side by side
    uint64_t busy, dram, vector;          // side by side, behind them
    uint64_t cycles_by[MP_CAUSES];        // as booked; their sum is `cycles`
};
struct mp_sink {
    void (*event)(void *user, const struct mp_trace_event *e);
    void *user;
    void (*stage)(void *user, const struct mp_trace_stage *s); // may be NULL
};

// Closed form over classes of equal tiles. The mapping must have passed mp_mapping_check.
void mp_analytic(const struct mp_task *t, const struct mp_mapping *m, struct mp_counts *out);

// Every tile, every fold, every burst. `sink` may be NULL. `bursts` (may be NULL) gets the bursts moved.
void mp_event(const struct mp_task *t, const struct mp_mapping *m, const struct mp_sink *sink, uint64_t *bursts,
              struct mp_counts *out);

#endif
