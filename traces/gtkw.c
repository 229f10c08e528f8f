// SPDX-License-Identifier: Apache-2.0
// GTKWave's save format, as its own "Write Save File" writes it. Flags are bit sets of GTKWave's analyzer.h.
#include "traces/gtkw.h"

#include <inttypes.h>
#include <math.h>

#define FLAGS_GROUP_BEGIN "@800200\n"
#define FLAGS_GROUP_END "@1000200\n"
#define FLAGS_COMMENT "@200\n"
#define FRAME_PIXELS 200
#define SHARE_OF_WAVES 0.8 // of the window's width, the rest holds names and values

static const char *const radix_flags[] = {
    [MP_RADIX_BINARY] = "@28", [MP_RADIX_HEX] = "@22", [MP_RADIX_DECIMAL] = "@24", [MP_RADIX_SIGNED] = "@420",
    [MP_RADIX_NAMES] = "@100000028", [MP_RADIX_TEXT] = "@28",
};

void mp_gtkw_group(struct mp_gtkw *g, const char *name) {
    mp_buf_addf(&g->rows, FLAGS_GROUP_BEGIN "-%s\n", name);
}

void mp_gtkw_group_end(struct mp_gtkw *g, const char *name) {
    mp_buf_addf(&g->rows, FLAGS_GROUP_END "-%s\n", name);
}

void mp_gtkw_comment(struct mp_gtkw *g, const char *text) {
    mp_buf_addf(&g->rows, FLAGS_COMMENT "-%s\n", text);
}

void mp_gtkw_signal(struct mp_gtkw *g, const char *path, unsigned bits, enum mp_radix radix, enum mp_trace_colour colour,
                    const char *label) {
    if (colour != MP_TRACE_NORMAL)
        mp_buf_addf(&g->rows, "[color] %d\n", (int)colour);
    mp_buf_addf(&g->rows, "%s\n", radix_flags[radix]);
    if (label)
        mp_buf_addf(&g->rows, "+{%s} ", label);
    mp_buf_add(&g->rows, path);
    if (bits > 1)
        mp_buf_addf(&g->rows, "[%u:0]", bits - 1);
    mp_buf_add(&g->rows, "\n");
}

void mp_gtkw_marker(struct mp_gtkw *g, uint64_t cycle, const char *name) {
    if (g->marker_count == MP_GTKW_MARKERS)
        return;
    mp_buf_addf(&g->names, "[markername] %c%s\n", 'A' + (int)g->marker_count, name);
    g->markers[g->marker_count++] = cycle;
}

// At zoom z, 200 pixels show 2^-z time units.
static double zoom(const struct mp_gtkw *g, unsigned width) {
    double cycles = g->last > g->first ? (double)(g->last - g->first) : 1000;
    return -log2(cycles * FRAME_PIXELS / (width * SHARE_OF_WAVES));
}

void mp_gtkw_write(const struct mp_gtkw *g, struct mp_buf *out) {
    unsigned width = g->width ? g->width : 1500, height = g->height ? g->height : 800;
    mp_buf_addf(out, "[*] written by mpsim\n[timestart] %" PRIu64 "\n[size] %u %u\n[pos] -1 -1\n", g->first, width, height);
    mp_buf_addf(out, "*%.6f -1", zoom(g, width));
    for (unsigned i = 0; i < MP_GTKW_MARKERS; i++) {
        if (i < g->marker_count)
            mp_buf_addf(out, " %" PRIu64, g->markers[i]);
        else
            mp_buf_add(out, " -1");
    }
    mp_buf_add(out, "\n");
    if (g->names.len > 0)
        mp_buf_add(out, g->names.text);
    mp_buf_add(out, "[signals_width] 190\n[sst_expanded] 0\n");
    if (g->rows.len > 0)
        mp_buf_add(out, g->rows.text);
    mp_buf_add(out, "[pattern_trace] 1\n[pattern_trace] 0\n");
}

void mp_gtkw_finish(struct mp_gtkw *g) {
    mp_buf_finish(&g->rows);
    mp_buf_finish(&g->names);
}
