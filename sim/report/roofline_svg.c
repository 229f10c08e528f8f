// SPDX-License-Identifier: Apache-2.0
// The roofline as a picture: both axes logarithmic, a roof for each peak that the plan's widths have, the DRAM's slope, a point
// a layer: its area is its share of the cycles, its colour what bounds it. Roofs are named beside the plot, layers where there
// is room.
#include "sim/report/axis.h"
#include "sim/report/room.h"
#include "sim/report/roofline.h"
#include "sim/report/svg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PAGE 1000.0
#define GAP 24.0
#define HEAD 100.0 // above the plot
#define PLOT 460.0 // height
#define FOOT 56.0  // with the x-axis
#define LEFT 84.0  // for numbers on the axis
#define SIDE 196.0 // for names of roofs
#define RIGHT (PAGE - GAP - SIDE)
#define BASE (HEAD + PLOT)
#define LINE 13.0  // of names of roofs
#define NAME 48    // columns of a name
#define NAMED 200  // points that may have one
#define ROOF_NAME 32
#define PLACES 16  // tried along a line
#define MARGIN 1.3 // of the axes: a factor
#define SAME 1.5   // pixels between points that are taken for one

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
    p->prefix = mp_axis_prefix(y.high, &p->factor);
    y.low *= p->factor, y.high *= p->factor;
    p->x = mp_axis_log(x.low / MARGIN, x.high * MARGIN, LEFT, RIGHT);
    p->y = mp_axis_log(y.low / MARGIN, y.high * MARGIN, BASE, HEAD);
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
        mp_svg_line(p->out, MP_SVG_GRID, LEFT, y, RIGHT, y);
        mp_svg_text(p->out, MP_SVG_FAINT, LEFT - 6, y + 4, MP_SVG_END, mp_axis_label(&p->y, ticks[i], text), 0);
    }
    for (size_t i = 0, n = mp_axis_ticks(&p->x, ticks); i < n; i++) {
        const double x = mp_axis_at(&p->x, ticks[i]);
        mp_svg_line(p->out, MP_SVG_GRID, x, HEAD, x, BASE);
        mp_svg_text(p->out, MP_SVG_FAINT, x, BASE + 16, MP_SVG_MIDDLE, mp_axis_label(&p->x, ticks[i], text), 0);
    }
    mp_svg_line(p->out, MP_SVG_AXIS, LEFT, BASE, RIGHT, BASE);
    mp_svg_line(p->out, MP_SVG_AXIS, LEFT, HEAD, LEFT, BASE);
    mp_svg_text(p->out, MP_SVG_TEXT, RIGHT, BASE + 36, MP_SVG_END, "operations a byte of DRAM traffic, log scale", 0);
    snprintf(label, sizeof label, "attained (%sOPS), log scale", p->prefix);
    mp_svg_text(p->out, MP_SVG_TEXT, GAP, HEAD - 12, MP_SVG_START, label, 0);
}

// Roofs

// In the axis' unit.
static struct mp_buf roof_text(const struct page *p, const struct mp_roof *roof) {
    char ops[MP_QTY_BYTES];
    struct mp_buf text = {0};
    mp_buf_addf(&text, "%s %sOPS at %s", mp_qty_digits(roof->peak * p->factor, 4, ops), p->prefix, roof->bits);
    return text;
}

// Where it leaves the DRAM's slope, or the left edge.
static double roof_from(const struct page *p, const struct mp_roof *roof) {
    return p->f->bytes_per_s > 0 ? x_at(p, roof->peak / p->f->bytes_per_s) : LEFT;
}

static void draw_roof(struct page *p, const struct mp_roof *roof) {
    const double y = y_at(p, roof->peak), from = roof_from(p, roof);
    struct mp_buf text = roof_text(p, roof);
    mp_svg_group(p->out, text.text);
    mp_svg_line(p->out, MP_SVG_CURVE, from, y, RIGHT, y);
    mp_svg_group_end(p->out);
    mp_room_take_line(&p->room, from, y, RIGHT, y);
    mp_buf_finish(&text);
}

// Beside the plot, each at its roof or below the one before; what would hang below the plot moves up. Of more roofs than there
// are lines some are seen under the pointer only.
static void name_roofs(const struct page *p) {
    const size_t roofs = p->f->roof_count, lines = (size_t)(PLOT / LINE), count = roofs < lines ? roofs : lines;
    mp_svg_text(p->out, MP_SVG_FAINT, RIGHT + 16, HEAD - 12, MP_SVG_START, "peak at bits (activations/weights)", 0);
    double y = HEAD - LINE;
    for (size_t i = 0; i < count; i++) {
        const struct mp_roof *roof = &p->f->roofs[mp_svg_thinned(i, count, roofs)];
        const double at = y_at(p, roof->peak);
        y = fmin(fmax(at, y + LINE), BASE - (double)(count - 1 - i) * LINE);
        struct mp_buf text = roof_text(p, roof);
        mp_svg_line(p->out, MP_SVG_AXIS, RIGHT + 2, at, RIGHT + 13, y);
        mp_svg_text(p->out, MP_SVG_TEXT, RIGHT + 16, y + 4, MP_SVG_START, text.text, ROOF_NAME);
        mp_buf_finish(&text);
    }
}

struct slope {
    double x1, y1, x2, y2;
    char text[2 * MP_QTY_BYTES];
};

// From the edge to the highest roof.
static struct slope slope_of(const struct page *p) {
    const double rate = p->f->bytes_per_s, most = p->f->roofs[0].peak, from = fmax(p->x.low, p->y.low / p->factor / rate);
    struct slope s = {x_at(p, from), y_at(p, from * rate), x_at(p, most / rate), y_at(p, most), ""};
    char text[MP_QTY_BYTES];
    snprintf(s.text, sizeof s.text, "DRAM: %s", mp_qty_si(rate, "B/s", text));
    return s;
}

static void draw_slope(struct page *p) {
    const struct slope s = slope_of(p);
    mp_svg_group(p->out, s.text);
    mp_svg_line(p->out, MP_SVG_DASHED, s.x1, s.y1, s.x2, s.y2);
    mp_svg_group_end(p->out);
    mp_room_take_line(&p->room, s.x1, s.y1, s.x2, s.y2);
}

static void name_slope(struct page *p) {
    const struct slope s = slope_of(p);
    struct mp_room_place at, places[2 * PLACES];
    for (size_t i = 0; i < PLACES; i++) {
        const double along = ((double)i + 3) / (PLACES + 4), x = s.x1 + along * (s.x2 - s.x1), y = s.y1 + along * (s.y2 - s.y1);
        places[2 * i] = (struct mp_room_place){x - 8, y - 4, MP_SVG_END};
        places[2 * i + 1] = (struct mp_room_place){x + 8, y + 12, MP_SVG_START};
    }
    if (mp_room_find(&p->room, places, 2 * PLACES, strlen(s.text), &at))
        mp_svg_text(p->out, MP_SVG_TEXT, at.x, at.y, at.anchor, s.text, 0);
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
                mp_qty_percent(q->attained, q->roof, of), mp_bound_name(&q->layer->figures),
                mp_qty_percent(q->share, 1, share));
    mp_svg_group(p->out, title.text);
    mp_svg_circle(p->out, MP_SVG_PAGE, x, y, radius + 1.5);
    mp_svg_circle(p->out, kinds[kind_of(q)].c, x, y, radius);
    mp_svg_group_end(p->out);
    mp_buf_finish(&title);
    const struct mp_box box = {x - radius, y - radius, x + radius, y + radius};
    mp_room_take(&p->room, &box);
}

// How many of the points from `from` on are drawn where that one is.
static size_t same_place(const struct page *p, const struct mp_roofline_point **order, size_t from, size_t to) {
    const double x = x_at(p, order[from]->intensity), y = y_at(p, order[from]->attained);
    size_t n = 0;
    for (size_t i = from; i < to; i++)
        n += hypot(x_at(p, order[i]->intensity) - x, y_at(p, order[i]->attained) - y) < SAME;
    return n;
}

static void name_point(struct page *p, const struct mp_roofline_point *q, size_t same) {
    const double x = x_at(p, q->intensity), y = y_at(p, q->attained);
    struct mp_buf text = {0};
    struct mp_room_place at;
    double end_x, end_y;
    mp_buf_add(&text, q->layer->layer->name);
    if (same > 1)
        mp_buf_addf(&text, " +%zu", same - 1);
    const size_t len = strlen(text.text);
    if (mp_room_near(&p->room, x, y, radius_of(q), len < NAME ? len : NAME, &at, &end_x, &end_y)) {
        const double part = radius_of(q) / hypot(end_x - x, end_y - y);
        if (!isnan(part))
            mp_svg_line(p->out, MP_SVG_AXIS, x + part * (end_x - x), y + part * (end_y - y), end_x, end_y);
        mp_svg_text(p->out, MP_SVG_TEXT, at.x, at.y, at.anchor, text.text, NAME);
    }
    mp_buf_finish(&text);
}

// Those that take most cycles first; of points in one place the first, with how many others there are.
static void name_points(struct page *p, const struct mp_roofline_point **order, size_t count) {
    for (size_t i = 0; i < count && i < NAMED; i++) {
        bool named = false;
        for (size_t k = 0; k < i && !named; k++)
            named = hypot(x_at(p, order[i]->intensity) - x_at(p, order[k]->intensity),
                          y_at(p, order[i]->attained) - y_at(p, order[k]->attained)) < SAME;
        if (!named)
            name_point(p, order[i], same_place(p, order, i, count));
    }
}

// The largest points first, so that small ones lie above them; names last, above all, those of lines before those of points.
static void draw_plot(struct page *p) {
    const size_t count = p->f->count, roofs = p->f->roof_count;
    const bool sloped = p->f->bytes_per_s > 0 && roofs > 0;
    const struct mp_roofline_point **order = mp_arena_alloc(p->room.arena, count, sizeof *order);
    for (size_t i = 0; i < count; i++)
        order[i] = &p->f->points[i];
    qsort(order, count, sizeof *order, by_share);
    for (size_t i = 0; i < roofs; i++)
        draw_roof(p, &p->f->roofs[i]);
    if (sloped)
        draw_slope(p);
    for (size_t i = 0; i < count; i++)
        draw_point(p, order[i]);
    name_roofs(p);
    if (sloped)
        name_slope(p);
    name_points(p, order, count);
}

// The page

static void legend(const struct page *p) {
    double x = LEFT + 196;
    if (p->f->count == 0)
        return;
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
        x += 32 + 5.5 * (double)strlen(kinds[k].text);
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
    mp_svg_begin(p->out, PAGE, p->f->count > 0 ? BASE + FOOT : HEAD + 24, title.text);
    mp_svg_text(p->out, MP_SVG_HEAD, GAP, 30, MP_SVG_START, title.text, 84);
    mp_buf_addf(&about, "%zu layer%s with MACs, %s of the cycles", p->f->count, p->f->count == 1 ? "" : "s",
                mp_qty_percent(share, 1, text));
    if (p->f->count > 0)
        mp_buf_add(&about, "; a point's area is its layer's share of the run's cycles");
    mp_buf_addf(&about, "; %g MHz, %s engine", r->arch->clock_mhz, mp_engine_names[r->engine]);
    mp_buf_addf(&about, "%s", p->f->bytes_per_s > 0 ? "" : "; DRAM without limit");
    mp_svg_text(p->out, MP_SVG_FAINT, GAP, 52, MP_SVG_START, about.text, 150);
    legend(p);
    mp_buf_finish(&title);
    mp_buf_finish(&about);
}

void mp_roofline_svg(const struct mp_roofline *f, struct mp_buf *out) {
    struct mp_arena arena = {0};
    struct page p = {.f = f, .out = out, .room = {.arena = &arena, .page = {LEFT, HEAD, RIGHT, BASE}}};
    head(&p);
    if (f->count > 0) {
        set_axes(&p);
        draw_axes(&p);
        draw_plot(&p);
    } else {
        mp_svg_text(out, MP_SVG_TEXT, GAP, HEAD - 12, MP_SVG_START, "No layer runs on the array.", 0);
    }
    mp_svg_end(out);
    mp_arena_finish(&arena);
}
