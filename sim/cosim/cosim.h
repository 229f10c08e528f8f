// SPDX-License-Identifier: Apache-2.0
// Co-simulation: the layers of a result run on the verilated core, and everything that can be counted or computed is
// compared: cycles by cause, events, overflows with the event engine and the integer reference, every output with
// the reference. What the core computes goes on to the layers behind it.
#ifndef SIM_COSIM_COSIM_H
#define SIM_COSIM_COSIM_H

#include "sim/cosim/child.h"
#include "sim/cosim/core_wave.h"
#include "sim/cosim/cosim_real.h"
#include "sim/cosim/program.h"
#include "sim/cosim/replay.h"
#include "sim/cosim/signals.h"
#include "sim/report/table.h"
#include "sim/spec/result.h"

#define MP_COSIM_SCHEMA "mpsim.cosim/1"

struct mp_cosim_options {
    const char *library; // the model
    uint64_t seed;
    const struct mp_cosim_real *real; // a trained network's numbers; NULL: random ones
    uint64_t max_cycles; // layers that take more are left out; 0: none is
    const struct mp_inject *injects; // each with its layer, found in the model
    size_t inject_count;
    const struct mp_core_wave *wave; // NULL: none; of the first run of layer `wave_layer`
    const char *wave_layer;
    const struct mp_replay_options *replay; // of the first layer that disagrees; NULL: none
    void (*progress)(void *user, const struct mp_layer *l, const struct mp_drive_result *r, uint64_t cycles); // may be NULL
    void *user;
};

// One run of a layer: channels [first, first + channels) at w_bits (0 off the array).
struct mp_cosim_run {
    uint64_t first, channels;
    unsigned w_bits;
    uint64_t core[MP_CORE_COUNTERS], sim[MP_CORE_COUNTERS]; // causes, then events
    uint64_t core_overflows, overflows;
    uint64_t end;   // core cycles until it was over, or failed
    uint64_t edges; // of the clock
    double seconds;
};

struct mp_cosim_mismatch {
    size_t run;
    uint64_t batch, channel, row, col;
    int32_t expected, actual;
    struct mp_place place;
};

enum mp_cosim_state {
    MP_COSIM_RAN,
    MP_COSIM_HOST,     // moves nothing: concat, view
    MP_COSIM_NOT_RUN,  // `why` says what stands against it; its output is random
    MP_COSIM_FAILED,   // `why`: an assertion, a hang; its output is random
};
extern const char *const mp_cosim_state_names[];

struct mp_cosim_layer {
    const struct mp_layer_result *layer;
    enum mp_cosim_state state;
    const char *why;
    bool interrupted;  // why it was not run, or its replay not to the end
    struct mp_cosim_run *runs;
    size_t run_count;
    uint64_t outputs, mismatches;
    uint64_t unlike_inference;      // outputs that are not those of integer inference; 0 without real numbers
    struct mp_cosim_mismatch first; // when there are any
    struct mp_replay *replay;       // NULL: none
};

struct mp_cosim {
    const struct mp_result *result;
    uint64_t seed;
    const struct mp_cosim_real *real; // or NULL
    uint64_t *classes;                // with real numbers, by image: the largest of the network's outputs as the core has them
    const struct mp_inject *injects; // as asked for
    size_t inject_count;
    const char *library;
    double build_seconds; // 0: the model was in the cache
    struct mp_cosim_layer *layers;
    size_t layer_count;
    bool interrupted;
};

// Lives in `a`. False on what is no finding but a failure of the tool. `r` may hold all layers or one, whose inputs are then
// random.
bool mp_cosim_run(const struct mp_result *r, const struct mp_cosim_options *o, struct mp_arena *a, struct mp_cosim *out,
                  struct mp_err *err);

// Counter names in their order: causes, then events.
const char *mp_cosim_counter_name(unsigned counter);
// How a counter of a run compares. The core's cycles may differ with memory that takes time: requests go out one behind the
// other, a beat at a time. What only says how long it waited is then close, not equal.
enum mp_cosim_verdict { MP_COSIM_EQUAL, MP_COSIM_CLOSE, MP_COSIM_DIFFERS };
enum mp_cosim_verdict mp_cosim_counter(const struct mp_cosim *c, const struct mp_cosim_run *r, unsigned counter);
unsigned mp_cosim_differing(const struct mp_cosim *c, const struct mp_cosim_layer *l); // counters that differ, and overflows

// Cycles of the core and of the event engine, over the runs of a layer or over all layers that ran.
struct mp_cosim_cycles {
    uint64_t core, sim;
    double seconds;
};
struct mp_cosim_cycles mp_cosim_layer_cycles(const struct mp_cosim_layer *l);
struct mp_cosim_cycles mp_cosim_total_cycles(const struct mp_cosim *c);
// Whether the difference is within the bound: none with ideal memory, else 1 % of a layer and 0.2 % of several.
bool mp_cosim_cycles_agree(const struct mp_cosim *c, const struct mp_cosim_cycles *n, bool total);

bool mp_cosim_layer_agrees(const struct mp_cosim *c, const struct mp_cosim_layer *l);
// Of the layer that an injection names; NULL when it was not run.
const struct mp_cosim_layer *mp_cosim_injected(const struct mp_cosim *c, const struct mp_inject *i);
bool mp_cosim_agrees(const struct mp_cosim *c); // all that ran, and at least one layer did

void mp_cosim_text_replay(const struct mp_replay *r, struct mp_buf *out);
void mp_cosim_json_replay(const struct mp_replay *r, struct mp_jsonw *w);
void mp_cosim_text(const struct mp_cosim *c, const struct mp_style *s, struct mp_buf *out);
void mp_cosim_json(const struct mp_cosim *c, struct mp_buf *out);

#endif
