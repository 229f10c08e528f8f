// SPDX-License-Identifier: Apache-2.0
#include "sim/report/svg.h"

#include "sim/base/utf8.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

static const char *const classes[] = {
    [MP_SVG_HEAD] = "h", [MP_SVG_TITLE] = "n", [MP_SVG_TEXT] = "t", [MP_SVG_FAINT] = "f", [MP_SVG_BAR] = "b",
    [MP_SVG_OTHER] = "o", [MP_SVG_AXIS] = "a", [MP_SVG_GRID] = "g", [MP_SVG_MARK] = "m", [MP_SVG_DASHED] = "d",
    [MP_SVG_CURVE] = "c", [MP_SVG_RING] = "r", [MP_SVG_OTHER_RING] = "q", [MP_SVG_SPOT] = "k",
    [MP_SVG_PAGE] = "p",
};

// Contrast of text is at least 4.5 on both backgrounds, that of marks at least 3 (WCAG 2.1, 1.4.3 and 1.4.11).
static const char style[] =
    "  <style>\n"
    "    .p { fill: #ffffff }\n"
    "    text { fill: #1b2733; font-size: 11px }\n"
    "    .h { font-size: 17px; font-weight: bold } .n { font-size: 12px; font-weight: bold } .f { fill: #566573 }\n"
    "    .b { fill: #3b78b5 } .o { fill: #3f8f5f }\n"
    "    .a { stroke: #566573 } .g { stroke: #d9dfe5 } .m { stroke: #b3461e; stroke-width: 1.5 }\n"
    "    .d { stroke: #b3461e; stroke-width: 1.5; stroke-dasharray: 4 3 }\n"
    "    .c { fill: none } .r, .q { fill: #ffffff } .c, .r, .q { stroke: #3b78b5; stroke-width: 1.5 } .q { stroke: #3f8f5f }\n"
    "    .k { fill: #b3461e }\n"
    "    @media (prefers-color-scheme: dark) {\n"
    "      .p { fill: #14181d }\n"
    "      text { fill: #e6ebf0 } .f { fill: #a3b0bd }\n"
    "      .b { fill: #6aa8e0 } .o { fill: #6cc18e }\n"
    "      .a { stroke: #a3b0bd } .g { stroke: #2e3740 } .m, .d { stroke: #f08a5d }\n"
    "      .r, .q { fill: #14181d } .c, .r { stroke: #6aa8e0 } .q { stroke: #6cc18e } .k { fill: #f08a5d }\n"
    "    }\n"
    "  </style>\n";

// Hundredths, without a point where there is none to write; printf would write the locale's.
static void add_number(struct mp_buf *out, double v) {
    const double hundredths = round(v * 100);
    const int64_t n = (int64_t)fabs(hundredths);
    mp_buf_addf(out, "%s%lld", hundredths < 0 ? "-" : "", (long long)(n / 100));
    if (n % 100 != 0)
        mp_buf_addf(out, n % 10 ? ".%02lld" : ".%lld", (long long)(n % 10 ? n % 100 : n % 100 / 10));
}

static void add_attr(struct mp_buf *out, const char *name, double v) {
    mp_buf_addf(out, " %s=\"", name);
    add_number(out, v);
    mp_buf_add(out, "\"");
}

// XML 1.0 has no control characters but tab and line ends, and neither U+FFFE nor U+FFFF.
static void add_char(struct mp_buf *out, const char *text, size_t size, unsigned code) {
    if (code == '<')
        mp_buf_add(out, "&lt;");
    else if (code == '>')
        mp_buf_add(out, "&gt;");
    else if (code == '&')
        mp_buf_add(out, "&amp;");
    else if (code == '"')
        mp_buf_add(out, "&quot;");
    else if (size == 0 || mp_utf8_is_control(code) || code == 0xfffe || code == 0xffff)
        mp_buf_add(out, "?");
    else
        mp_buf_addn(out, text, size);
}

// Hangul Jamo, then from the CJK radicals to the last of their signs, Hangul, wide forms, and the planes of ideographs and
// pictures: close to Unicode's East Asian Width.
static size_t columns(unsigned code) {
    bool wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) ||
                (code >= 0xf900 && code <= 0xfaff) || (code >= 0xff00 && code <= 0xff60) || code >= 0x1f300;
    return wide ? 2 : 1;
}

static unsigned code_at(const char *text, size_t size) {
    return size ? mp_utf8_code(text, size) : '?';
}

static size_t width_of(const char *text) {
    size_t width = 0;
    for (size_t at = 0, size, len = strlen(text); at < len; at += size ? size : 1) {
        size = mp_utf8_size(text + at, len - at);
        width += columns(code_at(text + at, size));
    }
    return width;
}

static void add_text(struct mp_buf *out, const char *text, size_t most) {
    const bool cut = most > 0 && width_of(text) > most;
    size_t width = 0;
    for (size_t at = 0, size, len = strlen(text); at < len; at += size ? size : 1) {
        size = mp_utf8_size(text + at, len - at);
        unsigned code = code_at(text + at, size);
        width += columns(code);
        if (cut && width + 1 > most)
            break;
        add_char(out, text + at, size, code);
    }
    if (cut)
        mp_buf_add(out, "\xe2\x80\xa6");
}

static void add_title(struct mp_buf *out, const char *title) {
    mp_buf_add(out, "<title>");
    add_text(out, title, 0);
    mp_buf_add(out, "</title>\n");
}

void mp_svg_begin(struct mp_buf *out, double width, double height, const char *title) {
    mp_buf_add(out, "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ");
    add_number(out, width);
    mp_buf_add(out, " ");
    add_number(out, height);
    mp_buf_add(out, "\"");
    add_attr(out, "width", width);
    add_attr(out, "height", height);
    mp_buf_add(out, " font-family=\"Helvetica, Arial, sans-serif\" role=\"img\">\n  ");
    add_title(out, title);
    mp_buf_add(out, style);
    mp_buf_add(out, "<rect class=\"p\" width=\"100%\" height=\"100%\"/>\n");
}

void mp_svg_end(struct mp_buf *out) {
    mp_buf_add(out, "</svg>\n");
}

void mp_svg_group(struct mp_buf *out, const char *title) {
    mp_buf_add(out, "<g>");
    add_title(out, title);
}

void mp_svg_group_end(struct mp_buf *out) {
    mp_buf_add(out, "</g>\n");
}

void mp_svg_line(struct mp_buf *out, enum mp_svg_class c, double x1, double y1, double x2, double y2) {
    mp_buf_addf(out, "<line class=\"%s\"", classes[c]);
    add_attr(out, "x1", x1);
    add_attr(out, "y1", y1);
    add_attr(out, "x2", x2);
    add_attr(out, "y2", y2);
    mp_buf_add(out, "/>\n");
}

static void add_point(struct mp_buf *out, bool first, double x, double y) {
    mp_buf_add(out, first ? "" : " ");
    add_number(out, x);
    mp_buf_add(out, ",");
    add_number(out, y);
}

void mp_svg_curve(struct mp_buf *out, enum mp_svg_class c, const double *x, const double *y, size_t count) {
    mp_buf_addf(out, "<polyline class=\"%s\" points=\"", classes[c]);
    for (size_t i = 0; i < count; i++)
        add_point(out, i == 0, x[i], y[i]);
    mp_buf_add(out, "\"/>\n");
}

void mp_svg_steps(struct mp_buf *out, enum mp_svg_class c, const double *x, const double *y, size_t count) {
    if (count == 0)
        return;
    mp_buf_addf(out, "<polyline class=\"%s\" points=\"", classes[c]);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            add_point(out, false, x[i], y[i - 1]);
        add_point(out, i == 0, x[i], y[i]);
    }
    mp_buf_add(out, "\"/>\n");
}

size_t mp_svg_thinned(size_t i, size_t drawn, size_t count) {
    return drawn < 2 ? 0 : i * (count - 1) / (drawn - 1);
}

void mp_svg_circle(struct mp_buf *out, enum mp_svg_class c, double x, double y, double radius) {
    mp_buf_addf(out, "<circle class=\"%s\"", classes[c]);
    add_attr(out, "cx", x);
    add_attr(out, "cy", y);
    add_attr(out, "r", radius);
    mp_buf_add(out, "/>\n");
}

void mp_svg_text(struct mp_buf *out, enum mp_svg_class c, double x, double y, enum mp_svg_anchor anchor, const char *text,
                 size_t most) {
    static const char *const anchors[] = {"", " text-anchor=\"middle\"", " text-anchor=\"end\""};
    mp_buf_addf(out, "<text class=\"%s\"%s", classes[c], anchors[anchor]);
    add_attr(out, "x", x);
    add_attr(out, "y", y);
    mp_buf_add(out, ">");
    add_text(out, text, most);
    mp_buf_add(out, "</text>\n");
}

void mp_svg_bars(struct mp_buf *out, enum mp_svg_class c, double x, double base, double step, const double *heights,
                 size_t count) {
    mp_buf_addf(out, "<path class=\"%s\" d=\"", classes[c]);
    for (size_t i = 0; i < count; i++) {
        if (!(heights[i] > 0))
            continue;
        mp_buf_add(out, "M");
        add_number(out, x + (double)i * step);
        mp_buf_add(out, " ");
        add_number(out, base);
        mp_buf_add(out, "v");
        add_number(out, -heights[i]);
        mp_buf_add(out, "h");
        add_number(out, step);
        mp_buf_add(out, "v");
        add_number(out, heights[i]);
        mp_buf_add(out, "z");
    }
    mp_buf_add(out, "\"/>\n");
}
