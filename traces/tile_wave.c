// SPDX-License-Identifier: Apache-2.0
// From tile events and stages to values over time. A tile's computing is one interval: what the array waits for inside a tile
// is not told by the engine tile by tile, and is shown as computing.
#include "traces/tile_wave.h"

#include <assert.h>
#include <string.h>

#define NONE UINT32_MAX // no tile

enum state { IDLE, TURN, SERIAL, MAIN };
enum request { NO_REQUEST, DRAIN, INPUT, WEIGHT, PARTIAL };
#define NO_CAUSE MP_CAUSES

// The names of rtl/mp_pkg.sv, in its order, which is that of enum mp_cause.
static const char *const state_names[] = {"SeqIdle", "SeqTurn", "SeqSerial", "SeqMain"};
static const char *const cause_names[] = {"CauseCompute", "CauseFillDrain", "CauseStallWeight", "CauseStallInput",
                                          "CauseStallOutput", "CauseStallDram", "CauseVector", "CauseNone"};
static const char *const request_names[] = {"DmaNone", "DmaDrain", "DmaInput", "DmaWeight", "DmaPartial"};
_Static_assert(sizeof cause_names / sizeof *cause_names == MP_CAUSES + 1, "a name a cause");

enum table { NUMBER, STATE, CAUSE, REQUEST };

static const struct {
    const char *scope, *name;
    unsigned bits;
    enum table table;
    enum mp_radix radix;
    enum mp_trace_colour colour;
    uint64_t idle;
} signals[MP_WAVE_SIGNALS] = {
    [MP_WAVE_STATE] = {"u_seq", "state_q", 3, STATE, MP_RADIX_NAMES, MP_TRACE_YELLOW, IDLE},
    [MP_WAVE_CAUSE] = {"u_seq", "cause", 3, CAUSE, MP_RADIX_NAMES, MP_TRACE_ORANGE, NO_CAUSE},
    [MP_WAVE_STAGE] = {"u_seq", "stage", 32, NUMBER, MP_RADIX_SIGNED, MP_TRACE_NORMAL, NONE},
    [MP_WAVE_LOAD_TILE] = {"u_seq", "load_tile", 32, NUMBER, MP_RADIX_SIGNED, MP_TRACE_NORMAL, NONE},
    [MP_WAVE_COMPUTE_TILE] = {"u_seq", "compute_tile", 32, NUMBER, MP_RADIX_SIGNED, MP_TRACE_NORMAL, NONE},
    [MP_WAVE_DRAIN_TILE] = {"u_seq", "drain_tile", 32, NUMBER, MP_RADIX_SIGNED, MP_TRACE_NORMAL, NONE},
    [MP_WAVE_RUN] = {"u_seq", "run", 32, NUMBER, MP_RADIX_SIGNED, MP_TRACE_NORMAL, NONE},
    [MP_WAVE_INDEX + MP_G] = {"u_seq", "g", 32, NUMBER, MP_RADIX_SIGNED, MP_TRACE_NORMAL, NONE},
    [MP_WAVE_INDEX + MP_B] = {"u_seq", "b", 32, NUMBER, MP_RADIX_SIGNED, MP_TRACE_NORMAL, NONE},
    [MP_WAVE_INDEX + MP_OH] = {"u_seq", "oh", 32, NUMBER, MP_RADIX_SIGNED, MP_TRACE_NORMAL, NONE},
    [MP_WAVE_INDEX + MP_OW] = {"u_seq", "ow", 32, NUMBER, MP_RADIX_SIGNED, MP_TRACE_NORMAL, NONE},
    [MP_WAVE_INDEX + MP_OC] = {"u_seq", "oc", 32, NUMBER, MP_RADIX_SIGNED, MP_TRACE_NORMAL, NONE},
    [MP_WAVE_INDEX + MP_IC] = {"u_seq", "ic", 32, NUMBER, MP_RADIX_SIGNED, MP_TRACE_NORMAL, NONE},
    [MP_WAVE_REQUEST] = {"u_dma", "request", 3, REQUEST, MP_RADIX_NAMES, MP_TRACE_YELLOW, NO_REQUEST},
    [MP_WAVE_BITS] = {"u_dma", "bits", 64, NUMBER, MP_RADIX_DECIMAL, MP_TRACE_NORMAL, 0},
    [MP_WAVE_DMA_BUSY] = {"u_dma", "busy", 1, NUMBER, MP_RADIX_BINARY, MP_TRACE_NORMAL, 0},
    [MP_WAVE_FRONT_BUSY] = {"u_front", "busy_o", 1, NUMBER, MP_RADIX_BINARY, MP_TRACE_NORMAL, 0},
    [MP_WAVE_VECTOR_BUSY] = {"u_vector", "busy_o", 1, NUMBER, MP_RADIX_BINARY, MP_TRACE_NORMAL, 0},
};

#define CORE "mp_cosim", "u_core"
#define CORE_PATH "mp_cosim.u_core."

static void change(struct mp_tile_wave *w, unsigned signal, uint64_t time, uint64_t value) {
    assert(w->change_count < MP_WAVE_CHANGES);
    w->changes[w->change_count++] = (struct mp_wave_change){time, value, signal};
}

// `value` from `start` on, for `cycles`; then idle again. Nothing when it takes no time.
static void interval(struct mp_tile_wave *w, unsigned signal, uint64_t value, uint64_t start, uint64_t cycles) {
    if (cycles == 0)
        return;
    change(w, signal, start, value);
    change(w, signal, start + cycles, signals[signal].idle);
}

// Writes what holds at `now`.
static void settle(struct mp_tile_wave *w) {
    mp_fst_time(w->fst, w->now);
    if (w->layer)
        mp_fst_set_text(w->fst, w->layer_var, w->layer);
    w->layer = NULL;
    for (unsigned i = 0; i < MP_WAVE_SIGNALS; i++)
        if (w->value[i] != w->written[i])
            mp_fst_set(w->fst, w->var[i], w->written[i] = w->value[i]);
}

static void move_to(struct mp_tile_wave *w, uint64_t time) {
    if (time == w->now)
        return;
    settle(w);
    w->now = time;
}

// The stage's changes in order of time; of one signal's at the same time the last one counts.
static void apply(struct mp_tile_wave *w) {
    for (size_t i = 1; i < w->change_count; i++) {
        struct mp_wave_change c = w->changes[i];
        size_t at = i;
        for (; at > 0 && w->changes[at - 1].time > c.time; at--)
            w->changes[at] = w->changes[at - 1];
        w->changes[at] = c;
    }
    for (size_t i = 0; i < w->change_count; i++) {
        move_to(w, w->changes[i].time);
        w->value[w->changes[i].signal] = w->changes[i].value;
    }
    w->change_count = 0;
}

void mp_tile_wave_begin(struct mp_tile_wave *w, struct mp_fst *fst) {
    static const char *const scopes[] = {CORE};
    *w = (struct mp_tile_wave){.fst = fst};
    const uint32_t tables[] = {
        [NUMBER] = 0,
        [STATE] = mp_fst_enum(fst, "seq_e", state_names, sizeof state_names / sizeof *state_names, 3),
        [CAUSE] = mp_fst_enum(fst, "cause_e", cause_names, sizeof cause_names / sizeof *cause_names, 3),
        [REQUEST] = mp_fst_enum(fst, "request_e", request_names, sizeof request_names / sizeof *request_names, 3),
    };
    for (size_t i = 0; i < sizeof scopes / sizeof *scopes; i++)
        mp_fst_scope(fst, scopes[i]);
    for (unsigned i = 0; i < MP_WAVE_SIGNALS; i++) {
        bool opens = i == 0 || strcmp(signals[i].scope, signals[i - 1].scope) != 0;
        if (opens && i > 0)
            mp_fst_up(fst);
        if (opens)
            mp_fst_scope(fst, signals[i].scope);
        if (i == 0)
            w->layer_var = mp_fst_text(fst, "layer");
        w->var[i] = mp_fst_bits(fst, signals[i].name, signals[i].bits, tables[signals[i].table]);
        w->value[i] = signals[i].idle;
        w->written[i] = ~signals[i].idle;
    }
    for (size_t i = 0; i < 1 + sizeof scopes / sizeof *scopes; i++)
        mp_fst_up(fst);
}

void mp_tile_wave_run(struct mp_tile_wave *w, const char *layer, size_t run, uint64_t first_cycle) {
    move_to(w, first_cycle);
    w->layer = layer;
    w->value[MP_WAVE_RUN] = run;
    w->first_cycle = w->end = first_cycle;
    w->dma_end = 0;
}

static enum request request_of(const char *what) {
    static const char *const names[] = {[INPUT] = "load input", [WEIGHT] = "load weight", [PARTIAL] = "load partial"};
    for (unsigned i = INPUT; i <= PARTIAL; i++)
        if (strcmp(what, names[i]) == 0)
            return (enum request)i;
    return DRAIN;
}

// Requests of a stage are issued together and served one after another.
void mp_tile_wave_event(struct mp_tile_wave *w, const struct mp_trace_event *e) {
    if (strcmp(e->what, "compute") == 0) {
        memcpy(w->index, e->tile, sizeof w->index);
        return;
    }
    uint64_t start = w->first_cycle + e->start, end = start + e->cycles;
    if (start < w->dma_end)
        start = w->dma_end;
    w->dma_end = end;
    interval(w, MP_WAVE_REQUEST, request_of(e->what), start, end - start);
    interval(w, MP_WAVE_BITS, e->bits, start, end - start);
    interval(w, MP_WAVE_DMA_BUSY, 1, start, end - start);
}

// As mp_stage_book books them: the array's own time, then the DRAM's, then the vector unit's.
static void causes(struct mp_tile_wave *w, const struct mp_trace_stage *s, uint64_t start, uint64_t main, uint64_t end) {
    uint64_t idle = s->busy > s->dram ? s->busy : s->dram;
    if (main > start) // unless one of the next two says more
        change(w, MP_WAVE_CAUSE, start, MP_FILL_DRAIN);
    if (s->serial_dram > 0)
        change(w, MP_WAVE_CAUSE, start, MP_STALL_DRAM);
    if (s->serial_vector > s->serial_dram)
        change(w, MP_WAVE_CAUSE, start + s->serial_dram, MP_VECTOR);
    if (s->busy > 0)
        change(w, MP_WAVE_CAUSE, main, s->on_array ? MP_COMPUTE : MP_VECTOR);
    if (s->dram > s->busy)
        change(w, MP_WAVE_CAUSE, main + s->busy, MP_STALL_DRAM);
    if (s->vector > idle)
        change(w, MP_WAVE_CAUSE, main + idle, MP_VECTOR);
    else if (idle == 0 && main < end)
        change(w, MP_WAVE_CAUSE, main, MP_FILL_DRAIN);
}

static void sequence(struct mp_tile_wave *w, const struct mp_trace_stage *s, uint64_t start, uint64_t main) {
    if (main > start)
        change(w, MP_WAVE_STATE, start, SERIAL);
    change(w, MP_WAVE_STATE, main, MAIN);
    change(w, MP_WAVE_STAGE, start, s->number);
    change(w, MP_WAVE_LOAD_TILE, start, s->loads ? s->number : NONE);
    change(w, MP_WAVE_COMPUTE_TILE, start, s->computes ? s->number - 1 : NONE);
    change(w, MP_WAVE_DRAIN_TILE, start, s->drains ? s->number - 2 : NONE);
    for (unsigned d = 0; d < MP_DIMS; d++)
        change(w, MP_WAVE_INDEX + d, start, s->computes ? w->index[d] : NONE);
}

void mp_tile_wave_stage(struct mp_tile_wave *w, const struct mp_trace_stage *s) {
    uint64_t start = w->first_cycle + s->start, main = start + s->serial, end = start + s->cycles;
    if (start > w->end) {
        change(w, MP_WAVE_STATE, w->end, TURN);
        change(w, MP_WAVE_CAUSE, w->end, MP_VECTOR);
        interval(w, MP_WAVE_VECTOR_BUSY, 1, w->end, start - w->end);
    }
    sequence(w, s, start, main);
    causes(w, s, start, main, end);
    interval(w, MP_WAVE_VECTOR_BUSY, 1, start, s->serial_vector);
    interval(w, MP_WAVE_FRONT_BUSY, 1, main, s->on_array ? s->busy : 0);
    interval(w, MP_WAVE_VECTOR_BUSY, 1, main, s->on_array ? s->vector : s->busy);
    w->end = end;
    apply(w);
}

void mp_tile_wave_finish(struct mp_tile_wave *w) {
    move_to(w, w->end);
    for (unsigned i = 0; i < MP_WAVE_SIGNALS; i++)
        w->value[i] = signals[i].idle;
    w->layer = "";
    settle(w);
}

static void row(struct mp_gtkw *g, unsigned signal) {
    struct mp_buf path = {0};
    mp_buf_addf(&path, CORE_PATH "%s.%s", signals[signal].scope, signals[signal].name);
    mp_gtkw_signal(g, path.text, signals[signal].bits, signals[signal].radix, signals[signal].colour, NULL);
    mp_buf_finish(&path);
}

void mp_tile_wave_save(const struct mp_tile_wave *w, struct mp_gtkw *g) {
    static const struct {
        const char *name;
        unsigned first, end;
    } groups[] = {{"sequencer", 0, MP_WAVE_INDEX},
                  {"computing tile", MP_WAVE_INDEX, MP_WAVE_REQUEST},
                  {"DMA", MP_WAVE_REQUEST, MP_WAVE_FRONT_BUSY},
                  {"array", MP_WAVE_FRONT_BUSY, MP_WAVE_VECTOR_BUSY},
                  {"vector unit", MP_WAVE_VECTOR_BUSY, MP_WAVE_SIGNALS}};
    g->last = w->end;
    for (size_t i = 0; i < sizeof groups / sizeof *groups; i++) {
        mp_gtkw_group(g, groups[i].name);
        if (i == 0)
            mp_gtkw_signal(g, CORE_PATH "u_seq.layer", 0, MP_RADIX_TEXT, MP_TRACE_GREEN, NULL);
        for (unsigned signal = groups[i].first; signal < groups[i].end; signal++)
            row(g, signal);
        mp_gtkw_group_end(g, groups[i].name);
    }
}
