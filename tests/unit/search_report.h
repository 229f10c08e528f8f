// SPDX-License-Identifier: Apache-2.0
// A search made by hand, for its reports: a network of four layers, two plans, a front of two points.
#ifndef TESTS_UNIT_SEARCH_REPORT_H
#define TESTS_UNIT_SEARCH_REPORT_H

#include "sim/report/search.h"

#define W(bits) (1u << (bits))
#define BED_LAYERS 4

struct search_bed {
    struct mp_arena a;
    struct mp_err err;
    struct mp_arch arch;
    struct mp_workload w;
    struct mp_space s;
    struct mp_search_job job;
    struct mp_search_result found;
    struct mp_cost_stats costs;
    struct mp_oracle_stats oracle;
    struct mp_measured reference;
    struct mp_harm harm;
    struct mp_plan plans[2]; // uniform 8, found
    struct mp_result results[2];
    struct mp_layer_result layers[2][BED_LAYERS];
    struct mp_search_row rows[2];
    struct mp_search_report r;
    struct mp_buf out;
};

// The cheaper point of the front is found; both ends are at 8 bits, c's weights are fixed, the inputs of b and c are linked.
void bed_begin(struct search_bed *b);
void bed_finish(struct search_bed *b);

size_t bed_decision(const struct search_bed *b, const char *unit); // that has this unit
// Options of b's weights and input; a point of such.
uint8_t *bed_options(struct search_bed *b, uint8_t bw, uint8_t ba);
struct mp_point bed_point(const uint8_t *option, double harm, double cycles);

// Harms of 2^-bits times 1, 2, ... by unit.
struct sensitivity_bed {
    struct search_bed b;
    struct mp_sensitivity_report r;
};
void bed_sense(struct sensitivity_bed *s);

// That a text has a part, and has it not.
void has(const char *text, const char *part);
void has_not(const char *text, const char *part);

#endif
