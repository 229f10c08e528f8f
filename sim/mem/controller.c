// SPDX-License-Identifier: Apache-2.0
// Channels of one memory. Accesses are pushed in order, so that a full channel holds up those behind it; a channel is run
// no further than the next push to it asks, and all are run to the end at last.
#include "sim/mem/dram_channel.h"

#include "sim/base/arena.h"

#include <assert.h>
#include <stdlib.h>

struct mp_controllers {
    struct mp_controller_spec spec;
    uint64_t bytes;
    struct mp_dram_channel channel[];
};

struct mp_controllers *mp_controllers_create(const struct mp_controller_spec *s) {
    assert(s->channels > 0 && s->channels <= MP_DRAM_CHANNELS && s->channels == 1u << s->map.ch.bits);
    struct mp_controllers *c = malloc(sizeof *c + s->channels * sizeof *c->channel);
    if (!c)
        mp_out_of_memory();
    c->spec = *s;
    c->bytes = 0;
    for (unsigned i = 0; i < s->channels; i++)
        mp_dram_channel_init(&c->channel[i], s, i);
    return c;
}

void mp_controllers_destroy(struct mp_controllers *c) {
    free(c);
}

static uint64_t greater(uint64_t a, uint64_t b) {
    return a > b ? a : b;
}

// One access, not before `cycle`; returns the cycle from which the next may be pushed.
static uint64_t push(struct mp_controllers *c, uint64_t cycle, uint64_t address, bool write, uint64_t *done, bool single) {
    const struct mp_dram_place at = mp_dram_map_place(&c->spec.map, address);
    struct mp_dram_channel *h = &c->channel[at.channel];
    mp_dram_channel_advance(h, cycle);
    while (mp_dram_channel_full(h, write))
        mp_dram_channel_step(h);
    cycle = greater(cycle, h->now);
    mp_dram_channel_push(h, cycle, &at, write, done);
    if (!single)
        return cycle;
    mp_dram_channel_finish(h);
    return h->end + 1;
}

static uint64_t push_transfer(struct mp_controllers *c, uint64_t cycle, const struct mp_transfer *t, uint64_t *done,
                              bool single) {
    const unsigned size = c->spec.preset->access_bytes;
    assert(t->address % size == 0 && t->bytes % size == 0);
    cycle = greater(cycle, t->start);
    for (uint64_t at = 0; at < t->bytes; at += size)
        cycle = push(c, cycle, t->address + at, t->write, done, single);
    c->bytes += t->bytes;
    return cycle;
}

// `cycle` is that of the last push, `begin` that of the run. Returns the end of the last data.
static uint64_t finish(struct mp_controllers *c, uint64_t begin, uint64_t cycle) {
    uint64_t end = begin;
    for (unsigned i = 0; i < c->spec.channels; i++) {
        struct mp_dram_channel *h = &c->channel[i];
        if (!mp_dram_channel_idle(h))
            mp_dram_channel_advance(h, cycle);
        mp_dram_channel_finish(h);
        end = greater(end, h->end);
    }
    for (unsigned i = 0; i < c->spec.channels; i++)
        mp_dram_channel_advance(&c->channel[i], end);
    return end;
}

static uint64_t run(struct mp_controllers *c, uint64_t cycle, struct mp_transfer *t, size_t count, bool single) {
    uint64_t at = cycle;
    for (size_t i = 0; i < count; i++) {
        t[i].done = cycle;
        at = push_transfer(c, at, &t[i], &t[i].done, single);
    }
    return finish(c, cycle, at);
}

uint64_t mp_controllers_run(struct mp_controllers *c, uint64_t cycle, struct mp_transfer *t, size_t count) {
    return run(c, cycle, t, count, false);
}

uint64_t mp_controllers_run_single(struct mp_controllers *c, uint64_t cycle, struct mp_transfer *t, size_t count) {
    return run(c, cycle, t, count, true);
}

uint64_t mp_controllers_pull(struct mp_controllers *c, uint64_t cycle, const struct mp_transfer_source *s, bool single) {
    struct mp_transfer t;
    uint64_t at = cycle;
    for (t = (struct mp_transfer){0}; s->next(s->user, &t); t = (struct mp_transfer){0})
        at = push_transfer(c, at, &t, NULL, single);
    return finish(c, cycle, at);
}

static void add(struct mp_dram_counts *sum, const struct mp_dram_counts *n) {
    sum->reads += n->reads;
    sum->writes += n->writes;
    sum->activates += n->activates;
    sum->precharges += n->precharges;
    sum->refreshes += n->refreshes;
    sum->row_hits += n->row_hits;
    sum->row_misses += n->row_misses;
    sum->row_conflicts += n->row_conflicts;
    sum->read_latency += n->read_latency;
    sum->active_cycles += n->active_cycles;
}

struct mp_dram_counts mp_controllers_counts(const struct mp_controllers *c) {
    struct mp_dram_counts sum = {0};
    for (unsigned i = 0; i < c->spec.channels; i++) {
        struct mp_dram_counts n = mp_dram_channel_counts(&c->channel[i]);
        add(&sum, &n);
    }
    return sum;
}

uint64_t mp_controllers_bytes(const struct mp_controllers *c) {
    return c->bytes;
}
