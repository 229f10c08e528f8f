// SPDX-License-Identifier: Apache-2.0
// A network that can be measured, with a space and a problem of costs and harms by hand, for tests of solvers.
#ifndef TESTS_UNIT_SEARCH_BED_H
#define TESTS_UNIT_SEARCH_BED_H

#include "sim/search/search.h"
#include "tests/unit/metric_bed.h"

struct search_bed {
    struct metric_bed m;
    struct mp_problem p;
    struct mp_oracle_job how;
    struct mp_oracle *oracle;
    struct mp_search_job job;
    struct mp_search_result r;
};

// The shipped network with 40 images; widths 2, 4 and 8.
void search_glyphs(struct search_bed *b, unsigned threads);
// Three layers, y, z and o; one width of activations.
void search_small(struct search_bed *b, uint32_t w_set, uint64_t slices);
void search_finish(struct search_bed *b);

// Without bounds on costs.
void search_job(struct search_bed *b, size_t objective, double max_drop);
// A term a decision. Latency: bits of activations; size: of weights; energy: both; of the others nothing.
void search_terms(struct search_bed *b);
size_t search_unit(const struct mp_space *s, const char *name);

#endif
