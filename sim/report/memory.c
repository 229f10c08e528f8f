// SPDX-License-Identifier: Apache-2.0
// Buffers and DRAM in words.
#include "sim/report/memory.h"

#include "sim/report/quantity.h"

#include <inttypes.h>
#include <string.h>

static bool add_banked(const struct mp_dram *d, bool whole, struct mp_buf *out) {
    const struct mp_dram_preset *p = &mp_dram_presets[d->preset];
    const char *mapping = d->mapping ? d->mapping : p->mapping;
    const bool remapped = strcmp(mapping, p->mapping) != 0;
    mp_buf_addf(out, " %s", p->name);
    if (whole || d->channels != 1)
        mp_buf_addf(out, ", %" PRIu64 " channel%s", d->channels, d->channels == 1 ? "" : "s");
    if (whole || remapped)
        mp_buf_addf(out, ", mapping %s", mapping);
    if (whole || !d->refresh)
        mp_buf_addf(out, ", refresh %s", d->refresh ? "on" : "off");
    return whole || d->channels != 1 || remapped || !d->refresh;
}

// Whether more than a name was told.
static bool add_dram(const struct mp_dram *d, bool whole, struct mp_buf *out) {
    mp_buf_add(out, d->ops->name);
    if (d->ops == &mp_mem_banked)
        return add_banked(d, whole, out);
    if (!whole || d->ops != &mp_mem_fixed)
        return false;
    mp_buf_addf(out, ", %" PRIu64 " bit%s a cycle, latency %" PRIu64 " cycle%s", d->bits_per_cycle,
                d->bits_per_cycle == 1 ? "" : "s", d->latency_cycles, d->latency_cycles == 1 ? "" : "s");
    return true;
}

void mp_memory_dram(const struct mp_dram *d, bool whole, struct mp_buf *out) {
    add_dram(d, whole, out);
}

void mp_memory_dram_rated(const struct mp_dram *d, bool whole, double bytes_per_s, struct mp_buf *out) {
    char rate[MP_QTY_BYTES];
    const bool more = add_dram(d, whole, out);
    if (bytes_per_s > 0)
        mp_buf_addf(out, "%s %s", more ? "," : "", mp_qty_si(bytes_per_s, "B/s", rate));
}

void mp_memory_buffers(const struct mp_buffer buffers[MP_BUFFERS], struct mp_buf *out) {
    char size[MP_QTY_BYTES];
    for (int i = 0; i < MP_BUFFERS; i++)
        mp_buf_addf(out, "%s%s %s x %" PRIu64 " bit%s", i > 0 ? ", " : "", mp_buffer_names[i],
                    mp_qty_bytes((double)buffers[i].size_bytes, size), buffers[i].width_bits,
                    buffers[i].double_buffered ? "" : " (single)");
}
