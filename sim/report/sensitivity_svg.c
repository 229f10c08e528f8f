// SPDX-License-Identifier: Apache-2.0
// Sensitivities as a picture: a line a unit, on it a ring for each width where its harm lies, the width inside.
#include "sim/report/axis.h"
#include "sim/report/search_parts.h"
#include "sim/report/svg.h"

#include <math.h>
#include <stdio.h>

#define PAGE 900.0
#define GAP 24.0
#define HEAD 78.0   // above the first part
#define TITLE 30.0  // of a part
#define ROW 19.0    // a unit
#define FOOT 50.0   // the axis below a part
#define NAMES 210.0 // width of names
#define RADIUS 7.0

struct page {
    const struct mp_sensitivity_report *r;
    struct mp_buf *out;
    struct mp_axis x;
    double y; // where the next part begins
};

static size_t units_of(const struct mp_sensitivity_report *r, enum mp_unit_kind kind) {
    size_t n = 0;
    for (size_t u = 0; u < r->space->unit_count; u++)
        n += r->space->units[u].kind == kind;
    return n;
}

// Both parts have one axis: they compare.
static struct mp_axis axis_of(const struct mp_sensitivity_report *r) {
    double low = INFINITY, high = -INFINITY;
    for (size_t u = 0; u < r->space->unit_count; u++)
        for (unsigned bits = 1; bits <= 8; bits++)
            if (mp_unit_shown(r, u) >> bits & 1) {
                low = fmin(low, mp_unit_harm(r, u, bits));
                high = fmax(high, mp_unit_harm(r, u, bits));
            }
    if (low > high)
        low = high = 0;
    return mp_axis_around(low, high, true, GAP + NAMES + 12, PAGE - GAP - 16);
}

static void one_width(const struct page *p, size_t unit, unsigned bits, double y) {
    const struct mp_unit *u = &p->r->space->units[unit];
    const char width[2] = {(char)('0' + bits), '\0'};
    const double x = mp_axis_at(&p->x, mp_unit_harm(p->r, unit, bits));
    struct mp_buf title = {0};
    char text[MP_QTY_BYTES];
    const char *of = mp_harm_unit(p->r->harm);
    mp_buf_addf(&title, "%s at %u bit%s: %s%s%s", u->name, bits, bits == 1 ? "" : "s",
                mp_harm_text(mp_unit_harm(p->r, unit, bits), text), *of ? " " : "", of);
    mp_svg_group(p->out, title.text);
    mp_svg_circle(p->out, u->kind == MP_UNIT_WEIGHT ? MP_SVG_RING : MP_SVG_OTHER_RING, x, y, RADIUS);
    mp_svg_text(p->out, MP_SVG_TEXT, x, y + 4, MP_SVG_MIDDLE, width, 0);
    mp_svg_group_end(p->out);
    mp_buf_finish(&title);
}

// The narrowest last: it lies on top.
static void one_unit(const struct page *p, size_t unit, double y) {
    mp_svg_line(p->out, MP_SVG_GRID, p->x.from, y, p->x.to, y);
    mp_svg_text(p->out, MP_SVG_TEXT, GAP + NAMES, y + 4, MP_SVG_END, p->r->space->units[unit].name, 34);
    for (unsigned bits = 8; bits >= 1; bits--)
        if (mp_unit_shown(p->r, unit) >> bits & 1)
            one_width(p, unit, bits, y);
}

static void axis(const struct page *p, double top, double base) {
    double ticks[MP_AXIS_TICKS];
    char text[MP_QTY_BYTES];
    struct mp_buf what = {0};
    const char *unit = mp_harm_unit(p->r->harm);
    for (size_t i = 0, n = mp_axis_ticks(&p->x, ticks); i < n; i++) {
        const double x = mp_axis_at(&p->x, ticks[i]);
        mp_svg_line(p->out, MP_SVG_GRID, x, top, x, base);
        mp_svg_text(p->out, MP_SVG_FAINT, x, base + 15, MP_SVG_MIDDLE, mp_axis_label(&p->x, ticks[i], text), 0);
    }
    mp_svg_line(p->out, MP_SVG_AXIS, p->x.from, base, p->x.to, base);
    mp_buf_addf(&what, "harm%s%s%s%s", *unit ? " (" : "", unit, *unit ? ")" : "", p->x.step > 0 ? "" : ", log scale");
    mp_svg_text(p->out, MP_SVG_TEXT, p->x.to, base + 31, MP_SVG_END, what.text, 0);
    mp_buf_finish(&what);
}

static void part(struct page *p, enum mp_unit_kind kind, const char *title) {
    const size_t count = units_of(p->r, kind);
    const double top = p->y + TITLE - 8, base = p->y + TITLE + ROW * (double)count;
    if (count == 0)
        return;
    mp_svg_text(p->out, MP_SVG_TITLE, GAP, p->y + 12, MP_SVG_START, title, 0);
    axis(p, top, base);
    double y = p->y + TITLE + ROW / 2;
    for (size_t u = 0; u < p->r->space->unit_count; u++)
        if (p->r->space->units[u].kind == kind) {
            one_unit(p, u, y);
            y += ROW;
        }
    p->y = base + FOOT;
}

static double height_of(const struct mp_sensitivity_report *r) {
    const size_t weights = units_of(r, MP_UNIT_WEIGHT), activations = units_of(r, MP_UNIT_ACTIVATION);
    return HEAD + ROW * (double)(weights + activations) + (TITLE + FOOT) * (double)((weights > 0) + (activations > 0));
}

void mp_sensitivity_svg(const struct mp_sensitivity_report *r, struct mp_buf *out) {
    struct page p = {.r = r, .out = out, .x = axis_of(r), .y = HEAD};
    struct mp_buf title = {0}, about = {0};
    char count[MP_QTY_BYTES];
    mp_buf_addf(&title, "%s: harm by %s", r->network, r->metric);
    mp_buf_add(&about, "A ring lies at the harm of its width, which is written inside; less is better.");
    if (r->trained_on && r->images > 0)
        mp_buf_addf(&about, " On %s images of %s.", mp_qty_count(r->images, count), r->trained_on);
    mp_svg_begin(out, PAGE, height_of(r), title.text);
    mp_svg_text(out, MP_SVG_HEAD, GAP, 30, MP_SVG_START, title.text, 84);
    mp_svg_text(out, MP_SVG_FAINT, GAP, 50, MP_SVG_START, about.text, 150);
    part(&p, MP_UNIT_WEIGHT, "Weights");
    part(&p, MP_UNIT_ACTIVATION, "Activations");
    mp_svg_end(out);
    mp_buf_finish(&title);
    mp_buf_finish(&about);
}
