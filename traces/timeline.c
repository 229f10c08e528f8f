// SPDX-License-Identifier: Apache-2.0
// From tile events and stages to slices. Requests that are issued together share the DRAM: each is shown from the end of the
// one that is over before it, so that none overlap, whatever the memory does with their order. Where in a tile the array
// waits is not told by the engine: a tile's causes stand behind one another.
#include "traces/timeline.h"

#include "traces/tile_name.h"

#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define PIECE_BYTES ((size_t)64 << 10)

enum { NETWORK = 1, UNITS, DRAM }; // processes: groups of tracks

static const struct {
    unsigned process;
    const char *name;
} tracks[MP_TRACKS] = {
    [MP_TRACK_LAYERS] = {NETWORK, "layers"},    [MP_TRACK_CAUSES] = {NETWORK, "cycles by cause"},
    [MP_TRACK_ARRAY] = {UNITS, "array"},        [MP_TRACK_VECTOR] = {UNITS, "vector unit"},
    [MP_TRACK_INPUT] = {DRAM, "load input"},    [MP_TRACK_WEIGHT] = {DRAM, "load weight"},
    [MP_TRACK_PARTIAL] = {DRAM, "load partial"}, [MP_TRACK_DRAIN] = {DRAM, "drain"},
};

// Threads are numbered across processes; a thread of its process's number would be shown as the main one.
static unsigned thread_of(enum mp_track track) {
    return 11 + (unsigned)track;
}

static void flush(struct mp_timeline *t) {
    if (t->text.len > 0)
        t->flush(t->user, t->text.text, t->text.len);
    t->text.len = 0;
}

// Trace events

// Viewers count in whole ns: rounded here, so that a slice ends where the next begins.
static double ns_at(const struct mp_timeline *t, uint64_t cycle) {
    return round((double)cycle * 1e3 / t->clock_mhz);
}

static void begin_event(struct mp_timeline *t, const char *phase, unsigned process) {
    mp_jsonw_open(&t->w, '{', true);
    mp_jsonw_put_string(&t->w, "ph", phase);
    mp_jsonw_put_uint(&t->w, "pid", process);
}

static void end_event(struct mp_timeline *t) {
    mp_jsonw_close(&t->w, '}');
    if (t->text.len >= PIECE_BYTES)
        flush(t);
}

static void begin_args(struct mp_timeline *t, const char *name) {
    mp_jsonw_put_string(&t->w, "name", name);
    mp_jsonw_key(&t->w, "args");
    mp_jsonw_open(&t->w, '{', true);
}

// A slice up to its arguments, which may get more; of what takes no time, an instant.
static void begin_slice(struct mp_timeline *t, enum mp_track track, const char *name, uint64_t start, uint64_t end) {
    const double from = ns_at(t, start);
    begin_event(t, end > start ? "X" : "i", tracks[track].process);
    mp_jsonw_put_uint(&t->w, "tid", thread_of(track));
    mp_jsonw_put_real(&t->w, "ts", from / 1e3);
    if (end > start)
        mp_jsonw_put_real(&t->w, "dur", (ns_at(t, end) - from) / 1e3);
    else
        mp_jsonw_put_string(&t->w, "s", "t");
    begin_args(t, name);
    mp_jsonw_put_uint(&t->w, "cycle", start);
    mp_jsonw_put_uint(&t->w, "cycles", end - start);
}

static void end_slice(struct mp_timeline *t) {
    mp_jsonw_close(&t->w, '}');
    end_event(t);
}

static void count(struct mp_timeline *t, uint64_t cycle, double gb_per_s) {
    begin_event(t, "C", DRAM);
    mp_jsonw_put_real(&t->w, "ts", ns_at(t, cycle) / 1e3);
    begin_args(t, "DRAM bandwidth");
    mp_jsonw_put_real(&t->w, "GB/s", gb_per_s);
    end_slice(t);
}

// The document

static void meta(struct mp_timeline *t, const char *what, unsigned process, unsigned thread, const char *name, unsigned order) {
    begin_event(t, "M", process);
    if (thread)
        mp_jsonw_put_uint(&t->w, "tid", thread);
    begin_args(t, what);
    if (name)
        mp_jsonw_put_string(&t->w, "name", name);
    else
        mp_jsonw_put_uint(&t->w, "sort_index", order);
    end_slice(t);
}

static void name_tracks(struct mp_timeline *t, const struct mp_timeline_head *head) {
    mp_buf_addf(&t->name, "%s on %s", head->plan, head->arch);
    const char *const processes[] = {[NETWORK] = t->name.text, [UNITS] = "units", [DRAM] = "DRAM"};
    for (unsigned p = NETWORK; p <= DRAM; p++) {
        meta(t, "process_name", p, 0, processes[p], 0);
        meta(t, "process_sort_index", p, 0, NULL, p);
    }
    for (enum mp_track i = 0; i < MP_TRACKS; i++) {
        meta(t, "thread_name", tracks[i].process, thread_of(i), tracks[i].name, 0);
        meta(t, "thread_sort_index", tracks[i].process, thread_of(i), NULL, thread_of(i));
    }
}

void mp_timeline_begin(struct mp_timeline *t, const struct mp_timeline_head *head) {
    t->clock_mhz = head->clock_mhz;
    mp_jsonw_init(&t->w, &t->text);
    mp_jsonw_open(&t->w, '{', false);
    mp_jsonw_put_string(&t->w, "displayTimeUnit", "ns");
    mp_jsonw_key(&t->w, "otherData");
    mp_jsonw_open(&t->w, '{', true);
    mp_jsonw_put_string(&t->w, "arch", head->arch);
    mp_jsonw_put_string(&t->w, "plan", head->plan);
    mp_jsonw_put_real(&t->w, "clock_mhz", head->clock_mhz);
    mp_jsonw_close(&t->w, '}');
    mp_jsonw_key(&t->w, "traceEvents");
    mp_jsonw_open(&t->w, '[', false);
    name_tracks(t, head);
}

// Causes

static void write_cause(struct mp_timeline *t) {
    if (t->cause.end > t->cause.start) {
        begin_slice(t, MP_TRACK_CAUSES, mp_cause_names[t->cause.cause], t->cause.start, t->cause.end);
        mp_jsonw_put_string(&t->w, "layer", t->layer->name);
        end_slice(t);
    }
    t->cause.start = t->cause.end;
}

// From where the last one ends.
static void spend(struct mp_timeline *t, enum mp_cause cause, uint64_t cycles) {
    if (cycles == 0)
        return;
    if (cause != t->cause.cause)
        write_cause(t);
    t->cause.cause = cause;
    t->cause.end += cycles;
}

static uint64_t over(uint64_t a, uint64_t b) {
    return a > b ? a - b : 0;
}

// As mp_stage_book books them: the serial part, the tile, then what it waits for.
static void spend_stage(struct mp_timeline *t, const struct mp_trace_stage *s) {
    const uint64_t vector = over(s->serial_vector, s->serial_dram), idle = s->busy > s->dram ? s->busy : s->dram;
    const uint64_t step = s->serial - s->serial_dram - vector, more = over(s->vector, idle), late = over(s->dram, s->busy);
    const uint64_t last = s->cycles - s->serial - s->busy - late - more; // a sequencer's step
    spend(t, MP_STALL_DRAM, s->serial_dram);
    spend(t, MP_VECTOR, vector);
    spend(t, MP_FILL_DRAIN, step);
    for (enum mp_cause c = 0; c <= MP_STALL_OUTPUT; c++)
        spend(t, c, s->cycles_by[c] - (c == MP_FILL_DRAIN ? step + last : 0));
    if (!s->on_array)
        spend(t, MP_VECTOR, s->busy);
    spend(t, MP_STALL_DRAM, late);
    spend(t, MP_VECTOR, more);
    spend(t, MP_FILL_DRAIN, last);
}

// Runs and layers

static void end_layer(struct mp_timeline *t) {
    if (!t->layer)
        return;
    begin_slice(t, MP_TRACK_LAYERS, t->layer->name, t->layer_start, t->end);
    mp_jsonw_put_string(&t->w, "type", mp_layer_type_names[t->layer->type]);
    end_slice(t);
}

void mp_timeline_run(struct mp_timeline *t, const struct mp_layer *layer, size_t run, uint64_t first_cycle) {
    write_cause(t);
    if (layer != t->layer) {
        end_layer(t);
        t->layer_start = first_cycle;
    }
    t->layer = layer;
    t->first_cycle = t->end = t->cause.start = t->cause.end = first_cycle;
    t->label.len = 0;
    mp_buf_add(&t->label, layer->name);
    if (run > 0)
        mp_buf_addf(&t->label, " run %zu", run);
}

// Tiles

static void begin_tile(struct mp_timeline *t, enum mp_track track, uint64_t number, const uint64_t index[MP_DIMS],
                       uint64_t start, uint64_t end) {
    t->name.len = 0;
    mp_buf_addf(&t->name, "%s tile %ju", t->label.text, (uintmax_t)number);
    begin_slice(t, track, t->name.text, start, end);
    t->name.len = 0;
    mp_tile_name(index, &t->name);
    mp_jsonw_put_string(&t->w, "tile", t->name.text);
}

static void tile(struct mp_timeline *t, enum mp_track track, uint64_t number, const uint64_t index[MP_DIMS], uint64_t start,
                 uint64_t cycles) {
    if (cycles == 0)
        return;
    begin_tile(t, track, number, index, start, start + cycles);
    end_slice(t);
}

static enum mp_track track_of(const struct mp_trace_event *e) {
    for (enum mp_track i = MP_TRACK_INPUT; i <= MP_TRACK_PARTIAL; i++)
        if (strcmp(e->what, tracks[i].name) == 0)
            return i;
    return MP_TRACK_DRAIN;
}

static void transfer(struct mp_timeline *t, const struct mp_trace_event *e, uint64_t number) {
    const uint64_t issued = t->first_cycle + e->start, end = issued + e->cycles;
    const uint64_t start = issued > t->dma_end ? issued : t->dma_end < end ? t->dma_end : end;
    char address[24];
    snprintf(address, sizeof address, "0x%jx", (uintmax_t)e->address);
    begin_tile(t, track_of(e), number, e->tile, start, end);
    mp_jsonw_put_string(&t->w, "what", e->what);
    mp_jsonw_put_uint(&t->w, "issued", issued);
    mp_jsonw_put_uint(&t->w, "bits", e->bits);
    mp_jsonw_put_string(&t->w, "address", address);
    end_slice(t);
    if (end > start)
        t->dma_end = end;
}

// What is issued at a cycle of the run, from then until the last of it is over.
static void count_phase(struct mp_timeline *t, uint64_t issued) {
    const uint64_t start = t->first_cycle + issued;
    uint64_t bits = 0, cycles = 0;
    for (size_t i = 0; i < t->event_count; i++) {
        const struct mp_trace_event *e = &t->events[i];
        if (e->start != issued || e->bits == 0)
            continue;
        bits += e->bits;
        cycles = e->cycles > cycles ? e->cycles : cycles;
    }
    if (cycles == 0)
        return;
    if (t->counted && start > t->counted)
        count(t, t->counted, 0);
    count(t, start, (double)bits / 8 / (double)cycles * t->clock_mhz / 1e3);
    t->counted = start + cycles;
}

// In the order in which they are over.
void mp_timeline_event(struct mp_timeline *t, const struct mp_trace_event *e) {
    assert(t->event_count < MP_TIMELINE_EVENTS);
    size_t at = t->event_count++;
    for (; at > 0 && t->events[at - 1].start + t->events[at - 1].cycles > e->start + e->cycles; at--)
        t->events[at] = t->events[at - 1];
    t->events[at] = *e;
}

// The stage's computing tile; NULL when none does.
static const struct mp_trace_event *computing(const struct mp_timeline *t) {
    for (size_t i = 0; i < t->event_count; i++)
        if (strcmp(t->events[i].what, "compute") == 0)
            return &t->events[i];
    return NULL;
}

// The tile's number in the run: a stage drains the one before the computing tile, and loads that one or the next.
static uint64_t number_of(const struct mp_trace_event *e, const struct mp_trace_event *now, const struct mp_trace_stage *s) {
    if (e->write)
        return s->number - 2;
    return now && memcmp(e->tile, now->tile, sizeof e->tile) == 0 ? s->number - 1 : s->number;
}

void mp_timeline_stage(struct mp_timeline *t, const struct mp_trace_stage *s) {
    const uint64_t start = t->first_cycle + s->start, main = start + s->serial;
    const struct mp_trace_event *now = computing(t);
    if (start > t->end) {
        t->name.len = 0;
        mp_buf_addf(&t->name, "%s turn", t->label.text);
        begin_slice(t, MP_TRACK_VECTOR, t->name.text, t->end, start);
        end_slice(t);
        spend(t, MP_VECTOR, start - t->end);
    }
    count_phase(t, s->start);
    if (s->serial > 0)
        count_phase(t, s->start + s->serial);
    for (size_t i = 0; i < t->event_count; i++)
        if (&t->events[i] != now)
            transfer(t, &t->events[i], number_of(&t->events[i], now, s));
    tile(t, MP_TRACK_VECTOR, s->number - 2, t->computed, start, s->serial_vector);
    if (now)
        tile(t, s->on_array ? MP_TRACK_ARRAY : MP_TRACK_VECTOR, s->number - 1, now->tile, main, s->busy);
    tile(t, MP_TRACK_VECTOR, s->number - 2, t->computed, main, s->vector);
    if (now)
        memcpy(t->computed, now->tile, sizeof t->computed);
    spend_stage(t, s);
    t->end = start + s->cycles;
    t->event_count = 0;
}

void mp_timeline_finish(struct mp_timeline *t) {
    write_cause(t);
    if (t->counted)
        count(t, t->counted, 0);
    end_layer(t);
    mp_jsonw_close(&t->w, ']');
    mp_jsonw_close(&t->w, '}');
    flush(t);
    mp_buf_finish(&t->text);
    mp_buf_finish(&t->label);
    mp_buf_finish(&t->name);
}
