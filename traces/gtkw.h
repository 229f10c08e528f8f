// SPDX-License-Identifier: Apache-2.0
// A save file of GTKWave 3.3: which signals of a waveform are shown, in which groups, how, with which markers.
// Rows come in the order of the calls; mp_gtkw_write puts the file together.
#ifndef TRACES_GTKW_H
#define TRACES_GTKW_H

#include "sim/base/str.h"

#include <stdint.h>

enum mp_radix { MP_RADIX_BINARY, MP_RADIX_HEX, MP_RADIX_DECIMAL, MP_RADIX_SIGNED, MP_RADIX_NAMES, MP_RADIX_TEXT };
enum mp_trace_colour {
    MP_TRACE_NORMAL, MP_TRACE_RED, MP_TRACE_ORANGE, MP_TRACE_YELLOW, MP_TRACE_GREEN, MP_TRACE_BLUE, MP_TRACE_INDIGO,
    MP_TRACE_VIOLET
};

#define MP_GTKW_MARKERS 26 // A..Z

struct mp_gtkw {
    struct mp_buf rows;
    struct mp_buf names;                  // of the markers
    uint64_t markers[MP_GTKW_MARKERS];
    unsigned marker_count;
    uint64_t first, last;                 // cycles that are seen when the file is opened; 0, 0: the first 1000
    unsigned width, height;               // of the window, in pixels; 0: 1500 x 800
};

void mp_gtkw_group(struct mp_gtkw *g, const char *name);     // opens a group
void mp_gtkw_group_end(struct mp_gtkw *g, const char *name); // with the name it was opened with
void mp_gtkw_comment(struct mp_gtkw *g, const char *text);   // a row of text; "" leaves a row free
// `path` is the whole name, scopes joined by dots, without the range; `bits` 0 for a text.
// `label` is shown instead when it is not NULL.
void mp_gtkw_signal(struct mp_gtkw *g, const char *path, unsigned bits, enum mp_radix radix, enum mp_trace_colour colour,
                    const char *label);
// The next letter, at a cycle. Beyond MP_GTKW_MARKERS they are left out.
void mp_gtkw_marker(struct mp_gtkw *g, uint64_t cycle, const char *name);

void mp_gtkw_write(const struct mp_gtkw *g, struct mp_buf *out);
void mp_gtkw_finish(struct mp_gtkw *g);

#endif
