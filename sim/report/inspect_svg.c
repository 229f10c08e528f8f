// SPDX-License-Identifier: Apache-2.0
// Histograms of a model, a panel each: counts on a log scale, so that the few numbers that stretch a range are seen.
#include "sim/report/inspect.h"

#include "sim/nn/quantise.h"
#include "sim/report/svg.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#define PAGE 996.0
#define GAP 24.0
#define HEAD 84.0  // above the first panels
#define PANEL 136.0
#define PLOT 64.0  // height
#define LEFT 34.0  // of a panel, for counts
#define COLUMNS 48 // at most, of a histogram
#define SAMPLE 16384 // weights at most that the end of the 4-bit grid is found from

struct page {
    const struct mp_inspect_report *r;
    struct mp_buf *out;
    struct mp_histogram scratch;
    double x, y, width; // of the panel that is drawn
};

// What part of a histogram is drawn: `columns` of `bins` bins each, from bin `first` on.
struct axis {
    int64_t first, bins, columns;
    double low, high;
};

static struct axis axis_of(const struct mp_histogram *h, double low, double high) {
    const double bin = ldexp(1, h->exponent) / (MP_BINS / 2);
    const int64_t half = MP_BINS / 2, from = (int64_t)floor(low / bin) + half, to = (int64_t)floor(high / bin) + half;
    struct axis a = {.first = from, .bins = (to - from) / COLUMNS + 1};
    if (from < half) // a column ends at 0
        a.first = half - (half - from + a.bins - 1) / a.bins * a.bins;
    a.columns = (to - a.first) / a.bins + 1;
    a.low = (double)(a.first - half) * bin;
    a.high = a.low + (double)(a.columns * a.bins) * bin;
    return a;
}

static double x_of(const struct page *p, const struct axis *a, double v) {
    return p->x + LEFT + (p->width - LEFT) * (v - a->low) / (a->high - a->low);
}

static double height_of(double count, double most) {
    return PLOT * log10(1 + count) / log10(1 + most);
}

static double column(const struct mp_histogram *h, const struct axis *a, int64_t i) {
    uint64_t sum = 0;
    for (int64_t b = a->first + i * a->bins; b < a->first + (i + 1) * a->bins; b++)
        sum += b >= 0 && b < MP_BINS ? h->bin[b] : 0;
    return (double)sum;
}

// Lines at powers of ten, with labels as close as they can be read.
static void count_axis(const struct page *p, double base, double most) {
    static const char *const units[] = {"", "k", "M", "G", "T", "P", "E"};
    const int step = (int)ceil(12 / height_of(9, most));
    double power = 10;
    for (int d = 1; power <= most; d++, power *= 10) {
        double y = base - height_of(power, most);
        char label[16];
        snprintf(label, sizeof label, "%d%s", d % 3 == 0 ? 1 : d % 3 == 1 ? 10 : 100, units[d / 3]);
        mp_svg_line(p->out, MP_SVG_GRID, p->x + LEFT, y, p->x + p->width, y);
        if (d % step == 0)
            mp_svg_text(p->out, MP_SVG_FAINT, p->x + LEFT - 4, y + 4, MP_SVG_END, label, 0);
    }
}

static void value_axis(const struct page *p, const struct axis *a, double base, double low, double high) {
    const double left = p->x + LEFT, right = p->x + p->width, zero = x_of(p, a, 0);
    char text[MP_QTY_BYTES];
    mp_svg_line(p->out, MP_SVG_AXIS, left, base, right, base);
    if (low < high) {
        mp_svg_text(p->out, MP_SVG_FAINT, left, base + 14, MP_SVG_START, mp_inspect_number(low, text), 0);
        mp_svg_text(p->out, MP_SVG_FAINT, right, base + 14, MP_SVG_END, mp_inspect_number(high, text), 0);
    } else {
        mp_svg_text(p->out, MP_SVG_FAINT, (left + right) / 2, base + 14, MP_SVG_MIDDLE, mp_inspect_number(low, text), 0);
    }
    if (zero > left + 60 && zero < right - 60 && low < high)
        mp_svg_text(p->out, MP_SVG_FAINT, zero, base + 14, MP_SVG_MIDDLE, "0", 0);
}

static void titles(const struct page *p, const char *name, const char *about) {
    mp_svg_text(p->out, MP_SVG_TITLE, p->x, p->y + 12, MP_SVG_START, name, (size_t)(p->width / 9));
    mp_svg_text(p->out, MP_SVG_TEXT, p->x, p->y + 27, MP_SVG_START, about, 0);
}

// Values from `low` to `high` on the axis; returns it.
static struct axis plot(const struct page *p, const struct mp_histogram *h, double low, double high, enum mp_svg_class colour) {
    const struct axis a = axis_of(h, low, high);
    const double base = p->y + 36 + PLOT;
    double heights[COLUMNS + 2], most = 1;
    for (int64_t i = 0; i < a.columns; i++) {
        heights[i] = column(h, &a, i);
        most = fmax(most, heights[i]);
    }
    for (int64_t i = 0; i < a.columns; i++)
        heights[i] = height_of(heights[i], most);
    count_axis(p, base, most);
    mp_svg_bars(p->out, colour, p->x + LEFT, base, (p->width - LEFT) / (double)a.columns, heights, (size_t)a.columns);
    value_axis(p, &a, base, low, high);
    return a;
}

// At +-v, where that is on the axis.
static void marks(const struct page *p, const struct axis *a, enum mp_svg_class c, double v) {
    for (double at = -v; v > 0; at = v) {
        if (at >= a->low && at <= a->high)
            mp_svg_line(p->out, c, x_of(p, a, at), p->y + 34, x_of(p, a, at), p->y + 36 + PLOT);
        if (at > 0)
            break;
    }
}

// Weights

static double grid_end(const float *weight, uint64_t count) {
    const struct mp_weight_grid grid = mp_weight_grid_of(4, false);
    const uint64_t stride = ((count - 1) / SAMPLE + 1) | 1; // odd: not in step with kernels of even sizes
    struct mp_arena a = {0};
    float *some = mp_arena_alloc(&a, (size_t)(count / stride + 1), sizeof *some);
    size_t n = 0;
    for (uint64_t i = 0; i < count; i += stride)
        some[n++] = weight[i];
    double end = grid.high * mp_weight_scale(&grid, some, n, MP_RANGE_MSE, 0);
    mp_arena_finish(&a);
    return end;
}

static void weights(struct page *p, size_t layer) {
    const struct mp_weight_stats *s = &p->r->weights[layer];
    const struct mp_layer *l = &p->r->net->workload.layers[layer];
    const float *weight = p->r->net->params[layer].weight;
    const double magnitude = mp_moments_magnitude(&s->all);
    char about[4 * MP_QTY_BYTES], count[MP_QTY_BYTES], low[MP_QTY_BYTES], high[MP_QTY_BYTES];
    p->scratch = (struct mp_histogram){0};
    mp_histogram_add(&p->scratch, weight, (size_t)s->all.count);
    snprintf(about, sizeof about, "%s weight%s, %s to %s", mp_qty_count(s->all.count, count), s->all.count == 1 ? "" : "s",
             mp_inspect_number(s->all.low, low), mp_inspect_number(s->all.high, high));
    mp_svg_group(p->out, l->name);
    titles(p, l->name, about);
    struct axis a = plot(p, &p->scratch, -magnitude, magnitude, MP_SVG_BAR);
    marks(p, &a, MP_SVG_MARK, magnitude);
    marks(p, &a, MP_SVG_DASHED, grid_end(weight, s->all.count));
    mp_svg_group_end(p->out);
}

static void no_weights(struct page *p, const struct mp_layer *l) {
    char about[64];
    snprintf(about, sizeof about, "%s: no weights", mp_layer_type_names[l->type]);
    mp_svg_group(p->out, l->name);
    titles(p, l->name, about);
    mp_svg_group_end(p->out);
}

// Activations

static void activations(struct page *p, size_t tensor) {
    const struct mp_tensor *t = &p->r->net->workload.tensors[tensor];
    const struct mp_histogram *h = p->r->activations->tensors[tensor];
    char about[5 * MP_QTY_BYTES], low[MP_QTY_BYTES], high[MP_QTY_BYTES], zeros[MP_QTY_BYTES], name[400];
    snprintf(about, sizeof about, "%" PRIu64 "x%" PRIu64 "x%" PRIu64 ", %s to %s, %s zeros", t->c, t->h, t->w,
             mp_inspect_number((double)h->low, low), mp_inspect_number((double)h->high, high),
             mp_qty_percent((double)h->zeros, (double)h->count, zeros));
    snprintf(name, sizeof name, "%s %.300s", t->producer == MP_NO_LAYER ? "input" : "output of", mp_inspect_tensor(p->r, tensor));
    mp_svg_group(p->out, name);
    titles(p, name, about);
    struct axis a = plot(p, h, (double)h->low, (double)h->high, MP_SVG_OTHER);
    marks(p, &a, MP_SVG_DASHED, mp_histogram_magnitude(h, MP_INSPECT_PERCENTILE / 100));
    mp_svg_group_end(p->out);
}

// The page

static bool has_row(const struct mp_inspect_report *r, size_t layer) {
    bool weights = r->weights[layer].all.count > 0;
    return mp_inspect_shows(r, layer) &&
           (weights || (r->activations && mp_inspect_own(r, r->net->workload.layers[layer].output)));
}

static size_t rows(const struct mp_inspect_report *r, size_t columns) {
    size_t count = 0;
    for (size_t i = 0; i < r->net->workload.layer_count; i++)
        count += has_row(r, i);
    if (r->activations)
        return count + (r->only == MP_NO_LAYER ? r->net->workload.input_count : 0);
    return (count + columns - 1) / columns;
}

static void head(struct page *p, size_t panels) {
    const struct mp_inspect_report *r = p->r;
    struct mp_buf title = {0}, images = {0};
    mp_buf_addf(&title, "%s: weights%s", r->net->workload.name, r->activations ? " and activations" : "");
    mp_svg_begin(p->out, PAGE, HEAD + PANEL * (double)(panels > 0 ? panels : 1), title.text);
    mp_svg_text(p->out, MP_SVG_HEAD, GAP, 30, MP_SVG_START, title.text, 90);
    mp_svg_text(p->out, MP_SVG_FAINT, GAP, 50, MP_SVG_START,
                "Counts on a log scale. Weights: solid lines at \xc2\xb1 the largest magnitude, dashed ones at the ends of the "
                "4-bit grid that fits the layer best.", 0);
    if (r->activations) {
        mp_buf_addf(&images, "Activations: 99.9 %% of the magnitudes lie within the dashed lines; %" PRIu64 " image%s of %s.",
                    r->activations->images, r->activations->images == 1 ? "" : "s", r->measured_on);
        mp_svg_text(p->out, MP_SVG_FAINT, GAP, 66, MP_SVG_START, images.text, 150);
    }
    mp_buf_finish(&title);
    mp_buf_finish(&images);
    if (panels == 0)
        mp_svg_text(p->out, MP_SVG_TEXT, GAP, HEAD + 12, MP_SVG_START, "No layer has weights.", 0);
}

static void place(struct page *p, size_t row, size_t column) {
    p->x = GAP + (double)column * (p->width + GAP);
    p->y = HEAD + PANEL * (double)row;
}

// Rows of two: weights, activations.
static void pairs(struct page *p) {
    const struct mp_inspect_report *r = p->r;
    size_t row = 0;
    for (size_t i = 0; i < r->net->workload.input_count && r->only == MP_NO_LAYER; i++, row++) {
        place(p, row, 1);
        activations(p, i);
    }
    for (size_t i = 0; i < r->net->workload.layer_count; i++) {
        const struct mp_layer *l = &r->net->workload.layers[i];
        if (!has_row(r, i))
            continue;
        place(p, row, 0);
        if (r->weights[i].all.count > 0)
            weights(p, i);
        else
            no_weights(p, l);
        place(p, row++, 1);
        activations(p, l->output);
    }
}

void mp_inspect_svg(const struct mp_inspect_report *r, struct mp_buf *out) {
    const size_t columns = r->activations || r->only != MP_NO_LAYER ? 2 : 3;
    struct page p = {.r = r, .out = out, .width = (PAGE - GAP) / (double)columns - GAP};
    head(&p, rows(r, columns));
    if (r->activations)
        pairs(&p);
    for (size_t i = 0, n = 0; i < r->net->workload.layer_count && !r->activations; i++)
        if (has_row(r, i)) {
            place(&p, n / columns, n % columns);
            weights(&p, i);
            n++;
        }
    mp_svg_end(out);
}
