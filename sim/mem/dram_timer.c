// SPDX-License-Identifier: Apache-2.0
// The timing rules of JEDEC's DRAMs with bank groups, one rank. Leaves out per-bank refresh, power-down and self-refresh.
#include "sim/mem/dram_timer.h"

static int32_t cycles(uint64_t c) {
    return (int32_t)c;
}

static void tables(struct mp_dram_timer *t) {
    const struct mp_dram_timing *g = t->timing;
    for (unsigned a = 0; a < MP_DRAM_BANKS; a++)
        for (unsigned b = 0; b < MP_DRAM_BANKS; b++) {
            bool same = a / t->group_banks == b / t->group_banks;
            t->ccd[a][b] = cycles(same ? g->ccd_l : g->ccd_s);
            t->rrd[a][b] = cycles(same ? g->rrd_l : g->rrd_s);
            t->write_read[a][b] = cycles(g->cwl + g->burst + (same ? g->wtr_l : g->wtr_s));
        }
}

void mp_dram_timer_init(struct mp_dram_timer *t, const struct mp_dram_preset *p) {
    *t = (struct mp_dram_timer){.timing = &p->timing, .banks = p->groups * p->banks, .group_banks = p->banks};
    for (unsigned i = 0; i < 4; i++)
        t->activated[i] = -MP_DRAM_SPAN;
    tables(t);
}

static void hold(int32_t *at, int32_t until) {
    *at = *at > until ? *at : until;
}

static void hold_each(int32_t at[MP_DRAM_BANKS], const int32_t by[MP_DRAM_BANKS], int32_t now) {
    for (unsigned b = 0; b < MP_DRAM_BANKS; b++)
        hold(&at[b], now + by[b]);
}

static void hold_all(int32_t at[MP_DRAM_BANKS], int32_t until) {
    for (unsigned b = 0; b < MP_DRAM_BANKS; b++)
        hold(&at[b], until);
}

void mp_dram_timer_read(struct mp_dram_timer *t, unsigned bank, int32_t now) {
    hold_each(t->read, t->ccd[bank], now);
    hold_all(t->write, now + cycles(t->timing->rd_wr));
    hold(&t->precharge[bank], now + cycles(t->timing->rtp));
}

void mp_dram_timer_write(struct mp_dram_timer *t, unsigned bank, int32_t now) {
    hold_each(t->write, t->ccd[bank], now);
    hold_each(t->read, t->write_read[bank], now);
    hold(&t->precharge[bank], now + cycles(t->timing->cwl + t->timing->burst + t->timing->wr));
}

void mp_dram_timer_activate(struct mp_dram_timer *t, unsigned bank, int32_t now) {
    const struct mp_dram_timing *g = t->timing;
    t->activated[t->oldest] = now;
    t->oldest = (t->oldest + 1) % 4;
    hold_each(t->activate, t->rrd[bank], now);
    hold_all(t->activate, t->activated[t->oldest] + cycles(g->faw));
    hold(&t->activate[bank], now + cycles(g->rc));
    hold(&t->read[bank], now + cycles(g->rcd_rd));
    hold(&t->write[bank], now + cycles(g->rcd_wr));
    hold(&t->precharge[bank], now + cycles(g->ras));
}

void mp_dram_timer_precharge(struct mp_dram_timer *t, unsigned bank, int32_t now) {
    hold_all(t->precharge, now + cycles(t->timing->ppd));
    hold(&t->activate[bank], now + cycles(t->timing->rp));
    hold(&t->refresh[bank], now + cycles(t->timing->rp));
}

void mp_dram_timer_refresh(struct mp_dram_timer *t, int32_t now) {
    hold_all(t->activate, now + cycles(t->timing->rfc));
    hold_all(t->refresh, now + cycles(t->timing->rfc));
}

static void move(int32_t at[MP_DRAM_BANKS], int32_t by) {
    for (unsigned b = 0; b < MP_DRAM_BANKS; b++)
        at[b] = at[b] > by ? at[b] - by : 0;
}

void mp_dram_timer_rebase(struct mp_dram_timer *t, int32_t by) {
    move(t->read, by);
    move(t->write, by);
    move(t->activate, by);
    move(t->precharge, by);
    move(t->refresh, by);
    for (unsigned i = 0; i < 4; i++)
        t->activated[i] = t->activated[i] - by > -MP_DRAM_SPAN ? t->activated[i] - by : -MP_DRAM_SPAN;
}
