// SPDX-License-Identifier: Apache-2.0
// Pictures as SVG: figures and a few kinds of marks, on a page of its own that follows the reader's light or dark mode.
// Lengths are in pixels. Numbers are written with two decimals, in any locale.
#ifndef SIM_REPORT_SVG_H
#define SIM_REPORT_SVG_H

#include "sim/base/str.h"

enum mp_svg_class {
    MP_SVG_HEAD,   // text: large
    MP_SVG_TITLE,  // text: bold
    MP_SVG_TEXT,
    MP_SVG_FAINT,  // text
    MP_SVG_BAR,    // filled
    MP_SVG_OTHER,  // filled, another colour
    MP_SVG_AXIS,   // line
    MP_SVG_GRID,   // line, faint
    MP_SVG_MARK,   // line
    MP_SVG_DASHED, // line
    MP_SVG_CURVE,  // line, in the bars' colour
    MP_SVG_RING,   // outlined in the bars' colour, the page's inside
    MP_SVG_OTHER_RING,
    MP_SVG_SPOT,   // filled, in the marks' colour
    MP_SVG_PAGE,   // filled, in the page's colour: a rim around what lies on it
};
enum mp_svg_anchor { MP_SVG_START, MP_SVG_MIDDLE, MP_SVG_END };

// The page, with its background and the style of all classes; `title` is what it is called.
void mp_svg_begin(struct mp_buf *out, double width, double height, const char *title);
void mp_svg_end(struct mp_buf *out);

// A group that shows `title` under the pointer.
void mp_svg_group(struct mp_buf *out, const char *title);
void mp_svg_group_end(struct mp_buf *out);

void mp_svg_line(struct mp_buf *out, enum mp_svg_class c, double x1, double y1, double x2, double y2);
// Through all points; not closed.
void mp_svg_curve(struct mp_buf *out, enum mp_svg_class c, const double *x, const double *y, size_t count);
// Level from each point to below or above the next, then to it: n points, x ascending. Nothing for none.
void mp_svg_steps(struct mp_buf *out, enum mp_svg_class c, const double *x, const double *y, size_t count);
// Which of `count` is the i-th of the `drawn` that are evenly spread over them, ends included.
size_t mp_svg_thinned(size_t i, size_t drawn, size_t count);
void mp_svg_circle(struct mp_buf *out, enum mp_svg_class c, double x, double y, double radius);
// `text` is any UTF-8; more than `most` columns (letters; those of East Asian scripts are two) end in an ellipsis. 0: all.
void mp_svg_text(struct mp_buf *out, enum mp_svg_class c, double x, double y, enum mp_svg_anchor anchor, const char *text,
                 size_t most);
// Bars side by side on the line `base`, each `step` wide, as high as heights[i] (0: no bar).
void mp_svg_bars(struct mp_buf *out, enum mp_svg_class c, double x, double base, double step, const double *heights,
                 size_t count);

#endif
