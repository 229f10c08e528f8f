// SPDX-License-Identifier: Apache-2.0
// Accesses on their way to the queues of the banks, as DRAMsim3 (Li et al., IEEE CAL 2020) schedules them: one a cycle, the
// oldest whose queue has room, writes in batches. Cycles at which nothing can happen are skipped.
#include "sim/mem/dram_channel.h"

#include "sim/mem/dram_command.h"

#include <assert.h>
#include <string.h>

#define FEW_WRITES 8 // that wait although no reads do, or no commands

void mp_dram_channel_init(struct mp_dram_channel *c, const struct mp_controller_spec *s, unsigned index) {
    *c = (struct mp_dram_channel){.preset = s->preset, .index = index, .refresh = s->refresh, .sink = s->sink};
    c->refresh_at = s->refresh ? s->preset->timing.refi : UINT64_MAX;
    c->next = c->refresh_at;
    c->best_at = MP_DRAM_NEVER;
    mp_dram_timer_init(&c->timer, s->preset);
    for (unsigned b = 0; b < MP_DRAM_BANKS; b++) {
        c->want_read[b] = c->want_write[b] = c->want_activate[b] = c->want_precharge[b] = MP_DRAM_NEVER;
        c->bank[b].read = c->bank[b].write = MP_DRAM_QUEUE;
    }
    for (unsigned i = 0; i < MP_DRAM_SLOTS; i++)
        c->unused[i] = (uint8_t)i;
    c->unused_count = MP_DRAM_SLOTS;
}

static bool drain_begins(const struct mp_dram_channel *c) {
    const unsigned writes = c->writes.count;
    const bool no_reads = c->reads.count == 0, no_commands = c->queued == 0;
    return writes == MP_DRAM_BUFFER || (writes > FEW_WRITES && (no_reads || no_commands)) ||
           (c->flush && writes && no_reads && no_commands);
}

static bool can_move(const struct mp_dram_channel *c) {
    const struct mp_dram_buffer *f = c->draining || drain_begins(c) ? &c->writes : &c->reads;
    return (f->banks & ~c->full) != 0;
}

static unsigned bucket_of(const struct mp_dram_access *a) {
    return (a->column ^ a->bank * 37u ^ a->row * 101u) % MP_DRAM_BUCKETS;
}

// Whether an older access of the other kind to the same place still waits in its buffer.
static bool must_wait(const struct mp_dram_channel *c, const struct mp_dram_access *a) {
    const struct mp_dram_buffer *f = a->write ? &c->reads : &c->writes;
    if (!f->bucket[bucket_of(a)])
        return false;
    for (unsigned i = 0; i < f->count; i++) {
        const struct mp_dram_access *e = &c->access[f->slot[i]];
        if (e->order < a->order && e->bank == a->bank && e->row == a->row && e->column == a->column)
            return true;
    }
    return false;
}

static void move(struct mp_dram_channel *c, struct mp_dram_buffer *f, unsigned i, int32_t now) {
    const unsigned slot = f->slot[i], b = c->access[slot].bank;
    const unsigned behind = --f->count - i;
    memmove(f->slot + i, f->slot + i + 1, behind);
    memmove(f->bank + i, f->bank + i + 1, behind);
    f->bucket[bucket_of(&c->access[slot])]--;
    if (--f->of_bank[b] == 0)
        f->banks &= ~(1u << b);
    mp_dram_command_add(c, slot, now);
}

// Moves the oldest access whose queue has room; returns whether there was one. `*waits`: one had to let another go first.
static bool move_first(struct mp_dram_channel *c, struct mp_dram_buffer *f, int32_t now, bool *waits) {
    *waits = false;
    for (unsigned i = 0; (f->banks & ~c->full) && i < f->count; i++) {
        if (c->full >> f->bank[i] & 1)
            continue;
        if (!must_wait(c, &c->access[f->slot[i]])) {
            move(c, f, i, now);
            return true;
        }
        *waits = true;
    }
    return false;
}

// Reads and writes to one place keep their order: who waits for one of the other buffer lets it have the cycle.
static void schedule(struct mp_dram_channel *c, int32_t now) {
    bool waits;
    if (!c->draining && drain_begins(c))
        c->draining = c->writes.count;
    if (c->draining) {
        if (move_first(c, &c->writes, now, &waits))
            c->draining--;
        else if (waits)
            move_first(c, &c->reads, now, &waits);
    } else if (!move_first(c, &c->reads, now, &waits) && waits) {
        move_first(c, &c->writes, now, &waits);
    }
}

static void rebase(struct mp_dram_channel *c, uint64_t base) {
    uint64_t by = base - c->base;
    int32_t cut = by < (uint64_t)MP_DRAM_NEVER ? (int32_t)by : MP_DRAM_NEVER;
    mp_dram_timer_rebase(&c->timer, cut);
    if (c->best_at < MP_DRAM_NEVER)
        c->best_at = c->best_at > cut ? c->best_at - cut : 0;
    c->base = base;
}

void mp_dram_channel_step(struct mp_dram_channel *c) {
    if (c->next - c->base > (uint64_t)MP_DRAM_SPAN)
        rebase(c, c->next);
    const int32_t now = (int32_t)(c->next - c->base);
    for (; c->next >= c->refresh_at; c->refresh_at += c->preset->timing.refi)
        c->due++;
    mp_dram_command_step(c, now);
    schedule(c, now);
    int32_t at = mp_dram_command_next(c);
    if (can_move(c) || at <= now)
        at = now + 1;
    uint64_t next = at < MP_DRAM_NEVER ? c->base + (uint64_t)at : UINT64_MAX;
    c->now = c->next + 1;
    c->next = next < c->refresh_at ? next : c->refresh_at;
}

// Refreshes of idle, closed banks but the last before `until` are only counted.
static void skip_refreshes(struct mp_dram_channel *c, uint64_t until) {
    const uint64_t refi = c->preset->timing.refi;
    if (c->opened || c->due || !mp_dram_channel_idle(c) || until <= c->refresh_at)
        return;
    uint64_t n = (until - 1 - c->refresh_at) / refi;
    c->counts.refreshes += n;
    c->refresh_at += n * refi;
    c->next = c->refresh_at;
}

void mp_dram_channel_advance(struct mp_dram_channel *c, uint64_t until) {
    while (c->next < until) {
        if (c->refresh && !c->sink)
            skip_refreshes(c, until);
        mp_dram_channel_step(c);
    }
    c->now = c->now > until ? c->now : until;
}

void mp_dram_channel_push(struct mp_dram_channel *c, uint64_t cycle, const struct mp_dram_place *at, bool write,
                          uint64_t *done) {
    struct mp_dram_buffer *f = write ? &c->writes : &c->reads;
    assert(cycle >= c->now && f->count < MP_DRAM_BUFFER);
    const unsigned slot = c->unused[--c->unused_count], b = at->group * c->timer.group_banks + at->bank;
    struct mp_dram_access *a = &c->access[slot];
    *a = (struct mp_dram_access){.row = at->row,
                                 .column = at->column,
                                 .bank = (uint8_t)b,
                                 .write = write,
                                 .order = c->order++,
                                 .pushed = cycle,
                                 .done = done};
    f->bank[f->count] = (uint8_t)b;
    f->slot[f->count++] = (uint8_t)slot;
    f->banks |= 1u << b;
    f->of_bank[b]++;
    f->bucket[bucket_of(a)]++;
    c->next = c->next < cycle ? c->next : cycle;
}

void mp_dram_channel_finish(struct mp_dram_channel *c) {
    c->flush = true;
    if (!mp_dram_channel_idle(c))
        c->next = c->now;
    while (!mp_dram_channel_idle(c))
        mp_dram_channel_step(c);
    c->flush = false;
}

struct mp_dram_counts mp_dram_channel_counts(const struct mp_dram_channel *c) {
    struct mp_dram_counts n = c->counts;
    if (c->opened && c->now > c->opened_at)
        n.active_cycles += c->now - c->opened_at;
    return n;
}
