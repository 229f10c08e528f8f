// SPDX-License-Identifier: Apache-2.0
// Requests in the order of their acceptance; reads and writes share the channel's time but not the port. Each burst is run
// by itself: with the kinds that the core takes (ideal, fixed) that is the same as all of a cycle's requests at once.
#include "sim/cosim/drive_mem.h"

#include "sim/base/arena.h"

#include <stdlib.h>
#include <string.h>

void mp_drive_mem_init(struct mp_drive_mem *m, const struct mp_dram *dram, uint8_t *image, size_t image_bytes) {
    *m = (struct mp_drive_mem){.dram = dram, .image = image, .image_beats = image_bytes / 8,
                                .memory = dram->ops->create(dram)};
}

void mp_drive_mem_finish(struct mp_drive_mem *m) {
    m->dram->ops->destroy(m->memory);
    free(m->reads.list);
    free(m->writes.list);
    free(m->due);
}

static void *grown(void *old, size_t count, size_t size) {
    void *p = realloc(old, count * size);
    if (!p)
        mp_out_of_memory();
    return p;
}

static void add_request(struct mp_drive_requests *q, const struct mp_drive_request *r) {
    if (q->first == q->end)
        q->first = q->end = 0;
    if (q->end == q->cap) {
        q->cap = q->cap ? 2 * q->cap : 16;
        q->list = grown(q->list, q->cap, sizeof *q->list);
    }
    q->list[q->end++] = *r;
}

static void add_due(struct mp_drive_mem *m, uint64_t cycle) {
    if (m->due_count == m->due_cap) {
        m->due_cap = m->due_cap ? 2 * m->due_cap : 1024;
        m->due = grown(m->due, m->due_cap, sizeof *m->due);
    }
    m->due[m->due_count++] = cycle;
}

bool mp_drive_mem_request(struct mp_drive_mem *m, uint64_t t, bool write, uint64_t addr, uint64_t bursts) {
    struct mp_drive_request r = {.at = addr * MP_BEATS_PER_BURST, .beats = bursts * MP_BEATS_PER_BURST};
    if (r.at + r.beats > m->image_beats || bursts == 0)
        return false;
    if (m->reads.first == m->reads.end)
        m->due_count = 0;
    r.due = m->due_count;
    for (uint64_t i = 0; i < bursts; i++) {
        struct mp_transfer one = {.address = (addr + i) * MP_BURST_BYTES, .bytes = MP_BURST_BYTES, .write = write};
        m->end = m->dram->ops->run(m->dram, m->memory, t, &one, 1);
        if (!write)
            add_due(m, m->end);
    }
    r.over = m->end;
    add_request(write ? &m->writes : &m->reads, &r);
    return true;
}

void mp_drive_mem_read(struct mp_drive_mem *m) {
    struct mp_drive_request *r = &m->reads.list[m->reads.first];
    if (++r->moved == r->beats)
        m->reads.first++;
}

bool mp_drive_mem_write(struct mp_drive_mem *m, uint64_t data) {
    size_t i = m->writes.first;
    while (i < m->writes.end && m->writes.list[i].moved == m->writes.list[i].beats)
        i++;
    if (i == m->writes.end)
        return false;
    struct mp_drive_request *w = &m->writes.list[i];
    for (unsigned k = 0; k < 8; k++)
        m->image[(w->at + w->moved) * 8 + k] = (uint8_t)(data >> 8 * k);
    w->moved++;
    return true;
}

void mp_drive_mem_wrote(struct mp_drive_mem *m) {
    m->writes.first++;
}
