// SPDX-License-Identifier: Apache-2.0
// One channel: a buffer of reads and one of writes, a queue of commands a bank, the scheduler, refresh. Of each cycle the
// order is: accesses are pushed, one command is issued, one access moves from a buffer to its bank's queue.
#ifndef SIM_MEM_DRAM_CHANNEL_H
#define SIM_MEM_DRAM_CHANNEL_H

#include "sim/mem/dram_timer.h"

#define MP_DRAM_BUFFER 32 // reads that wait; writes that wait
#define MP_DRAM_QUEUE 8   // commands of a bank
#define MP_DRAM_SLOTS (2 * MP_DRAM_BUFFER + MP_DRAM_BANKS * MP_DRAM_QUEUE)
#define MP_DRAM_BUCKETS 256

struct mp_dram_access {
    uint32_t row, column;
    uint8_t bank;
    bool write;
    uint64_t order, pushed; // order: of pushes to this channel
    uint64_t *done;         // raised to the cycle at which the data are over; or NULL
};

// Accesses by slot, the oldest first.
struct mp_dram_buffer {
    uint8_t slot[MP_DRAM_BUFFER], bank[MP_DRAM_BUFFER], count;
    uint32_t banks; // that have an access here
    uint8_t of_bank[MP_DRAM_BANKS];
    uint8_t bucket[MP_DRAM_BUCKETS]; // accesses by a hash of their place
};

struct mp_dram_bank {
    uint8_t slot[MP_DRAM_QUEUE], count;
    uint8_t read, write;                  // places of the oldest read and write of the open row that may go, or MP_DRAM_QUEUE
    uint32_t rows[MP_DRAM_QUEUE], writes; // of the queue: the rows; a bit for each write
    bool open, conflict;                  // conflict: was closed for the access that comes first
    uint32_t row;
    uint64_t hits; // column commands since the row was opened
};

struct mp_dram_channel {
    struct mp_dram_timer timer;
    uint64_t base; // of the timer's cycles
    uint64_t now;  // all cycles before are over
    uint64_t next; // nothing happens before this cycle, which is not before `now`
    // What the queues want: 0, or MP_DRAM_NEVER.
    int32_t want_read[MP_DRAM_BANKS], want_write[MP_DRAM_BANKS], want_activate[MP_DRAM_BANKS], want_precharge[MP_DRAM_BANKS];
    int32_t best_at;     // from the base: the next command of a queue, MP_DRAM_NEVER or later when there is none
    unsigned best, last; // its bank; bank of the last command: turns start behind it
    struct mp_dram_bank bank[MP_DRAM_BANKS];
    uint32_t full;           // banks whose queues are
    unsigned queued, opened; // accesses in queues; banks with an open row
    struct mp_dram_buffer reads, writes;
    unsigned draining; // writes still to move before reads do
    bool flush;        // nothing more is pushed: writes need not wait for a batch
    uint64_t refresh_at, order, opened_at;
    uint64_t end; // of the last data
    unsigned due; // refreshes
    struct mp_dram_access access[MP_DRAM_SLOTS];
    uint8_t unused[MP_DRAM_SLOTS], unused_count;
    struct mp_dram_counts counts;
    unsigned index;
    bool refresh;
    const struct mp_dram_preset *preset;
    const struct mp_dram_sink *sink;
};

void mp_dram_channel_init(struct mp_dram_channel *c, const struct mp_controller_spec *s, unsigned index);

static inline bool mp_dram_channel_full(const struct mp_dram_channel *c, bool write) {
    return (write ? c->writes.count : c->reads.count) == MP_DRAM_BUFFER;
}
static inline bool mp_dram_channel_idle(const struct mp_dram_channel *c) {
    return c->unused_count == MP_DRAM_SLOTS;
}
// At `cycle`, which is not before `now`, all that is earlier being over; the buffer is not full.
void mp_dram_channel_push(struct mp_dram_channel *c, uint64_t cycle, const struct mp_dram_place *at, bool write,
                          uint64_t *done);
void mp_dram_channel_step(struct mp_dram_channel *c);                    // the cycle `next`
void mp_dram_channel_advance(struct mp_dram_channel *c, uint64_t until); // all cycles before `until`
void mp_dram_channel_finish(struct mp_dram_channel *c);                  // all accesses that were pushed
struct mp_dram_counts mp_dram_channel_counts(const struct mp_dram_channel *c);

#endif
