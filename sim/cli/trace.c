// SPDX-License-Identifier: Apache-2.0
// From the engine's sink to CSV to the file.
#include "sim/cli/trace.h"

static void on_run(void *user, const struct mp_layer *layer, size_t run, uint64_t first_cycle) {
    struct mp_trace *t = user;
    mp_tile_csv_run(&t->csv, layer->name, run, first_cycle);
}

static void on_event(void *user, const struct mp_trace_event *e) {
    struct mp_trace *t = user;
    mp_tile_csv_event(&t->csv, e);
    mp_out_check(&t->out);
}

bool mp_trace_begin(struct mp_trace *t, const char *path, struct mp_options *o, struct mp_err *err) {
    *t = (struct mp_trace){0};
    if (!mp_out_open(&t->out, path, err))
        return false;
    t->csv.flush = mp_out_piece;
    t->csv.user = &t->out;
    mp_tile_csv_begin(&t->csv);
    o->begin_run = on_run;
    o->sink = (struct mp_sink){.event = on_event, .user = t};
    return true;
}

bool mp_trace_end(struct mp_trace *t, bool keep, struct mp_err *err) {
    mp_tile_csv_finish(&t->csv);
    return mp_out_close(&t->out, keep, err);
}
