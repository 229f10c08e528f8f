// SPDX-License-Identifier: Apache-2.0
// From the engine's sink to the files.
#include "sim/cli/trace.h"

#include <string.h>

static bool has(const struct mp_trace *t, enum mp_trace_text which) {
    return t->paths.text[which];
}

// Whether an interrupt came.
static void check(struct mp_trace *t) {
    for (unsigned i = 0; i < MP_TRACE_TEXTS; i++)
        if (t->paths.text[i])
            mp_out_check(&t->out[i]);
}

static void on_run(void *user, const struct mp_layer *layer, size_t run, uint64_t first_cycle) {
    struct mp_trace *t = user;
    if (has(t, MP_TRACE_TILES))
        mp_tile_csv_run(&t->tiles, layer->name, run, first_cycle);
    if (has(t, MP_TRACE_TIMELINE))
        mp_timeline_run(&t->timeline, layer, run, first_cycle);
    if (has(t, MP_TRACE_MEM))
        mp_mem_trace_run(&t->mem, layer->name, first_cycle);
    if (t->paths.wave)
        mp_tile_wave_run(&t->wave.tiles, layer->name, run, first_cycle);
}

static void on_event(void *user, const struct mp_trace_event *e) {
    struct mp_trace *t = user;
    if (t->paths.wave)
        mp_tile_wave_event(&t->wave.tiles, e);
    if (has(t, MP_TRACE_TILES))
        mp_tile_csv_event(&t->tiles, e);
    if (has(t, MP_TRACE_TIMELINE))
        mp_timeline_event(&t->timeline, e);
    if (has(t, MP_TRACE_MEM))
        mp_mem_trace_event(&t->mem, e);
    check(t);
}

static void on_stage(void *user, const struct mp_trace_stage *s) {
    struct mp_trace *t = user;
    if (has(t, MP_TRACE_TIMELINE))
        mp_timeline_stage(&t->timeline, s);
    if (t->paths.wave) {
        mp_tile_wave_stage(&t->wave.tiles, s);
        mp_wave_check(&t->wave);
        check(t);
    }
}

bool mp_trace_wanted(const struct mp_trace_paths *paths) {
    bool wanted = paths->wave;
    for (unsigned i = 0; i < MP_TRACE_TEXTS; i++)
        wanted = wanted || paths->text[i];
    return wanted;
}

// Closes the first `count` texts. The first error is told.
static bool close_texts(struct mp_trace *t, unsigned count, bool keep, struct mp_err *err) {
    bool ok = true;
    for (unsigned i = 0; i < count; i++) {
        struct mp_err more;
        if (t->paths.text[i] && !mp_out_close(&t->out[i], keep && ok, ok ? err : &more))
            ok = false;
    }
    return ok;
}

static bool open_texts(struct mp_trace *t, struct mp_err *err) {
    struct mp_out_stream *before = NULL;
    for (unsigned i = 0; i < MP_TRACE_TEXTS; i++) {
        struct mp_err ignored;
        if (!t->paths.text[i])
            continue;
        if (!mp_out_open(&t->out[i], t->paths.text[i], err)) {
            close_texts(t, i, false, &ignored);
            return false;
        }
        if (before)
            mp_out_join(before, &t->out[i]);
        before = &t->out[i];
    }
    return true;
}

static void begin_texts(struct mp_trace *t, const struct mp_timeline_head *head) {
    const char *mem = t->paths.text[MP_TRACE_MEM], *dot = mem ? strrchr(mem, '.') : NULL;
    t->tiles = (struct mp_tile_csv){.flush = mp_out_piece, .user = &t->out[MP_TRACE_TILES]};
    t->timeline = (struct mp_timeline){.flush = mp_out_piece, .user = &t->out[MP_TRACE_TIMELINE]};
    t->mem = (struct mp_mem_trace){.flush = mp_out_piece, .user = &t->out[MP_TRACE_MEM],
                                   .csv = dot && strcmp(dot, ".csv") == 0};
    if (has(t, MP_TRACE_TILES))
        mp_tile_csv_begin(&t->tiles);
    if (has(t, MP_TRACE_TIMELINE))
        mp_timeline_begin(&t->timeline, head);
    if (mem)
        mp_mem_trace_begin(&t->mem);
}

bool mp_trace_begin(struct mp_trace *t, const struct mp_trace_paths *paths, const struct mp_timeline_head *head,
                    struct mp_options *o, struct mp_err *err) {
    *t = (struct mp_trace){.paths = *paths};
    if (!open_texts(t, err))
        return false;
    if (paths->wave && !mp_wave_begin(&t->wave, paths->wave, err)) {
        struct mp_err ignored;
        close_texts(t, MP_TRACE_TEXTS, false, &ignored);
        return false;
    }
    begin_texts(t, head);
    o->begin_run = on_run;
    o->sink = (struct mp_sink){.event = on_event, .stage = on_stage, .user = t};
    return true;
}

static void finish_texts(struct mp_trace *t) {
    if (has(t, MP_TRACE_TILES))
        mp_tile_csv_finish(&t->tiles);
    if (has(t, MP_TRACE_TIMELINE))
        mp_timeline_finish(&t->timeline);
    if (has(t, MP_TRACE_MEM))
        mp_mem_trace_finish(&t->mem);
}

bool mp_trace_end(struct mp_trace *t, bool keep, struct mp_err *err) {
    struct mp_err more;
    bool waved = !t->paths.wave || mp_wave_end(&t->wave, keep, err);
    finish_texts(t);
    return close_texts(t, MP_TRACE_TEXTS, keep && waved, waved ? err : &more) && waved;
}
