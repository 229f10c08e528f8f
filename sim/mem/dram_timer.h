// SPDX-License-Identifier: Apache-2.0
// When the banks of one channel take which command at the earliest, in cycles from a base that moves along. A command is
// noted by what it forbids to all the others until when, so that asking costs nothing.
#ifndef SIM_MEM_DRAM_TIMER_H
#define SIM_MEM_DRAM_TIMER_H

#include "sim/mem/controller.h"

#define MP_DRAM_NEVER (((int32_t)1 << 27) - 1) // later than any cycle
#define MP_DRAM_SPAN ((int32_t)1 << 26)        // cycles count from the base up to this

// By bank (group * banks + bank), so that compilers make vectors of it.
struct mp_dram_timer {
    int32_t read[MP_DRAM_BANKS], write[MP_DRAM_BANKS], activate[MP_DRAM_BANKS], precharge[MP_DRAM_BANKS],
        refresh[MP_DRAM_BANKS];
    int32_t activated[4]; // the last four activations, the oldest at `oldest`
    unsigned oldest;
    unsigned banks, group_banks;
    const struct mp_dram_timing *timing;
    int32_t ccd[MP_DRAM_BANKS][MP_DRAM_BANKS]; // by bank of the command, bank
    int32_t rrd[MP_DRAM_BANKS][MP_DRAM_BANKS], write_read[MP_DRAM_BANKS][MP_DRAM_BANKS];
};

void mp_dram_timer_init(struct mp_dram_timer *t, const struct mp_dram_preset *p);
void mp_dram_timer_read(struct mp_dram_timer *t, unsigned bank, int32_t now);
void mp_dram_timer_write(struct mp_dram_timer *t, unsigned bank, int32_t now);
void mp_dram_timer_activate(struct mp_dram_timer *t, unsigned bank, int32_t now);
void mp_dram_timer_precharge(struct mp_dram_timer *t, unsigned bank, int32_t now);
void mp_dram_timer_refresh(struct mp_dram_timer *t, int32_t now);
void mp_dram_timer_rebase(struct mp_dram_timer *t, int32_t by); // the base moves on by so many cycles

#endif
