// SPDX-License-Identifier: Apache-2.0
// The memory behind the core: requests take their time from the simulator's own DRAM model, data come from an image.
// Requests of one core cycle are one phase of that model. Internal to drive*.c.
#ifndef SIM_COSIM_DRIVE_MEM_H
#define SIM_COSIM_DRIVE_MEM_H

#include "sim/mem/mem.h"

#include <stddef.h>

// Accepted and not over yet.
struct mp_drive_request {
    uint64_t at, beats;  // beat in the image where it begins; its length
    uint64_t moved;      // beats so far
    size_t due;          // reads: index of its first burst's time
    uint64_t over;       // writes: cycle at which its last burst is over
};

// Requests or times in order; [first, end) is in use.
struct mp_drive_requests {
    struct mp_drive_request *list;
    size_t first, end, cap;
};

struct mp_drive_mem {
    const struct mp_dram *dram;
    uint8_t *image;
    uint64_t image_beats;
    struct mp_memory *memory;
    struct mp_drive_requests reads, writes;
    uint64_t *due; // cycle at which each burst of a read is over
    size_t due_count, due_cap;
    uint64_t end;   // cycle at which the channel is through with all requests
};

#define MP_BEATS_PER_BURST 8u

void mp_drive_mem_init(struct mp_drive_mem *m, const struct mp_dram *dram, uint8_t *image, size_t image_bytes);
void mp_drive_mem_finish(struct mp_drive_mem *m);

// A request in core cycle `t`. False: it leaves the image.
bool mp_drive_mem_request(struct mp_drive_mem *m, uint64_t t, bool write, uint64_t addr, uint64_t bursts);

// The beat of 8 bytes that is next to be read, when it is due in core cycle t, else NULL.
static inline const uint8_t *mp_drive_mem_readable(const struct mp_drive_mem *m, uint64_t t) {
    if (m->reads.first == m->reads.end)
        return NULL;
    const struct mp_drive_request *r = &m->reads.list[m->reads.first];
    bool due = m->due[r->due + r->moved / MP_BEATS_PER_BURST] <= t + 1;
    return due ? m->image + (r->at + r->moved) * 8 : NULL;
}
void mp_drive_mem_read(struct mp_drive_mem *m); // that beat was taken

bool mp_drive_mem_write(struct mp_drive_mem *m, uint64_t data); // false: nobody asked for a write

// Whether the oldest write is over in core cycle t.
static inline bool mp_drive_mem_written(const struct mp_drive_mem *m, uint64_t t) {
    const struct mp_drive_request *w = m->writes.list + m->writes.first;
    return m->writes.first != m->writes.end && w->moved == w->beats && w->over <= t + 1;
}
void mp_drive_mem_wrote(struct mp_drive_mem *m); // it was told so

#endif
