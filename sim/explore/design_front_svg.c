// SPDX-License-Identifier: Apache-2.0
// A front of designs as a picture: the second objective against the first, all designs faintly, the front strongly. A third one is
// the size of the front's marks. Of many designs some are left out: the picture is for eyes, the files have them all.
#include "sim/explore/design_front.h"
#include "sim/report/axis.h"
#include "sim/report/svg.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define PAGE 900.0
#define GAP 24.0
#define HEAD 92.0
#define PLOT 430.0 // height
#define LEFT 84.0  // for numbers on the axis
#define FOOT 60.0  // for the other axis
#define MOST 3000  // designs drawn; of the front at most as many
#define SMALL 2.5  // radius of a mark of the front, the third objective's least
#define LARGE 8.0

// An objective as it is drawn.
struct shown {
    char words[64];
    const char *prefix, *unit; // of SI
    double factor;             // from the column's numbers to the prefix and unit
};

struct page {
    const struct mp_design_front *f;
    struct mp_buf *out;
    struct shown shown[3];
    struct mp_axis x, y;
};

static const char *name_of(const struct mp_design_front *f, size_t k) {
    return f->job->objectives[k] + (f->job->objectives[k][0] == '-');
}

// As the user knows it: "-" ones have their sign again.
static double value_of(const struct mp_design_front *f, const double *at, size_t k) {
    return f->job->objectives[k][0] == '-' ? -at[k] : at[k];
}

static double shown_of(const struct page *p, const double *at, size_t k) {
    return value_of(p->f, at, k) * p->shown[k].factor;
}

// Units that SI prefixes go before, by what a column's name has in it.
static const struct {
    const char *in, *unit;
    double factor;
} units[] = {
    {"_pj_ms", "J s", 1e-15}, {"_ms", "s", 1e-3}, {"_pj", "J", 1e-12},  {"_mw", "W", 1e-3}, {"_bits", "bit", 1},
    {"_bytes", "B", 1},       {"macs", "", 1},    {"cycles", "", 1},    {"bops", "", 1},
};

static void set_shown(struct page *p, size_t k) {
    const struct mp_design_front *f = p->f;
    struct shown *s = &p->shown[k];
    const char *name = name_of(f, k);
    const double most = f->all_count ? fmax(fabs(f->ideal[k]), fabs(f->nadir[k])) : 1;
    const char *end = NULL;
    size_t i = strstr(name, "_per_") ? sizeof units / sizeof *units : 0; // a rate has none of these units
    *s = (struct shown){.prefix = "", .unit = strcmp(name, "area_mm2") == 0 ? "mm2" : "", .factor = 1};
    while (i < sizeof units / sizeof *units && !(end = strstr(name, units[i].in)))
        i++;
    if (end) {
        s->unit = units[i].unit;
        s->prefix = mp_axis_prefix(most * units[i].factor, &s->factor);
        s->factor *= units[i].factor;
    }
    // "energy dram" of energy_pj_dram: the unit is said elsewhere.
    const bool cut = end && units[i].in[0] == '_' && strcmp(units[i].in, "_bits") != 0 && strcmp(units[i].in, "_bytes") != 0;
    const size_t head = cut ? (size_t)(end - name) : *s->unit == 'm' && !end ? strlen("area") : strlen(name);
    snprintf(s->words, sizeof s->words, "%.*s%s", (int)head, name, cut ? end + strlen(units[i].in) : "");
    for (char *c = s->words; *c; c++)
        *c = *c == '_' ? ' ' : *c;
}

static void add_unit(const struct shown *s, struct mp_buf *out) {
    if (*s->prefix || *s->unit)
        mp_buf_addf(out, " (%s%s)", s->prefix, s->unit);
}

static struct mp_axis axis_of(const struct page *p, size_t k, double from, double to) {
    const double a = p->f->all_count ? shown_of(p, p->f->ideal, k) : 0, b = p->f->all_count ? shown_of(p, p->f->nadir, k) : 1;
    return mp_axis_around(fmin(a, b), fmax(a, b), true, from, to);
}

static void add_label(const struct page *p, size_t k, const struct mp_axis *axis, struct mp_buf *out) {
    mp_buf_add(out, p->shown[k].words);
    add_unit(&p->shown[k], out);
    mp_buf_addf(out, "%s%s", axis->step > 0 ? "" : ", log scale", p->f->job->objectives[k][0] == '-' ? ", more is better" : "");
}

static void axes(const struct page *p) {
    double ticks[MP_AXIS_TICKS];
    char text[MP_QTY_BYTES];
    struct mp_buf label = {0};
    const double base = HEAD + PLOT;
    for (size_t i = 0, n = mp_axis_ticks(&p->y, ticks); i < n; i++) {
        const double y = mp_axis_at(&p->y, ticks[i]);
        mp_svg_line(p->out, MP_SVG_GRID, p->x.from, y, p->x.to, y);
        mp_svg_text(p->out, MP_SVG_FAINT, p->x.from - 6, y + 4, MP_SVG_END, mp_axis_label(&p->y, ticks[i], text), 0);
    }
    for (size_t i = 0, n = mp_axis_ticks(&p->x, ticks); i < n; i++) {
        const double x = mp_axis_at(&p->x, ticks[i]);
        mp_svg_line(p->out, MP_SVG_GRID, x, HEAD, x, base);
        mp_svg_text(p->out, MP_SVG_FAINT, x, base + 16, MP_SVG_MIDDLE, mp_axis_label(&p->x, ticks[i], text), 0);
    }
    mp_svg_line(p->out, MP_SVG_AXIS, p->x.from, base, p->x.to, base);
    mp_svg_line(p->out, MP_SVG_AXIS, p->x.from, HEAD, p->x.from, base);
    add_label(p, 0, &p->x, &label);
    mp_svg_text(p->out, MP_SVG_TEXT, p->x.to, base + 34, MP_SVG_END, label.text, 0);
    label.len = 0;
    add_label(p, 1, &p->y, &label);
    mp_svg_text(p->out, MP_SVG_TEXT, GAP, HEAD - 10, MP_SVG_START, label.text, 0);
    mp_buf_finish(&label);
}

static void all_designs(const struct page *p) {
    const struct mp_design_front *f = p->f;
    const size_t drawn = f->all_count < MOST ? f->all_count : MOST;
    mp_buf_add(p->out, "<g opacity=\"0.4\">\n");
    for (size_t i = 0; i < drawn; i++) {
        const double *at = f->all[mp_svg_thinned(i, drawn, f->all_count)];
        mp_svg_circle(p->out, MP_SVG_OTHER, mp_axis_at(&p->x, shown_of(p, at, 0)), mp_axis_at(&p->y, shown_of(p, at, 1)), 2);
    }
    mp_svg_group_end(p->out);
}

static double radius_of(const struct mp_design_front *f, const double *at) {
    if (f->job->objective_count < 3)
        return 3.5;
    const double range = f->nadir[2] - f->ideal[2];
    return SMALL + (LARGE - SMALL) * (range > 0 ? (at[2] - f->ideal[2]) / range : 0);
}

// With two objectives: no design is below and left of the steps.
static void staircase(const struct page *p, size_t drawn) {
    const struct mp_design_front *f = p->f;
    struct mp_arena a = {0};
    double *x = mp_arena_alloc(&a, drawn, sizeof *x), *y = mp_arena_alloc(&a, drawn, sizeof *y);
    for (size_t i = 0; i < drawn; i++) {
        const double *at = f->at[mp_svg_thinned(i, drawn, f->rows.count)];
        x[i] = mp_axis_at(&p->x, shown_of(p, at, 0)), y[i] = mp_axis_at(&p->y, shown_of(p, at, 1));
    }
    mp_svg_steps(p->out, MP_SVG_CURVE, x, y, drawn);
    mp_arena_finish(&a);
}

static void mark(const struct page *p, size_t row) {
    const struct mp_design_front *f = p->f;
    const double *at = f->at[row];
    struct mp_buf title = {0};
    for (size_t c = 0; c < f->rows.column_count; c++) {
        mp_buf_addf(&title, "%s%s ", c > 0 ? ", " : "", f->rows.columns[c]);
        mp_cell_text(&f->rows.cells[row * f->rows.column_count + c], 5, &title);
    }
    mp_svg_group(p->out, title.text);
    mp_svg_circle(p->out, f->job->objective_count < 3 ? MP_SVG_BAR : MP_SVG_RING, mp_axis_at(&p->x, shown_of(p, at, 0)),
                  mp_axis_at(&p->y, shown_of(p, at, 1)), radius_of(f, at));
    mp_svg_group_end(p->out);
    mp_buf_finish(&title);
}

static void legend(const struct page *p) {
    const struct mp_design_front *f = p->f;
    char text[MP_QTY_BYTES];
    const double y = HEAD - 13;
    double x = PAGE - GAP - (f->job->objective_count < 3 ? 130 : 400);
    mp_svg_circle(p->out, MP_SVG_OTHER, x, y, 2);
    mp_svg_text(p->out, MP_SVG_TEXT, x + 8, y + 4, MP_SVG_START, "design", 0);
    x += 66;
    mp_svg_circle(p->out, f->job->objective_count < 3 ? MP_SVG_BAR : MP_SVG_RING, x, y, 3.5);
    mp_svg_text(p->out, MP_SVG_TEXT, x + 9, y + 4, MP_SVG_START, "front", 0);
    if (f->job->objective_count < 3 || f->all_count == 0)
        return;
    struct mp_buf third = {0};
    mp_buf_add(&third, p->shown[2].words);
    add_unit(&p->shown[2], &third);
    mp_svg_text(p->out, MP_SVG_TEXT, x + 190, y + 4, MP_SVG_END, third.text, 24);
    mp_svg_circle(p->out, MP_SVG_RING, x + 205, y, SMALL);
    mp_svg_text(p->out, MP_SVG_FAINT, x + 213, y + 4, MP_SVG_START, mp_qty_digits(shown_of(p, f->ideal, 2), 3, text), 0);
    mp_svg_circle(p->out, MP_SVG_RING, x + 270, y, LARGE);
    mp_svg_text(p->out, MP_SVG_FAINT, x + 283, y + 4, MP_SVG_START, mp_qty_digits(shown_of(p, f->nadir, 2), 3, text), 0);
    mp_buf_finish(&third);
}

static void head(const struct page *p) {
    const struct mp_design_front *f = p->f;
    struct mp_buf title = {0}, about = {0};
    char text[MP_QTY_BYTES];
    mp_buf_addf(&title, "%s: %s against %s", f->job->sweep->name, p->shown[1].words, p->shown[0].words);
    mp_svg_begin(p->out, PAGE, HEAD + PLOT + FOOT, title.text);
    mp_svg_text(p->out, MP_SVG_HEAD, GAP, 30, MP_SVG_START, title.text, 84);
    mp_buf_addf(&about, "%s of ", mp_qty_count(f->rows.count, text));
    mp_buf_addf(&about, "%s designs on the front of ", mp_qty_count(f->all_count, text));
    for (size_t k = 0; k < f->job->objective_count; k++)
        mp_buf_addf(&about, "%s%s", k > 0 ? ", " : "", f->job->objectives[k]);
    mp_buf_addf(&about, "; hypervolume %.4f", f->hypervolume);
    if (f->all_count > MOST)
        mp_buf_addf(&about, "; %d designs drawn", MOST);
    mp_svg_text(p->out, MP_SVG_FAINT, GAP, 50, MP_SVG_START, about.text, 150);
    legend(p);
    mp_buf_finish(&title);
    mp_buf_finish(&about);
}

void mp_design_front_svg(const struct mp_design_front *f, struct mp_buf *out) {
    struct page p = {.f = f, .out = out};
    for (size_t k = 0; k < f->job->objective_count && k < 3; k++)
        set_shown(&p, k);
    p.x = axis_of(&p, 0, LEFT, PAGE - GAP);
    p.y = axis_of(&p, 1, HEAD + PLOT, HEAD);
    const size_t drawn = f->rows.count < MOST ? f->rows.count : MOST;
    head(&p);
    axes(&p);
    all_designs(&p);
    if (f->job->objective_count == 2)
        staircase(&p, drawn);
    for (size_t i = 0; i < drawn; i++)
        mark(&p, mp_svg_thinned(i, drawn, f->rows.count));
    mp_svg_end(out);
}
