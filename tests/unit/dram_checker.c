// SPDX-License-Identifier: Apache-2.0
#include "tests/unit/dram_checker.h"

#include <stdlib.h>
#include <string.h>

#define WINDOW 512  // cycles: longer than every timing but those of refresh, which have a rule of their own
#define CLOSING 256 // cycles within which rows can be closed and a refresh begun

static void record(void *user, const struct mp_dram_command *c) {
    struct dram_log *l = user;
    if (l->count == l->cap) {
        l->cap = l->cap ? l->cap * 2 : 1024;
        l->command = realloc(l->command, l->cap * sizeof *l->command);
        if (!l->command)
            abort();
    }
    l->command[l->count++] = *c;
}

struct mp_dram_sink dram_log_sink(struct dram_log *l) {
    return (struct mp_dram_sink){record, l};
}

void dram_log_finish(struct dram_log *l) {
    free(l->command);
}

struct dram_log dram_log_of_channel(const struct dram_log *l, unsigned channel) {
    struct dram_log own = {0};
    for (size_t i = 0; i < l->count; i++)
        if (l->command[i].place.channel == channel)
            record(&own, &l->command[i]);
    return own;
}

enum relation { SAME_BANK, SAME_GROUP, ELSEWHERE };

static enum relation relation_of(const struct mp_dram_place *a, const struct mp_dram_place *b) {
    if (a->group != b->group)
        return ELSEWHERE;
    return a->bank == b->bank ? SAME_BANK : SAME_GROUP;
}

// Least cycles from a command of a kind to one of another.
static uint64_t after_read(const struct mp_dram_timing *t, enum mp_dram_kind next, enum relation r) {
    switch (next) {
    case MP_DRAM_READ:
        return r == ELSEWHERE ? t->ccd_s : t->ccd_l;
    case MP_DRAM_WRITE:
        return t->rd_wr;
    case MP_DRAM_PRECHARGE:
        return r == SAME_BANK ? t->rtp : 0;
    default:
        return 0;
    }
}

static uint64_t after_write(const struct mp_dram_timing *t, enum mp_dram_kind next, enum relation r) {
    const uint64_t data = t->cwl + t->burst;
    switch (next) {
    case MP_DRAM_READ:
        return data + (r == ELSEWHERE ? t->wtr_s : t->wtr_l);
    case MP_DRAM_WRITE:
        return r == ELSEWHERE ? t->ccd_s : t->ccd_l;
    case MP_DRAM_PRECHARGE:
        return r == SAME_BANK ? data + t->wr : 0;
    default:
        return 0;
    }
}

static uint64_t after_activate(const struct mp_dram_timing *t, enum mp_dram_kind next, enum relation r) {
    switch (next) {
    case MP_DRAM_READ:
        return r == SAME_BANK ? t->rcd_rd : 0;
    case MP_DRAM_WRITE:
        return r == SAME_BANK ? t->rcd_wr : 0;
    case MP_DRAM_PRECHARGE:
        return r == SAME_BANK ? t->ras : 0;
    case MP_DRAM_ACTIVATE:
        return r == SAME_BANK ? t->rc : r == SAME_GROUP ? t->rrd_l : t->rrd_s;
    default:
        return 0;
    }
}

static uint64_t after_precharge(const struct mp_dram_timing *t, enum mp_dram_kind next, enum relation r) {
    switch (next) {
    case MP_DRAM_ACTIVATE:
        return r == SAME_BANK ? t->rp : 0;
    case MP_DRAM_REFRESH:
        return t->rp;
    case MP_DRAM_PRECHARGE:
        return r == SAME_BANK ? 0 : t->ppd;
    default:
        return 0;
    }
}

static uint64_t least(const struct mp_dram_timing *t, const struct mp_dram_command *a, const struct mp_dram_command *b) {
    const enum relation r = relation_of(&a->place, &b->place);
    switch (a->kind) {
    case MP_DRAM_READ:
        return after_read(t, b->kind, r);
    case MP_DRAM_WRITE:
        return after_write(t, b->kind, r);
    case MP_DRAM_ACTIVATE:
        return after_activate(t, b->kind, r);
    case MP_DRAM_PRECHARGE:
        return after_precharge(t, b->kind, r);
    case MP_DRAM_REFRESH:
        return b->kind == MP_DRAM_PRECHARGE ? 0 : t->rfc;
    }
    return 0;
}

// `cycles` holds the last four activations.
static bool within_window(const struct mp_dram_command *c, uint64_t cycles[4], size_t *activates, uint64_t faw) {
    if (c->kind != MP_DRAM_ACTIVATE)
        return true;
    bool ok = *activates < 4 || c->cycle >= cycles[*activates % 4] + faw;
    cycles[(*activates)++ % 4] = c->cycle;
    return ok;
}

const char *dram_check_timing(const struct dram_log *l, const struct mp_dram_preset *p) {
    uint64_t four[4];
    size_t activates = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct mp_dram_command *b = &l->command[i];
        for (size_t j = i; j-- > 0;) {
            const struct mp_dram_command *a = &l->command[j];
            if (a->cycle > b->cycle)
                return "commands are not in order";
            if (b->cycle - a->cycle > WINDOW)
                break;
            if (b->cycle < a->cycle + least(&p->timing, a, b))
                return "two commands are too near";
        }
        if (!within_window(b, four, &activates, p->timing.faw))
            return "five activations in tFAW";
    }
    return NULL;
}

const char *dram_check_state(const struct dram_log *l, const struct mp_dram_preset *p) {
    struct {
        bool open;
        unsigned row;
    } bank[MP_DRAM_BANKS] = {0};
    unsigned opened = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct mp_dram_command *c = &l->command[i];
        const unsigned b = c->place.group * p->banks + c->place.bank;
        const bool column = c->kind == MP_DRAM_READ || c->kind == MP_DRAM_WRITE;
        if (c->kind == MP_DRAM_REFRESH && opened)
            return "refreshed with a row open";
        if (c->kind == MP_DRAM_ACTIVATE && bank[b].open)
            return "activated while open";
        if ((column && (!bank[b].open || bank[b].row != c->place.row)) || (c->kind == MP_DRAM_PRECHARGE && !bank[b].open))
            return "the row is not open";
        if (c->kind == MP_DRAM_ACTIVATE) {
            bank[b].open = true;
            bank[b].row = c->place.row;
            opened++;
        } else if (c->kind == MP_DRAM_PRECHARGE) {
            bank[b].open = false;
            opened--;
        }
    }
    return NULL;
}

const char *dram_check_buses(const struct dram_log *l, const struct mp_dram_preset *p) {
    uint64_t free_at = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct mp_dram_command *c = &l->command[i], *before = i ? c - 1 : NULL;
        const bool column = c->kind == MP_DRAM_READ || c->kind == MP_DRAM_WRITE;
        if (before && before->cycle == c->cycle) {
            const bool column_before = before->kind == MP_DRAM_READ || before->kind == MP_DRAM_WRITE;
            if (!p->two_buses || column == column_before || (i > 1 && c[-2].cycle == c->cycle))
                return "two commands on a bus";
        }
        if (!column)
            continue;
        uint64_t data = c->cycle + (c->kind == MP_DRAM_READ ? p->timing.cl : p->timing.cwl);
        if (data < free_at)
            return "two bursts on the data bus";
        free_at = data + p->timing.burst;
    }
    return NULL;
}

const char *dram_check_refresh(const struct dram_log *l, const struct mp_dram_preset *p, uint64_t until) {
    uint64_t count = 0;
    for (size_t i = 0; i < l->count; i++) {
        const struct mp_dram_command *c = &l->command[i];
        if (c->kind != MP_DRAM_REFRESH)
            continue;
        uint64_t due = ++count * p->timing.refi;
        if (c->cycle < due || c->cycle > due + CLOSING)
            return "a refresh is early or late";
    }
    return count + 1 < until / p->timing.refi || count > until / p->timing.refi ? "too few or too many refreshes" : NULL;
}
