// SPDX-License-Identifier: Apache-2.0
// Log-log interpolation over one or two axes: bilinear in the logarithms, exact on the points; linear
// where a value is 0. A point that the
// grid lacks (a memory that the tool could not build) is closed from its neighbours and told apart.
#include "costmodel/est.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static size_t find(const double *axis, size_t n, double v) {
    size_t i = 0;
    while (i + 1 < n && axis[i + 1] <= v)
        i++;
    return i;
}

// Where a value lies on an axis: between points i and i + `up`, `t` of the way in log; `span` is their distance.
struct spot {
    size_t i, up;
    double t, span;
};

static struct spot locate(const double *axis, size_t n, double v) {
    size_t i = find(axis, n, v);
    assert(v <= axis[n - 1]);
    if (i + 1 >= n)
        return (struct spot){.i = i};
    double span = log(axis[i + 1] / axis[i]);
    return (struct spot){i, 1, axis[i] == v ? 0 : log(v / axis[i]) / span, span};
}

static double along(double a, double b, struct spot s) {
    if (s.t == 0)
        return a;
    if (a <= 0 || b <= 0) // no logarithm: a straight line, constant below the first point
        return a + fmax(s.t, 0) * (b - a);
    double rise = log(b / a);
    if (s.t < 0)
        rise = fmin(fmax(rise, 0), s.span);
    return a * exp(s.t * rise);
}

static double *cell(const struct mp_est_table *t, size_t ix, size_t iy) {
    return t->v + (ix * t->ny + iy) * t->values;
}

static bool touches_filled(const struct mp_est_table *t, struct spot x, struct spot y) {
    for (size_t dx = 0; dx <= (x.t != 0 ? x.up : 0); dx++)
        for (size_t dy = 0; dy <= (y.t != 0 ? y.up : 0); dy++)
            if (t->filled[(x.i + dx) * t->ny + y.i + dy])
                return true;
    return false;
}

bool mp_est_table_at(const struct mp_est_table *t, double x, double y, double out[MP_EST_VALUES]) {
    struct spot sx = locate(t->x, t->nx, x), sy = locate(t->y, t->ny, y);
    const double *p00 = cell(t, sx.i, sy.i), *p01 = cell(t, sx.i, sy.i + sy.up);
    const double *p10 = cell(t, sx.i + sx.up, sy.i), *p11 = cell(t, sx.i + sx.up, sy.i + sy.up);
    for (size_t k = 0; k < t->values; k++)
        out[k] = along(along(p00[k], p01[k], sy), along(p10[k], p11[k], sy), sx);
    return x >= t->x[0] && y >= t->y[0] && !touches_filled(t, sx, sy);
}

static void write_row(const struct mp_est_table *t, size_t ix, size_t iy, struct mp_jsonw *w) {
    mp_jsonw_open(w, '[', true);
    mp_jsonw_real(w, t->x[ix]);
    if (t->axes == 2)
        mp_jsonw_real(w, t->y[iy]);
    for (size_t k = 0; k < t->values; k++)
        mp_jsonw_real(w, cell(t, ix, iy)[k]);
    mp_jsonw_close(w, ']');
}

void mp_est_table_write(const struct mp_est_table *t, struct mp_echo *out) {
    struct mp_jsonw *w = out->w;
    mp_jsonw_open(w, '{', false);
    mp_cite_write(&t->cite, out);
    mp_jsonw_key(w, "columns");
    mp_jsonw_open(w, '[', true);
    for (size_t k = 0; k < t->axes + t->values; k++)
        mp_jsonw_string(w, t->columns[k]);
    mp_jsonw_close(w, ']');
    mp_jsonw_key(w, "rows");
    mp_jsonw_open(w, '[', false);
    for (size_t i = 0; i < t->nx * t->ny; i++)
        if (!t->filled[i])
            write_row(t, i / t->ny, i % t->ny, w);
    mp_jsonw_close(w, ']');
    mp_jsonw_close(w, '}');
}
