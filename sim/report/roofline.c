// SPDX-License-Identifier: Apache-2.0
// Points and roofs from a result, and as CSV.
#include "sim/report/roofline.h"

#include "sim/base/arena.h"
#include "sim/report/metric.h"
#include "traces/csv.h"

#include <assert.h>
#include <math.h>
#include <string.h>

static double hz(const struct mp_result *r) {
    return r->arch->clock_mhz * 1e6;
}

static struct mp_roofline_point point_of(const struct mp_roofline *f, const struct mp_layer_result *l) {
    const struct mp_result *r = f->result;
    const uint64_t *events = l->figures.counts.events;
    const double ops = 2 * (double)l->figures.counts.macs;
    const double cycles = (double)mp_counts_cycles(&l->figures.counts);
    const double bytes = ((double)events[MP_EV_DRAM_READ] + (double)events[MP_EV_DRAM_WRITE]) / 8;
    assert(bytes > 0); // weights always come from DRAM
    struct mp_roofline_point p = {.layer = l, .intensity = ops / bytes, .attained = ops / cycles * hz(r),
                                  .peak = mp_peak_ops_per_cycle(r->arch, l->bits) * hz(r),
                                  .share = cycles / (double)mp_counts_cycles(&r->totals.counts)};
    p.roof = f->bytes_per_s > 0 ? fmin(p.peak, p.intensity * f->bytes_per_s) : p.peak;
    return p;
}

// Whether a name stands in a list with ", " between them.
static bool is_in(const char *list, const char *name) {
    const size_t len = strlen(name);
    for (const char *at = list; strncmp(at, name, len) != 0 || (at[len] != ',' && at[len] != '\0'); at += 2)
        if (!(at = strstr(at, ", ")))
            return false;
    return true;
}

// Peaks that only rounding tells apart are one roof.
static void add_roof(struct mp_roofline *f, struct mp_arena *a, double peak, const char *bits) {
    size_t at = 0;
    while (at < f->roof_count && f->roofs[at].peak > peak * (1 + 1e-9))
        at++;
    if (at == f->roof_count || f->roofs[at].peak < peak * (1 - 1e-9)) {
        memmove(&f->roofs[at + 1], &f->roofs[at], (f->roof_count++ - at) * sizeof *f->roofs);
        f->roofs[at] = (struct mp_roof){peak, mp_arena_strdup(a, bits)};
    } else if (!is_in(f->roofs[at].bits, bits)) {
        f->roofs[at].bits = mp_arena_printf(a, "%s, %s", f->roofs[at].bits, bits);
    }
}

void mp_roofline_make(struct mp_roofline *f, struct mp_arena *a, const struct mp_result *r) {
    struct mp_buf bits = {0};
    *f = (struct mp_roofline){.result = r, .bytes_per_s = mp_dram_peak_bits_per_cycle(&r->arch->dram) / 8 * hz(r)};
    f->points = mp_arena_alloc(a, r->layer_count, sizeof *f->points);
    f->roofs = mp_arena_alloc(a, r->layer_count, sizeof *f->roofs);
    for (size_t i = 0; i < r->layer_count; i++) {
        const struct mp_layer_result *l = &r->layers[i];
        if (l->figures.counts.macs == 0)
            continue;
        f->points[f->count++] = point_of(f, l);
        bits.len = 0;
        mp_layer_bits_text(l->bits, l->layer, &bits);
        add_roof(f, a, f->points[f->count - 1].peak, bits.text);
    }
    mp_buf_finish(&bits);
}

static void add_real(struct mp_buf *out, double value) {
    char text[32];
    mp_format_double(value, text);
    mp_buf_addf(out, ",%s", text);
}

void mp_roofline_csv(const struct mp_roofline *f, struct mp_buf *out) {
    mp_buf_add(out, "layer,a_bits,w_bits,intensity_ops_per_byte,attained_gops,peak_gops,roof_gops,bound,share\n");
    for (size_t i = 0; i < f->count; i++) {
        const struct mp_roofline_point *p = &f->points[i];
        mp_csv_field(out, p->layer->layer->name);
        mp_buf_addf(out, ",%u,", p->layer->bits->a_bits);
        mp_layer_w_bits_text(p->layer->bits, out);
        add_real(out, p->intensity);
        add_real(out, p->attained / 1e9);
        add_real(out, p->peak / 1e9);
        add_real(out, p->roof / 1e9);
        mp_buf_addf(out, ",%s", mp_bound_name(&p->layer->figures));
        add_real(out, p->share);
        mp_buf_add(out, "\n");
    }
}
