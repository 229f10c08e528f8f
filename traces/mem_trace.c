// SPDX-License-Identifier: Apache-2.0
// DRAM transfers as text: issued in the order of the engine, whose cycles never go back.
#include "traces/mem_trace.h"

#include "traces/csv.h"
#include "traces/tile_name.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PIECE_BYTES ((size_t)64 << 10)
#define BURST_BYTES (MP_BURST_BITS / 8)

static void flush(struct mp_mem_trace *t) {
    if (t->text.len > 0)
        t->flush(t->user, t->text.text, t->text.len);
    t->text.len = 0;
}

void mp_mem_trace_begin(struct mp_mem_trace *t) {
    if (t->csv)
        mp_buf_add(&t->text, "cycle,op,address,bytes,layer,operand,tile\n");
}

void mp_mem_trace_run(struct mp_mem_trace *t, const char *layer, uint64_t first_cycle) {
    t->layer.len = 0;
    mp_csv_field(&t->layer, layer);
    t->first_cycle = first_cycle;
}

static void row(struct mp_mem_trace *t, const struct mp_trace_event *e, const char *op) {
    mp_buf_addf(&t->text, "%" PRIu64 ",%s,0x%" PRIx64 ",%" PRIu64 ",%s,%s,", t->first_cycle + e->start, op, e->address,
                mp_bursts(e->bits) * BURST_BYTES, t->layer.text, strchr(e->what, ' ') + 1);
    mp_tile_name(e->tile, &t->text);
    mp_buf_add(&t->text, "\n");
}

static void bursts(struct mp_mem_trace *t, const struct mp_trace_event *e, const char *op) {
    char rest[48]; // the same for all of them
    snprintf(rest, sizeof rest, " %s %" PRIu64 "\n", op, t->first_cycle + e->start);
    for (uint64_t i = 0, count = mp_bursts(e->bits); i < count; i++) {
        mp_buf_addf(&t->text, "0x%" PRIx64 "%s", e->address + i * BURST_BYTES, rest);
        if (t->text.len >= PIECE_BYTES)
            flush(t);
    }
}

void mp_mem_trace_event(struct mp_mem_trace *t, const struct mp_trace_event *e) {
    const char *op = e->write ? "WRITE" : "READ";
    if (strcmp(e->what, "compute") == 0)
        return;
    if (t->csv)
        row(t, e, op);
    else
        bursts(t, e, op);
    if (t->text.len >= PIECE_BYTES)
        flush(t);
}

void mp_mem_trace_finish(struct mp_mem_trace *t) {
    flush(t);
    mp_buf_finish(&t->text);
    mp_buf_finish(&t->layer);
}
