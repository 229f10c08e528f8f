// SPDX-License-Identifier: Apache-2.0
// The tile trace as CSV rows. Cycles count from the start of the network.
#include "traces/tile_csv.h"

#include "traces/csv.h"

#include <inttypes.h>

#define PIECE_BYTES ((size_t)64 << 10)

static void flush(struct mp_tile_csv *t) {
    if (t->rows.len > 0)
        t->flush(t->user, t->rows.text, t->rows.len);
    t->rows.len = 0;
}

void mp_tile_csv_begin(struct mp_tile_csv *t) {
    mp_buf_add(&t->rows, "layer,run,what");
    for (int d = 0; d < MP_DIMS; d++)
        mp_buf_addf(&t->rows, ",%s", mp_dim_names[d]);
    mp_buf_add(&t->rows, ",start,cycles,bits\n");
}

void mp_tile_csv_run(struct mp_tile_csv *t, const char *layer, size_t run, uint64_t first_cycle) {
    t->layer.len = 0;
    mp_csv_field(&t->layer, layer);
    t->run = run;
    t->first_cycle = first_cycle;
}

void mp_tile_csv_event(struct mp_tile_csv *t, const struct mp_trace_event *e) {
    mp_buf_addf(&t->rows, "%s,%zu,%s", t->layer.text, t->run, e->what);
    for (int d = 0; d < MP_DIMS; d++)
        mp_buf_addf(&t->rows, ",%" PRIu64, e->tile[d]);
    mp_buf_addf(&t->rows, ",%" PRIu64 ",%" PRIu64 ",%" PRIu64 "\n", t->first_cycle + e->start, e->cycles, e->bits);
    if (t->rows.len >= PIECE_BYTES)
        flush(t);
}

void mp_tile_csv_finish(struct mp_tile_csv *t) {
    flush(t);
    mp_buf_finish(&t->rows);
    mp_buf_finish(&t->layer);
}
