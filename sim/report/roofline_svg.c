// SPDX-License-Identifier: Apache-2.0
// The roofline as a picture: both axes logarithmic, a roof for each peak that the plan's widths have, the DRAM's slope, a point
// a layer: its area is its share of the cycles, its colour what bounds it. Names stand where there is room for them.
#include "sim/report/axis.h"
#include "sim/report/room.h"
#include "sim/report/roofline.h"
#include "sim/report/svg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 900.0
#define GAP 24.0
#define HEAD 112.0 // above the plot
#define PLOT 460.0 // height
#define FOOT 56.0  // with the x-axis
#define LEFT 84.0  // for numbers on the axis
#define BASE (HEAD + PLOT)
#define NAME 40    // columns of a name
#define APART 14.0 // between the names of two roofs

// What bounds a layer, as it is drawn.
static const struct {
    const char *text;
    enum mp_svg_class c;
    unsigned causes; // bit set over enum mp_cause
} kinds[] = {
    {"compute", MP_SVG_BAR, 1u << MP_COMPUTE},
    {"fill and drain", MP_SVG_RING, 1u << MP_FILL_DRAIN},
    {"buffer ports", MP_SVG_OTHER_RING, 1u << MP_STALL_WEIGHT | 1u << MP_STALL_INPUT | 1u << MP_STALL_OUTPUT},
    {"DRAM", MP_SVG_SPOT, 1u << MP_STALL_DRAM},
    {"vector unit", MP_SVG_OTHER, 1u << MP_VECTOR},
};
#define KINDS (sizeof kinds / sizeof *kinds)

struct page {
    const struct mp_roofline *f;
    struct mp_buf *out;
    struct mp_axis x, y;
    const char *prefix; // of operations a second
    double factor;      // of the prefix
    struct mp_room room;
};

static size_t kind_of(const struct mp_roofline_point *p) {
    const char *bound = mp_bound_name(&p->layer->figures);
    for (size_t k = 0; k < KINDS; k++)
        for (int c = 0; c < MP_CAUSES; c++)
            if ((kinds[k].causes >> c & 1) && strcmp(mp_cause_names[c], bound) == 0)
                return k;
    return 0;
}

// Axes

struct range {
    double low, high;
};

static void widen(struct range *r, double v) {
    r->low = fmin(r->low, v);
    r->high = fmax(r->high, v);
}

// Whole decades around the range and some room beside it.
static struct mp_axis decades(const struct range *r, double from, double to) {
    return (struct mp_axis){pow(10, floor(log10(r->low / 1.3))), pow(10, ceil(log10(r->high * 1.3))), from, to, 0};
}

static void set_axes(struct page *p) {
    const struct mp_roofline *f = p->f;
    struct range x = {INFINITY, 0}, y = {INFINITY, 0};
    for (size_t i = 0; i < f->count; i++) {
        widen(&x, f->points[i].intensity);
        widen(&y, f->points[i].attained);
    }
    for (size_t i = 0; i < f->roof_count; i++) {
        widen(&y, f->roofs[i].peak);
        if (f->bytes_per_s > 0)
            widen(&x, f->roofs[i].peak / f->bytes_per_s);
    }
    if (f->count == 0)
        x = y = (struct range){1, 1};
    p->prefix = mp_axis_prefix(y.high, &p->factor);
    y.low *= p->factor, y.high *= p->factor;
    p->x = decades(&x, LEFT, PAGE - GAP);
    p->y = decades(&y, BASE, HEAD);
}

static double x_at(const struct page *p, double intensity) {
    return mp_axis_at(&p->x, intensity);
}

static double y_at(const struct page *p, double ops_per_s) {
    return mp_axis_at(&p->y, ops_per_s * p->factor);
}

static void draw_axes(const struct page *p) {
    double ticks[MP_AXIS_TICKS];
    char text[MP_QTY_BYTES], label[2 * MP_QTY_BYTES];
    for (size_t i = 0, n = mp_axis_ticks(&p->y, ticks); i < n; i++) {
        const double y = mp_axis_at(&p->y, ticks[i]);
        mp_svg_line(p->out, MP_SVG_GRID, LEFT, y, PAGE - GAP, y);
        mp_svg_text(p->out, MP_SVG_FAINT, LEFT - 6, y + 4, MP_SVG_END, mp_axis_label(&p->y, ticks[i], text), 0);
    }
    for (size_t i = 0, n = mp_axis_ticks(&p->x, ticks); i < n; i++) {
        const double x = mp_axis_at(&p->x, ticks[i]);
        mp_svg_line(p->out, MP_SVG_GRID, x, HEAD, x, BASE);
        mp_svg_text(p->out, MP_SVG_FAINT, x, BASE + 16, MP_SVG_MIDDLE, mp_axis_label(&p->x, ticks[i], text), 0);
    }
    mp_svg_line(p->out, MP_SVG_AXIS, LEFT, BASE, PAGE - GAP, BASE);
    mp_svg_line(p->out, MP_SVG_AXIS, LEFT, HEAD, LEFT, BASE);
    mp_svg_text(p->out, MP_SVG_TEXT, PAGE - GAP, BASE + 36, MP_SVG_END, "operations a byte of DRAM traffic, log scale", 0);
    snprintf(label, sizeof label, "attained (%sOPS), log scale", p->prefix);
    mp_svg_text(p->out, MP_SVG_TEXT, GAP, HEAD - 12, MP_SVG_START, label, 0);
}

// Roofs

static void name_line(struct page *p, double x, double y, enum mp_svg_anchor anchor, const char *text, size_t most) {
    const struct mp_room_place at = {x, y, anchor};
    const size_t len = strlen(text);
    const struct mp_box box = mp_room_text_box(&at, len < most ? len : most);
    mp_room_take(&p->room, &box);
    mp_svg_text(p->out, MP_SVG_TEXT, x, y, anchor, text, most);
}

// From the DRAM's slope, or the left edge, to the right one.
static void draw_roof(struct page *p, const struct mp_roof *roof, double *last_named) {
    const struct mp_roofline *f = p->f;
    const double y = y_at(p, roof->peak), from = f->bytes_per_s > 0 ? x_at(p, roof->peak / f->bytes_per_s) : LEFT;
    char ops[MP_QTY_BYTES];
    struct mp_buf text = {0};
    mp_buf_addf(&text, "%s bits: %s", roof->bits, mp_qty_si(roof->peak, "OPS", ops));
    mp_svg_group(p->out, text.text);
    mp_svg_line(p->out, MP_SVG_MARK, from, y, PAGE - GAP, y);
    mp_room_take_line(&p->room, from, y, PAGE - GAP, y);
    if (fabs(y - *last_named) >= APART) {
        name_line(p, PAGE - GAP, y - 5, MP_SVG_END, text.text, 60);
        *last_named = y;
    }
    mp_svg_group_end(p->out);
    mp_buf_finish(&text);
}

// Up to the highest roof; its name stands below it.
static void draw_slope(struct page *p) {
    const struct mp_roofline *f = p->f;
    const double most = f->roofs[0].peak, ridge = most / f->bytes_per_s;
    const double from = fmax(p->x.low, p->y.low / p->factor / f->bytes_per_s);
    const double x1 = x_at(p, from), y1 = y_at(p, from * f->bytes_per_s), x2 = x_at(p, ridge), y2 = y_at(p, most);
    char rate[MP_QTY_BYTES], text[2 * MP_QTY_BYTES];
    snprintf(text, sizeof text, "DRAM: %s", mp_qty_si(f->bytes_per_s, "B/s", rate));
    mp_svg_group(p->out, text);
    mp_svg_line(p->out, MP_SVG_DASHED, x1, y1, x2, y2);
    mp_room_take_line(&p->room, x1, y1, x2, y2);
    name_line(p, x1 + 0.2 * (x2 - x1) + 10, y1 + 0.2 * (y2 - y1) + 12, MP_SVG_START, text, NAME);
    mp_svg_group_end(p->out);
}

static void draw_roofs(struct page *p) {
    double last_named = -INFINITY;
    for (size_t i = 0; i < p->f->roof_count; i++)
        draw_roof(p, &p->f->roofs[i], &last_named);
    if (p->f->bytes_per_s > 0 && p->f->roof_count > 0)
        draw_slope(p);
}

// Points

static int by_share(const void *a, const void *b) {
    const struct mp_roofline_point *p = *(const struct mp_roofline_point *const *)a;
    const struct mp_roofline_point *q = *(const struct mp_roofline_point *const *)b;
    return p->share != q->share ? (p->share < q->share) - (p->share > q->share) : (p > q) - (p < q);
}

static double radius_of(const struct mp_roofline_point *q) {
    return 2.5 + 22 * sqrt(q->share);
}

static void draw_point(struct page *p, const struct mp_roofline_point *q) {
    const double x = x_at(p, q->intensity), y = y_at(p, q->attained), radius = radius_of(q);
    char attained[MP_QTY_BYTES], roof[MP_QTY_BYTES], of[MP_QTY_BYTES], share[MP_QTY_BYTES];
    struct mp_buf title = {0};
    mp_buf_addf(&title, "%s: %.4g operations a byte, %s of %s (%s), most cycles: %s, %s of the run's cycles",
                q->layer->layer->name, q->intensity, mp_qty_si(q->attained, "OPS", attained), mp_qty_si(q->roof, "OPS", roof),
                mp_qty_percent(q->attained, q->roof, of), mp_bound_name(&q->layer->figures), mp_qty_percent(q->share, 1, share));
    mp_svg_group(p->out, title.text);
    mp_svg_circle(p->out, kinds[kind_of(q)].c, x, y, radius);
    mp_svg_group_end(p->out);
    mp_buf_finish(&title);
    const struct mp_box box = {x - radius, y - radius, x + radius, y + radius};
    mp_room_take(&p->room, &box);
}

static void name_point(struct page *p, const struct mp_roofline_point *q) {
    const char *name = q->layer->layer->name;
    const size_t len = strlen(name);
    struct mp_room_place at;
    if (mp_room_beside(&p->room, x_at(p, q->intensity), y_at(p, q->attained), radius_of(q), len < NAME ? len : NAME, &at))
        mp_svg_text(p->out, MP_SVG_TEXT, at.x, at.y, at.anchor, name, NAME);
}

// The largest first, so that small ones lie above them; names last, above all.
static void draw_points(struct page *p) {
    const size_t count = p->f->count;
    const struct mp_roofline_point **order = mp_arena_alloc(p->room.arena, count, sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = &p->f->points[i];
    qsort(order, count, sizeof *order, by_share);
    for (size_t i = 0; i < count; i++)
        draw_point(p, order[i]);
    for (size_t i = 0; i < count; i++)
        name_point(p, order[i]);
}

// The page

static void legend(const struct page *p) {
    double x = LEFT + 196;
    mp_svg_text(p->out, MP_SVG_FAINT, x, HEAD - 12, MP_SVG_START, "most cycles:", 0);
    x += 76;
    for (size_t k = 0; k < KINDS; k++) {
        bool drawn = false;
        for (size_t i = 0; i < p->f->count; i++)
            drawn = drawn || kind_of(&p->f->points[i]) == k;
        if (!drawn)
            continue;
        mp_svg_circle(p->out, kinds[k].c, x + 5, HEAD - 16, 5);
        mp_svg_text(p->out, MP_SVG_TEXT, x + 15, HEAD - 12, MP_SVG_START, kinds[k].text, 0);
        x += 36 + 6 * (double)strlen(kinds[k].text);
    }
}

static void head(const struct page *p) {
    const struct mp_result *r = p->f->result;
    struct mp_buf title = {0}, about = {0};
    char text[MP_QTY_BYTES];
    double share = 0;
    for (size_t i = 0; i < p->f->count; i++)
        share += p->f->points[i].share;
    mp_buf_addf(&title, "%s on %s: roofline", r->plan->name, r->arch->name);
    mp_svg_begin(p->out, PAGE, BASE + FOOT, title.text);
    mp_svg_text(p->out, MP_SVG_HEAD, GAP, 30, MP_SVG_START, title.text, 84);
    mp_buf_addf(&about, "%zu layer%s with MACs, %s of the cycles", p->f->count, p->f->count == 1 ? "" : "s",
                mp_qty_percent(share, 1, text));
    mp_buf_addf(&about, "; a point's area is its layer's share of the run's cycles; %g MHz, %s engine", r->arch->clock_mhz,
                mp_engine_names[r->engine]);
    mp_buf_addf(&about, "%s", p->f->bytes_per_s > 0 ? "" : "; DRAM without limit");
    mp_svg_text(p->out, MP_SVG_FAINT, GAP, 52, MP_SVG_START, about.text, 150);
    legend(p);
    mp_buf_finish(&title);
    mp_buf_finish(&about);
}

void mp_roofline_svg(const struct mp_roofline *f, struct mp_buf *out) {
    struct mp_arena arena = {0};
    struct page p = {.f = f, .out = out, .room = {.arena = &arena, .page = {LEFT, HEAD, PAGE - GAP, BASE}}};
    set_axes(&p);
    head(&p);
    draw_axes(&p);
    draw_roofs(&p);
    draw_points(&p);
    mp_svg_end(out);
    mp_arena_finish(&arena);
}
