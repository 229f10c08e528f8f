// SPDX-License-Identifier: Apache-2.0
// From the engine's sink to the files.
#include "sim/cli/trace.h"

static void on_run(void *user, const struct mp_layer *layer, size_t run, uint64_t first_cycle) {
    struct mp_trace *t = user;
    if (t->has_csv)
        mp_tile_csv_run(&t->csv, layer->name, run, first_cycle);
    if (t->has_wave)
        mp_tile_wave_run(&t->wave.tiles, layer->name, run, first_cycle);
}

static void on_event(void *user, const struct mp_trace_event *e) {
    struct mp_trace *t = user;
    if (t->has_wave)
        mp_tile_wave_event(&t->wave.tiles, e);
    if (t->has_csv) {
        mp_tile_csv_event(&t->csv, e);
        mp_out_check(&t->out);
    }
}

static void on_stage(void *user, const struct mp_trace_stage *s) {
    struct mp_trace *t = user;
    if (t->has_wave) {
        mp_tile_wave_stage(&t->wave.tiles, s);
        mp_wave_check(&t->wave);
        if (t->has_csv)
            mp_out_check(&t->out);
    }
}

bool mp_trace_begin(struct mp_trace *t, const char *csv, const char *wave, struct mp_options *o, struct mp_err *err) {
    *t = (struct mp_trace){.has_csv = csv, .has_wave = wave};
    if (csv && !mp_out_open(&t->out, csv, err))
        return false;
    if (wave && !mp_wave_begin(&t->wave, wave, err)) {
        struct mp_err ignored;
        if (csv)
            mp_out_close(&t->out, false, &ignored);
        return false;
    }
    t->csv.flush = mp_out_piece;
    t->csv.user = &t->out;
    if (csv)
        mp_tile_csv_begin(&t->csv);
    o->begin_run = on_run;
    o->sink = (struct mp_sink){.event = on_event, .stage = on_stage, .user = t};
    return true;
}

bool mp_trace_end(struct mp_trace *t, bool keep, struct mp_err *err) {
    bool waved = !t->has_wave || mp_wave_end(&t->wave, keep, err);
    mp_tile_csv_finish(&t->csv);
    return (!t->has_csv || mp_out_close(&t->out, keep && waved, err)) && waved;
}
