// SPDX-License-Identifier: Apache-2.0
// The front as a picture: harm against its cost, with the uniform plans and the one that was found; below it, where plans were
// measured, their drop. Of many points some are left out: the picture is for eyes, the files have them all.
#include "sim/report/axis.h"
#include "sim/report/search_parts.h"
#include "sim/report/svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PAGE 900.0
#define GAP 24.0
#define HEAD 92.0   // above the first panel
#define PANEL 330.0 // with its axis
#define PLOT 270.0  // height
#define LEFT 84.0   // for numbers on the axis
#define MOST 600    // points drawn of a front
#define CLIP 5.0    // times the bound: drops beyond it lie at the edge

struct page {
    const struct mp_search_report *r;
    struct mp_buf *out;
    size_t quantity;       // of the x-axis
    enum mp_cost cost;
    const char *prefix;
    double factor;         // of the prefix
    struct mp_axis x, y;
    double top;            // of the panel
};

static double cost_of(const struct page *p, const struct mp_point *point) {
    return mp_cost_in_unit(p->r->arch, p->cost, point->sum[p->quantity]) * p->factor;
}

// What the panel that is drawn has on its y-axis.
typedef double value_of(const struct page *p, const struct mp_point *point);

static double harm_of(const struct page *p, const struct mp_point *point) {
    (void)p;
    return point->sum[MP_HARM];
}

static double drop_of(const struct page *p, const struct mp_point *point) {
    return mp_search_drop(p->r, point) * (p->r->job->drop == MP_DROP_LOSS ? 1 : 100);
}

struct range {
    double low, high;
};

static void widen(struct range *r, double v) {
    r->low = fmin(r->low, v);
    r->high = fmax(r->high, v);
}

// Marks

static void describe(const struct page *p, const char *name, const struct mp_point *point, bool harm, struct mp_buf *out) {
    char text[MP_QTY_BYTES];
    const struct mp_cost_shown *c = &mp_costs_shown[p->cost];
    if (name)
        mp_buf_addf(out, "%s: ", name);
    mp_buf_addf(out, "%s %s", c->words,
                mp_qty_si(mp_cost_in_unit(p->r->arch, p->cost, point->sum[p->quantity]), c->unit, text));
    if (harm)
        mp_buf_addf(out, ", harm %s", mp_harm_text(point->sum[MP_HARM], text));
    if (point->measured)
        mp_buf_addf(out, ", %s of %s %.4g%s", p->r->job->drop == MP_DROP_LOSS ? "rise" : "drop", mp_drop_names[p->r->job->drop],
                    drop_of(p, point), p->r->job->drop == MP_DROP_LOSS ? "" : " %");
}

static void spot(const struct page *p, const char *name, const struct mp_point *point, bool harm, value_of *of,
                 enum mp_svg_class c, double radius) {
    const double x = mp_axis_at(&p->x, cost_of(p, point)), y = mp_axis_at(&p->y, of(p, point));
    // Above and to the right of a falling front nothing is drawn, nor below its end. The found plan's name stands on the other
    // side, for uniform plans are often near.
    const bool found = name && strcmp(name, MP_ROW_FOUND) == 0 && x > p->x.from + 60 && y < p->top + PLOT - 20;
    const bool right = found || x > p->x.to - 90, below = found || y < p->top + 14 || (right && y < p->top + PLOT - 20);
    struct mp_buf title = {0};
    describe(p, name, point, harm, &title);
    mp_svg_group(p->out, title.text);
    mp_svg_circle(p->out, c, x, y, radius);
    if (name)
        mp_svg_text(p->out, MP_SVG_TITLE, x + (right ? -8 : 8), y + (below ? 14 : -6), right ? MP_SVG_END : MP_SVG_START, name,
                    24);
    mp_svg_group_end(p->out);
    mp_buf_finish(&title);
}

// A plan of which only the cost is known: where it lies on the x-axis.
static void upright(const struct page *p, const struct mp_search_row *row, size_t level) {
    const double x = mp_axis_at(&p->x, cost_of(p, &row->point));
    const bool right = x > p->x.to - 90;
    struct mp_buf title = {0};
    describe(p, row->name, &row->point, false, &title);
    mp_svg_group(p->out, title.text);
    mp_svg_line(p->out, MP_SVG_AXIS, x, p->top, x, p->top + PLOT);
    mp_svg_text(p->out, MP_SVG_TITLE, x + (right ? -4 : 4), p->top + 12 + 14 * (double)level,
                right ? MP_SVG_END : MP_SVG_START, row->name, 24);
    mp_svg_group_end(p->out);
    mp_buf_finish(&title);
}

// Axes

static void axes(const struct page *p, const char *what) {
    double ticks[MP_AXIS_TICKS];
    char text[MP_QTY_BYTES], label[4 * MP_QTY_BYTES];
    const double base = p->top + PLOT;
    for (size_t i = 0, n = mp_axis_ticks(&p->y, ticks); i < n; i++) {
        const double y = mp_axis_at(&p->y, ticks[i]);
        mp_svg_line(p->out, MP_SVG_GRID, p->x.from, y, p->x.to, y);
        mp_svg_text(p->out, MP_SVG_FAINT, p->x.from - 6, y + 4, MP_SVG_END, mp_axis_label(&p->y, ticks[i], text), 0);
    }
    for (size_t i = 0, n = mp_axis_ticks(&p->x, ticks); i < n; i++) {
        const double x = mp_axis_at(&p->x, ticks[i]);
        mp_svg_line(p->out, MP_SVG_GRID, x, p->top, x, base);
        mp_svg_text(p->out, MP_SVG_FAINT, x, base + 16, MP_SVG_MIDDLE, mp_axis_label(&p->x, ticks[i], text), 0);
    }
    mp_svg_line(p->out, MP_SVG_AXIS, p->x.from, base, p->x.to, base);
    mp_svg_line(p->out, MP_SVG_AXIS, p->x.from, p->top, p->x.from, base);
    snprintf(label, sizeof label, "%s (%s%s)", mp_costs_shown[p->cost].words, p->prefix, mp_costs_shown[p->cost].unit);
    mp_svg_text(p->out, MP_SVG_TEXT, p->x.to, base + 34, MP_SVG_END, label, 0);
    mp_svg_text(p->out, MP_SVG_TEXT, GAP, p->top - 10, MP_SVG_START, what, 0);
}

// The front

// Between two points no plan is less harmful than the cheaper one: steps.
static void staircase(const struct page *p, size_t drawn) {
    const struct mp_search_result *f = p->r->result;
    struct mp_arena a = {0};
    double *x = mp_arena_alloc(&a, drawn, sizeof *x), *y = mp_arena_alloc(&a, drawn, sizeof *y);
    for (size_t i = 0; i < drawn; i++) {
        const struct mp_point *point = &f->front[mp_svg_thinned(i, drawn, f->front_count)];
        x[i] = mp_axis_at(&p->x, cost_of(p, point)), y[i] = mp_axis_at(&p->y, harm_of(p, point));
    }
    mp_svg_steps(p->out, MP_SVG_CURVE, x, y, drawn);
    for (size_t i = 0; i < drawn; i++)
        spot(p, NULL, &f->front[mp_svg_thinned(i, drawn, f->front_count)], true, harm_of, MP_SVG_BAR, drawn > 150 ? 1.5 : 2.5);
    mp_arena_finish(&a);
}

static void harm_panel(struct page *p, size_t drawn) {
    const struct mp_search_report *r = p->r;
    const struct mp_search_result *f = r->result;
    struct range range = {INFINITY, -INFINITY};
    char what[4 * MP_QTY_BYTES];
    for (size_t i = 0; i < f->front_count; i++)
        widen(&range, harm_of(p, &f->front[i]));
    for (size_t i = 0; i < f->measured_count; i++)
        widen(&range, harm_of(p, &f->measured[i]));
    for (size_t i = 0; i < r->row_count; i++)
        if (r->rows[i].has_harm)
            widen(&range, harm_of(p, &r->rows[i].point));
    if (f->found)
        widen(&range, harm_of(p, &f->best));
    if (range.low > range.high)
        range = (struct range){0, 1};
    p->y = mp_axis_around(range.low, range.high, true, p->top + PLOT, p->top);
    const char *unit = mp_harm_unit(r->harm);
    snprintf(what, sizeof what, "harm%s%.20s%s%s", *unit ? " (" : "", unit, *unit ? ")" : "",
             p->y.step > 0 ? "" : ", log scale");
    axes(p, what);
    staircase(p, drawn);
    for (size_t i = 0; i < f->measured_count; i++)
        spot(p, NULL, &f->measured[i], true, harm_of, MP_SVG_RING, 3.5);
    for (size_t i = 0, level = 0; i < r->row_count; i++)
        if (!r->rows[i].has_harm)
            upright(p, &r->rows[i], level++);
        else if (!f->found || &r->rows[i] != mp_search_row_of(r, MP_ROW_FOUND))
            spot(p, r->rows[i].name, &r->rows[i].point, true, harm_of, MP_SVG_OTHER, 4.5);
    if (f->found)
        spot(p, MP_ROW_FOUND, &f->best, true, harm_of, MP_SVG_SPOT, 5);
}

// Drops

static bool any_measured(const struct mp_search_report *r) {
    bool any = r->result->measured_count > 0;
    for (size_t i = 0; i < r->row_count; i++)
        any |= r->rows[i].point.measured;
    return any;
}

static bool drops_fit(struct page *p) {
    const struct mp_search_report *r = p->r;
    const double most = CLIP * r->job->max_drop * (r->job->drop == MP_DROP_LOSS ? 1 : 100); // infinite without a bound
    struct range range = {0, 0};
    for (size_t i = 0; i < r->result->measured_count; i++)
        widen(&range, drop_of(p, &r->result->measured[i]));
    for (size_t i = 0; i < r->row_count; i++)
        if (r->rows[i].point.measured)
            widen(&range, drop_of(p, &r->rows[i].point));
    if (most < INFINITY)
        widen(&range, most / CLIP);
    const bool clip = most > 0 && range.high > most;
    p->y = mp_axis_around(range.low, clip ? most : range.high, false, p->top + PLOT, p->top);
    return !clip;
}

static void drop_bound(const struct page *p) {
    const struct mp_search_job *job = p->r->job;
    const double most = job->max_drop * (job->drop == MP_DROP_LOSS ? 1 : 100);
    char text[64];
    if (!(most < INFINITY))
        return;
    const double y = mp_axis_at(&p->y, most);
    snprintf(text, sizeof text, "at most %.4g%s", most, job->drop == MP_DROP_LOSS ? "" : " %");
    mp_svg_line(p->out, MP_SVG_DASHED, p->x.from, y, p->x.to, y);
    mp_svg_text(p->out, MP_SVG_FAINT, p->x.to, y - 5, MP_SVG_END, text, 0);
}

static void drop_panel(struct page *p) {
    const struct mp_search_report *r = p->r;
    const bool fit = drops_fit(p);
    char what[160];
    snprintf(what, sizeof what, "measured %s of %s%s%s", r->job->drop == MP_DROP_LOSS ? "rise" : "drop",
             mp_drop_names[r->job->drop], r->job->drop == MP_DROP_LOSS ? "" : " (%)",
             fit ? "" : "; plans beyond the scale lie at its edge");
    axes(p, what);
    drop_bound(p);
    for (size_t i = 0; i < r->result->measured_count; i++)
        spot(p, NULL, &r->result->measured[i], true, drop_of, MP_SVG_RING, 3.5);
    for (size_t i = 0; i < r->row_count; i++)
        if (r->rows[i].point.measured && &r->rows[i] != mp_search_row_of(r, MP_ROW_FOUND))
            spot(p, r->rows[i].name, &r->rows[i].point, r->rows[i].has_harm, drop_of, MP_SVG_OTHER, 4.5);
    if (r->result->found && r->result->best.measured)
        spot(p, MP_ROW_FOUND, &r->result->best, true, drop_of, MP_SVG_SPOT, 5);
}

// The page

static void set_costs(struct page *p) {
    const struct mp_search_report *r = p->r;
    const struct mp_search_result *f = r->result;
    struct range range = {INFINITY, -INFINITY};
    p->factor = 1;
    for (size_t i = 0; i < f->front_count; i++)
        widen(&range, cost_of(p, &f->front[i]));
    for (size_t i = 0; i < f->measured_count; i++)
        widen(&range, cost_of(p, &f->measured[i]));
    for (size_t i = 0; i < r->row_count; i++)
        widen(&range, cost_of(p, &r->rows[i].point));
    if (f->found)
        widen(&range, cost_of(p, &f->best));
    if (range.low > range.high)
        range = (struct range){0, 0};
    p->prefix = mp_axis_prefix(range.high, &p->factor);
    p->x = mp_axis_around(range.low * p->factor, range.high * p->factor, false, LEFT, PAGE - GAP);
}

static void legend(const struct page *p, bool measured) {
    static const struct {
        enum mp_svg_class c;
        double radius;
        const char *text;
    } entries[] = {{MP_SVG_BAR, 2.5, "front"}, {MP_SVG_OTHER, 4.5, "uniform plan"}, {MP_SVG_SPOT, 5, "found"},
                   {MP_SVG_RING, 3.5, "measured"}};
    double x = PAGE - GAP - 330;
    for (size_t i = 0; i < (measured ? 4u : 3u); i++) {
        mp_svg_circle(p->out, entries[i].c, x, HEAD - 13, entries[i].radius);
        mp_svg_text(p->out, MP_SVG_TEXT, x + 9, HEAD - 9, MP_SVG_START, entries[i].text, 0);
        x += i == 1 ? 100 : 70;
    }
}

static void head(const struct page *p, size_t drawn, bool measured) {
    const struct mp_search_report *r = p->r;
    struct mp_buf title = {0}, about = {0};
    char count[MP_QTY_BYTES];
    mp_buf_addf(&title, "%s on %s: harm against %s", r->job->space->workload->name, r->arch->name,
                mp_costs_shown[p->cost].words);
    mp_svg_begin(p->out, PAGE, HEAD + PANEL * (measured ? 2 : 1) + GAP, title.text);
    mp_svg_text(p->out, MP_SVG_HEAD, GAP, 30, MP_SVG_START, title.text, 84);
    if (r->result->front_count == 0)
        mp_buf_add(&about, "No front");
    else
        mp_buf_addf(&about, "%s point%s%s", mp_qty_count(r->result->front_count, count), r->result->front_count == 1 ? "" : "s",
                    r->result->front_exact ? ", the exact front" : "");
    if (drawn < r->result->front_count)
        mp_buf_addf(&about, ", %zu of them drawn", drawn);
    mp_buf_addf(&about, "; metric %s, solver %s", r->metric, r->solver->name);
    if (r->result->interrupted)
        mp_buf_add(&about, "; interrupted");
    mp_svg_text(p->out, MP_SVG_FAINT, GAP, 50, MP_SVG_START, about.text, 150);
    legend(p, measured);
    mp_buf_finish(&title);
    mp_buf_finish(&about);
}

void mp_search_front_svg(const struct mp_search_report *r, struct mp_buf *out) {
    const size_t quantity = mp_search_front_cost(r->job), count = r->result->front_count, drawn = count < MOST ? count : MOST;
    const bool measured = any_measured(r);
    struct page p = {.r = r, .out = out, .quantity = quantity, .cost = (enum mp_cost)(quantity - MP_COST_AT(0)),
                     .top = HEAD + 10};
    set_costs(&p);
    head(&p, drawn, measured);
    harm_panel(&p, drawn);
    p.top += PANEL;
    if (measured)
        drop_panel(&p);
    mp_svg_end(out);
}
