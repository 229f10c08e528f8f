// SPDX-License-Identifier: Apache-2.0
// A network with a space and what a metric needs, for tests of metrics.
#ifndef TESTS_UNIT_METRIC_BED_H
#define TESTS_UNIT_METRIC_BED_H

#include "sim/search/metric.h"
#include "tests/unit/quantised_network.h"

struct metric_bed {
    struct quantised_network z;
    struct mp_space space;
    struct mp_metric_job job; // all images, seed 1, two probes, one thread
};

// Another space, with first and last layer open.
void metric_space(struct metric_bed *b, uint32_t w_set, uint32_t a_set, uint64_t slices);
// On a network that is there (b->z): calibrates.
void metric_bed(struct metric_bed *b, uint32_t w_set, uint32_t a_set, uint64_t slices);
// On the shipped model.
void metric_glyphs(struct metric_bed *b, uint64_t images, uint32_t set);
// For metrics that measure; to be destroyed.
void metric_measure(struct metric_bed *b, unsigned threads);
void metric_run(struct metric_bed *b, const struct mp_search_metric *m, struct mp_harm *h);

static inline double harm_of(const struct mp_harm *h, size_t unit, unsigned bits) {
    return h->of[unit * MP_WIDTHS + bits];
}

#endif
