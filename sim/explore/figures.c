// SPDX-License-Identifier: Apache-2.0
// Figures as columns of the store, and what they are over several networks.
#include "sim/explore/figures.h"

#include "sim/report/metric.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define CAUSES_AT MP_METRICS
#define PARTS_AT (MP_METRICS + MP_CAUSES)
#define HARM_AT (PARTS_AT + MP_PARTS)
static_assert(HARM_AT + 1 == MP_STORE_COLUMNS, "the store has a column for each figure");

void mp_figures_row(const struct mp_figures *f, const struct mp_arch *arch, uint64_t weight_bytes, double harm,
                    union mp_store_value row[MP_STORE_COLUMNS]) {
    const struct mp_subject s = {.figures = f, .arch = arch, .weight_bytes = weight_bytes};
    for (size_t i = 0; i < MP_METRICS; i++)
        if (mp_metrics[i].count)
            row[i].u = mp_metrics[i].count(&s);
        else
            row[i].d = mp_metrics[i].real(&s);
    for (size_t i = 0; i < MP_CAUSES; i++)
        row[CAUSES_AT + i].u = f->counts.cycles[i];
    for (size_t i = 0; i < MP_PARTS; i++)
        row[PARTS_AT + i].d = f->energy_pj_by[i];
    row[HARM_AT].d = harm;
}

size_t mp_store_column_find(const char *name) {
    size_t i = 0;
    while (i < MP_STORE_COLUMNS && strcmp(mp_store_columns[i].name, name) != 0)
        i++;
    return i;
}

static double value(const union mp_store_value *row, size_t column) {
    return mp_store_columns[column].integer ? (double)row[column].u : row[column].d;
}

static bool adds_up(size_t column) {
    return column != MP_METRIC_POWER && column != MP_METRIC_UTILIZATION && column != MP_METRIC_TOPS &&
           column != MP_METRIC_TOPS_PER_W && column != MP_METRIC_EDP;
}

void mp_figures_sum(const union mp_store_value *const *rows, const double *weights, size_t count, double out[MP_STORE_COLUMNS]) {
    double ideal = 0;
    bool harmed = false; // networks with a plan of their own have no harm
    for (size_t c = 0; c < MP_STORE_COLUMNS; c++)
        out[c] = count == 1 && weights[0] == 1 ? value(rows[0], c) : 0;
    if (count == 1 && weights[0] == 1)
        return;
    for (size_t i = 0; i < count; i++) {
        for (size_t c = 0; c < MP_STORE_COLUMNS; c++)
            if (adds_up(c) && (c != HARM_AT || !isnan(rows[i][c].d)))
                out[c] += weights[i] * value(rows[i], c);
        harmed |= !isnan(rows[i][HARM_AT].d);
        ideal += weights[i] * rows[i][MP_METRIC_UTILIZATION].d * (double)rows[i][MP_METRIC_CYCLES].u;
    }
    if (!harmed)
        out[HARM_AT] = NAN;
    double ms = out[MP_METRIC_LATENCY], pj = out[MP_METRIC_ENERGY], operations = 2 * out[MP_METRIC_MACS];
    if (out[MP_METRIC_CYCLES] <= 0)
        return;
    out[MP_METRIC_UTILIZATION] = ideal / out[MP_METRIC_CYCLES];
    out[MP_METRIC_POWER] = pj / ms * 1e-6;
    out[MP_METRIC_TOPS] = operations / ms * 1e-9;
    out[MP_METRIC_TOPS_PER_W] = pj > 0 ? operations / pj : 0;
    out[MP_METRIC_EDP] = pj * ms;
}

void mp_figures_objectives(const double sum[MP_STORE_COLUMNS], double area_mm2, const char *const *objectives, size_t count,
                           double *out) {
    for (size_t i = 0; i < count; i++) {
        bool most = objectives[i][0] == '-';
        const char *name = objectives[i] + most;
        size_t c = mp_store_column_find(name);
        double v = c < MP_STORE_COLUMNS ? sum[c] : strcmp(name, "area_mm2") == 0 ? area_mm2 : NAN;
        out[i] = most ? -v : v;
    }
}
