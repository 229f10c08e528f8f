// SPDX-License-Identifier: Apache-2.0
// The search is plain: some twelve thousand areas, a few microseconds each.
#include "sim/report/equal_area.h"

#include <math.h>

#define MAX_SIDE 4096

// `width` times n / d, rounded up to a multiple of the banks.
static uint64_t widen(const struct mp_buffer *b, uint64_t n, uint64_t d) {
    uint64_t unit = d * b->banks;
    return (b->width_bits * n + unit - 1) / unit * b->banks;
}

struct ratio {
    uint64_t n, d;
};

// The side that carries the role; when both may, the one that grows more.
static struct ratio side_of(const struct mp_pe_array *a, unsigned role, struct ratio rows, struct ratio cols) {
    bool by_rows = a->row_roles >> role & 1u, by_cols = a->col_roles >> role & 1u;
    if (by_rows && by_cols)
        return rows.n * cols.d >= cols.n * rows.d ? rows : cols;
    return by_rows ? rows : by_cols ? cols : (struct ratio){1, 1};
}

struct mp_arch mp_arch_resize(const struct mp_arch *arch, uint64_t rows, uint64_t cols) {
    const struct mp_pe_array *a = &arch->array;
    struct ratio by[MP_BUFFERS], r = {rows, a->rows}, c = {cols, a->cols};
    struct mp_arch out = *arch;
    if (a->dataflow == MP_OS) {
        by[MP_INPUT] = side_of(a, MP_ROLE_PIXEL, r, c);
        by[MP_WEIGHT] = side_of(a, MP_ROLE_OC, r, c);
        by[MP_OUTPUT] = (struct ratio){r.n * c.n, r.d * c.d};
    } else {
        by[MP_INPUT] = a->dataflow == MP_WS ? r : c;
        by[MP_WEIGHT] = a->dataflow == MP_WS ? c : r;
        by[MP_OUTPUT] = c;
    }
    for (int i = 0; i < MP_BUFFERS; i++)
        out.buffers[i].width_bits = widen(&arch->buffers[i], by[i].n, by[i].d);
    out.array.rows = rows;
    out.array.cols = cols;
    return out;
}

struct search {
    const struct mp_arch *arch;
    const struct mp_tech *tech;
    double target, ratio; // ratio: columns a row, as given
    bool found;
    double off, skew; // of the best: distance in area, and in the logarithm of the ratio
    struct mp_arch best;
    double area;
    struct mp_err err; // of the first size that has no price
    bool failed;
};

static void try_size(struct search *s, uint64_t rows, uint64_t cols) {
    struct mp_arch a = mp_arch_resize(s->arch, rows, cols);
    struct mp_arena scratch = {0};
    struct mp_area area;
    struct mp_err err;
    bool ok = mp_arch_check(&a, a.name, &err) && mp_cost_area(s->tech, &a, &scratch, &area, NULL, &err);
    mp_arena_finish(&scratch);
    if (!ok) {
        if (!s->failed)
            s->err = err;
        s->failed = true;
        return;
    }
    double off = fabs(area.total_mm2 - s->target), skew = fabs(log((double)cols / (double)rows / s->ratio));
    if (s->found && (off > s->off || (off == s->off && skew >= s->skew)))
        return;
    s->found = true;
    s->off = off, s->skew = skew;
    s->best = a, s->area = area.total_mm2;
}

bool mp_arch_fit_area(const struct mp_arch *arch, const struct mp_tech *t, double target_mm2, struct mp_arch *out,
                      double *area_mm2, struct mp_err *err) {
    struct search s = {
        .arch = arch, .tech = t, .target = target_mm2, .ratio = (double)arch->array.cols / (double)arch->array.rows};
    for (uint64_t rows = 1; rows <= MAX_SIDE; rows++) {
        uint64_t near = (uint64_t)round((double)rows * s.ratio);
        for (uint64_t cols = near > 1 ? near - 1 : 1; cols <= near + 1 && cols <= MAX_SIDE; cols++)
            try_size(&s, rows, cols);
    }
    if (!s.found)
        return mp_fail(err, "arch \"%s\": no array size has a price: %s", arch->name, s.failed ? s.err.text : "");
    *out = s.best;
    *area_mm2 = s.area;
    return true;
}
