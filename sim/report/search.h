// SPDX-License-Identifier: Apache-2.0
// How a search and a table of sensitivities are shown.
#ifndef SIM_REPORT_SEARCH_H
#define SIM_REPORT_SEARCH_H

#include "sim/nn/accuracy.h"
#include "sim/report/table.h"
#include "sim/search/metric.h"
#include "sim/search/reason.h"

#define MP_SEARCH_SCHEMA "mpsim.search/1"
#define MP_FRONT_SCHEMA "mpsim.front/1"
#define MP_SENSITIVITY_SCHEMA "mpsim.sensitivity/1"

// A plan beside the one that was found: uniform widths, or the found one itself.
struct mp_search_row {
    const char *name;          // "uniform 8", "found"
    struct mp_point point;     // option is NULL for plans outside the space (a uniform plan with other ends); sums without harm
    bool has_harm;
    const struct mp_result *result; // of the simulator
    bool tested;
    struct mp_accuracy test;   // on test images, against float
    uint64_t gained, lost;     // of the test images right in this plan alone, and in the row "uniform 8" alone
};

struct mp_search_report {
    const struct mp_search_job *job;
    const struct mp_search_result *result;
    const struct mp_solver *solver;
    const char *metric;              // its name, or the file
    const struct mp_harm *harm;
    const struct mp_arch *arch;
    const struct mp_plan *plan;      // the one that was found, resolved; NULL
    struct mp_search_row *rows;      // uniform ones, then the found one when there is one
    size_t row_count;
    const struct mp_reason *reasons; // by decision; NULL when nothing was found
    const struct mp_cost_stats *costs;
    const char *cost_file;           // measured costs that stand for the simulator's; NULL
    const struct mp_oracle_stats *oracle; // NULL: nothing was measured
    const char *trained_on;          // in words: what calibration, metric and measuring are on; NULL
    uint64_t train_images, metric_images;
    const char *test_name;           // the data set; NULL without one
    double metric_seconds, solver_seconds;
};

void mp_search_text(const struct mp_search_report *r, const struct mp_style *s, struct mp_buf *out);
void mp_search_json(const struct mp_search_report *r, struct mp_buf *out);
// The front, a row a point: costs, harm, what was measured, and each unit's bits.
void mp_search_front_csv(const struct mp_search_report *r, struct mp_buf *out);
void mp_search_front_json(const struct mp_search_report *r, struct mp_buf *out);
void mp_search_front_svg(const struct mp_search_report *r, struct mp_buf *out);

struct mp_sensitivity_report {
    const struct mp_space *space;
    const char *network, *metric, *trained_on;
    const struct mp_search_metric *how;     // NULL: read from a file
    const struct mp_harm *harm;
    uint32_t w_set, a_set;           // widths shown: bit b for b bits
    uint64_t images, probes, seed;
    double seconds;
};

void mp_sensitivity_text(const struct mp_sensitivity_report *r, const struct mp_style *s, struct mp_buf *out);
// unit,bits,harm: what --metric FILE reads.
void mp_sensitivity_csv(const struct mp_sensitivity_report *r, struct mp_buf *out);
void mp_sensitivity_json(const struct mp_sensitivity_report *r, struct mp_buf *out);
void mp_sensitivity_svg(const struct mp_sensitivity_report *r, struct mp_buf *out);

#endif
