// SPDX-License-Identifier: Apache-2.0
// A front of designs as a table, CSV and JSON.
#include "sim/explore/design_front.h"
#include "sim/report/quantity.h"

#include <inttypes.h>
#include <stdio.h>

static void add_objectives(const struct mp_design_front *f, struct mp_buf *out) {
    for (size_t k = 0; k < f->job->objective_count; k++)
        mp_buf_addf(out, "%s%s", k > 0 ? ", " : "", f->job->objectives[k]);
}

static void add_counts(const struct mp_design_front *f, struct mp_buf *out) {
    char text[MP_QTY_BYTES];
    uint64_t points = 0;
    for (size_t i = 0; i <= MP_POINT_INVALID; i++)
        points += f->by_status[i];
    mp_buf_addf(out, "%s of ", mp_qty_count(f->rows.count, text));
    mp_buf_addf(out, "%s designs%s%s on the front of ", mp_qty_count(f->all_count, text), f->job->where ? " where " : "",
                f->job->where ? f->job->where : "");
    add_objectives(f, out);
    mp_buf_addf(out, "; hypervolume %.4f\n", f->hypervolume);
    mp_buf_addf(out, "sweep: %s of ", mp_qty_count(points, text));
    mp_buf_addf(out, "%s points visited:", mp_qty_count(f->job->sweep->points, text));
    for (size_t i = 0; i <= MP_POINT_INVALID; i++)
        mp_buf_addf(out, "%s %s %s", i > 0 ? "," : "", mp_qty_count(f->by_status[i], text), mp_point_status_names[i]);
    mp_buf_add(out, "\n");
}

void mp_design_front_text(const struct mp_design_front *f, const struct mp_style *s, struct mp_buf *out) {
    mp_style_bold(s, f->job->sweep->name, out);
    mp_buf_add(out, ": ");
    add_counts(f, out);
    if (f->techs)
        mp_buf_addf(out, "technologies differ, energies and areas with them: %s\n", f->techs);
    mp_buf_add(out, "\n");
    mp_query_rows_text(&f->rows, s, out);
}

void mp_design_front_csv(const struct mp_design_front *f, struct mp_buf *out) {
    mp_query_csv(&f->rows, out);
}

static void put_box(const struct mp_design_front *f, struct mp_jsonw *w) {
    mp_jsonw_key(w, "objectives");
    mp_jsonw_open(w, '[', false);
    for (size_t k = 0; k < f->job->objective_count; k++) {
        const char *name = f->job->objectives[k];
        const double sign = name[0] == '-' ? -1 : 1;
        mp_jsonw_open(w, '{', true);
        mp_jsonw_put_string(w, "name", name + (sign < 0));
        mp_jsonw_put_string(w, "goal", sign < 0 ? "maximize" : "minimize");
        if (f->all_count > 0) {
            mp_jsonw_put_real(w, "best", sign * f->ideal[k]);
            mp_jsonw_put_real(w, "worst", sign * f->nadir[k]);
        }
        mp_jsonw_close(w, '}');
    }
    mp_jsonw_close(w, ']');
}

void mp_design_front_json(const struct mp_design_front *f, struct mp_buf *out) {
    struct mp_jsonw w;
    char key[17];
    snprintf(key, sizeof key, "%016" PRIx64, (uint64_t)f->job->sweep->sweep);
    mp_jsonw_init(&w, out);
    mp_jsonw_open(&w, '{', false);
    mp_jsonw_put_string(&w, "schema", MP_DESIGN_FRONT_SCHEMA);
    mp_jsonw_put_string(&w, "sweep", f->job->sweep->name);
    mp_jsonw_put_string(&w, "sweep_key", key);
    mp_jsonw_key(&w, "points");
    mp_jsonw_open(&w, '{', true);
    for (size_t i = 0; i <= MP_POINT_INVALID; i++)
        mp_jsonw_put_uint(&w, mp_point_status_names[i], f->by_status[i]);
    mp_jsonw_close(&w, '}');
    mp_jsonw_put_uint(&w, "designs", f->all_count);
    if (f->techs)
        mp_jsonw_put_string(&w, "technologies_differ", f->techs);
    put_box(f, &w);
    mp_jsonw_put_real(&w, "hypervolume", f->hypervolume);
    mp_query_rows_put(&f->rows, "front", &w);
    mp_jsonw_close(&w, '}');
}
