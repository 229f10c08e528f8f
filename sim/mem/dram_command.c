// SPDX-License-Identifier: Apache-2.0
// Commands as DRAMsim3 (Li et al., IEEE CAL 2020) issues them: banks take turns, each with its oldest command that timing
// allows; a row is closed for the queue's head when nothing of the queue hits it or it has had its hits. With a refresh due
// only rows are closed.
#include "sim/mem/dram_command.h"

#include <string.h>

#define HITS 4 // after which a row may be closed while accesses to it wait

static int32_t later(int32_t a, int32_t b) {
    return a > b ? a : b;
}

static int32_t sooner(int32_t a, int32_t b) {
    return a < b ? a : b;
}

// Order of `bank` among the turns, the one behind `last` first.
static int32_t turn_of(unsigned bank, unsigned last) {
    return (int32_t)((bank - last - 1) % MP_DRAM_BANKS);
}

static int32_t ready_at(const struct mp_dram_channel *c, unsigned b) {
    const struct mp_dram_timer *t = &c->timer;
    int32_t column = sooner(later(t->read[b], c->want_read[b]), later(t->write[b], c->want_write[b]));
    int32_t row = sooner(later(t->activate[b], c->want_activate[b]), later(t->precharge[b], c->want_precharge[b]));
    return sooner(column, row);
}

// The first command of all queues, not before `from`.
static void find_best(struct mp_dram_channel *c, int32_t from) {
    int32_t best = INT32_MAX;
    const unsigned last = c->last;
    for (unsigned b = 0; b < MP_DRAM_BANKS; b++)
        best = sooner(best, later(ready_at(c, b), from) * MP_DRAM_BANKS | turn_of(b, last));
    c->best_at = best / MP_DRAM_BANKS;
    c->best = ((unsigned)best + last + 1) % MP_DRAM_BANKS;
}

// The same when only the queue of `b` has changed. What it wanted before it may not want any more.
static void compare_best(struct mp_dram_channel *c, unsigned b, int32_t from) {
    int32_t at = later(ready_at(c, b), from);
    if (b == c->best && at > c->best_at)
        find_best(c, from);
    else if (at < c->best_at || (at == c->best_at && turn_of(b, c->last) < turn_of(c->best, c->last))) {
        c->best_at = at;
        c->best = b;
    }
}

// Whether no access of the other kind to the same place is before the i-th of the queue.
static bool in_order(const struct mp_dram_channel *c, const struct mp_dram_bank *k, unsigned i) {
    const struct mp_dram_access *a = &c->access[k->slot[i]];
    for (unsigned j = 0; j < i; j++) {
        const struct mp_dram_access *e = &c->access[k->slot[j]];
        if (e->row == a->row && e->column == a->column && e->write != a->write)
            return false;
    }
    return true;
}

// The place of the first of `candidates` that may go, or MP_DRAM_QUEUE.
static uint8_t first_in_order(const struct mp_dram_channel *c, const struct mp_dram_bank *k, uint32_t candidates,
                              uint32_t others) {
    for (uint8_t i = 0; candidates >> i; i++)
        if (candidates >> i & 1 && (!others || in_order(c, k, i)))
            return i;
    return MP_DRAM_QUEUE;
}

// What the queue of a bank wants.
static void look(struct mp_dram_channel *c, unsigned b) {
    struct mp_dram_bank *k = &c->bank[b];
    uint32_t hits = 0;
    for (unsigned i = 0; i < MP_DRAM_QUEUE; i++)
        hits |= (uint32_t)(k->rows[i] == k->row) << i;
    hits = k->open ? hits & ((1u << k->count) - 1) : 0;
    k->read = first_in_order(c, k, hits & ~k->writes, hits & k->writes);
    k->write = first_in_order(c, k, hits & k->writes, hits & ~k->writes);
    bool close = k->open && k->count && !(hits & 1) && (!hits || k->hits >= HITS);
    c->want_read[b] = k->read < MP_DRAM_QUEUE ? 0 : MP_DRAM_NEVER;
    c->want_write[b] = k->write < MP_DRAM_QUEUE ? 0 : MP_DRAM_NEVER;
    c->want_precharge[b] = close ? 0 : MP_DRAM_NEVER;
    c->want_activate[b] = !k->open && k->count ? 0 : MP_DRAM_NEVER;
}

static void append(struct mp_dram_bank *k, unsigned slot, const struct mp_dram_access *a) {
    k->rows[k->count] = a->row;
    k->writes |= (uint32_t)a->write << k->count;
    k->slot[k->count++] = (uint8_t)slot;
}

static void take_out(struct mp_dram_bank *k, unsigned i) {
    const unsigned behind = --k->count - i;
    const uint32_t below = (1u << i) - 1;
    memmove(k->slot + i, k->slot + i + 1, behind);
    memmove(k->rows + i, k->rows + i + 1, behind * sizeof *k->rows);
    k->writes = (k->writes & below) | (k->writes >> 1 & ~below);
}

static void tell(const struct mp_dram_channel *c, int32_t now, enum mp_dram_kind kind, unsigned b, uint32_t column) {
    if (!c->sink)
        return;
    const unsigned banks = c->timer.group_banks;
    c->sink->command(
        c->sink->user,
        &(struct mp_dram_command){
            .cycle = c->base + (uint64_t)now,
            .kind = kind,
            .place = {.channel = c->index, .group = b / banks, .bank = b % banks, .row = c->bank[b].row, .column = column}});
}

static void precharge(struct mp_dram_channel *c, unsigned b, int32_t now) {
    tell(c, now, MP_DRAM_PRECHARGE, b, 0);
    c->bank[b].open = false;
    if (--c->opened == 0)
        c->counts.active_cycles += c->base + (uint64_t)now - c->opened_at;
    c->counts.precharges++;
    mp_dram_timer_precharge(&c->timer, b, now);
}

static void activate(struct mp_dram_channel *c, unsigned b, int32_t now) {
    struct mp_dram_bank *k = &c->bank[b];
    k->open = true;
    k->row = c->access[k->slot[0]].row;
    k->hits = 0;
    if (c->opened++ == 0)
        c->opened_at = c->base + (uint64_t)now;
    c->counts.activates++;
    mp_dram_timer_activate(&c->timer, b, now);
    tell(c, now, MP_DRAM_ACTIVATE, b, 0);
}

static void count_row(struct mp_dram_channel *c, struct mp_dram_bank *k) {
    if (k->hits++)
        c->counts.row_hits++;
    else if (k->conflict)
        c->counts.row_conflicts++;
    else
        c->counts.row_misses++;
    k->conflict = false;
}

// The access is over as soon as its command is issued: only the cycle of its data is noted.
static void column(struct mp_dram_channel *c, unsigned b, unsigned i, int32_t now) {
    const struct mp_dram_timing *g = &c->preset->timing;
    struct mp_dram_bank *k = &c->bank[b];
    const unsigned slot = k->slot[i];
    const struct mp_dram_access *a = &c->access[slot];
    uint64_t done = c->base + (uint64_t)now + g->burst + (a->write ? g->cwl : g->cl);
    tell(c, now, a->write ? MP_DRAM_WRITE : MP_DRAM_READ, b, a->column);
    count_row(c, k);
    if (a->write) {
        c->counts.writes++;
        mp_dram_timer_write(&c->timer, b, now);
    } else {
        c->counts.reads++;
        c->counts.read_latency += done - a->pushed;
        mp_dram_timer_read(&c->timer, b, now);
    }
    if (a->done && *a->done < done)
        *a->done = done;
    c->end = c->end < done ? done : c->end;
    take_out(k, i);
    c->queued--;
    c->full &= ~(1u << b);
    c->unused[c->unused_count++] = (uint8_t)slot;
}

// The oldest command of a bank that timing allows. Returns whether it is one of columns.
static bool issue(struct mp_dram_channel *c, unsigned b, int32_t now) {
    struct mp_dram_bank *k = &c->bank[b];
    const struct mp_dram_timer *t = &c->timer;
    bool is_column = false;
    c->last = b;
    if (!k->open) {
        activate(c, b, now);
    } else if (!c->want_precharge[b] && t->precharge[b] <= now) {
        k->conflict = true;
        precharge(c, b, now);
    } else {
        unsigned read = t->read[b] <= now ? k->read : MP_DRAM_QUEUE, write = t->write[b] <= now ? k->write : MP_DRAM_QUEUE;
        column(c, b, read < write ? read : write, now);
        is_column = true;
    }
    look(c, b);
    return is_column;
}

// Whether the best command is one of columns.
static bool best_is_column(const struct mp_dram_channel *c) {
    const unsigned b = c->best;
    return c->bank[b].open && (c->want_precharge[b] || c->timer.precharge[b] > c->best_at);
}

static void issue_best(struct mp_dram_channel *c, int32_t now) {
    bool is_column = issue(c, c->best, now);
    if (c->preset->two_buses) {
        find_best(c, now);
        if (c->best_at > now)
            return;
        if (best_is_column(c) != is_column)
            issue(c, c->best, now);
        c->last = c->best;
    }
    find_best(c, now + 1);
}

// With a refresh due no queue is served: rows are closed as timing allows, then the banks refreshed.
static void prepare_refresh(struct mp_dram_channel *c, int32_t now) {
    bool ready = c->opened == 0;
    for (unsigned b = 0; b < c->timer.banks; b++) {
        if (c->bank[b].open && c->timer.precharge[b] <= now) {
            precharge(c, b, now);
            c->bank[b].conflict = false;
            look(c, b);
            return;
        }
        ready = ready && c->timer.refresh[b] <= now;
    }
    if (!ready)
        return;
    mp_dram_timer_refresh(&c->timer, now);
    tell(c, now, MP_DRAM_REFRESH, 0, 0);
    c->counts.refreshes++;
    if (--c->due == 0)
        find_best(c, now + 1);
}

static int32_t refresh_step_at(const struct mp_dram_channel *c) {
    int32_t close = MP_DRAM_NEVER, ready = 0;
    for (unsigned b = 0; b < c->timer.banks; b++) {
        if (c->bank[b].open)
            close = sooner(close, c->timer.precharge[b]);
        ready = later(ready, c->timer.refresh[b]);
    }
    return c->opened ? close : ready;
}

void mp_dram_command_add(struct mp_dram_channel *c, unsigned slot, int32_t now) {
    const struct mp_dram_access *a = &c->access[slot];
    const unsigned b = a->bank;
    struct mp_dram_bank *k = &c->bank[b];
    append(k, slot, a);
    if (k->count == MP_DRAM_QUEUE)
        c->full |= 1u << b;
    c->queued++;
    if (k->open && k->count > 1 && a->row != k->row)
        return; // others come first
    look(c, b);
    if (!c->due)
        compare_best(c, b, now + 1);
}

void mp_dram_command_step(struct mp_dram_channel *c, int32_t now) {
    if (c->due)
        prepare_refresh(c, now);
    else if (c->best_at <= now)
        issue_best(c, now);
}

int32_t mp_dram_command_next(const struct mp_dram_channel *c) {
    return c->due ? refresh_step_at(c) : c->best_at;
}
